"""Import the GRCh38 genome: a FASTA as published becomes one that is bgzipped, indexed and checked.

Kept are the primary chromosomes under the names of the file. Every one must have GRCh38's length, and the
bases of the shipped regions: a genome of another assembly, or a masked one, is refused.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pysam

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length, parse_contig
from service.domain.sequence import SequenceRegions
from service.errors import InvalidInput
from service.knowledge.importers.reading import check_complete, open_bytes, whole_lines
from service.knowledge.importers.registry import Context, Outcome, only
from service.knowledge.imports import REFERENCE
from service.knowledge.two_bit import codes_of

_ANY_NUCLEOTIDE = b"ACGTNRYSWKMBDHV"
# Bases of each shipped region that are compared.
_COMPARED = 200


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `GRCh38.fa.gz` with `.fai` and `.gzi`.

    Raises InvalidInput for a file that is damaged or not GRCh38.
    """
    file = only(files)
    check_complete(file)
    out.mkdir(parents=True)
    try:
        lengths = _copy(file, out / REFERENCE, context)
    except (EOFError, OSError, ValueError) as error:
        raise InvalidInput(f"cannot be read as FASTA: {error}", where=file.name) from error
    _check_lengths(lengths, file.name)
    pysam.faidx(str(out / REFERENCE))
    _compare(out / REFERENCE, context.part("transcripts").regions, file.name)
    patch = re.search(r"GRCh38(?:\.p\d+)?", file.name)
    release = context.release or (patch[0] if patch else "GRCh38")
    bases = sum(lengths.values())
    missing = sum(chrom not in {_chromosome(name) for name in lengths} for chrom in CHROMOSOMES)
    return Outcome(
        release,
        "",
        {"chromosomes": len(lengths), "bases": bases},
        {"chromosomes that the file does not have": missing} if missing else {},
    )


def _copy(file: Path, target: Path, context: Context) -> dict[str, int]:
    """Upper-case copy of the primary chromosomes; their lengths by name."""
    lengths: dict[str, int] = {}
    name: str | None = None
    left = file.stat().st_size
    with open_bytes(file) as stream, pysam.BGZFile(str(target), "wb", None) as copy:
        for block in whole_lines(stream):
            step = min(left, len(block) // 4)  # sequence takes about a quarter when it is compressed
            left -= step
            context.advance(step)
            for header, lines in _parts(block):
                if header is not None:
                    name = header.split()[0].decode("ascii")
                    if _chromosome(name) is None:
                        name = None
                    elif name in lengths:
                        raise ValueError(f"{name} occurs twice")
                    else:
                        lengths[name] = 0
                        copy.write(b">" + name.encode() + b"\n")
                if name is not None and lines:
                    bases = lines.upper().replace(b"\r", b"")
                    if bases.translate(None, _ANY_NUCLEOTIDE + b"\n"):
                        raise ValueError(f"{name} holds other letters than bases")
                    lengths[name] += len(bases) - bases.count(b"\n")
                    copy.write(bases)
        context.advance(left)
    return lengths


def _parts(block: bytes) -> Iterator[tuple[bytes | None, bytes]]:
    """Header (None where sequence goes on from the block before) and lines of sequence."""
    first, *others = (b"\n" + block).split(b"\n>")
    if first.strip(b"\n"):
        yield None, first[1:] + (b"\n" if others else b"")
    for number, other in enumerate(others, 1):
        header, _, lines = other.partition(b"\n")
        yield header, lines + (b"\n" if lines and number < len(others) else b"")


def _chromosome(name: str) -> str | None:
    contig = parse_contig(name)
    return contig.chrom if contig is not None and Assembly.GRCH38 in contig.assemblies else None


def _check_lengths(lengths: dict[str, int], where: str) -> None:
    for name, length in lengths.items():
        expected = chromosome_length(Assembly.GRCH38, _chromosome(name) or "")
        if length != expected:
            raise InvalidInput(f"{name} has {length:,} bases; GRCh38 has {expected:,}", where=where)
    if not lengths:
        raise InvalidInput("holds no chromosome of GRCh38", where=where)


def _compare(fasta: Path, regions: SequenceRegions, where: str) -> None:
    content = np.frombuffer(regions.packed, np.uint8)
    with pysam.FastaFile(str(fasta)) as handle:
        for name in handle.references:
            chrom = _chromosome(name)
            for start, end, offset in zip(*regions.spans.get(chrom or "", ((), (), ())), strict=True):
                stop = min(end, start + _COMPARED)
                ours = "".join("ACGT"[code] for code in codes_of(content, offset, 0, stop - start).tolist())
                if handle.fetch(name, start, stop) != ours:
                    raise InvalidInput(f"differs from GRCh38 at {name}:{start + 1}", where=where)
