"""Re-encode rare-disease facts as tables of our own schema.

    python knowledgebase/tools/raredisease.py FACTS HPO OUT

FACTS holds the tables of ClinVar, ClinGen, ACMG, gnomAD and MONDO facts, HPO the published `phenotype.hpoa`,
`genes_to_phenotype.txt` and `hp.obo`, OUT is the `knowledgebase` folder. Run again when an upstream has a new release.
"""

import csv
import gzip
import io
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard
from fasta import records

REVIEW = {
    "no assertion criteria provided": 0,
    "no assertion provided": 0,
    "no classification provided": 0,
    "no classification for the single variant": 0,
    "no classifications from unflagged records": 0,
    "criteria provided, single submitter": 1,
    "criteria provided, conflicting interpretations": 1,
    "criteria provided, conflicting classifications": 1,
    "criteria provided, multiple submitters, no conflicts": 2,
    "reviewed by expert panel": 3,
    "practice guideline": 4,
}
AMINO = {
    "F": "Phe", "L": "Leu", "I": "Ile", "M": "Met", "V": "Val", "S": "Ser", "P": "Pro", "T": "Thr",
    "A": "Ala", "Y": "Tyr", "H": "His", "Q": "Gln", "N": "Asn", "K": "Lys", "D": "Asp", "E": "Glu", "C": "Cys",
    "W": "Trp",
    "R": "Arg", "G": "Gly", "*": "Ter",
}  # fmt: skip
CODONS = dict(
    zip(
        (a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"),
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        strict=True,
    )
)
MISSENSE = re.compile(r"\(p\.([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})\)")
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def write(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Tab-separated with a header; compressed when the name ends in .zst."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, escapechar="\\")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow("" if value is None else str(value).replace("\t", " ") for value in row)
        count += 1
    content = text.getvalue().encode()
    if path.suffix == ".zst":
        content = zstandard.ZstdCompressor(level=22).compress(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    print(f"{path.name}: {count} rows, {len(content)} bytes", file=sys.stderr)


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated table with a header, plain or gzip."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


class Codons:
    """Amino-acid changes of substitutions in MANE Select coding sequences that are at hand, and in codons that
    published names leave (`published_codons.tsv.zst`).
    """

    def __init__(self, folder: Path, transcripts: Path) -> None:
        self.published: dict[tuple[str, int], list[str]] = {}
        content = zstandard.ZstdDecompressor().stream_reader(
            (transcripts / "published_codons.tsv.zst").open("rb")
        )
        for row in csv.reader(io.TextIOWrapper(content, "utf-8"), delimiter="\t"):
            for entry in row[1].split(";"):
                number, _, codons = entry.partition(":")
                if number.isdigit():
                    self.published[row[0], int(number)] = codons.split(",")
        self.regions: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for header, bases in records(folder / "regions.grch38.fa.gz"):
            accession, span = header.split()[0].split(":")
            start, end = (int(n) for n in span.split("-"))
            self.regions[accession].append((start, end, bases))
        self.models = {}
        with gzip.open(folder / "mane_transcripts.grch38.tsv.gz", "rt") as handle:
            for row in csv.DictReader(handle, delimiter="\t"):
                if row["mane"] == "Select":
                    self.models[row["gene"]] = row

    def base(self, accession: str, start: int) -> str | None:
        for low, high, sequence in self.regions.get(accession, ()):
            if low - 1 <= start < high:
                return sequence[start - low + 1]
        return None

    def change(self, gene: str, start: int, ref: str, alt: str) -> str | None:
        """Such as `Arg175His`; None outside the coding sequence or without sequence."""
        model = self.models.get(gene)
        if model is None or len(ref) != 1 or len(alt) != 1:
            return None
        exons = sorted(tuple(int(n) for n in e.split("-")) for e in model["exons0"].split(","))
        positions = [p for low, high in exons for p in range(low, high)]
        if model["strand"] == "-":
            positions.reverse()
        coding = positions[int(model["cds_start_i"]) : int(model["cds_end_i"])]
        try:
            index = coding.index(start)
        except ValueError:
            return None
        codon = coding[index - index % 3 : index - index % 3 + 3]
        bases = [self.base(model["ac"], p) for p in codon]
        if len(bases) < 3 or None in bases:
            return self.by_published_codon(model, index, ref, alt)
        if self.base(model["ac"], start) != ref:
            return None
        altered = list(bases)
        altered[index % 3] = alt
        before, after = "".join(bases), "".join(altered)
        if model["strand"] == "-":
            before, after = before.translate(COMPLEMENT), after.translate(COMPLEMENT)
        return f"{AMINO[CODONS[before]]}{index // 3 + 1}{AMINO[CODONS[after]]}"

    def by_published_codon(self, model: dict[str, str], index: int, ref: str, alt: str) -> str | None:
        """The change of a substitution that is known to be missense, where the codons that are left agree."""
        number, at = index // 3 + 1, index % 3
        if model["strand"] == "-":
            ref, alt = ref.translate(COMPLEMENT), alt.translate(COMPLEMENT)
        found = {
            (CODONS[codon], CODONS[codon[:at] + alt + codon[at + 1 :]])
            for codon in self.published.get((model["#nm"], number), ())
            if codon[at] == ref
        }
        changes = [(old, new) for old, new in found if old != new and new != "*"]
        return f"{AMINO[changes[0][0]]}{number}{AMINO[changes[0][1]]}" if len(changes) == 1 else None


def clinvar_ids(vcf: Path) -> dict[str, tuple[list[str], str, bool]]:
    """Condition ids per condition, conflict counts and whether missense, by Variation id."""
    found = {}
    with gzip.open(vcf, "rt") as handle:
        for line in handle:
            if line[0] == "#":
                continue
            columns = line.rstrip("\n").split("\t")
            info = dict(item.partition("=")[::2] for item in columns[7].split(";"))
            ids = []
            for condition in info.get("CLNDISDB", "").split("|"):
                mondo = re.search(r"MONDO:(\d{7})", condition)
                omim = re.search(r"OMIM:(\d{6})", condition)
                ids.append(f"MONDO:{mondo[1]}" if mondo else f"OMIM:{omim[1]}" if omim else "")
            found[columns[2]] = (ids, info.get("CLNSIGCONF", ""), "missense_variant" in info.get("MC", ""))
    return found


def clinvar(facts: Path, codons: Codons) -> Iterator[list[object]]:
    """One row per variation: position or SPDI, class, review status, conditions, protein change."""
    ids = clinvar_ids(facts / "raredisease" / "clinvar_2025-09-28_acmg_sf_PLP_grch38.vcf.gz")
    chosen = []
    for row in table(facts / "raredisease" / "clinvar_seed.tsv.gz"):
        placed = row["chrom"] and row["pos"] and row["ref"] and row["alt"]
        if not (placed or row["spdi"]) or row["review_status"] not in REVIEW:
            continue
        if set(row["ref"] + row["alt"]) - set("ACGT"):
            continue
        condition_ids, conflict, missense = ids.get(row["variation_id"], ([], "", False))
        if row["snapshot"] != "2025-09-28":
            condition_ids, conflict, missense = [], "", False
        protein = "".join(match.groups()) if (match := MISSENSE.search(row["name"])) else None
        named = re.search(r"\(([A-Z][A-Za-z0-9-]+)\):c\.", row["name"])
        gene = named[1] if named else row["genes"].split("|")[0]
        if protein is None and missense:
            symbols = row["genes"].split("|")
            changes = ((g, codons.change(g, int(row["pos"]) - 1, row["ref"], row["alt"])) for g in symbols)
            gene, protein = next(((g, c) for g, c in changes if c), (gene, None))
        if protein and (protein.endswith("Ter") or protein[:3] == protein[-3:]):
            protein = None
        conditions = [c for c in row["conditions"].split("|") if c]
        if len(condition_ids) != len(conditions):
            condition_ids = []
        keep = [
            i for i, c in enumerate(conditions) if c not in ("not provided", "not specified", "See cases")
        ]
        start = int(row["pos"]) - 1 if placed else None
        chosen.append(
            [
                row["chrom"], start, row["ref"] if placed else "", row["alt"] if placed else "",
                "" if placed else row["spdi"], int(row["variation_id"]), row["rs"].removeprefix("rs"),
                row["genes"], row["classification"], row["review_status"],
                "|".join(conditions[i] for i in keep),
                "|".join(condition_ids[i] for i in keep) if any(condition_ids) else "",
                conflict, f"{gene}:{protein}" if protein else "", row["snapshot"],
            ]
        )  # fmt: skip
    chosen += early_clinvar(facts, {(r[0], r[1], r[2], r[3]) for r in chosen})
    return iter(sorted(chosen, key=lambda r: (str(r[0]), r[1] or 0, r[5] or 0)))


def early_clinvar(facts: Path, known: set[tuple[object, ...]]) -> Iterator[list[object]]:
    """Pathogenic variants of the 2017-04 release that no later release here has; its extract has no stars."""
    for row in table(facts / "raredisease" / "clinvar_2017-04_pathogenic_lifted_grch38.tsv.gz"):
        codes = set(re.split(r"[|,]", row["clnsig"]))
        place = (row["chrom"], int(row["pos"]) - 1, row["ref"], row["alt"])
        # 5 pathogenic, 4 likely pathogenic, 6 drug response, 255 other; anything else contradicts
        if "5" not in codes or codes - {"4", "5", "6", "255"} or place in known:
            continue
        if set(row["ref"] + row["alt"]) - set("ACGT"):
            continue
        names = [c.replace("_", " ").replace("\\x2c", ",") for c in row["conditions"].split("|")]
        conditions = "|".join(dict.fromkeys(n for n in names if n not in ("not provided", "not specified")))
        yield [*place, "", "", row["rs"].removeprefix("rs"), row["gene"].replace(",", "|"), "Pathogenic",
               "review status not in this extract", conditions, "", "", "", "2017-04"]  # fmt: skip


def hpo_alternatives(folder: Path, out: Path) -> None:
    """Former HPO ids, one a line, with the id that stands for them today."""
    rows = []
    for stanza in (folder / "hp.obo").read_text("utf-8").split("\n\n[Term]\n")[1:]:
        cells = [line.split(": ", 1) for line in stanza.splitlines() if ": " in line]
        number = next(value for key, value in cells if key == "id")[3:]
        rows += [[value[3:], number] for key, value in cells if key == "alt_id" and value.startswith("HP:")]
    write(out / "hpo_alternatives.tsv.zst", ("alternative", "term"), sorted(rows))


def hpo(folder: Path, out: Path) -> None:
    """Annotations with frequency and references, gene pairs, and modes of inheritance."""
    names: dict[str, str] = {}
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    version = ""
    with (folder / "phenotype.hpoa").open(encoding="utf-8") as handle:
        lines = [
            line for line in handle if not (line.startswith("#version") and (version := line[9:].strip()))
        ]
    for row in csv.DictReader((r for r in lines if r[0] != "#"), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["aspect"] in ("P", "I") and row["database_id"].startswith(("OMIM:", "ORPHA:")):
            names[row["database_id"]] = row["disease_name"]
            aspect = "N" if row["qualifier"] == "NOT" else row["aspect"]
            key = (row["database_id"], row["hpo_id"], aspect)
            found[key].append((row["frequency"], row["reference"]))
    rows = []
    for (disease, term, aspect), seen in sorted(found.items()):
        references = sorted({m for _, refs in seen for m in re.findall(r"PMID:\s*(\d+)", refs)}, key=int)
        rows.append([disease, term[3:], aspect, "|".join(f for f, _ in seen if f), "|".join(references)])
    write(out / "hpo_annotations.tsv.zst", ("disease", "term", "aspect", "frequency", "pmids"), rows)
    write(out / "hpo_diseases.tsv.zst", ("disease", "name"), sorted(names.items()))
    pairs = set()
    with (folder / "genes_to_phenotype.txt").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            if row["gene_symbol"] != "-":
                pairs.add((row["gene_symbol"], row["disease_id"]))
    write(out / "hpo_gene_disease.tsv.zst", ("gene", "disease"), sorted(pairs))
    print("hpoa version", version, file=sys.stderr)


def mondo(facts: Path) -> Iterator[list[str]]:
    """Id, label, parents and the OMIM, Orphanet and UMLS cross references of every term."""
    with gzip.open(facts / "raredisease" / "mondo_terms.json.gz", "rt") as handle:
        for term in json.load(handle):
            refs = [
                {"OMIM": "OMIM:", "Orphanet": "ORPHA:"}[x["namespace"]] + x["id"]
                for x in term.get("xrefs", [])
                if x["namespace"] in ("OMIM", "Orphanet")
            ]
            parents = term.get("relations", {}).get("is_a", [])
            yield [term["id"], term["name"], "|".join(parents), "|".join(refs)]


def genes(facts: Path) -> Iterator[list[str]]:
    """Dosage scores and constraint by gene symbol."""
    folder = facts / "raredisease"
    dosage: dict[str, tuple[str, str, str]] = {}
    with (folder / "clingen_dosage_GRCh38_2026-02-06.tsv").open(encoding="utf-8") as handle:
        for row in csv.reader(handle, delimiter="\t"):
            if not row[0].startswith("#"):
                score = {"Not yet evaluated": "", "-1": ""}.get(row[4], row[4])
                dosage[row[0]] = (score, row[20], row[3])
    constraint: dict[str, tuple[str, str]] = {}
    with gzip.open(folder / "gnomad_v2.1.1_gene_constraints.tsv.gz", "rt") as handle:
        for row in csv.reader(handle, delimiter="\t"):
            if not row[0].startswith("#") and row[2] != "NA":
                constraint[row[0]] = (f"{float(row[2]):.3g}", f"{float(row[5]):.3g}")
    for gene in sorted(dosage.keys() | constraint.keys()):
        score, date, location = dosage.get(gene, ("", "", ""))
        pli, upper = constraint.get(gene, ("", ""))
        yield [gene, score, date, location, pli, upper]


def validity(facts: Path) -> Iterator[list[str]]:
    """ClinGen gene-disease validity: one row per curation."""
    path = facts / "raredisease" / "clingen_gene_validity_2026-02-09.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for row in csv.reader(handle):
            if row[1].startswith("HGNC:"):
                yield [row[0], row[1], row[2], row[3], row[4], row[6], row[8][:10], row[9]]


SF_RULES = {
    "All P and LP": "any",
    "P and LP (2 variants)": "biallelic",
    "All hemi, het, homozygous P and LP": "any",
    "All hemi or homozygous P and LP or 2 het. P/LP variants": "hemizygous-or-biallelic",
    "P and LP (truncating variants only)": "truncating",
    "p.C282Y homozygotes only": "hfe-c282y-homozygous",
}

# A recessive gene for which the published table leaves out "(2 variants)": one variant is a carrier state.
SF_CORRECTIONS = {"TRDN": "biallelic"}


def founder_class(row: dict[str, str]) -> str:
    """Risk and low-penetrance alleles are other terms than pathogenic."""
    text = f"{row['disease']} {row['legacy_or_note']} {row['clinvar_significance']}".lower()
    if row["gene"] == "GALT" and " in cis" in text:  # N314D: a Duarte allele only beside c.-119_-116del
        return "other"
    if "conflicting" in text:
        return "Conflicting interpretations of pathogenicity"
    if "low penetrance" in text or "risk" in text or "risk factor" in row["zygosity_rule"]:
        return "Pathogenic, low penetrance"
    return "Pathogenic"


# Where ClinGen curated no pair, the facts have no id. Source: genenames.org.
CARRIER_HGNC = defaultdict(str, {"SLC37A4": "HGNC:4061"})
# Spelled from published VCF records, where the facts give no alleles: the repeated or deleted bases follow from
# the names (1278insTATC and 84GG are read on the minus strand; codon 383 of CNGB3, Thr, has C in its middle).
# Source: gnomAD and ClinVar, GRCh38 15-72346579-G-GGATA, 1-155240660-G-GC; NM_019098.5:c.1148delC.
FOUNDER_ALLELES = {
    ("HEXA", "c.1274_1277dup"): (72346579, "G", "GGATA"),
    ("GBA1", "c.84dup"): (155240660, "G", "GC"),
    ("CNGB3", "c.1148del"): (86643781, "G", ""),
}


def founders(folder: Path) -> Iterator[list[object]]:
    """Founder variants whose alleles are known."""
    for r in table(folder / "founder_variants.tsv"):
        known = FOUNDER_ALLELES.get((r["gene"], r["hgvs_c"]))
        position, ref, alt = known or (r["pos_grch38"], r["ref"], r["alt"])
        if not str(position).isdigit() or not (ref or alt):
            continue
        yield [
            r["gene"], r["disease"], r["moi"], f"{r['transcript']}:{r['hgvs_c']}", r["hgvs_p"], r["chrom"],
            int(position) - 1, ref, alt, r["rsid"], r["population"], founder_class(r),
            "confirmed" if known else r["status"],
        ]  # fmt: skip


def small_tables(facts: Path, out: Path) -> None:
    """Secondary findings, carrier panel, founder variants, expert-panel thresholds and rules."""
    folder = facts / "raredisease"
    write(
        out / "secondary_findings.tsv",
        ("gene", "disease", "omim", "inheritance", "list_version", "report"),
        (
            [r["Gene"], r["Disease/Phentyope"].strip(), r["Disorder MIM"], r["Inheritance"],
             r["SF List Version"],
             SF_CORRECTIONS.get(r["Gene"], SF_RULES[r["Variants to report"].strip()])]
            for r in table(folder / "acmg_sf_v3.3.tsv")
        ),
    )  # fmt: skip
    write(
        out / "carrier_genes.tsv",
        ("gene", "hgnc", "inheritance", "tier", "disease", "mondo", "validity", "caveat"),
        (
            [r["gene"], r["hgnc"] or CARRIER_HGNC[r["gene"]], r["moi_screen"], r["acmg_tier"], r["disease"].removesuffix(" [K label]"), r["mondo"],
             r["clingen_validity"], r["method_caveat"]]
            for r in table(folder / "carrier_genes.tsv")
        ),
    )  # fmt: skip
    write(
        out / "founder_variants.tsv",
        ("gene", "disease", "inheritance", "hgvs_c", "hgvs_p", "chrom", "start", "ref", "alt", "rsid",
         "population", "classification", "status"),
        founders(folder),
    )  # fmt: skip
    keys = (
        "gene", "disease", "moi", "ba1_op", "ba1_value", "bs1_op", "bs1_value", "bs1_supporting", "pm2_op",
        "pm2_value", "pm2_text", "pm2_strength", "statistic", "panel", "cspec_id", "cspec_version", "note",
    )  # fmt: skip
    write(
        out / "panel_thresholds.tsv",
        keys,
        ([r[k] for k in keys] for r in table(folder / "vcep_thresholds.tsv")),
    )
    write(
        out / "panel_rules.tsv.zst",
        ("gene", "criterion", "status", "rule", "confidence", "cspec_id", "cspec_version"),
        (
            [r["gene"], r["criterion"], r["strength_or_status"], r["machine"], r["confidence"], r["cspec_id"],
             r["cspec_version"]]
            for r in table(folder / "vcep_rules.tsv")
        ),
    )  # fmt: skip


def main(facts: Path, published: Path, out: Path) -> None:
    """Write every table of `raredisease/` and `terminology/`."""
    folder = out / "raredisease"
    small_tables(facts, folder)
    write(
        folder / "genes.tsv.zst",
        ("gene", "haploinsufficiency", "date", "location", "pli", "loeuf"),
        genes(facts),
    )
    write(
        folder / "validity.tsv.zst",
        ("gene", "hgnc", "disease", "mondo", "inheritance", "validity", "date", "panel"),
        validity(facts),
    )
    write(out / "terminology" / "mondo.tsv.zst", ("id", "label", "parents", "xrefs"), mondo(facts))
    hpo(published, out / "terminology")
    hpo_alternatives(published, out / "terminology")
    write(
        folder / "clinvar.tsv.zst",
        ("chrom", "start", "ref", "alt", "spdi", "variation", "rs", "genes", "classification", "review",
         "conditions", "condition_ids", "conflict", "protein", "release"),
        clinvar(facts, Codons(facts / "transcripts", out / "transcripts")),
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
