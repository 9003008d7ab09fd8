"""Files and folders written whole or not at all."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

from service.errors import StorageFull, StorageUnavailable

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def storage_error(what: str, error: OSError, *, where: str | None = None) -> StorageUnavailable:
    """What could not be done and why; StorageFull where there was no room for it."""
    kind = StorageFull if error.errno in _NO_ROOM else StorageUnavailable
    return kind(f"{what}: {error.strerror or error}", where=where)


def refuse_unwritable(folder: Path) -> None:
    """Make the folder where it is missing. Raises StorageUnavailable when no file can be made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise storage_error("cannot write into this folder", error, where=folder.name) from error


def put_in_place(workspace: Path, place: Path) -> None:
    """Rename a complete folder to its final name, in the place of the one before, if there is one."""
    previous = workspace.with_name(workspace.name + "-previous")
    if place.exists():
        place.rename(previous)
    workspace.rename(place)
    shutil.rmtree(previous, ignore_errors=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` under its final name only once all of it is on disk; owner-readable.

    What is no regular file, such as a pipe, is written to and never replaced.

    Raises StorageUnavailable when the folder cannot be written or the disk is full; nothing is left behind.
    """
    temporary: Path | None = None
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            path.write_bytes(content)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise storage_error("cannot write", error, where=path.name) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
