"""Import cdot: alignments of RefSeq or Ensembl transcripts, earlier versions among them.

cdot states where exons lie, not which bases a transcript has. A model line takes what it can say exactly; an
alignment with holes, an incomplete coding sequence and what contradicts itself are left out, and counted by
reason. GRCh38 counts; where it has no alignment, GRCh37. A gap text goes along the transcript: `M196 I1 M61
D2` are 196 paired bases, one of the transcript alone, 61 paired, two of the genome alone.
Layout: https://github.com/SACGF/cdot (JSON data format; coordinates and exon alignments). Exons are interbase
on the chromosome and 1-based, ends included, on the transcript; `start_codon` and `stop_codon` are interbase.
"""

import itertools
import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from service.domain.alignment import AlignedExon, Block, aligned_blocks, block_steps, has_gaps
from service.domain.assembly import Assembly, chromosome_length, parse_contig
from service.domain.transcript import OTHER, OTHER_GRCH37
from service.errors import InvalidInput
from service.knowledge.importers.reading import check_complete, open_bytes
from service.knowledge.importers.registry import Context, Outcome, only
from service.knowledge.importers.transcripts import exon_steps

_ACCESSION = re.compile(r"(?:[NX][MR]_|ENST)\d+\.\d+")
_PROTEIN = re.compile(r"(?:[NX]P_|ENSP)\d+\.\d+")
_PREFERRED = (Assembly.GRCH38, Assembly.GRCH37)
_HGNC = re.compile(r"(?:HGNC:)?(\d+)")
# Ensembl's tags of a transcript whose coding sequence or RNA begins or ends outside what is annotated.
_INCOMPLETE = re.compile(r"(?:cds|mRNA)_(?:start|end)_NF")


class _Exon(msgspec.Struct, array_like=True):
    start: int
    end: int
    number: int
    first: int
    last: int
    gap: str | None = None


class _Build(msgspec.Struct):
    contig: str
    strand: str
    exons: list[_Exon]
    cds_start: int | None = None
    cds_end: int | None = None
    tag: Any = None
    other_chroms: list[str] | None = None


class _Transcript(msgspec.Struct):
    genome_builds: dict[str, msgspec.Raw]
    gene_name: str | None = None
    hgnc: str | int | None = None
    protein: str | None = None
    start_codon: int | None = None
    stop_codon: int | None = None
    partial: int | None = None


class _Document(msgspec.Struct):
    cdot_version: str
    transcripts: dict[str, msgspec.Raw]


class _LeftOut(Exception):  # noqa: N818 - no error: the reason why a transcript has no model line
    """Why a transcript is left out, in words that are counted."""


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `models.tsv`: model lines in order of their bytes, each with its line end.

    Raises InvalidInput for another layout, or where no transcript can be taken.
    """
    file = only(files)
    lines, left_out = [], Counter[str]()
    try:
        check_complete(file)
        with open_bytes(file) as stream:
            content = stream.read()
        context.advance(file.stat().st_size)
        document = msgspec.json.decode(content, type=_Document)
        for accession, raw in document.transcripts.items():
            try:
                lines.append(_line(accession, msgspec.json.decode(raw, type=_Transcript)))
            except _LeftOut as reason:
                left_out[f"transcripts {reason}"] += 1
    except (EOFError, OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot be read: {error}", where=file.name) from error
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"is not laid out as cdot's JSON: {error}", where=file.name) from error
    if not lines:
        raise InvalidInput("has no transcript that can be taken from its alignments", where=file.name)
    out.mkdir(parents=True)
    (out / "models.tsv").write_bytes(b"".join(sorted(f"{line}\n".encode() for line in lines)))
    named = re.search(r"cdot-(\d+(?:\.\d+)+)", file.name)
    release = context.release or (named[1] if named else document.cdot_version)
    return Outcome(release, "", {"transcripts": len(lines)}, dict(left_out))


def _line(accession: str, transcript: _Transcript) -> str:
    """The model line of a transcript. Raises _LeftOut where it would not be exact."""
    if not _ACCESSION.fullmatch(accession):
        raise _LeftOut("without a versioned RefSeq or Ensembl accession")
    assembly = next((a for a in _PREFERRED if a.value in transcript.genome_builds), None)
    if assembly is None:
        raise _LeftOut("without an alignment to GRCh38 or GRCh37")
    if not transcript.gene_name:
        raise _LeftOut("without a gene")
    build = msgspec.json.decode(transcript.genome_builds[assembly.value], type=_Build)
    chrom = _chromosome(build, assembly)
    aligned, forward = _exons(build), build.strand == "+"
    blocks, exons = aligned_blocks(aligned, forward=forward), [(exon.start, exon.end) for exon in aligned]
    if exons[0][0] < 0 or exons[-1][1] > chromosome_length(assembly, chrom):
        raise _LeftOut("outside their chromosome")
    coding = _coding_interval(transcript, build, blocks)
    hgnc = _HGNC.fullmatch(str(transcript.hgnc or ""))
    kind = OTHER if assembly is Assembly.GRCH38 else OTHER_GRCH37
    gapped = has_gaps(blocks, len(exons), forward=forward)
    steps = block_steps(blocks, exons, forward=forward) if gapped else exon_steps(exons)
    cells = (accession, (transcript.protein or "") if coding else "", "", transcript.gene_name,
             f"HGNC:{hgnc[1]}" if hgnc else "", kind, chrom, build.strand, exons[0][0], exons[-1][1], "",
             coding, "", steps)  # fmt: skip
    return "\t".join(map(str, cells))


def _chromosome(build: _Build, assembly: Assembly) -> str:
    """The one primary chromosome of an alignment; X where it lies on X and Y alike (PAR), as MANE has it."""
    contig = parse_contig(build.contig)
    if contig is None or assembly not in contig.assemblies or contig.chrom == "MT":
        raise _LeftOut(f"outside chromosomes 1 to 22, X and Y of {assembly}")
    others = {found.chrom for name in build.other_chroms or () if (found := parse_contig(name))}
    if others - {contig.chrom} and (contig.chrom, others - {"X"}) != ("X", {"Y"}):
        raise _LeftOut("aligned to several chromosomes")
    return contig.chrom


def _exons(build: _Build) -> list[AlignedExon]:
    """Exons in ascending order, which hold the transcript's bases from its first on."""
    if build.strand not in ("+", "-") or not build.exons:
        raise _LeftOut("whose alignment contradicts itself")
    placed = sorted(build.exons, key=lambda exon: exon.start)
    found: list[AlignedExon] = []
    expected = 1
    for exon in placed if build.strand == "+" else reversed(placed):
        if exon.first != expected:
            raise _LeftOut("aligned in part")
        try:
            aligned = AlignedExon(exon.start, exon.end, exon.first - 1, _operations(exon))
        except ValueError:
            raise _LeftOut("whose alignment contradicts itself") from None
        if aligned.length != exon.last - exon.first + 1:
            raise _LeftOut("whose alignment contradicts itself")
        found.append(aligned)
        expected = exon.last + 1
    if any(before.end >= after.start for before, after in itertools.pairwise(placed)):
        raise _LeftOut("whose exons no intron parts")
    return found if build.strand == "+" else found[::-1]


def _operations(exon: _Exon) -> tuple[tuple[str, int], ...]:
    """What pairs along the transcript; without a gap text all bases do."""
    if not exon.gap:
        return (("M", exon.end - exon.start),)
    words = exon.gap.split()
    if not all(re.fullmatch(r"[MID]\d+", word) for word in words):
        raise _LeftOut("whose alignment contradicts itself")
    return tuple((word[0], int(word[1:])) for word in words)


def _coding_interval(transcript: _Transcript, build: _Build, blocks: tuple[Block, ...]) -> str:
    """Interbase coding interval in transcript coordinates, empty for a non-coding transcript."""
    low, high = build.cds_start, build.cds_end
    if low is None or high is None:
        if transcript.protein or transcript.start_codon is not None:
            raise _LeftOut("whose coding sequence has no place")
        return ""
    if not _PROTEIN.fullmatch(transcript.protein or ""):
        raise _LeftOut("without the versioned accession of their protein")
    ends = _offset(blocks, low, build.strand), _offset(blocks, high - 1, build.strand)
    if ends[0] is None or ends[1] is None:
        raise _LeftOut("whose alignment contradicts itself")
    first, last = min(ends[0], ends[1]), max(ends[0], ends[1]) + 1
    stated = transcript.start_codon, transcript.stop_codon
    if any(a not in (None, b) for a, b in zip(stated, (first, last), strict=True)):
        raise _LeftOut("whose alignment contradicts itself")
    if transcript.partial or (last - first) % 3 or _INCOMPLETE.search(str(build.tag or "")):
        raise _LeftOut("whose coding sequence is not whole")
    return f"{first}-{last}"


def _offset(blocks: tuple[Block, ...], position: int, strand: str) -> int | None:
    """Transcript offset of a genomic base; None where it is not paired."""
    for start, end, first in blocks:
        if start <= position < end:
            return first + (position - start if strand == "+" else end - 1 - position)
    return None
