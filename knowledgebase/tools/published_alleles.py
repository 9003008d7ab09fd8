"""What published names tell of single changes of transcripts without shipped sequence.

Usage: python -m knowledgebase.tools.published_alleles CLINVAR PARTS OUT

CLINVAR is `clinvar_seed.tsv.gz`, PARTS a folder with the compiled parts `transcripts` and `liftover`. A record such as
`NM_000018.4(ACADVL):c.104del (p.Pro35fs)` with its fully justified SPDI tells where else the change could be written, and
what it does to the protein. Substitutions are taken where published codons do not settle their protein change, and
every other change. A name that counts otherwise than the transcript is left out.

A row: transcript, then `steps:ref:alt:protein` joined by `;`, ascending; see `parse_published_alleles`.
"""

import csv
import gzip
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import zstandard

from service.domain.published import PublishedAllele
from service.domain.transcript import EARLIER, Transcript
from service.knowledge import liftover, transcripts
from service.variants.describe import Describer
from service.variants.describe_lines import UNAVAILABLE, describe_lines
from service.variants.liftover import Liftover
from service.variants.published_alleles import published_change
from service.variants.reference import ReferenceSequence

NAME = re.compile(r"(NM_\d+)\.\d+\([^)]+\):(c\.\S+)(?: \(p\.(.+)\))?")
# ClinVar names a stop that new bases bring as an insertion of it.
INSERTED_STOP = re.compile(
    r"[A-Z][a-z]{2}\d+_([A-Z][a-z]{2}\d+)insTer|([A-Z][a-z]{2}\d+)_[A-Z][a-z]{2}\d+delinsTer"
)

# The first new residue without the distance of the stop is no form of the recommendations.
LOST_FRAME = re.compile(r"([A-Z][a-z]{2}\d+)[A-Z][a-z]{2}fs$")


def same_place(written: str, ours: str) -> bool:
    """Whether a published c. name counts as ours does; repeats and duplications are spelled in other ways."""
    plain = re.sub(r"del[ACGT]+ins", "delins", re.sub(r"(del|dup)([ACGT]+|\d+)$", r"\1", written))
    return plain == ours or "[" in plain or ("ins" in plain and "dup" in ours)


def allele_of(spdi: str, protein: str, transcript: Transcript) -> PublishedAllele:
    """The allele; without its protein change where that is in a form that is not taken over."""
    _, start, ref, alt = spdi.split(":")
    protein = LOST_FRAME.sub(r"\1fs", INSERTED_STOP.sub(r"\1\2Ter", protein))
    allele = PublishedAllele(int(start), ref, alt, protein)
    kept = published_change(allele, transcript) is not None
    return allele if kept else PublishedAllele(allele.start, ref, alt)


def cell(allele: PublishedAllele, before: int) -> str:
    """One allele as text."""
    ref, alt = allele.ref, allele.alt
    if len(alt) < len(ref) and ref.startswith(alt):
        alt = str(len(alt))
    elif len(ref) < len(alt) and allele.alt.startswith(ref):
        ref = str(len(ref))
    return f"{allele.start - before}:{ref}:{alt}:{allele.protein}"


def main() -> None:
    """Write published_alleles.tsv.zst."""
    clinvar, parts, out = map(Path, sys.argv[1:4])
    knowledge = transcripts.load(parts / "transcripts")
    knowledge.catalogue.alleles = ()
    reference = ReferenceSequence(knowledge.regions)
    describer = Describer(knowledge, reference, Liftover(liftover.load(parts / "liftover"), reference))
    models = describer.models
    current = {
        t.accession.partition(".")[0]: t
        for t in models.catalogue
        if t.kind != EARLIER and t.cds and models.coding(t) is None
    }
    asked: list[tuple[dict[str, Any], str, str, Transcript]] = []
    with gzip.open(clinvar, "rt") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            name = NAME.fullmatch(row["name"])
            if name and name[1] in current and row["spdi"]:
                asked.append((row, name[2], name[3] or "", current[name[1]]))
    found: dict[str, dict[tuple[int, str, str], PublishedAllele]] = defaultdict(dict)
    answers = describe_lines([row["spdi"] for row, *_ in asked], describer)
    for (row, coding, protein, transcript), answer in zip(asked, answers, strict=True):
        _, _, ref, alt = row["spdi"].split(":")
        unavailable = answer["hgvs_p"] == UNAVAILABLE
        if answer["transcript"] != transcript.accession or (len(ref) == len(alt) == 1 and not unavailable):
            continue
        if not answer["hgvs_c"] or not same_place(coding, answer["hgvs_c"].partition(":")[2]):
            continue
        allele = allele_of(row["spdi"], protein if unavailable else "", transcript)
        if allele.protein or len(ref) != len(alt):
            known = found[transcript.accession].setdefault((allele.start, ref, alt), allele)
            if not known.protein:
                found[transcript.accession][allele.start, ref, alt] = allele
    lines = []
    for accession, alleles in sorted(found.items()):
        ordered = [alleles[key] for key in sorted(alleles)]
        starts = [0, *(allele.start for allele in ordered)]
        cells = [cell(allele, before) for allele, before in zip(ordered, starts, strict=False)]
        lines.append(f"{accession}\t{';'.join(cells)}")
    text = "\n".join(lines) + "\n"
    (out / "published_alleles.tsv.zst").write_bytes(zstandard.compress(text.encode(), 22))
    named = sum(bool(a.protein) for alleles in found.values() for a in alleles.values())
    print(
        f"{len(lines)} transcripts, {text.count(':') // 3} alleles, {named} protein changes", file=sys.stderr
    )


if __name__ == "__main__":
    main()
