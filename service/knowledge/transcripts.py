"""Transcript models and reference regions: content -> mapped files -> TranscriptKnowledge."""

import gc
import mmap
import shutil
import tomllib
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha512
from pathlib import Path

import zstandard

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.published import parse_published_alleles
from service.domain.sequence import SequenceRegions, TranscriptKnowledge
from service.domain.transcript import MITOCHONDRIAL, parse_transcript
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.errors import KnowledgeError
from service.knowledge.gene_names import GeneNames, read_bands, read_gene_names
from service.knowledge.sorted_lines import SortedLines
from service.knowledge.transcript_overlay import other_models, overlay_models, overlay_regions

_MODELS, _INDEX, _BASES = "models.tsv", "regions.tsv", "regions.2bit"
_MITOCHONDRION = "mitochondrion.tsv"
_MITOCHONDRIAL_BASES, _ALIASES = "mitochondrion.fa", "aliases.tsv"
_OTHERS = "others.tsv"  # of imported alignments alone, which the shipped artifact has not
_NUMBERING, _CODONS = "earlier_numbering.tsv", "published_codons.tsv"
_ALLELES = "published_alleles.tsv"
_ENSEMBL = "ensembl_proteins.tsv"
_GENE, _HGNC = 3, 4  # columns of a model line
# Refget accession of NC_012920.1. Position 3107 is a placeholder, N, that keeps the numbering.
_REFGET = "SQ.k3grVkjY-hoWcCUojHw6VU6GE3MZ8Sct"


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
    names = read_gene_names(source)
    identifiers = names.hgnc | _pharmacogene_ids(content / "pgx" / "genes")
    lines = [_identified(line, identifiers, names) for line in lines]
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
    mitochondrial = mitochondrial_regions((source / _MITOCHONDRIAL_BASES).read_text("utf-8"))
    index = (source / _INDEX).read_text("utf-8")
    (out / _INDEX).write_text(index + "".join(f"MT\t{s}\t{s + len(b)}\n" for s, b in mitochondrial), "utf-8")
    (out / _BASES).write_bytes((source / _BASES).read_bytes() + b"".join(pack(b) for _, b in mitochondrial))
    aliases = [*names.alias.items(), *names.previous.items()]
    (out / _ALIASES).write_text("".join(f"{a}\t{s}\n" for a, s in sorted(aliases)), "utf-8")
    numbering = (source / _NUMBERING).read_text("utf-8").splitlines()[1:]
    _check_numbering(numbering, {line.split("\t", 1)[0] for line in lines})
    (out / _NUMBERING).write_text("\n".join(numbering), "utf-8")
    codons = zstandard.decompress((source / f"{_CODONS}.zst").read_bytes()).decode().splitlines()
    _check_codons(codons, lines)
    (out / _CODONS).write_text("\n".join(codons), "utf-8")
    alleles = zstandard.decompress((source / f"{_ALLELES}.zst").read_bytes()).decode().splitlines()
    _check_alleles(alleles, lines)
    (out / _ALLELES).write_text("\n".join(alleles), "utf-8")
    ensembl = zstandard.decompress((source / f"{_ENSEMBL}.zst").read_bytes()).decode()
    known = {line.split("\t", 1)[0] for line in lines}
    if unknown := [row for row in ensembl.splitlines() if row.split("\t")[0] not in known]:
        raise KnowledgeError(f"{unknown[0]} is not of a known transcript", where=_ENSEMBL)
    (out / _ENSEMBL).write_text(ensembl, "utf-8")
    read_bands(source)
    shutil.copyfile(source / "bands.tsv", out / "bands.tsv")
    regions = sum(len(starts) for starts, _, _ in spans.values()) + len(mitochondrial)
    return {"transcripts": len(lines), "regions": regions}


def load(path: Path) -> TranscriptKnowledge:
    """Models parsed on demand; bases memory-mapped."""
    lines, aliases, numbering, codons, alleles = (
        (path / name).read_text("utf-8").split("\n")
        for name in (_MODELS, _ALIASES, _NUMBERING, _CODONS, _ALLELES)
    )
    with _uncollected():
        regions = _read_index(path / _INDEX)
        catalogue = TranscriptCatalogue(lines, aliases, numbering, codons, alleles)
        catalogue.ensembl_proteins = SortedLines(path / _ENSEMBL).ending
        if (path / _OTHERS).is_file():
            others = SortedLines(path / _OTHERS)
            catalogue.others, catalogue.others_of_protein = others.beginning, others.with_second
    with (path / _BASES).open("rb") as handle:
        packed = memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))
    return TranscriptKnowledge(
        catalogue, SequenceRegions(Assembly.GRCH38, {**regions}, packed), read_bands(path)
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: a hundred thousand small objects that all stay double the load."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def overlay(shipped: Path, imported: Mapping[str, Path], out: Path) -> dict[str, int]:
    """Lay an imported MANE release over the shipped transcripts, other alignments beside; row counts."""
    shutil.copytree(shipped, out)
    rows = _overlay_mane(shipped, imported["transcripts"], out) if "transcripts" in imported else {}
    others = [imported[name] for name in ("cdot-ensembl", "cdot-refseq") if name in imported]
    if others:
        models = (out / _MODELS).read_text("utf-8").split("\n")
        lines = other_models(models, ((folder / _MODELS).read_text("utf-8") for folder in others))
        for number, line in enumerate(lines, start=1):
            _check(line, f"{_OTHERS} line {number}")
        (out / _OTHERS).write_text("".join(f"{line}\n" for line in lines), "utf-8")
        rows |= {"transcripts": len(models), "other transcripts": len(lines)}
    return rows


def _overlay_mane(shipped: Path, folder: Path, out: Path) -> dict[str, int]:
    models = (shipped / _MODELS).read_text("utf-8"), (folder / _MODELS).read_text("utf-8")
    lines = overlay_models(*models)
    for number, line in enumerate(lines, start=1):
        _check(line, f"{_MODELS} line {number}")
    (out / _MODELS).write_text("\n".join(lines), "utf-8")
    return {"transcripts": len(lines), "regions": overlay_regions(shipped, folder, out)}


def mitochondrial_regions(fasta: str) -> list[tuple[int, str]]:
    """Interbase start and bases of the two stretches of NC_012920.1, which lie beside its placeholder.

    Raises:
        KnowledgeError: it is another sequence.
    """
    bases = "".join(fasta.split("\n")[1:])
    digest = urlsafe_b64encode(sha512(bases.encode()).digest()[:24]).decode()
    if f"SQ.{digest}" != _REFGET:
        raise KnowledgeError(f"SQ.{digest} is not NC_012920.1", where=_MITOCHONDRIAL_BASES)
    gap = bases.index("N")
    return [(0, bases[:gap]), (gap + 1, bases[gap + 1 :])]


def pack(bases: str) -> bytes:
    """Four bases a byte, the first in the highest bits.

    >>> pack("ACGTC").hex()
    '1b40'
    """
    codes = ["ACGT".index(base) for base in bases + "A" * (-len(bases) % 4)]
    quads = zip(codes[0::4], codes[1::4], codes[2::4], codes[3::4], strict=True)
    return bytes(a << 6 | b << 4 | c << 2 | d for a, b, c, d in quads)


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


def _identified(line: str, identifiers: dict[str, str], names: GeneNames) -> str:
    """A model line with the symbol in use and its HGNC id, where it lacks one and another table states it."""
    cells = line.split("\t")
    cells[_GENE] = names.current(cells[_GENE])
    cells[_HGNC] = cells[_HGNC] or identifiers.get(cells[_GENE], "")
    return "\t".join(cells)


def _check_numbering(rows: list[str], known: set[str]) -> None:
    """Refuses numbering of a version that is known, like one that is not, or over no range."""
    for row in rows:
        earlier, like, first, last, positions, _ = row.split("\t")
        if earlier in known or like not in known or not 0 < int(first) < int(last) or int(positions) < 2:
            raise KnowledgeError(f"{earlier} is not numbered like a known version", where=_NUMBERING)


def _check_codons(rows: list[str], models: list[str]) -> None:
    """Refuses codons of an unknown transcript, beyond its protein, or that are none."""
    known = {line.split("\t", 1)[0]: line for line in models}
    for row in rows:
        accession, _, cells = row.partition("\t")
        model = parse_transcript(known[accession]) if accession in known else None
        length = model.protein_length if model is not None else None
        for cell in cells.split(";"):
            number, _, codons = cell.partition(":")
            shaped = all(len(c) == 3 and set(c) <= set("ACGT") for c in codons.split(","))
            if length is None or not 1 < int(number) <= length + 1 or not shaped:
                raise KnowledgeError(f"{accession} has no codon {cell}", where=_CODONS)


def _check_alleles(rows: list[str], models: list[str]) -> None:
    """Refuses alleles of an unknown transcript, outside it, or that do not change it."""
    known = {line.split("\t", 1)[0]: line for line in models}
    for row in rows:
        accession, _, cells = row.partition("\t")
        model = parse_transcript(known[accession]) if accession in known else None
        for allele in parse_published_alleles(cells):
            inside = model is not None and model.start <= allele.start <= allele.end <= model.end
            if not inside or allele.ref == allele.alt or set(allele.ref + allele.alt) - set("ACGT"):
                raise KnowledgeError(f"{accession} has no allele at {allele.start}", where=_ALLELES)


def _check(line: str, where: str) -> None:
    """Refuses a model that contradicts itself."""
    try:
        model = parse_transcript(line)
    except ValueError as error:
        raise KnowledgeError(f"not a transcript model: {error}", where=where) from error
    if model.chrom not in CHROMOSOMES or model.end > chromosome_length(model.assembly, model.chrom):
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
