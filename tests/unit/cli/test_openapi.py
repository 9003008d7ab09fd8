"""The exported documents are those of this code, and short commands stay short."""

from service.cli.openapi import documents
from tests.journeys.conftest import ROOT


def test_the_exported_documents_have_not_drifted() -> None:
    for name, content in documents().items():
        assert (ROOT / "openapi" / name).read_bytes() == content, (
            f"run: genomeward openapi --out openapi ({name})"
        )
