"""What holds of every importer: progress, the same files again, and a new release that breaks off."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.errors import InvalidInput
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import Imported, import_source
from service.knowledge.imports import Imports
from tests.unit.knowledge.importers.conftest import RECORDS, MakeVcf
from tests.unit.knowledge.importers.test_clinvar import part
from tests.unit.knowledge.importers.test_gene_tables import FILES
from tests.unit.knowledge.importers.test_hpo import GENES, HPOA, OBO
from tests.unit.knowledge.importers.test_published_lines import PUBLISHED

Publish = Callable[[str], Path]
NAMES = sorted(("clinvar", "clinvar-summary", "hpo", *FILES))


@pytest.fixture
def publish(tmp_path: Path, clinvar_vcf: MakeVcf) -> Publish:
    """Writes a source's files as published; where they lie."""

    def write(source: str) -> Path:
        if source == "clinvar":
            return clinvar_vcf(*RECORDS)
        if source == "hpo":
            folder = tmp_path / "hpo"
            folder.mkdir()
            files = (("hp.obo", OBO), ("phenotype.hpoa", HPOA), ("genes_to_phenotype.txt", GENES))
            for name, text in files:
                (folder / name).write_text(text, "utf-8")
            return folder
        if source == "clinvar-summary":
            name, text = "variant_summary_2026-06.txt", ""
            text = (PUBLISHED / "variant_summary_2026-06.tsv").read_text("utf-8")
        else:
            name, text = FILES[source]
        (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", NAMES)
def test_every_byte_is_told_of_and_every_row_counted(name: str, publish: Publish, imports: Imports) -> None:
    place = publish(name)
    told: list[int] = []
    totals: list[int] = []

    def start(total: int) -> Callable[[int], None]:
        totals.append(total)
        return told.append

    found = import_source(source_named(name), str(place), imports, part, progress=start).release
    size = sum(p.stat().st_size for p in ([place] if place.is_file() else place.iterdir()))
    assert totals == [size]
    assert sum(told) == size
    assert found.rows
    assert all(count > 0 for count in found.rows.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_release_before_stays_until_the_new_one_is_whole(
    name: str, publish: Publish, imports: Imports
) -> None:
    place = publish(name)

    def bring(release: str) -> Imported:
        return import_source(source_named(name), str(place), imports, part, release=release)

    assert not bring("1").unchanged
    assert bring("1").unchanged
    assert not bring("2").unchanged
    # Cut short: the header alone, or less.
    for file in [place] if place.is_file() else list(place.iterdir()):
        file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(InvalidInput):
        bring("3")
    assert imports.current()[name].release == "2"
    assert sorted(r.release for r in imports.releases()) == ["1", "2"]
    leftovers = [
        p.name for p in (imports.folder / name).iterdir() if p.name not in ("1", "2", "current", ".lock")
    ]
    assert leftovers == []
