"""A configured FASTA gives protein names for genes without shipped sequence; another sequence is refused."""

from pathlib import Path

import pysam
import pytest

from service.domain.assembly import Assembly, chromosome_length
from service.domain.sequence import AssemblyAlignment, TranscriptKnowledge
from service.errors import ConfigurationError
from service.variants.describe import Describer
from service.variants.describe_lines import describe_lines
from service.variants.liftover import Liftover
from service.variants.reference import FastaGenome, ReferenceSequence, open_reference
from tests.nomenclature import describer

NAMES = ("KCNE1:c.226G>A", "KCNE1:c.29C>T", "RUNX1:c.601C>T", "RUNX1:c.1098_1103dup", "CBS:c.833T>C")


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chromosome 21 with the shipped regions in their places, unknown elsewhere, in lines of 1,000 bases."""
    ours, length = describer(), chromosome_length(Assembly.GRCH38, "21")
    bases = bytearray(b"N" * length)
    regions = ours.reference._regions
    assert regions is not None
    starts, ends, _ = regions.spans["21"]
    for start, end in zip(starts, ends, strict=True):
        bases[start:end] = ours.reference.bases(Assembly.GRCH38, "21", start, end).encode()
    path = tmp_path_factory.mktemp("fasta") / "chr21.fa"
    lines = (bytes(bases[i : i + 1000]) for i in range(0, length, 1000))
    path.write_bytes(b">chr21\n" + b"\n".join(lines) + b"\n")
    pysam.faidx(str(path))
    return path


def over(reference: ReferenceSequence) -> Describer:
    """A describer over the shipped models and another reference."""
    catalogue, regions = describer().models.catalogue, describer().reference._regions
    assert regions is not None
    alignment = AssemblyAlignment(describer().liftover._blocks)
    return Describer(TranscriptKnowledge(catalogue, regions), reference, Liftover(alignment, reference))


def test_the_fasta_alone_gives_what_the_shipped_sequence_gives(fasta: Path) -> None:
    from_fasta = over(ReferenceSequence(None, {Assembly.GRCH38: FastaGenome(fasta, Assembly.GRCH38)}))
    without = over(ReferenceSequence(None))
    shipped = list(describe_lines(NAMES, describer()))
    assert list(describe_lines(NAMES, from_fasta)) == shipped
    assert all(row["hgvs_p"].startswith("NP_") for row in shipped)
    bare = list(describe_lines(NAMES, without))
    assert [row["hgvs_c"] for row in bare[:3]] == [row["hgvs_c"] for row in shipped[:3]]
    assert {row["hgvs_p"] for row in bare} == {"unavailable: sequence not configured"}


def test_a_fasta_of_the_same_bases_is_accepted(fasta: Path) -> None:
    regions = describer().reference._regions
    assert open_reference(regions, fasta).knows(Assembly.GRCH38, "21", 34_449_244, 34_449_300)


def test_a_fasta_of_other_bases_is_refused(fasta: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.fa"
    other.write_bytes(fasta.read_bytes().translate(bytes.maketrans(b"ACGT", b"CGTA")))
    pysam.faidx(str(other))
    with pytest.raises(ConfigurationError, match="differs from GRCh38 at 21"):
        open_reference(describer().reference._regions, other)


def test_a_contig_of_another_length_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "short.fa"
    short.write_text(">chr21\nACGT\n")
    pysam.faidx(str(short))
    with pytest.raises(ConfigurationError, match="contig chr21 has 4 bases"):
        FastaGenome(short, Assembly.GRCH38)


def test_a_file_that_is_no_fasta_is_refused(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.fa"
    nothing.write_text("")
    with pytest.raises(ConfigurationError, match=r"nothing\.fa|cannot be read|no chromosome"):
        FastaGenome(nothing, Assembly.GRCH38)
