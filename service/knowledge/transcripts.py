"""Transcript models and reference regions: content -> mapped files -> TranscriptKnowledge."""

import mmap
import shutil
import tomllib
from collections import defaultdict
from pathlib import Path

import zstandard

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.sequence import SequenceRegions, TranscriptKnowledge
from service.domain.transcript import MITOCHONDRIAL, TranscriptCatalogue, parse_transcript
from service.errors import KnowledgeError

_MODELS, _INDEX, _BASES = "models.tsv", "regions.tsv", "regions.2bit"
_MITOCHONDRION = "mitochondrion.tsv"
_GENE, _HGNC = 3, 4  # columns of a model line


def build(content: Path, out: Path) -> dict[str, int]:
    """Check and lay out the models and regions of `content/transcripts`; row counts.

    Raises:
        KnowledgeError: a model cannot be parsed or lies outside its chromosome, or bases and index differ in
        length.
    """
    source = content / "transcripts"
    out.mkdir(parents=True, exist_ok=True)
    lines = zstandard.decompress((source / f"{_MODELS}.zst").read_bytes()).decode().splitlines()
    lines += _mitochondrial(source / _MITOCHONDRION)
    identifiers = _pharmacogene_ids(content / "pgx" / "genes")
    lines = [_identified(line, identifiers) for line in lines]
    for number, line in enumerate(lines, start=1):
        _check(line, f"{_MODELS} line {number}")
    (out / _MODELS).write_text("\n".join(lines), "utf-8")
    spans = _read_index(source / _INDEX)
    expected = sum(
        -(-(e - s) // 4) for starts, ends, _ in spans.values() for s, e in zip(starts, ends, strict=True)
    )
    actual = (source / _BASES).stat().st_size
    if actual != expected:
        raise KnowledgeError(f"{actual} bytes of sequence, the index needs {expected}", where=_BASES)
    shutil.copyfile(source / _INDEX, out / _INDEX)
    shutil.copyfile(source / _BASES, out / _BASES)
    return {"transcripts": len(lines), "regions": sum(len(starts) for starts, _, _ in spans.values())}


def load(path: Path) -> TranscriptKnowledge:
    """Models parsed on demand; bases memory-mapped."""
    catalogue = TranscriptCatalogue((path / _MODELS).read_text("utf-8").split("\n"))
    with (path / _BASES).open("rb") as handle:
        packed = memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))
    regions = _read_index(path / _INDEX)
    return TranscriptKnowledge(catalogue, SequenceRegions(Assembly.GRCH38, {**regions}, packed))


def _mitochondrial(path: Path) -> list[str]:
    """Model lines of the mitochondrial genes, which have no RefSeq transcripts of their own."""
    lines = []
    for row in path.read_text("utf-8").splitlines()[1:]:
        gene, strand, first, last, protein, molecule = row.split("\t")
        start, length = int(first) - 1, int(last) - int(first) + 1
        cells = (
            *(f"{molecule}({gene})", protein, "", gene, "", MITOCHONDRIAL, "MT", strand, start, last, ""),
            *(f"0-{length}" if protein else "", "", length),
        )
        lines.append("\t".join(map(str, cells)))
    return lines


def _pharmacogene_ids(folder: Path) -> dict[str, str]:
    """HGNC ids that the pharmacogene files state; the models name those of disease genes themselves."""
    documents = (tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml")))
    return {document["gene"]: document["hgnc_id"] for document in documents}


def _identified(line: str, identifiers: dict[str, str]) -> str:
    """A model line with its HGNC id, where it lacks one and another table of the release states it."""
    cells = line.split("\t")
    cells[_HGNC] = cells[_HGNC] or identifiers.get(cells[_GENE], "")
    return "\t".join(cells)


def _check(line: str, where: str) -> None:
    """Refuses a model that contradicts itself."""
    try:
        model = parse_transcript(line)
    except ValueError as error:
        raise KnowledgeError(f"not a transcript model: {error}", where=where) from error
    if model.chrom not in CHROMOSOMES or model.end > chromosome_length(Assembly.GRCH38, model.chrom):
        raise KnowledgeError(f"{model.accession} lies outside chromosome {model.chrom}", where=where)
    ascending = all(a[0] < a[1] < b[0] for a, b in zip(model.exons, model.exons[1:], strict=False))
    if not ascending or (model.cds and not 0 <= model.cds[0] < model.cds[1] <= model.length):
        raise KnowledgeError(f"{model.accession} has impossible exons or coding interval", where=where)


def _read_index(path: Path) -> dict[str, tuple[list[int], list[int], list[int]]]:
    """Per chromosome: region starts, ends, and byte offsets; regions follow one another in the file."""
    spans: dict[str, tuple[list[int], list[int], list[int]]] = defaultdict(lambda: ([], [], []))
    offset = 0
    for line in path.read_text("utf-8").splitlines():
        chrom, low, high = line.split("\t")
        starts, ends, offsets = spans[chrom]
        start, end = int(low), int(high)
        if start >= end or (ends and start < ends[-1]):
            raise KnowledgeError(f"regions of {chrom} are not ascending at {start}", where=path.name)
        starts.append(start)
        ends.append(end)
        offsets.append(offset)
        offset += -(-(end - start) // 4)
    return dict(spans)
