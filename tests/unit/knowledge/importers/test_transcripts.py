"""MANE and the genome as NCBI publishes them: models, bases for protein names, never another assembly's."""

import gzip
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.assembly import Assembly, accession, chromosome_length
from service.domain.transcript import EARLIER, Transcript, parse_transcript
from service.domain.variant import Variant
from service.errors import InvalidInput, SourceUnavailable
from service.knowledge import transcripts
from service.knowledge.build import default_content
from service.knowledge.coding import CodingChanges
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import Imported, import_source
from service.knowledge.imports import Imports
from service.knowledge.repository import Knowledge, open_shipped
from service.knowledge.transcript_overlay import _new
from service.variants.describe import Describer
from service.variants.describe_lines import describe_lines
from service.variants.liftover import Liftover
from service.variants.reference import open_reference
from tests.unit.knowledge.importers.publisher import publishing

SUMMARY = (
    "#NCBI_GeneID\tEnsembl_Gene\tHGNC_ID\tsymbol\tname\tRefSeq_nuc\tRefSeq_prot\tEnsembl_nuc\tEnsembl_prot\t"
    "MANE_status\tGRCh38_chr\tchr_start\tchr_end\tchr_strand\n"
)
# The first codons of HBB and HBD. Source: NM_000518.5, NM_000519.4.
HBB_START = "ATGGTGCATCTGACTCCTGAGGAGAAG"


@cache
def shipped() -> Knowledge:
    return open_shipped(None)


def model_of(gene: str) -> Transcript:
    return shipped().part("transcripts").catalogue.of_gene(gene)[0]


def a_summary_row(model: Transcript, accession_: str | None = None, hgnc: str = "HGNC:1") -> str:
    cells = ("GeneID:1", "ENSG1.1", hgnc, model.gene, "a gene", accession_ or model.accession,
             model.protein, model.ensembl, "ENSP1.1", "MANE Select",
             accession(Assembly.GRCH38, model.chrom), model.start + 1,
             model.end, "+" if model.strand > 0 else "-")  # fmt: skip
    return "\t".join(map(str, cells)) + "\n"


def gff_rows(model: Transcript, accession_: str | None = None) -> str:
    """The rows of a transcript as NCBI writes them; exons in the order of the transcript."""
    name = accession_ or model.accession
    place = accession(Assembly.GRCH38, model.chrom)
    strand, first, last = "+" if model.strand > 0 else "-", model.start + 1, model.end
    rows = [f"{place}\tBestRefSeq\tmRNA\t{first}\t{last}\t.\t{strand}\t.\tID=rna-{name};Parent=gene-G"]
    ordered = model.exons if model.strand > 0 else model.exons[::-1]
    at = 0
    low, high = model.cds or (0, 0)
    for number, (start, end) in enumerate(ordered, 1):
        rows.append(
            f"{place}\tBestRefSeq\texon\t{start + 1}\t{end}\t.\t{strand}\t.\t"
            f"ID=exon-{name}-{number};Parent=rna-{name};gbkey=mRNA;transcript_id={name}"
        )
        first, last = max(at, low), min(at + end - start, high)
        if first < last:
            coding = (start + first - at, start + last - at)
            if model.strand < 0:
                coding = (end - (last - at), end - (first - at))
            rows.append(
                f"{place}\tBestRefSeq\tCDS\t{coding[0] + 1}\t{coding[1]}\t.\t{strand}\t0\t"
                f"ID=cds-{model.protein};Parent=rna-{name};protein_id={model.protein}"
            )
        at += end - start
    return "\n".join(rows) + "\n"


def an_rna(model: Transcript, coding_start: str) -> str:
    """Bases of the transcript's length whose coding part begins as given and has no early stop."""
    low, high = model.cds or (0, 0)
    draw = random.Random(model.accession)
    codons = ["GCT", "GGA", "CTC", "AAG", "GTG", "TTC"]
    body = coding_start + "".join(draw.choice(codons) for _ in range((high - low) // 3))
    coding = body[: high - low - 3] + "TAA"
    utr = "".join(draw.choice("ACGT") for _ in range(model.length - len(coding)))
    return utr[:low] + coding + utr[low:]


MakeMane = Callable[..., Path]


@pytest.fixture
def mane(tmp_path: Path) -> MakeMane:
    """Writes a MANE release into a folder: models of these genes, RNA of some."""

    def make(genes: list[str], rna: dict[str, str], version: str = "1.4", **renamed: str) -> Path:
        folder = tmp_path / f"release_{version}"
        folder.mkdir()
        models = [model_of(gene) for gene in genes]
        parts = {
            "summary.txt.gz": SUMMARY + "".join(a_summary_row(m, renamed.get(m.gene)) for m in models),
            "refseq_genomic.gff.gz": "##gff-version 3\n"
            + "".join(gff_rows(m, renamed.get(m.gene)) for m in models),
            "refseq_rna.fna.gz": "".join(
                f">{renamed.get(g) or model_of(g).accession} Homo sapiens\n{s[:70]}\n{s[70:]}\n"
                for g, s in rna.items()
            ),
        }
        for name, text in parts.items():
            path = folder / f"MANE.GRCh38.v{version}.{name}"
            path.write_bytes(gzip.compress(text.encode(), mtime=0))
        (folder / f"MANE.GRCh38.v{version}.ensembl_genomic.gff.gz").write_bytes(b"not read")
        return folder

    return make


def bring(source: str, location: Path, imports: Imports, **options: Any) -> Imported:
    return import_source(source_named(source), str(location), imports, shipped().part, **options)


def overlaid(imports: Imports, out: Path) -> Any:
    found = imports.current()["transcripts"]
    folder = imports.path("transcripts", found.release)
    counts = transcripts.overlay(shipped().artifact / "transcripts", {"transcripts": folder}, out)
    return transcripts.load(out), counts


def test_a_gene_without_shipped_sequence_gets_a_protein_name(
    mane: MakeMane, imports: Imports, tmp_path: Path
) -> None:
    hbd = model_of("HBD")
    tail = "A" * 20  # a poly-A tail is not in the genome
    done = bring("transcripts", mane(["HBD", "TP53"], {"HBD": an_rna(hbd, HBB_START) + tail}), imports)
    assert (done.release.release, done.release.rows) == (
        "1.4", {"transcripts": 2, "genes": 2, "transcripts with bases": 1}
    )  # fmt: skip
    knowledge, _ = overlaid(imports, tmp_path / "transcripts")
    reference = open_reference(knowledge.regions)
    describer = Describer(knowledge, reference, Liftover(shipped().part("liftover"), reference))
    # The delta chain begins with the codons of the beta chain.
    named = describer.describe_variant(Variant(Assembly.GRCH38, "11", 5234413, "T", "A"))
    assert (named.hgvs_c, named.hgvs_p) == ("NM_000519.4:c.20A>T", "NP_000510.1:p.(Glu7Val)")

    shipped_regions = open_reference(shipped().part("transcripts").regions)
    assert not shipped_regions.knows(Assembly.GRCH38, "11", 5234413, 5234414), "else this shows nothing"
    assert CodingChanges(knowledge).of("HBD", np.array([5234413]), ["T"], ["A"]) == ["Glu7Val"]


def test_models_are_those_that_are_shipped(mane: MakeMane, imports: Imports, tmp_path: Path) -> None:
    genes = ["HBB", "TP53", "CFTR", "BRCA1"]
    bring("transcripts", mane(genes, {}), imports)
    knowledge, counts = overlaid(imports, tmp_path / "transcripts")
    for gene in genes:
        before, after = model_of(gene), knowledge.catalogue.of_gene(gene)[0]
        assert (after.accession, after.exons, after.cds, after.strand, after.lrg) == (
            before.accession, before.exons, before.cds, before.strand, before.lrg
        )  # fmt: skip
    assert counts["transcripts"] == len(shipped().part("transcripts").catalogue)


def test_what_mane_replaced_is_still_read(mane: MakeMane, imports: Imports, tmp_path: Path) -> None:
    bring("transcripts", mane(["HBB"], {}, HBB="NM_000518.6"), imports)
    knowledge, _ = overlaid(imports, tmp_path / "transcripts")
    assert [t.accession for t in knowledge.catalogue.of_gene("HBB")] == ["NM_000518.6", "NM_000518.5"]
    assert knowledge.catalogue.get("NM_000518.5").kind == EARLIER


def test_rna_that_does_not_fit_is_left_out_and_counted(mane: MakeMane, imports: Imports) -> None:
    hbb = an_rna(model_of("HBB"), HBB_START)
    done = bring("transcripts", mane(["HBB"], {"HBB": hbb[:-1]}), imports)
    assert done.release.rows["transcripts with bases"] == 0
    assert done.release.left_out == {"transcripts whose RNA does not fit their exons": 1}


def test_one_file_alone_is_refused(mane: MakeMane, imports: Imports) -> None:
    folder = mane(["HBB"], {})
    with pytest.raises(InvalidInput, match="name the folder"):
        bring("transcripts", folder / "MANE.GRCh38.v1.4.summary.txt.gz", imports)
    (folder / "MANE.GRCh38.v1.4.refseq_genomic.gff.gz").unlink()
    with pytest.raises(InvalidInput, match=r"refseq_genomic\.gff\.gz"):
        bring("transcripts", folder, imports)


_INTERVALS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=8,
)


@given(_INTERVALS, _INTERVALS)
def test_new_pieces_are_the_exons_without_the_regions(
    exons: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    regions: list[tuple[int, int, int]] = []
    for start, end in sorted(others):
        if not regions or start >= regions[-1][1]:
            regions.append((start, end, 0))
    pieces = list(_new([(start, end, 0) for start, end in exons], regions))
    covered = [base for start, end, _, _ in pieces for base in range(start, end)]
    wanted = {base for start, end in exons for base in range(start, end)}
    assert sorted(covered) == sorted(wanted - {base for s, e, _ in regions for base in range(s, e)})
    assert all(start < end for start, end, _, _ in pieces)


@pytest.fixture
def mitochondrion() -> str:
    content = default_content()
    assert content is not None
    return (content / "transcripts" / "mitochondrion.fa").read_text("utf-8").split("\n", 1)[1]


def a_genome(folder: Path, text: str) -> Path:
    path = folder / "hg38.fa.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_a_genome_is_indexed_and_used(imports: Imports, tmp_path: Path, mitochondrion: str) -> None:
    text = f">chr1_KI270706v1_random\nACGT\n>chrM  AC:J01415.2\n{mitochondrion.lower()}\n>chrEBV\nAC\n"
    done = bring("reference", a_genome(tmp_path, text), imports, release="GRCh38.p14")
    assert done.release.rows == {"chromosomes": 1, "bases": 16569}
    assert done.release.left_out == {"chromosomes that the file does not have": 24}
    fasta = imports.reference()
    assert fasta is not None
    reference = open_reference(shipped().part("transcripts").regions, fasta)
    assert reference.bases(Assembly.GRCH38, "MT", 0, 10) == "GATCACAGGT"
    assert reference.bases(Assembly.GRCH38, "MT", 3105, 3108) == "CNT"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda bases: bases[:-2] + "\n", "16,568 bases; GRCh38 has 16,569"),
        (lambda bases: "AAAA" + bases[4:], "differs from GRCh38 at chrM:1"),
        (lambda bases: "N" * 30 + bases[30:], "differs from GRCh38 at chrM:1"),
        (lambda bases: bases + ">chrM\nAC\n", "occurs twice"),
        (lambda bases: bases.replace("A", "!", 1), "other letters"),
    ],
    ids=["length", "bases", "masked", "twice", "letters"],
)
def test_another_genome_is_refused(
    imports: Imports, tmp_path: Path, mitochondrion: str, change: Callable[[str], str], expected: str
) -> None:
    with pytest.raises(InvalidInput, match=expected):
        bring("reference", a_genome(tmp_path, ">chrM\n" + change(mitochondrion.rstrip() + "\n")), imports)
    assert imports.reference() is None


# OR4F5 as NCBI publishes it in MANE.GRCh38.v1.x.refseq_genomic.gff.gz and in the summary beside it.
OR4F5_DBXREF = "Dbxref=Ensembl:{},GeneID:79501,GenBank:{},HGNC:HGNC:14825"
OR4F5_NAME = "gene=OR4F5;product=olfactory receptor family 4 subfamily F member 5"
OR4F5_SUMMARY = (
    "#NCBI_GeneID\tEnsembl_Gene\tHGNC_ID\tsymbol\tname\tRefSeq_nuc\tRefSeq_prot\tEnsembl_nuc\tEnsembl_prot\t"
    "MANE_status\tGRCh38_chr\tchr_start\tchr_end\tchr_strand\n"
    "GeneID:79501\tENSG00000186092.7\tHGNC:14825\tOR4F5\tolfactory receptor family 4 subfamily F member 5\t"
    "NM_001005484.2\tNP_001005484.2\tENST00000641515.2\tENSP00000493376.2\tMANE Select\tNC_000001.11\t65419\t"
    "71585\t+\n"
)


def or4f5_rows(contig: str) -> str:
    """Gene, mRNA, exons and CDS with every attribute that the file carries."""
    rna = OR4F5_DBXREF.format("ENST00000641515.2", "NM_001005484.2")
    protein = OR4F5_DBXREF.format("ENSP00000493376.2", "NP_001005484.2")
    rows = [
        (
            f"{contig}\tBestRefSeq\tgene\t65419\t71585\t.\t+\t.\tID=gene-OR4F5;Dbxref=GeneID:79501,HGNC:HGNC:14825;"
            "Name=OR4F5;description=olfactory receptor family 4 subfamily F member 5;gbkey=Gene;gene=OR4F5;"
            "gene_biotype=protein_coding"
        ),
        (
            f"{contig}\tBestRefSeq\tmRNA\t65419\t71585\t.\t+\t.\tID=rna-NM_001005484.2;Parent=gene-OR4F5;{rna};"
            f"Name=NM_001005484.2;gbkey=mRNA;{OR4F5_NAME};tag=MANE Select;transcript_id=NM_001005484.2"
        ),
    ]
    for number, (first, last) in enumerate(((65419, 65433), (65520, 65573), (69037, 71585)), 1):
        rows.append(
            f"{contig}\tBestRefSeq\texon\t{first}\t{last}\t.\t+\t.\tID=exon-NM_001005484.2-{number};"
            f"Parent=rna-NM_001005484.2;{rna};gbkey=mRNA;{OR4F5_NAME};tag=MANE Select;"
            "transcript_id=NM_001005484.2"
        )
    for first, last, phase in ((65565, 65573, 0), (69037, 70008, 0)):
        rows.append(
            f"{contig}\tBestRefSeq\tCDS\t{first}\t{last}\t.\t+\t{phase}\tID=cds-NP_001005484.2;"
            f"Parent=rna-NM_001005484.2;{protein};Name=NP_001005484.2;gbkey=CDS;gene=OR4F5;"
            "product=olfactory receptor 4F5;protein_id=NP_001005484.2;tag=MANE Select"
        )
    return "##gff-version 3\n#!gff-spec-version 1.21\n" + "\n".join(rows) + "\n###\n"


@pytest.mark.parametrize("contig", ["NC_000001.11", "chr1"])
def test_the_published_rows_give_the_published_model(imports: Imports, tmp_path: Path, contig: str) -> None:
    for name, text in (("summary.txt.gz", OR4F5_SUMMARY), ("refseq_genomic.gff.gz", or4f5_rows(contig))):
        (tmp_path / f"MANE.GRCh38.v1.3.{name}").write_bytes(gzip.compress(text.encode()))
    done = bring("transcripts", tmp_path, imports)
    assert (done.release.release, done.release.rows) == ("1.3", {"transcripts": 1, "genes": 1})
    folder = imports.path("transcripts", "1.3")
    (line,) = (folder / "models.tsv").read_text("utf-8").splitlines()
    assert parse_transcript(line) == replace(model_of("OR4F5"), hgnc_id="HGNC:14825")


@pytest.fixture(scope="module")
def two_chromosomes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A published genome in small letters: 21 as far as it is known, MT, and a contig that is not kept."""
    ours = open_reference(shipped().part("transcripts").regions)
    regions, length = shipped().part("transcripts").regions, chromosome_length(Assembly.GRCH38, "21")
    bases = bytearray(b"n" * length)
    starts, ends, _ = regions.spans["21"]
    for start, end in zip(starts, ends, strict=True):
        bases[start:end] = ours.bases(Assembly.GRCH38, "21", start, end).lower().encode()
    mitochondrion = ours.bases(Assembly.GRCH38, "MT", 0, 16569).encode()
    parts = [
        (b"chr21  AC:CM000683.2", bytes(bases)),
        (b"chrUn_KI270302v1", b"ACGT" * 50),
        (b"chrM", mitochondrion),
    ]
    text = bytearray()
    for header, sequence in parts:
        text += b">" + header + b"\n"
        text += b"".join(sequence[i : i + 70] + b"\n" for i in range(0, len(sequence), 70))
    return gzip.compress(bytes(text), 1)


GENOME = "/GCA_000001405.15_GRCh38/GCA_000001405.15_GRCh38_no_alt_analysis_set.fna.gz"


def test_a_published_genome_of_several_chromosomes_is_fetched_resumed_verified_and_used(
    imports: Imports, tmp_path: Path, two_chromosomes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.knowledge.importers.fetch._WAIT_S", 0.01)
    with publishing() as publisher:
        publisher.publish(GENOME, two_chromosomes)
        folder = publisher.url + GENOME.rsplit("/", 1)[0] + "/"
        publisher.break_after = len(two_chromosomes) // 8
        with pytest.raises(SourceUnavailable, match="the same command goes on"):
            import_source(source_named("reference"), folder, imports, shipped().part)
        assert imports.reference() is None
        publisher.break_after, asked = None, len(publisher.asked)
        done = import_source(source_named("reference"), folder, imports, shipped().part)
    resumed = [sent for path, sent in publisher.asked[asked:] if path == GENOME]
    assert len(resumed) == 1
    assert int(resumed[0].removeprefix("bytes=").rstrip("-")) > len(two_chromosomes) // 4
    assert done.release.verified == {GENOME.rsplit("/", 1)[1]: "md5"}
    assert done.release.rows == {"chromosomes": 2, "bases": 46709983 + 16569}
    assert done.release.left_out == {"chromosomes that the file does not have": 23}
    fasta = imports.reference()
    assert fasta is not None
    shipped_part, alone = shipped().part("transcripts"), open_reference(None, fasta)
    describer = Describer(shipped_part, alone, Liftover(shipped().part("liftover"), alone))
    named = [row["hgvs_p"] for row in describe_lines(["NM_000219.6:c.226G>A", "m.8993T>G"], describer)]
    assert named[0] == "NP_000210.2:p.(Asp76Asn)"
    # A chromosome that the genome has not comes from what is shipped.
    both = open_reference(shipped_part.regions, fasta)
    describer = Describer(shipped_part, both, Liftover(shipped().part("liftover"), both))
    (row,) = describe_lines(["NM_000546.6:c.743G>A"], describer)
    assert row["hgvs_p"] == "NP_000537.3:p.(Arg248Gln)"


def test_a_genome_that_is_not_what_was_published_is_refused_and_removed(
    imports: Imports, two_chromosomes: bytes
) -> None:
    with publishing() as publisher:
        publisher.publish(GENOME, two_chromosomes)
        publisher.files[GENOME] = two_chromosomes[:-9] + b"otherwise"
        folder = publisher.url + GENOME.rsplit("/", 1)[0] + "/"
        with pytest.raises(InvalidInput, match="the md5 is not the one published; the file was removed"):
            import_source(source_named("reference"), folder, imports, shipped().part)
    assert imports.reference() is None
    assert not list((imports.folder / "downloads").rglob("*.gz"))
