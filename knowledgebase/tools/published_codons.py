"""What published names tell of the codons of transcripts without shipped sequence.

Usage: python -m knowledgebase.tools.published_codons CLINVAR CLINGEN TRANSCRIPTS OUT

CLINVAR is `clinvar_seed.tsv.gz`, CLINGEN `acmg_dev.jsonl.gz`, TRANSCRIPTS the compiled part `transcripts`. A name such as `c.1222C>T (p.Arg408Trp)`
leaves few codons that spell Arg, have C at that base and spell Trp with T there; names in one codon are taken
together. A row is written where at least one codon remains: transcript, then `number:codons` in ascending order.
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
from service.domain.transcript import EARLIER, Transcript
from service.knowledge.transcripts import load
from service.variants.reference import ReferenceSequence
from service.variants.transcripts import TranscriptModels

NAME = re.compile(
    r"(NM_\d+\.\d+)(?:\([^)]*\))?:c\.(\d+)([ACGT])>([ACGT]) \(p\.([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2}|=)\)"
)
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
