"""Where published names on earlier transcript versions agree with a version whose alignment is known.

Usage: python -m knowledgebase.tools.earlier_numbering CLINVAR CLINGEN MODELS OUT

CLINVAR is `clinvar_seed.tsv.gz` and CLINGEN `acmg_dev.jsonl.gz`: names of substitutions beside their GRCh38
coordinates. MODELS is the compiled `models.tsv`. A row is written for an unknown version of a known transcript when
no name contradicts the known version's numbering and at least two, at different positions, agree: then everything
between these two has the same number in both versions. Source of each row: the names counted in it.
"""

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from service.domain.transcript import Transcript, TranscriptCatalogue
from service.errors import InvalidVariant
from service.variants.coding import Geometry, TranscriptPosition
from service.variants.justify import reverse_complement

NAME = re.compile(r"(NM_\d+\.\d+)(?:\([^)]*\))?:c\.(\d+)([+-]\d+)?([ACGT])>([ACGT])\b")
Place = tuple[str, int, str, str]


def published(clinvar: Path, clingen: Path) -> Iterator[tuple[str, Place]]:
    """Names with chromosome, 1-based position, REF and ALT."""
    with gzip.open(clinvar, "rt") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            if row["pos"] and len(row["ref"]) == 1 == len(row["alt"]):
                yield row["name"], (row["chrom"], int(row["pos"]), row["ref"], row["alt"])
    with gzip.open(clingen, "rt") as handle:
        for line in handle:
            row = json.loads(line)
            if row["pos"] and len(row["ref"]) == 1 == len(row["alt"]):
                yield row["hgvs"], (str(row["chrom"]), int(row["pos"]), row["ref"], row["alt"])


def agrees(model: Transcript, name: re.Match[str], place: Place) -> bool:
    """Whether a name, read on a model, is the published place."""
    chrom, position, ref, alt = place
    base, offset = int(name[2]), int(name[3] or 0)
    if model.cds is None or chrom != model.chrom or base > model.cds[1] - model.cds[0]:
        return False
    try:
        found = Geometry(model).genomic(TranscriptPosition(model.cds[0] + base - 1, offset))
    except InvalidVariant:
        return False
    if model.strand < 0:
        ref, alt = reverse_complement(ref), reverse_complement(alt)
    return (found + 1, name[4], name[5]) == (position, ref, alt)


def nearest(catalogue: TranscriptCatalogue, accession: str) -> Transcript | None:
    """The known version closest to an unknown one."""
    number = int(accession.partition(".")[2])
    versions = [v for v in catalogue.versions(accession) if v.startswith("NM_")]
    closest = min(versions, key=lambda v: abs(int(v.partition(".")[2]) - number), default=None)
    return catalogue.get(closest) if closest else None


def main() -> None:
    """Write earlier_numbering.tsv."""
    clinvar, clingen, models, out = map(Path, sys.argv[1:5])
    catalogue = TranscriptCatalogue(models.read_text().split("\n"))
    agreeing: dict[tuple[str, str], set[int]] = defaultdict(set)
    contradicted: set[str] = set()
    for text, place in published(clinvar, clingen):
        name = NAME.match(text)
        if name is None or catalogue.get(name[1]):
            continue
        model = nearest(catalogue, name[1])
        if model is None:
            continue
        if agrees(model, name, place):
            agreeing[name[1], model.accession].add(int(name[2]))
        else:
            contradicted.add(name[1])
    rows = [
        f"{earlier}\t{known}\t{min(bases)}\t{max(bases)}\t{len(bases)}"
        for (earlier, known), bases in sorted(agreeing.items())
        if len(bases) > 1 and earlier not in contradicted
    ]
    header = "earlier\tknown\tfirst\tlast\tpositions"
    (out / "earlier_numbering.tsv").write_text("\n".join([header, *rows]) + "\n")
    print(len(rows), "versions agree;", len(contradicted), "contradict", file=sys.stderr)


if __name__ == "__main__":
    main()
