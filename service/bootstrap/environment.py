"""What a stored result depends on beside its input: a change of any of it makes a batch compute again."""

import hashlib
from pathlib import Path

from service import __version__
from service.frequency.nodes import load_nodes
from service.settings import Settings


def environment_of(settings: Settings, knowledge_release: str) -> tuple[str, ...]:
    """What a result depends on beside its input: service, knowledge, sources, and what the page says."""
    files = [
        *(path for _, path in settings.chains.values()),
        *([settings.nodes] if settings.nodes else ()),
        *sorted((settings.state / "guidance").glob("*.json")),
        *sorted((settings.state / "synced").glob("*/manifest.json")),
    ]
    local = hashlib.sha256()
    for path in files:
        local.update(hashlib.sha256(path.read_bytes()).digest())
    for path in _snapshots(settings):
        local.update(repr(_stamp(path)).encode())
    # Resource ids follow from the key.
    local.update(hashlib.sha256(settings.id_key).digest())
    fasta = settings.reference_fasta
    return (
        __version__,
        knowledge_release,
        local.hexdigest(),
        f"{fasta.name} {fasta.stat().st_size}" if fasta else "shipped sequence",
        settings.seqrepo.name if settings.seqrepo else "no SeqRepo",
        settings.uta_url.rsplit("/", 1)[-1] if settings.uta_url else "no UTA",
        settings.regulatory_status,
        settings.laboratory,
        repr(sorted(settings.score_names.items())),
    )


def _snapshots(settings: Settings) -> list[Path]:
    """Files of allele counts that nodes.toml names."""
    if settings.nodes is None:
        return []
    entries = load_nodes(settings.nodes, settings.node_secrets)
    return [Path(entry.snapshot) for entry in entries if entry.snapshot is not None]


def _stamp(path: Path) -> tuple[str, int, int] | None:
    """Name, size and time of a file too large to be read for this; None where it is not there."""
    if not path.exists():
        return None
    status = path.stat()
    return path.name, status.st_size, status.st_mtime_ns
