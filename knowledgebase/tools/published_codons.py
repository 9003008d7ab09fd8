"""What published names tell of the codons of transcripts without shipped sequence.

Usage: python -m knowledgebase.tools.published_codons CLINVAR CLINGEN TRANSCRIPTS OUT [VCF]

CLINVAR is `clinvar_seed.tsv.gz`, CLINGEN `acmg_dev.jsonl.gz`, TRANSCRIPTS the compiled part `transcripts`. A name such as `c.1222C>T (p.Arg408Trp)`
leaves few codons that spell Arg, have C at that base and spell Trp with T there; names in one codon are taken
together. Names of other changes, such as `c.1420del (p.Glu474fs)`, tell the residue, and REF of their SPDI bases of the genome. VCF is ClinVar's on GRCh38 (here `clinvar_2025-09-28_acmg_sf_PLP_grch38.vcf.gz`): REF of any record
gives bases of the genome, and the molecular consequence (MC) of a substitution leaves few codons, whatever the
record is said to cause; of these at most four are kept. A row is written where at least one codon remains: transcript, then `number:codons` in ascending order.
"""

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import zstandard

from service.domain.genetic_code import STANDARD, THREE_LETTERS
from service.domain.transcript import EARLIER, MANE_SELECT, Transcript
from service.knowledge.transcripts import load
from service.variants.coding import TranscriptPosition
from service.variants.reference import ReferenceSequence
from service.variants.transcripts import TranscriptModels

NAME = re.compile(
    r"(NM_\d+\.\d+)(?:\([^)]*\))?:c\.(\d+)([ACGT])>([ACGT]) \(p\.([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2}|=)\)"
)
OTHER = re.compile(
    r"(NM_\d+\.\d+)\([^)]*\):c\.(\d+)(?:_\d+)?(?:del|dup|ins|\[)\S* "
    r"\(p\.([A-Z][a-z]{2})(\d+)(?:_([A-Z][a-z]{2})(\d+))?(?:fs|del|dup|ins|Ter|\[)\S*\)"
)
# The first residue that changes lies no further behind the first base than this: a lost frame may keep a few.
FARTHEST = 3
LETTERS = {three: one for one, three in THREE_LETTERS.items()}


def published(clinvar: Path, clingen: Path) -> Iterator[str]:
    """Names of both sources."""
    with gzip.open(clinvar, "rt") as handle:
        yield from (row["name"] for row in csv.DictReader(handle, delimiter="\t"))
    with gzip.open(clingen, "rt") as handle:
        yield from (json.loads(line)["hgvs"] for line in handle)


def current(models: TranscriptModels, accession: str, base: int) -> Transcript | None:
    """The MANE transcript in whose coding numbers a name on an accession is written; None where not known."""
    catalogue = models.catalogue
    stretches = [s for s in catalogue.agreed_numbering(accession) if not s.shift]
    holding = [s for s in stretches if s.first <= base <= s.last]
    if stretches and not holding:
        return None
    found = catalogue.get(holding[0].known if holding else accession)
    return found if found is not None and found.cds is not None and found.kind != EARLIER else None


def possible(name: re.Match[str]) -> set[str]:
    """The codons that a name leaves."""
    frame, ref, alt = (int(name[2]) - 1) % 3, name[3], name[4]
    old = LETTERS.get(name[5])
    new = old if name[7] == "=" else LETTERS.get(name[7])
    return {
        codon
        for codon, residue in STANDARD.items()
        if codon[frame] == ref
        and residue == old
        and STANDARD[codon[:frame] + alt + codon[frame + 1 :]] == new
    }


def residues(name: re.Match[str]) -> dict[int, str]:
    """The residues, in one letter, that the name of another change than a substitution states, by number."""
    stated = {int(name[4]): name[3]} | ({int(name[6]): name[5]} if name[5] else {})
    codon = (int(name[2]) - 1) // 3 + 1
    if not codon <= int(name[4]) <= codon + FARTHEST:
        return {}
    return {
        number: LETTERS[residue] for number, residue in stated.items() if LETTERS.get(residue, "*") != "*"
    }


def stated_bases(clinvar: Path) -> dict[tuple[str, int], str]:
    """Bases of the genome by chromosome and interbase position, from REF of records that are no substitution; N
    where two records state different ones.
    """
    bases: dict[tuple[str, int], str] = {}
    with gzip.open(clinvar, "rt") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            if not row["chrom"] or row["spdi"].count(":") != _SPDI_COLONS:
                continue
            _, start, ref, alt = row["spdi"].split(":")
            if len(ref) == len(alt) == 1:
                continue
            for at, base in enumerate(ref, int(start)):
                if bases.setdefault((row["chrom"], at), base) != base:
                    bases[row["chrom"], at] = "N"
    return bases


def spelled(
    models: TranscriptModels, model: Transcript, number: int, bases: dict[tuple[str, int], str]
) -> str:
    """The bases of a codon as far as they are known, N for the others."""
    assert model.cds is not None
    geometry = models.geometry(model)
    first = model.cds[0] + 3 * (number - 1)
    places = [geometry.genomic(TranscriptPosition(first + at)) for at in range(3)]
    known = "".join(bases.get((model.chrom, place), "N") for place in places)
    return known if model.strand > 0 else known.translate(_COMPLEMENT)


class Records:
    """Bases that REF alleles tell, and what single substitutions do to the protein, by gene."""

    def __init__(self, vcf: Path) -> None:
        self.bases: dict[tuple[str, int], str] = {}
        self.effects: dict[str, list[tuple[str, int, str, str]]] = defaultdict(list)
        with gzip.open(vcf, "rt") as handle:
            for line in handle:
                if not line.startswith("#"):
                    self._read(*(line.rstrip("\n").split("\t")[i] for i in (0, 1, 3, 4, 7)))

    def _read(self, contig: str, pos: str, ref: str, alt: str, text: str) -> None:
        chrom, start = contig.removeprefix("chr"), int(pos) - 1
        for offset, base in enumerate(ref):
            # Two records that state different bases tell nothing.
            if self.bases.setdefault((chrom, start + offset), base) != base:
                self.bases[chrom, start + offset] = "N"
        info = dict(item.split("=", 1) for item in text.split(";") if "=" in item)
        terms = {item.split("|")[1] for item in info.get("MC", "").split(",") if "|" in item}
        coding = terms & _CODING
        if len(ref) == len(alt) == 1 and alt in "ACGT" and len(coding) == 1:
            (term,) = coding
            for gene in info.get("GENEINFO", "").split("|"):
                self.effects[gene.split(":")[0]].append((chrom, start, alt, term))

    def codons(self, model: Transcript) -> dict[int, set[str]]:
        """The codons that remain, by residue number; neither the start nor the stop."""
        places = [at for low, high in model.coding_exons for at in range(low, high)]
        forward = model.strand > 0
        if not forward:
            places.reverse()
        stated = (self.bases.get((model.chrom, at), "N") for at in places)
        known = "".join(base if forward else base.translate(_COMPLEMENT) for base in stated)
        left = {
            number + 1: {c for c in _SENSE if all(a in ("N", b) for a, b in zip(shown, c, strict=True))}
            for number in range(1, len(known) // 3 - 1)
            if (shown := known[3 * number : 3 * number + 3]) != "NNN"
        }
        index = {at: offset for offset, at in enumerate(places)}
        for chrom, start, alt, term in self.effects[model.gene]:
            offset = index.get(start)
            if offset is None or chrom != model.chrom or offset // 3 + 1 not in left:
                continue
            frame, new = offset % 3, alt if forward else alt.translate(_COMPLEMENT)
            left[offset // 3 + 1] &= {
                c for c in left[offset // 3 + 1] if _does(c, c[:frame] + new + c[frame + 1 :]) == term
            }
        return {number: found for number, found in left.items() if 0 < len(found) <= MOST}


# The most codons that a record may leave and still be worth a row.
MOST = 4
_SPDI_COLONS = 3
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_SENSE = tuple(codon for codon, residue in STANDARD.items() if residue != "*")
_CODING = frozenset(
    ("missense_variant", "nonsense", "synonymous_variant", "initiator_codon_variant", "stop_lost")
)


def _does(old: str, new: str) -> str:
    before, after = STANDARD[old], STANDARD[new]
    if after == "*":
        return "nonsense"
    return "synonymous_variant" if before == after else "missense_variant"


def main() -> None:
    """Write published_codons.tsv.zst."""
    clinvar, clingen, part, out = map(Path, sys.argv[1:5])
    knowledge = load(part)
    models = TranscriptModels(knowledge.catalogue, ReferenceSequence(knowledge.regions))
    codons: dict[str, dict[int, set[str]]] = defaultdict(dict)
    for text in published(clinvar, clingen):
        name = NAME.match(text)
        model = current(models, name[1], int(name[2])) if name else None
        if name is None or model is None or models.coding(model) is not None:
            continue
        number = int(name[6])
        if (int(name[2]) - 1) // 3 + 1 != number or number == 1:
            continue
        found = codons[model.accession]
        found[number] = found[number] & possible(name) if number in found else possible(name)
    bases = stated_bases(clinvar)
    for text in published(clinvar, clingen):
        name = OTHER.match(text)
        model = current(models, name[1], int(name[2])) if name else None
        if name is None or model is None or models.coding(model) is not None:
            continue
        found = codons[model.accession]
        for number, residue in residues(name).items():
            if not 1 < number <= (model.protein_length or 0):
                continue
            shown = spelled(models, model, number, bases)
            left = {
                c
                for c in _SENSE
                if STANDARD[c] == residue and all(a in ("N", b) for a, b in zip(shown, c, strict=True))
            }
            found[number] = found.get(number, left) & left
    if len(sys.argv) > 5:
        records = Records(Path(sys.argv[5]))
        for gene in list(records.effects):
            model = next((t for t in models.catalogue.of_gene(gene) if t.kind == MANE_SELECT), None)
            if model is None or model.cds is None or models.coding(model) is not None:
                continue
            found = codons[model.accession]
            for number, left in records.codons(model).items():
                found[number] = (found.get(number, left) & left) or found[number]
    lines = []
    for accession, found in sorted(codons.items()):
        cells = [f"{number}:{','.join(sorted(left))}" for number, left in sorted(found.items()) if left]
        if cells:
            lines.append(f"{accession}\t{';'.join(cells)}")
    text = "\n".join(lines) + "\n"
    (out / "published_codons.tsv.zst").write_bytes(zstandard.compress(text.encode(), 22))
    print(len(lines), "transcripts,", text.count(":"), "codons", file=sys.stderr)


if __name__ == "__main__":
    main()
