"""An import that no service could start with is taken back: what was in use before stays in use."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.cli import knowledge as command
from service.cli.parser import build_parser
from service.errors import KnowledgeError
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import import_source
from service.knowledge.imports import Imports
from service.knowledge.repository import open_shipped

# One transcript of two exons as cdot lays it out.
TRANSCRIPT = {
    "gene_name": "OR4F5",
    "genome_builds": {
        "GRCh38": {
            "contig": "NC_000001.11",
            "strand": "+",
            "exons": [[65418, 65433, 0, 1, 15, None], [65519, 65573, 1, 16, 69, None]],
        }
    },
}


def published(folder: Path, release: str, accession: str) -> Path:
    """A file of cdot's layout."""
    path = folder / f"cdot-{release}.refseq.GRCh38.json"
    path.write_text(json.dumps({"cdot_version": release, "transcripts": {accession: TRANSCRIPT}}))
    return path


@pytest.mark.parametrize("before", ["0.2.1", None], ids=["one before", "the first"])
def test_what_cannot_be_laid_over_the_release_is_taken_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: str | None
) -> None:
    monkeypatch.setenv("GENOMEWARD_STATE", str(tmp_path / "state"))
    imports, shipped = Imports(tmp_path / "state" / "knowledge"), open_shipped(None)
    if before:
        file = published(tmp_path, before, "NR_900001.1")
        import_source(source_named("cdot-refseq"), str(file), imports, shipped.part)
    answers = iter(
        (shipped, KnowledgeError("NR_900002.1 contradicts another table", where="others.tsv line 1"))
    )

    def opened(*_places: Any) -> Any:
        """Before the import what is shipped; with it nothing that can be read."""
        answer = next(answers)
        if isinstance(answer, KnowledgeError):
            raise answer
        return answer

    monkeypatch.setattr(command, "open_knowledge", opened)
    file = published(tmp_path, "0.2.2", "NR_900002.1")
    options = build_parser().parse_args(["kb", "import", "cdot-refseq", str(file)])
    with pytest.raises(KnowledgeError, match="contradicts another table; the import is taken back"):
        command.run_import(options)
    assert {name: found.release for name, found in imports.current().items()} == (
        {"cdot-refseq": before} if before else {}
    )
    assert not imports.path("cdot-refseq", "0.2.2").exists()
