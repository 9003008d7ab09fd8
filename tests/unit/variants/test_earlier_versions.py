"""Names on transcript versions without an alignment: read where published names show how, else refused."""

from service.domain.transcript_catalogue import TranscriptCatalogue
from service.variants.describe_lines import describe_lines
from service.variants.parse_notation import parse_notation
from service.variants.resolve import Resolver
from service.variants.transcripts import TranscriptModels
from tests.nomenclature import describer


def test_a_version_numbered_alike_is_read_and_said_to_be() -> None:
    # ClinGen, evidence repository: TECTA, Hearing Loss expert panel; NC_000011.10:g.121125534C>T.
    (answer,) = describe_lines(["NM_005422.2(TECTA):c.1436C>T (p.Pro479Leu)"], describer())
    assert (answer["hgvs_g"], answer["hgvs_c"]) == (
        "NC_000011.10:g.121125534C>T",
        "NM_005422.4:c.1436C>T",
    )
    assert answer["notes"][0].startswith("NM_005422.2 read as NM_005422.4: published names at")


def test_a_version_that_is_known_after_all_is_read_as_itself() -> None:
    catalogue = describer().models.catalogue
    line = next(line for line in catalogue.lines if line.startswith("NM_005422.4\t"))
    shifted = line.replace("NM_005422.4", "NM_005422.2").replace("\tMANE Select\t", "\tearlier version\t")
    newer = TranscriptCatalogue([*catalogue.lines, shifted], (), catalogue.numbering)
    resolver = Resolver(
        TranscriptModels(newer, describer().reference), describer().reference, describer().liftover
    )
    assert not resolver.resolve(parse_notation("NM_005422.2:c.1436C>T")).notes


def test_beyond_the_names_that_show_it_nothing_is_assumed() -> None:
    for change in ("c.1A>T", "c.*5A>G", "c.-5A>G", "c.400_500del"):
        (answer,) = describe_lines([f"NM_005422.2:{change}"], describer())
        assert not answer["ok"]
        assert "NM_005422.2 is not known in this version; known: NM_005422.4" in answer["error"]


def test_another_transcript_is_read_where_its_names_are_off_alike() -> None:
    # ClinVar: NM_000109.4, the cortical isoform of DMD, begins 24 bases later than NM_004006.3.
    other, mane = describe_lines(["NM_000109.4(DMD):c.4000del", "NM_004006.3:c.4024del"], describer())
    assert other["ok"], other["error"]
    assert (other["hgvs_g"], other["hgvs_c"]) == (mane["hgvs_g"], mane["hgvs_c"])
    assert "the same place there at a number 24 higher" in other["notes"][0]


def test_a_version_that_published_names_contradict_is_refused() -> None:
    # ClinVar: NM_000308.3(CTSA):c.200A>G is 20-45891714-A-G; NM_000308.4 numbers from another start codon.
    (answer,) = describe_lines(["NM_000308.3(CTSA):c.200A>G (p.Gln67Arg)"], describer())
    assert answer["error"] == "NM_000308.3 is not known in this version; known: NM_000308.4"


def test_the_reference_base_is_compared_all_the_same() -> None:
    (answer,) = describe_lines(["NM_004360.4(CDH1):c.425A>G"], describer())
    assert "the reference has T there, not A" in answer["error"]


def test_every_row_of_the_table_shows_its_version_once() -> None:
    catalogue = describer().models.catalogue
    accessions = {line.partition("\t")[0] for line in catalogue.numbering}
    rows = [agreed for accession in accessions for agreed in catalogue.agreed_numbering(accession)]
    assert len(rows) > 200
    for agreed in rows:
        known = catalogue.get(agreed.known)
        assert known is not None
        assert known.cds is not None
        assert 0 < agreed.first - agreed.shift < agreed.last - agreed.shift <= known.cds[1] - known.cds[0]
        same = agreed.earlier.partition(".")[0] == agreed.known.partition(".")[0]
        assert not same or not agreed.shift
