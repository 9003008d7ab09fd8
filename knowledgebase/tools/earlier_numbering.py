"""Where published names on unknown transcripts agree with one whose alignment is known.

Usage: python -m knowledgebase.tools.earlier_numbering CLINVAR CLINGEN MODELS ALIASES OUT

CLINVAR is `clinvar_seed.tsv.gz` and CLINGEN `acmg_dev.jsonl.gz`: names of substitutions beside their GRCh38
coordinates. MODELS is the compiled `models.tsv`, ALIASES the symbols beside it. A row is written for

* an unknown version of a known transcript, when no name contradicts the known version's numbering and at least two,
  at different positions, agree: then everything between these two has the same number in both versions;
* another transcript of a gene with MANE Select, for every run of names that lie in the same or neighbouring exons of it
  and are all off by the same `shift`: then everything between the first and the last is.

Source of each row: the names counted in it.
"""

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from service.domain.transcript import MANE_SELECT, Transcript
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.errors import InvalidVariant
from service.variants.coding import Geometry, TranscriptPosition
from service.variants.justify import reverse_complement

NAME = re.compile(r"(NM_\d+\.\d+)(?:\(([^)]*)\))?:c\.(\d+)([+-]\d+)?([ACGT])>([ACGT])\b")
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
                accession, colon, change = row["hgvs"].partition(":")
                gene = "" if "(" in accession else f"({row['gene']})"
                place = (str(row["chrom"]), int(row["pos"]), row["ref"], row["alt"])
                yield f"{accession}{gene}{colon}{change}", place


def agrees(model: Transcript, name: re.Match[str], place: Place) -> bool:
    """Whether a name, read on a model, is the published place."""
    chrom, position, ref, alt = place
    base, offset = int(name[3]), int(name[4] or 0)
    if model.cds is None or chrom != model.chrom or base > model.cds[1] - model.cds[0]:
        return False
    try:
        found = Geometry(model).genomic(TranscriptPosition(model.cds[0] + base - 1, offset))
    except InvalidVariant:
        return False
    if model.strand < 0:
        ref, alt = reverse_complement(ref), reverse_complement(alt)
    return (found + 1, name[5], name[6]) == (position, ref, alt)


def nearest(catalogue: TranscriptCatalogue, accession: str) -> Transcript | None:
    """The known version closest to an unknown one."""
    number = int(accession.partition(".")[2])
    versions = [v for v in catalogue.versions(accession) if v.startswith("NM_")]
    closest = min(versions, key=lambda v: abs(int(v.partition(".")[2]) - number), default=None)
    return catalogue.get(closest) if closest else None


def located(model: Transcript, name: re.Match[str], place: Place) -> tuple[int, int] | None:
    """Shift of a name's number against the model's at the published place, and the exon there; None where the place
    is not coding or has another intronic offset.
    """
    geometry = Geometry(model)
    found = geometry.locate(place[1] - 1) if place[0] == model.chrom else None
    if found is None or model.cds is None or found[1] != int(name[4] or 0):
        return None
    if not model.cds[0] <= found[0] < model.cds[1]:
        return None
    return int(name[3]) - (found[0] - model.cds[0] + 1), geometry.first_offsets.index(
        max(first for first in geometry.first_offsets if first <= found[0])
    )


def runs(model: Transcript, names: list[tuple[re.Match[str], Place]]) -> list[tuple[int, int, int, int]]:
    """(first, last, positions, shift) of runs of names that are off alike, in neighbouring exons."""
    shifts: dict[int, set[tuple[int, int] | None]] = defaultdict(set)
    for name, place in names:
        shifts[int(name[3])].add(located(model, name, place))
    found: list[list[tuple[int, int, int]]] = [[]]
    for base, hits in sorted(shifts.items()):
        hit = next(iter(hits)) if len(hits) == 1 else None
        last = found[-1][-1] if found[-1] else None
        if hit is None or (last and (last[1] != hit[0] or abs(last[2] - hit[1]) > 1)):
            found.append([])
        if hit is not None:
            found[-1].append((base, *hit))
    return [(run[0][0], run[-1][0], len(run), run[0][1]) for run in found if len(run) > 1]


def main() -> None:
    """Write earlier_numbering.tsv."""
    clinvar, clingen, models, aliases, out = map(Path, sys.argv[1:6])
    catalogue = TranscriptCatalogue(models.read_text().split("\n"), aliases.read_text().split("\n"))
    agreeing: dict[tuple[str, str], set[int]] = defaultdict(set)
    contradicted: set[str] = set()
    others: dict[tuple[str, str], list[tuple[re.Match[str], Place]]] = defaultdict(list)
    for text, place in published(clinvar, clingen):
        name = NAME.match(text)
        if name is None or catalogue.get(name[1]):
            continue
        model = nearest(catalogue, name[1])
        if model is None:
            mane = [t for t in catalogue.of_gene(catalogue.symbol(name[2] or "")) if t.kind == MANE_SELECT]
            if mane:
                others[name[1], mane[0].accession].append((name, place))
        elif agrees(model, name, place):
            agreeing[name[1], model.accession].add(int(name[3]))
        else:
            contradicted.add(name[1])
    rows = [
        f"{earlier}\t{known}\t{min(bases)}\t{max(bases)}\t{len(bases)}\t0"
        for (earlier, known), bases in agreeing.items()
        if len(bases) > 1 and earlier not in contradicted
    ]
    for (other, known), names in others.items():
        model = catalogue.get(known)
        assert model is not None
        rows += ["\t".join(map(str, (other, known, *run))) for run in runs(model, names)]
    header = "earlier\tknown\tfirst\tlast\tpositions\tshift"
    rows.sort(key=lambda row: (row.split("\t")[0], int(row.split("\t")[2])))
    (out / "earlier_numbering.tsv").write_text("\n".join([header, *rows]) + "\n")
    print(len(rows), "rows;", len(contradicted), "versions contradict", file=sys.stderr)


if __name__ == "__main__":
    main()
