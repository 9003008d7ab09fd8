"""A synced store answers by place what its lines say, and never "not listed" for what it lost."""

from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidInput
from service.frequency import synced_lines
from service.frequency.synced_lines import Key, StoredLines, chromosomes_of, read_lines, write_lines

# Few places, so that variants share them and come twice; MT and a contig without a number among them.
KEYS = st.tuples(
    st.sampled_from(["1", "22", "MT", "KI270757", "KI270742"]),
    st.integers(0, 3),
    st.sampled_from(["A", "AC"]),
    st.sampled_from(["A", "AC", "ACC"]),
)
CFTR: Key = ("7", 117_559_590, "ATCT", "A")
CYP2C19: Key = ("10", 94_781_858, "G", "A")


def store(place: Path, keys: list[Key]) -> Path:
    """A store whose lines tell which was written when."""
    place.mkdir(exist_ok=True)
    write_lines(place, (orjson.dumps([*key, number]) for number, key in enumerate(keys)))
    return place


@given(listed=st.lists(KEYS, max_size=12), asked=st.lists(KEYS, max_size=6))
def test_by_place_as_by_reading_all(
    tmp_path_factory: pytest.TempPathFactory, listed: list[Key], asked: list[Key]
) -> None:
    place = store(tmp_path_factory.mktemp("store"), listed)
    written = read_lines(place)
    found = StoredLines(place).find([*listed, *asked])
    assert found == [written.get(key) for key in (*listed, *asked)]


@given(listed=st.lists(KEYS, max_size=30))
def test_the_index_by_chromosome_is_that_of_all_lines_at_once(
    tmp_path_factory: pytest.TempPathFactory, listed: list[Key]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synced_lines, "_WAITING", 6)  # three lines wait, the others are on disk
        place = store(tmp_path_factory.mktemp("store"), listed)
    assert np.load(place / "places.npy").tolist() == synced_lines._index(place).tolist()
    assert sorted(path.name for path in place.iterdir()) == ["answers.jsonl", "places.npy"]


def test_variants_are_counted_once_and_the_last_line_counts(tmp_path: Path) -> None:
    """Genes overlap: their variants come twice."""
    keys = [CFTR, CYP2C19, CFTR, ("7", 117_559_590, "A", "T"), CFTR]
    assert write_lines(tmp_path, (orjson.dumps([*key, number]) for number, key in enumerate(keys))) == 3
    assert StoredLines(tmp_path).find([CFTR]) == [orjson.dumps([*CFTR, 4])]
    assert chromosomes_of(tmp_path) == {"7", "10"}


def test_a_store_of_an_earlier_release_has_no_index(tmp_path: Path) -> None:
    place = store(tmp_path, [CFTR, CYP2C19])
    (place / "places.npy").unlink()
    assert StoredLines(place).find([CYP2C19]) == [orjson.dumps([*CYP2C19, 1])]


@pytest.mark.parametrize("name", ["answers.jsonl", "places.npy"])
@pytest.mark.parametrize("left", [0, 0.5, 0.95], ids=["nothing", "half", "nearly-all"])
def test_a_store_that_was_cut_off_is_not_read(tmp_path: Path, name: str, left: float) -> None:
    place = store(tmp_path, [CFTR, CYP2C19])
    content = (place / name).read_bytes()
    (place / name).write_bytes(content[: int(left * len(content))])
    with pytest.raises(InvalidInput, match="sync the node again"):
        StoredLines(place)
