"""The three real genomes: everything is read, nothing is complained of."""

from pathlib import Path

import pytest

from service.domain.assembly import Assembly
from service.domain.case import CaseRequest, Subject
from service.domain.screening import ScreenIndex
from service.knowledge import pharmacogenes
from service.knowledge.build import default_content
from service.knowledge.screen import known_sites
from service.variants.case_reader import CaseReader

GENOMES = ("HG00276", "NA12878", "NA19239")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> CaseReader:
    content, part = default_content(), tmp_path_factory.mktemp("knowledge") / "pharmacogenes"
    assert content is not None
    pharmacogenes.build(content, part)
    definitions = tuple(pharmacogenes.load(part).values())
    return CaseReader(
        ScreenIndex.of(
            Assembly.GRCH38,
            every=pharmacogenes.site_windows(definitions, Assembly.GRCH38),
            known_sites=known_sites(definitions, Assembly.GRCH38),
        )
    )


@pytest.mark.shared
@pytest.mark.parametrize("name", GENOMES)
def test_a_real_genome_is_read_whole(shared: Path, reader: CaseReader, name: str) -> None:
    path = shared / "data" / "genomes" / f"{name}.GRCh38.pgx-regions.vcf.gz"
    case = reader.read(path, CaseRequest(Subject(name)))
    assert case.sample == name
    assert case.record_count == 79_602
    assert case.issues == ()
    assert case.assembly is Assembly.GRCH38
    assert case.has_reference_calls
    assert all(record.phased for record in case.records)
    assert len(case.records) > 300
    assert {call.copy for call in case.calls} <= {0, 1, None}
