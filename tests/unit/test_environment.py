"""What makes a batch that is resumed compute again."""

from dataclasses import replace
from pathlib import Path

import pytest

from service.bootstrap.environment import environment_of
from service.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "counts.tsv").write_text("one")
    nodes = tmp_path / "nodes.toml"
    nodes.write_text('[[snapshot]]\nid = "ours"\nfile = "counts.tsv"\nassembly = "GRCh38"\n')
    return Settings(state=tmp_path / "state", nodes=nodes, id_key=b"k" * 32)


def test_the_same_installation_is_the_same(settings: Settings) -> None:
    assert environment_of(settings, "1") == environment_of(settings, "1")


@pytest.mark.parametrize("changed", ["snapshot", "nodes", "key", "release", "laboratory", "guidance"])
def test_each_thing_that_answers_rest_on_counts(settings: Settings, tmp_path: Path, changed: str) -> None:
    before, release = environment_of(settings, "1"), "1"
    match changed:
        case "snapshot":
            (tmp_path / "counts.tsv").write_text("another")
        case "nodes":
            settings.nodes.write_text(settings.nodes.read_text() + "# another\n")  # type: ignore[union-attr]
        case "key":
            settings = replace(settings, id_key=b"l" * 32)
        case "release":
            release = "2"
        case "laboratory":
            settings = replace(settings, laboratory="another")
        case "guidance":
            (settings.state / "guidance").mkdir(parents=True)
            (settings.state / "guidance" / "cpic.json").write_text("{}")
    assert environment_of(settings, release) != before
