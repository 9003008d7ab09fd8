"""Re-encode pharmacogene facts into `knowledgebase/pgx/genes/<GENE>.toml`, one reviewable file per gene.

    python knowledgebase/tools/pgx_genes.py FACTS_FOLDER [REFERENCE_FASTA] [--out FOLDER]

FACTS_FOLDER holds `genes/*.json`, `grch37_positions.tsv` and `changes-after-2025-11.tsv`; REFERENCE_FASTA
holds plus-strand GRCh38 regions (headers `>NC_000007.14:start-end name`, 1-based, end included) and gives the
bases around indel sites. Where it has none, the bases that HGVS 3'-shifting implies are written.
"""

import argparse
import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fasta import records

HGNC = {
    "ABCG2": 74, "CACNA1S": 1397, "CFTR": 1884, "CYP2B6": 2615, "CYP2C19": 2621, "CYP2C9": 2623,
    "CYP2D6": 2625, "CYP3A4": 2637, "CYP3A5": 2638, "CYP4F2": 2645, "DPYD": 3012,
    "G6PD": 4057, "HLA-A": 4931, "HLA-B": 4932,
    "IFNL3": 18365, "MT-RNR1": 7470, "NAT2": 7646, "NUDT15": 23063, "RYR1": 10483, "SLCO1B1": 10959,
    "TPMT": 12014, "UGT1A1": 12530, "VKORC1": 23663,
}  # fmt: skip
PHARMVAR_GENES = frozenset(
    (
        *("CYP2B6", "CYP2C19", "CYP2C9", "CYP2D6", "CYP3A4", "CYP3A5"),
        *("CYP4F2", "DPYD", "NAT2", "NUDT15", "SLCO1B1"),
    )
)
# ClinGen Malignant Hyperthermia Susceptibility expert panel, 2024-02-28: uncertain significance.
FUNCTION_CORRECTIONS = {
    ("RYR1", "c.7036G>A"): (
        "Uncertain function",
        "of uncertain significance at ClinGen (2024-02-28), malignant hyperthermia associated at CPIC",
    )
}
ALSO_KNOWN_AS = {("UGT1A1", 233760233): "rs34983651"}


@dataclass(frozen=True)
class Region:
    """A stretch of the GRCh38 plus strand; `start` is 1-based."""

    accession: str
    start: int
    sequence: str


def read_regions(path: Path | None) -> list[Region]:
    """All regions of the FASTA; empty without one."""
    if path is None:
        return []
    regions = []
    for header, bases in records(path):
        accession, span = header.split()[0].split(":")
        regions.append(Region(accession, int(span.split("-")[0]), bases))
    return regions


def is_indel(position: dict[str, Any]) -> bool:
    """Whether any allele of a position is longer than one base."""
    return len(position["ref"]) > 1 or any(len(alt) > 1 for alt in position["alts"])


def bases_by_shift(position: dict[str, Any]) -> dict[int, str]:
    """Reference bases (1-based) that REF and the HGVS (3'-most) placement of an indel imply."""
    start, ref = position["pos"], position["ref"]
    bases = {start + i: base for i, base in enumerate(ref)}
    shifted = position.get("nomenclature_pos")
    for spelling, allele in position.get("nomenclature_to_vcf", {}).items():
        if shifted is None:
            continue
        deleted = re.fullmatch(r"del([ACGT]+)", spelling)
        repeat = re.fullmatch(r"([ACGT]+)\((\d+)\)", spelling)
        plain = re.fullmatch(r"[ACGT]+", spelling)
        if deleted:
            whole = deleted[1]
        elif allele == ref and repeat:
            whole = repeat[1] * int(repeat[2])
        elif allele == ref and plain:
            whole = spelling
        else:
            continue
        bases |= {shifted + i: base for i, base in enumerate(whole)}
        unit = whole[:1] if set(whole) == {whole[0]} else ""
        if unit:  # a run of one base, of which HGVS names the last
            bases |= dict.fromkeys(range(start + 1, shifted), unit)
        elif deleted:  # the shifted copy is a rotation of the left-aligned one
            left = next(
                (ref[1:] for alt in position["alts"] if alt == ref[0] and len(ref) - 1 == len(whole)), None
            )
            if left:
                bases |= {start + 1 + i: left[i % len(left)] for i in range(shifted - start - 1)}
    inserted = re.search(r"g\.(\d+)_\d+ins[ACGT]+$", position["hgvs"] or "")
    if inserted and len(position["alts"]) == 1 and position["alts"][0].startswith(ref):
        added = position["alts"][0][len(ref) :]
        bases |= {start + 1 + i: added[i % len(added)] for i in range(int(inserted[1]) - start)}
    return bases


def context_of(position: dict[str, Any], accession: str, regions: list[Region]) -> tuple[str, str] | None:
    """`start:bases` around an indel site (1-based) and where they come from; None for single-base sites."""
    if not is_indel(position):
        return None
    low, high = position["pos"] - 30, position["pos"] + len(position["ref"]) + 60
    for region in regions:
        if (
            region.accession == accession
            and region.start <= low
            and high < region.start + len(region.sequence)
        ):
            text = region.sequence[low - region.start : high - region.start]
            offset = position["pos"] - low
            if text[offset : offset + len(position["ref"])] != position["ref"]:
                raise SystemExit(f"{accession}:{position['pos']}: the FASTA contradicts REF")
            return f"{low}:{text}", "sequence"
    bases = bases_by_shift(position)
    low = position["pos"]
    high = low
    while high in bases:
        high += 1
    text = "".join(bases[p] for p in range(low, high))
    return f"{low}:{text}", "HGVS placement"


def hgvs_per_alt(position: dict[str, Any]) -> list[str]:
    """One genomic HGVS name per alternate allele, in the order of `alts`, without its accession."""
    names = [part.strip().split(":", 1)[-1] for part in (position["hgvs"] or "").split(";")]
    answer = []
    for alt in position["alts"]:
        spellings = [s for s, v in position.get("nomenclature_to_vcf", {}).items() if v == alt]
        wanted = [f">{alt}", *(s.replace("(", "[").replace(")", "]") for s in spellings)]
        match = [n for n in names if any(n.endswith(w) for w in wanted)]
        answer.append(match[0] if match else names[0])
    return answer


def quoted(value: str) -> str:
    """A TOML basic string."""
    return json.dumps(value, ensure_ascii=False)


def inline(row: dict[str, Any]) -> str:
    """A TOML inline table on one line; None values are left out."""

    def literal(value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int):
            return str(value)
        if isinstance(value, str):
            return quoted(value)
        if isinstance(value, dict):
            return inline(value)
        return "[" + ", ".join(literal(v) for v in value) + "]"

    return (
        "{" + ", ".join(f"{key} = {literal(value)}" for key, value in row.items() if value is not None) + "}"
    )


def site_rows(facts: dict[str, Any], places: dict[int, dict[str, str]], regions: list[Region]) -> list[str]:
    """The `sites` lines of one gene."""
    rows = []
    for position in facts["positions"]:
        place = places[position["pos"]]
        swapped = place["ref37"] != position["ref"]
        context = context_of(position, facts["refseq_genomic"], regions)
        row = {
            "pos": position["pos"],
            "ref": position["ref"],
            "alts": position["alts"],
            "rsid": position["rsid"],
            "hgvs": hgvs_per_alt(position),
            "pos37": int(place["pos37"]),
            "ref37": place["ref37"] if swapped else None,
            "alts37": place["alts37"].split(",") if swapped else None,
            "also": ALSO_KNOWN_AS.get((facts["gene"], position["pos"])),
            "context": context[0] if context else None,
            "context_from": context[1] if context else None,
        }
        rows.append("  " + inline(row) + ",")
    return rows


def allele_rows(facts: dict[str, Any]) -> list[str]:
    """The `alleles` lines of one gene, in the order of the facts."""
    rows = []
    for name, allele in facts["alleles"].items():
        bases = allele.get("bases")
        references = {str(p["pos"]): p["ref"] for p in facts["positions"]}
        full = isinstance(bases, dict) and len(bases) == len(references) and not allele.get("reference")
        note: str | None = None
        function = allele.get("function")
        if (facts["gene"], name) in FUNCTION_CORRECTIONS:
            function, note = FUNCTION_CORRECTIONS[facts["gene"], name]
        defines: dict[str, str] | None = None
        if isinstance(bases, dict):
            keep_all = not full and not allele.get("reference")
            defines = {p: b for p, b in bases.items() if keep_all or b != references[p]}
        row = {
            "name": name,
            "function": function,
            "activity": allele.get("activity"),
            "id": allele.get("id"),
            "reference": True if allele.get("reference") else None,
            "full_row": True if full else None,
            "structural": True if allele.get("structural_or_no_vcf_definition") else None,
            "defines": defines or None,
            "note": note,
        }
        rows.append("  " + inline(row) + ",")
    return rows


def rule_rows(facts: dict[str, Any]) -> list[str]:
    """The `phenotypes` lines of one gene."""
    rules = facts.get("diplotype_rules", [])
    return [
        "  "
        + inline(
            {
                "pair": rule["lookup"],
                "phenotype": rule["phenotype"],
                "score": rule["activity_score"],
                "key": rule["lookup_key"] if rule["lookup_key"] != rule["phenotype"] else None,
            }
        )
        + ","
        for rule in (rules if isinstance(rules, list) else [])
    ]


def exemption_lines(facts: dict[str, Any]) -> list[str]:
    """The `[special]` table: what this gene needs beyond the general rules."""
    exemptions = facts.get("exemptions", {})
    lines = [
        f"{key} = {json.dumps(exemptions[key])}"
        for key in ("required_positions", "amp_tier1_positions", "amp_tier1_alleles")
        if exemptions.get(key)
    ]
    lines += [
        f"# not used: {chrom}:{pos} {ref}>{alts[0]}"
        for chrom, pos, _, ref, alts in exemptions.get("ignored_positions", [])
    ]
    if facts.get("hidden_core_alleles"):
        lines.append(f"hidden_alleles = {json.dumps(facts['hidden_core_alleles'])}")
    if facts.get("suballeles_map"):
        lines.append(f"reported_as = {inline({quoted(k): v for k, v in facts['suballeles_map'].items()})}")
    if exemptions.get("unphased_priorities"):
        lines.append("# Unphased data: where all of these pairs fit, the picked one is reported.")
        lines.append("unphased_priorities = [")
        lines += [
            "  " + inline({"all": r["when_all"], "pick": r["pick"]}) + ","
            for r in exemptions["unphased_priorities"]
        ]
        lines.append("]")
    return lines


def newer_version(gene: str, changes: list[dict[str, str]]) -> tuple[str | None, list[str]]:
    """A sentence on what CPIC or PharmVar changed since, and the dated changes."""
    kinds = {"ALLELE_DEFINITION", "ALLELE_FUNCTION_REFERENCE"}
    rows = [c for c in changes if c["Subject"] == gene and c["Type of Data"] in kinds]
    rows = [c for c in rows if c["Date of Change"] > "2025-11-05"]
    if not rows:
        return None, []
    dates = sorted({c["Date of Change"] for c in rows})
    what = " and ".join(
        word
        for kind, word in (
            ("ALLELE_DEFINITION", "allele definitions"),
            ("ALLELE_FUNCTION_REFERENCE", "allele functions"),
        )
        if any(c["Type of Data"] == kind for c in rows)
    )
    listed = [f"{c['Date of Change']}: {c['Note of Change'].strip()}" for c in rows]
    return (
        f"CPIC has published newer {what} for {gene} ({dates[-1]}); this release does not contain them.",
        listed,
    )


def read_changes(path: Path) -> list[dict[str, str]]:
    """Rows of the change list that carry a date; free-text continuation lines are dropped."""
    with path.open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    return [
        {k: v or "" for k, v in row.items() if k}
        for row in rows
        if re.fullmatch(r"\d{4}-\d\d-\d\d", row["Date of Change"] or "")
    ]


def functions_as_of(phenotype_version: str) -> str:
    """Version of functions and rules: where they were pieced together from older tables, their date."""
    older = re.search(r"(20\d\d-\d\d)(-\d\d)?\b", phenotype_version)
    if older and not phenotype_version.startswith("20"):
        return f"rules {older[0]}, allele list 2025-11-05"
    return "2025-11-05"


def document(
    facts: dict[str, Any],
    places: dict[int, dict[str, str]],
    regions: list[Region],
    changes: list[dict[str, str]],
) -> str:
    """The TOML text of one gene."""
    gene, flags = facts["gene"], facts["flags"]
    newer, listed = newer_version(gene, changes)
    phenotype_version = facts.get("phenotype_version") or ""
    functions_version = functions_as_of(phenotype_version)
    lines = [
        f"# {gene}: defining sites, alleles with function, and the rules from allele pair to phenotype.",
        "# Bases are on the GRCh38 plus strand, positions 1-based, indels left-aligned with an anchor base.",
        f"gene = {quoted(gene)}",
        f"hgnc_id = {quoted(f'HGNC:{HGNC[gene]}')}",
    ]
    if facts.get("chrom"):
        lines.append(f"chrom = {quoted(facts['chrom'].removeprefix('chr'))}")
        lines.append(f"accession = {quoted(facts['refseq_genomic'])}")
        lines.append(f"strand = {quoted(facts['strand'])}")
        lines.append(f"transcript = {quoted(facts['transcript']['refseq'])}  # MANE Select")
    lines += [
        f"from_vcf = {str(flags['called_from_vcf_by_default']).lower()}",
        f"activity_score = {str(flags['activity_score_gene']).lower()}",
        f"lowest_function = {str(flags['lowest_function_gene']).lower()}",
        f"undocumented_as_reference = {str(flags['undocumented_as_reference']).lower()}",
    ]
    if facts.get("presence_alleles"):
        lines.append(f"presence_alleles = {json.dumps(facts['presence_alleles'])}")
    lines.append(
        f"version = {quoted((facts.get('definition_version') or phenotype_version or '2025-11-05')[:10])}"
    )
    if newer:
        lines.append(f"newer_version = {quoted(newer)}")
        lines += [f"# {row}" for row in listed]
    lines += ["", "[source.definitions]"]
    origin = "PharmVar and CPIC" if gene in PHARMVAR_GENES else "CPIC and ClinPGx"
    lines += [
        f'name = "{origin} allele definitions"',
        'version = "2025-11-05"',
        'url = "https://cpicpgx.org/genes-drugs/"',
        'licence = "CC0-1.0 (CPIC); PharmVar: cite pharmvar.org"',
    ]
    if facts.get("diplotype_rules"):
        lines += [
            "",
            "[source.functions]",
            'name = "CPIC allele functionality and diplotype-to-phenotype tables"',
            f"version = {quoted(functions_version)}",
            'url = "https://cpicpgx.org/genes-drugs/"',
            'licence = "CC0-1.0"',
        ]
    if facts["positions"]:
        lines += [
            "",
            "[source.grch37]",
            'name = "UCSC chain hg38ToHg19, round trip checked; bases seen in 1000 Genomes on both builds"',
            'version = "2025-11"',
            'url = "https://hgdownload.soe.ucsc.edu/goldenPath/hg38/liftOver/"',
            'licence = "free for any use (UCSC)"',
        ]
    special = exemption_lines(facts)
    if special:
        lines += ["", "[special]", *special]
    if facts["positions"]:
        lines += ["", "[definition]", "sites = [", *site_rows(facts, places, regions), "]"]
    extra = facts.get("exemptions", {}).get("extra_positions", [])
    if extra:
        lines += ["# Read for a guideline, but part of no allele."]
        lines += ["extra_sites = ["]
        lines += [
            "  "
            + inline(
                {
                    "pos": e["pos"],
                    "ref": e["ref"],
                    "alts": e["alts"],
                    "rsid": e["rsid"],
                    "hgvs": [f"g.{e['pos']}{e['ref']}>{a}" for a in e["alts"]],
                    "pos37": int(places[e["pos"]]["pos37"]),
                }
            )
            + ","
            for e in extra
        ]
        lines += ["]"]
    if facts["alleles"]:
        lines += ["", "[functions]", "alleles = [", *allele_rows(facts), "]"]
    rules = rule_rows(facts)
    if rules:
        lines += ["", "[rules]", "phenotypes = [", *rules, "]"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write one TOML file per gene."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("facts", type=Path)
    parser.add_argument("fasta", type=Path, nargs="?")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "pgx" / "genes")
    arguments = parser.parse_args()

    places: dict[str, dict[int, dict[str, str]]] = {}
    with (arguments.facts / "grch37_positions.tsv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            places.setdefault(row["gene"], {})[int(row["pos38"])] = row
    regions = read_regions(arguments.fasta)
    changes = read_changes(arguments.facts / "changes-after-2025-11.tsv")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in sorted((arguments.facts / "genes").glob("*.json")):
        facts = json.loads(path.read_text("utf-8"))
        text = document(facts, places.get(facts["gene"], {}), regions, changes)
        (arguments.out / f"{facts['gene']}.toml").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
