"""Settings travel to worker processes and are keys there."""

from service.settings import Settings


def test_settings_with_secrets_are_keys() -> None:
    with_secret = Settings(node_secrets={"GENOMEWARD_NODE_FI": "x"})
    assert hash(with_secret) == hash(Settings())
    assert with_secret != Settings()
    assert "GENOMEWARD_NODE_FI" not in repr(with_secret)
