"""One contract for all sources of transcripts and bases: UTA with SeqRepo, cdot, a FASTA, what is shipped."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pysam
import pytest

from service.bootstrap import open_genomeward
from service.domain.assembly import Assembly, accession, chromosome_length
from service.domain.case import CaseRequest, Subject
from service.domain.sequence import AssemblyAlignment, TranscriptKnowledge
from service.domain.transcript import OTHER, OTHER_GRCH37, Transcript
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.errors import ConfigurationError
from service.settings import Settings
from service.variants.describe import Describer
from service.variants.describe_lines import describe_lines
from service.variants.justify import reverse_complement
from service.variants.liftover import Liftover
from service.variants.reference import ReferenceSequence, open_reference
from service.variants.seqrepo import SeqRepoSequences
from service.variants.uta import UtaTranscripts
from tests.conftest import needs_program
from tests.contract.conftest import free_port
from tests.nomenclature import describer
from tests.uta_database import chromosome, fill_seqrepo, fill_uta

GENES = ("KCNE1", "RUNX1", "CBS")  # chromosome 21: minus, minus and minus strand
EXAMPLE = Path(__file__).parents[2] / "examples" / "brca1-carrier.vcf"
EARLIER_NUMBER = "1000"  # a version that nobody publishes


def mane(gene: str) -> Transcript:
    """The MANE Select transcript of a gene."""
    return describer().models.catalogue.of_gene(gene)[0]


def earlier(model: Transcript) -> Transcript:
    """A made-up version with the same alignment, as a source other than ours states it."""
    stem = model.accession.partition(".")[0]
    protein = (model.protein or "").partition(".")[0]
    return replace(
        model, accession=f"{stem}.{EARLIER_NUMBER}", protein=f"{protein}.{EARLIER_NUMBER}", kind=OTHER,
        ensembl=None, hgnc_id=None, lrg=None,
    )  # fmt: skip


def own_rna() -> tuple[Transcript, str]:
    """A made-up RefSeq transcript of CFTR's place with a sequence of its own: three bases that the genome
    lacks after codon 100, and another base in codon 20.
    """
    model = mane("CFTR")
    assert model.cds is not None
    bases = describer().models.sequence(model)
    gap = model.cds[0] + 300
    changed = model.cds[0] + 57
    own = bases[:changed] + "ACGT"[("ACGT".index(bases[changed]) + 1) % 4] + bases[changed + 1 :]
    own = f"{own[:gap]}GCC{own[gap:]}"
    blocks, offset = [], 0
    for start, end in model.exons:
        inside = offset < gap < offset + end - start
        if inside:
            middle = start + gap - offset
            blocks += [(start, middle, offset), (middle, end, gap + 3)]
        else:
            blocks.append((start, end, offset + (3 if offset >= gap else 0)))
        offset += end - start
    made = replace(
        model, accession="NM_999999003.1", protein="NP_999999003.1", kind=OTHER, ensembl=None, lrg=None,
        cds=(model.cds[0], model.cds[1] + 3), blocks=tuple(blocks), hgnc_id=None,
    )  # fmt: skip
    return made, own


@pytest.fixture(scope="session")
def chr21() -> str:
    """Chromosome 21 as far as it is shipped."""
    regions = describer().reference._regions
    assert regions is not None
    starts, ends, _ = regions.spans["21"]
    spans = zip(starts, ends, strict=True)
    return chromosome(describer().reference, "21", chromosome_length(Assembly.GRCH38, "21"), spans)


@pytest.fixture(scope="session")
def seqrepo(tmp_path_factory: pytest.TempPathFactory, chr21: str) -> Path:
    """A SeqRepo with chromosome 21, the mitochondrion, transcripts, and a stretch of GRCh37."""
    needs_program("bgzip")
    reference = describer().reference
    mitochondrion = reference.bases(Assembly.GRCH38, "MT", 0, chromosome_length(Assembly.GRCH38, "MT"))
    sequences = {
        accession(Assembly.GRCH38, "21"): chr21,
        accession(Assembly.GRCH38, "MT"): mitochondrion,
        "NM_999999003.1": own_rna()[1],
        "NM_000219.1000": describer().models.sequence(mane("KCNE1")),
    }
    return fill_seqrepo(tmp_path_factory.mktemp("seqrepo") / "2026-01-01", sequences)


@pytest.fixture(scope="session")
def uta_url(postgres_url: str) -> str:
    """A UTA schema on a real PostgreSQL with the made-up transcripts, and one on GRCh37 alone."""
    on_grch37 = replace(earlier(mane("TPMT")), kind=OTHER_GRCH37, exons=_on_grch37(mane("TPMT")))
    return fill_uta(
        postgres_url, "uta_20260101", [*(earlier(mane(g)) for g in GENES), own_rna()[0], on_grch37]
    )


def _on_grch37(model: Transcript) -> tuple[tuple[int, int], ...]:
    places = []
    for start, end in model.exons:
        lifted = describer().liftover.place(
            Assembly.GRCH38, model.chrom, start, "N" * (end - start), Assembly.GRCH37
        )
        assert not isinstance(lifted, str)
        places.append((lifted[1], lifted[1] + end - start))
    return tuple(places)


def over(
    catalogue: TranscriptCatalogue, reference: ReferenceSequence, sequences: SeqRepoSequences | None = None
) -> Describer:
    """A describer over these transcripts and bases and the shipped alignment of the assemblies."""
    regions = describer().reference._regions
    assert regions is not None
    alignment = AssemblyAlignment(describer().liftover._blocks)
    knowledge = TranscriptKnowledge(catalogue, regions, describer().bands)
    liftover = Liftover(alignment, reference)
    return Describer(knowledge, reference, liftover, sequences.bases if sequences else None)


def catalogue(**others: object) -> TranscriptCatalogue:
    """The shipped transcripts with another source beside."""
    shipped = describer().models.catalogue
    made = TranscriptCatalogue(shipped.lines, shipped.aliases, shipped.numbering, shipped.codons)
    for name, value in others.items():
        setattr(made, name, value)
    return made


@pytest.fixture(scope="session")
def from_uta(uta_url: str, seqrepo: Path) -> Describer:
    """UTA for transcripts and SeqRepo for bases; nothing is left to the shipped regions."""
    sequences = SeqRepoSequences(seqrepo)
    reference = open_reference(None, None, sequences.genome)
    return over(catalogue(sources=(UtaTranscripts(uta_url),)), reference, sequences)


@pytest.fixture(scope="session")
def from_cdot() -> Describer:
    """Imported model lines of the same transcripts, with the shipped bases."""
    lines = []
    for gene in GENES:
        shipped = describer().models.catalogue
        (line,) = (x for x in shipped.lines if x.startswith(f"{mane(gene).accession}\t"))
        cells, made = line.split("\t"), earlier(mane(gene))
        cells[0], cells[1], cells[2], cells[5] = made.accession, made.protein or "", "", OTHER
        lines.append("\t".join(cells))
    found: Callable[[str], list[str]] = lambda text: [x for x in lines if x.startswith(text)]  # noqa: E731
    return over(catalogue(others=found), describer().reference)


@pytest.fixture(scope="session")
def from_fasta(tmp_path_factory: pytest.TempPathFactory, chr21: str) -> Describer:
    """An indexed FASTA of chromosome 21 without the shipped regions."""
    path = tmp_path_factory.mktemp("fasta") / "chr21.fa"
    lines = (chr21[i : i + 1000] for i in range(0, len(chr21), 1000))
    path.write_text(">NC_000021.9\n" + "\n".join(lines) + "\n")
    pysam.faidx(str(path))
    return over(catalogue(), open_reference(None, path))


CHANGES = {
    "KCNE1": ("226G>A", "29C>T", "-5del", "*10_*12dup", "100_102del"),
    "RUNX1": ("601C>T", "1098_1103dup", "508+1G>A", "509-2A>G", "1443A>G"),
    "CBS": ("833T>C", "1330G>A", "828+1G>A", "1566del", "209+1_209+2insACG"),
}


@pytest.mark.parametrize("source", ["from_uta", "from_cdot", "from_fasta"])
def test_every_source_gives_the_same_names(source: str, request: pytest.FixtureRequest) -> None:
    theirs: Describer = request.getfixturevalue(source)
    named = source != "from_fasta"
    asked, known = [], []
    for gene, changes in CHANGES.items():
        name = earlier(mane(gene)).accession if named else mane(gene).accession
        asked += [f"{name}:c.{change}" for change in changes]
        known += [f"{mane(gene).accession}:c.{change}" for change in changes]
    for ours, other in zip(describe_lines(known, describer()), describe_lines(asked, theirs), strict=True):
        assert ours["ok"], ours["error"]
        assert {**other, "input": ""} == {**ours, "input": ""}


def test_a_version_that_uta_has_not_is_told_with_those_it_has(from_uta: Describer) -> None:
    (row,) = describe_lines(["NM_000219.999:c.226G>A"], from_uta)
    assert (
        row["error"]
        == "NM_000219.999 is not known in this version; known: NM_000219.1000, NM_000219.3, NM_000219.6"
    )


def test_transcripts_of_grch37_lead_to_grch38(from_uta: Describer) -> None:
    old, new = describe_lines(["NM_000367.1000:c.719A>G", "NM_000367.5:c.719A>G"], from_uta)
    assert old["ok"], old["error"]
    assert (old["hgvs_g"], old["hgvs_c"]) == (new["hgvs_g"], new["hgvs_c"])


def test_a_transcript_of_its_own_sequence_is_named_by_it(uta_url: str, seqrepo: Path) -> None:
    sequences, (made, own) = SeqRepoSequences(seqrepo), own_rna()
    theirs = over(catalogue(sources=(UtaTranscripts(uta_url),)), describer().reference, sequences)
    assert theirs.models.catalogue.get("NM_999999003.1") == replace(made, gene="CFTR")
    model = mane("CFTR")
    assert model.cds is not None
    start = model.cds[0]
    coding = describer().models.sequence(model)
    asked = [
        f"NM_999999003.1:c.350{coding[start + 346]}>T" if coding[start + 346] != "T" else "",
        "NM_999999003.1:c.302del",  # a base that the genome has not
        f"NM_999999003.1:c.58{own[start + 57]}>{reverse_complement(own[start + 57])}",
        f"NM_999999003.1:c.58{coding[start + 57]}>{reverse_complement(own[start + 57])}",
        "NM_999999003.1:c.299_305del",
    ]
    after, within, differing, contradicting, across = describe_lines(asked, theirs)
    (shipped,) = describe_lines([f"{model.accession}:c.347{coding[start + 346]}>T"], describer())
    # Three bases, one residue, later than in MANE.
    assert after["hgvs_g"] == shipped["hgvs_g"], after["error"]
    assert after["transcript"] == "NM_999999003.1"
    place = int(shipped["hgvs_p"].split("(")[1][3:6])
    assert f"{place + 1}" in after["hgvs_p"]
    assert after["hgvs_p"].startswith("NP_999999003.1:p.(")
    assert "lies nowhere on GRCh38: the alignment has a gap there" in within["error"]
    assert differing["ok"], differing["error"]
    assert f"c.58{own[start + 57]}>" in differing["hgvs_c"]
    assert f"the reference has {own[start + 57]} there" in contradicting["error"]
    assert "has a gap there" in across["error"]


def test_proteins_are_found_through_uta(from_uta: Describer) -> None:
    found, shipped, unknown = describe_lines(
        ["NP_000210.1000:p.Asp76Asn", "NP_000210.2:p.Asp76Asn", "NP_000210.77:p.Asp76Asn"], from_uta
    )
    assert found["hgvs_g"] == shipped["hgvs_g"] == "NC_000021.9:g.34449409C>T", found["error"]
    assert "protein NP_000210.77 is not known" in unknown["error"]


def test_the_mitochondrion_comes_from_seqrepo(from_uta: Describer) -> None:
    rows = [list(describe_lines(["m.8993T>G", "m.3243A>G"], source)) for source in (from_uta, describer())]
    assert rows[0] == rows[1]
    assert rows[0][0]["hgvs_p"]


def test_what_seqrepo_lacks_comes_from_the_next_source(seqrepo: Path, chr21: str) -> None:
    sequences = SeqRepoSequences(seqrepo)
    regions = describer().reference._regions
    reference = open_reference(regions, None, sequences.genome)
    (row,) = describe_lines(["NM_000546.6:c.743G>A"], over(catalogue(), reference, sequences))
    assert row["hgvs_p"] == "NP_000537.3:p.(Arg248Gln)"
    assert not reference.has(Assembly.GRCH37) or not reference.knows(Assembly.GRCH37, "21", 0, 10)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield int(server.getsockname()[1])


def test_a_dead_uta_is_told_and_the_next_source_answers(from_cdot: Describer) -> None:
    dead = UtaTranscripts(f"postgresql://reader:secret@127.0.0.1:{free_port()}/uta/uta_1")
    theirs = over(catalogue(sources=(dead,), others=from_cdot.models.catalogue.others), describer().reference)
    row, unknown = describe_lines(["NM_000219.1000:c.226G>A", "NM_000219.5:c.226G>A"], theirs)
    (shipped,) = describe_lines(["NM_000219.6:c.226G>A"], describer())
    assert (row["ok"], row["hgvs_g"]) == (True, shipped["hgvs_g"])
    told = "the configured UTA did not answer (OperationalError): transcripts came from the other sources"
    assert row["notes"] == [told]
    assert unknown["error"].endswith(f"known: NM_000219.1000, NM_000219.3, NM_000219.6; {told}")
    assert [issue.text for issue in theirs.issues()] == [f"T{told[1:]}."]


def test_a_silent_uta_holds_nobody(silent_server: int) -> None:
    silent = UtaTranscripts(f"postgresql://reader@127.0.0.1:{silent_server}/uta/uta_1", limit_s=0.4)
    began = time.monotonic()
    assert silent.transcript("NM_000219.6") is None
    assert 0.3 < time.monotonic() - began < 2
    assert "no answer within 0.4 s" in (silent.problem() or "")
    again = time.monotonic()
    assert (silent.transcript("NM_000219.5"), list(silent.versions("NM_000219"))) == (None, [])
    assert time.monotonic() - again < 0.2  # it is not waited for again


def test_a_schema_that_is_not_there_is_told(postgres_url: str) -> None:
    missing = UtaTranscripts(f"{postgres_url}/uta_20991231")
    assert missing.transcript("NM_000219.6") is None
    assert "did not answer (HGVSDataNotAvailableError)" in (missing.problem() or "")


def test_nothing_of_the_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    dead = UtaTranscripts(f"postgresql://reader:secret@127.0.0.1:{free_port()}/uta/uta_1")
    assert "secret" not in f"{dead.problem()} {caplog.text}"
    assert "secret" not in repr(Settings(uta_url="postgresql://reader:secret@localhost/uta/uta_1"))


@pytest.mark.parametrize("url", ["mysql://host/uta/uta_1", "postgresql://host/uta", "host"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="expected postgresql://"):
        UtaTranscripts(url)


def test_a_folder_without_seqrepo_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ConfigurationError, match="holds no SeqRepo"):
            SeqRepoSequences(folder)


def test_a_chromosome_of_another_length_is_refused(tmp_path: Path) -> None:
    needs_program("bgzip")
    sequences = SeqRepoSequences(fill_seqrepo(tmp_path / "repository", {"NC_000021.9": "ACGT" * 10}))
    with pytest.raises(ConfigurationError, match=r"NC_000021\.9 has 40 bases; expected 46709983"):
        sequences.genome(Assembly.GRCH38)


def test_a_repository_of_other_bases_is_refused(tmp_path: Path) -> None:
    needs_program("bgzip")
    mitochondrion = "A" * chromosome_length(Assembly.GRCH38, "MT")
    sequences = SeqRepoSequences(fill_seqrepo(tmp_path / "repository", {"NC_012920.1": mitochondrion}))
    with pytest.raises(ConfigurationError, match="the configured repository differs from GRCh38 at MT"):
        open_reference(describer().reference._regions, None, sequences.genome)


def test_findings_name_a_uta_that_did_not_answer(tmp_path: Path) -> None:
    url = f"postgresql://reader:secret@127.0.0.1:{free_port()}/uta/uta_1"
    with open_genomeward(Settings(state=tmp_path, id_key=b"k" * 32, uta_url=url)) as opened:
        findings = opened.interpret_path(EXAMPLE, CaseRequest(subject=Subject("example")))
    (told,) = (issue for issue in findings.issues if "UTA" in issue.text)
    assert (told.severity, told.code) == ("warning", "transient")
    assert "secret" not in told.text
