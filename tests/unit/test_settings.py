"""Settings travel to worker processes and are keys there."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.errors import ConfigurationError
from service.settings import Settings, read_settings


def test_settings_with_secrets_are_keys() -> None:
    with_secret = Settings(node_secrets={"GENOMEWARD_NODE_FI": "x"})
    assert hash(with_secret) == hash(Settings())
    assert with_secret != Settings()
    assert "GENOMEWARD_NODE_FI" not in repr(with_secret)


@pytest.mark.parametrize("key", ["", "x", "fifteen letters"])
def test_a_key_that_is_no_secret_is_refused_at_once(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationError, match="at least 16"):
        read_settings({"GENOMEWARD_STATE": str(tmp_path), "GENOMEWARD_ID_KEY": key})


def test_a_kept_key_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "id.key").write_bytes(b"cut")
    with pytest.raises(ConfigurationError, match=r"id\.key"):
        read_settings({"GENOMEWARD_STATE": str(tmp_path)})


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = {
            settings.id_key
            for settings in pool.map(read_settings, [{"GENOMEWARD_STATE": str(tmp_path / "new")}] * 8)
        }
    assert [len(key) for key in keys] == [32]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["id.key"]
    assert (tmp_path / "new" / "id.key").stat().st_mode & 0o777 == 0o600
    assert keys.pop().hex() not in repr(read_settings({"GENOMEWARD_STATE": str(tmp_path / "new")}))


def test_settings_do_not_show_their_secrets() -> None:
    assert "sixteen letters!" not in repr(Settings(id_key=b"sixteen letters!", tokens=("sixteen letters!",)))
