"""Which reader an entry's counts on this machine need."""

from pathlib import Path

from service.domain.frequency_sources import NodeEntry
from service.frequency.column_store.magic import MAGIC
from service.frequency.indel_spelling import ReferenceBases
from service.frequency.snapshot import SnapshotSource
from service.frequency.source import Liftover, LocalSource


def local_counts(
    entry: NodeEntry, liftover: Liftover | None = None, reference: ReferenceBases | None = None
) -> LocalSource:
    """The reader of an entry's snapshot: a column store by its first octets, else a file of counts."""
    assert entry.snapshot is not None
    try:
        with Path(entry.snapshot).open("rb") as stream:
            magic = stream.read(len(MAGIC))
    except OSError:
        magic = b""  # said with the first look-up
    if not magic.startswith(MAGIC[:6]):
        return SnapshotSource(entry, liftover, reference)
    from service.frequency.column_store.source import ColumnStoreSource  # with NumPy

    return ColumnStoreSource(entry, liftover, reference)
