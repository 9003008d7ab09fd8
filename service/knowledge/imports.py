"""Imported releases in the hospital's state folder: complete or absent; a small file names the one in use.

`<folder>/<source>/<release>/import.json` says where a release comes from and what it holds; its content lies
beside. `<folder>/<source>/current` names the release in use and is replaced in one step. The release before
stays, so that two can be compared; older ones are removed.
"""

import fcntl
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from service.errors import InvalidInput, KnowledgeError, StorageUnavailable
from service.files import write_whole

# The file of an imported reference genome within its release.
REFERENCE = "GRCh38.fa.gz"
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,60}")


@dataclass(frozen=True, slots=True)
class ImportedRelease:
    """One published release as imported. `location` is what was named: a file or URL, without folders."""

    source: str
    release: str
    date: str
    sha256: str
    location: str
    imported_at: str
    rows: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    verified: dict[str, str] = field(default_factory=dict)  # file -> md5, sha256, length, or "" unchecked


class Imports:
    """The imported releases below a folder, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, source: str, release: str) -> Path:
        """Where a release's content lies."""
        return self.folder / source / release

    def current(self) -> dict[str, ImportedRelease]:
        """The release in use of every source that has one, by source."""
        found = {}
        for pointer in sorted(self.folder.glob("*/current")):
            release = self.read(pointer.parent.name, pointer.read_text("utf-8").strip())
            found[release.source] = release
        return found

    def in_use(self, source: str) -> ImportedRelease | None:
        """The release in use of one source; None where it has none, or one that must be imported again."""
        pointer = self.folder / source / "current"
        try:
            return self.read(source, pointer.read_text("utf-8").strip()) if pointer.is_file() else None
        except KnowledgeError:
            return None

    def reference(self) -> Path | None:
        """The indexed FASTA of the imported genome; None where none is imported."""
        found = self.current().get("reference")
        return None if found is None else self.path("reference", found.release) / REFERENCE

    def releases(self) -> Iterator[ImportedRelease]:
        """Every complete release that is kept, by source and label."""
        for path in sorted(self.folder.glob("*/*/import.json")):
            yield self.read(path.parent.parent.name, path.parent.name)

    def read(self, source: str, release: str) -> ImportedRelease:
        """A kept release. Raises KnowledgeError where it is not complete."""
        try:
            return msgspec.json.decode(
                (self.path(source, release) / "import.json").read_bytes(), type=ImportedRelease
            )
        except (OSError, msgspec.MsgspecError) as error:
            raise KnowledgeError(
                f"the imported release {release} is damaged; import it again", where=source
            ) from error

    @contextmanager
    def only_one(self, source: str) -> Iterator[None]:
        """One import of a source at a time on this machine."""
        try:
            (self.folder / source).mkdir(parents=True, exist_ok=True)
            lock = (self.folder / source / ".lock").open("w")
        except OSError as error:
            raise StorageUnavailable(f"cannot write imports: {error.strerror}", where=source) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def workspace(self, source: str) -> Iterator[Path]:
        """A new folder beside the releases of a source; what is not adopted out of it is removed."""
        try:
            workspace = Path(tempfile.mkdtemp(prefix=".importing-", dir=self.folder / source))
        except OSError as error:
            raise StorageUnavailable(f"cannot write imports: {error.strerror}", where=source) from error
        try:
            yield workspace
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def adopt(self, content: Path, release: ImportedRelease) -> None:
        """Put a complete release into use; the one in use before is kept, older ones are removed.

        Raises InvalidInput for a release label that is no file name.
        """
        if not _LABEL.fullmatch(release.release):
            raise InvalidInput(f"{release.release!r} is no release label", where=release.source)
        (content / "import.json").write_bytes(msgspec.json.format(msgspec.json.encode(release)))
        place = self.path(release.source, release.release)
        pointer = place.parent / "current"
        before = self.label_in_use(release.source)
        replaced = content.with_name(f"{content.name}-replaced")
        if place.exists():
            place.rename(replaced)
        content.rename(place)
        write_whole(pointer, release.release.encode())
        shutil.rmtree(replaced, ignore_errors=True)
        for path in place.parent.iterdir():
            if path.is_dir() and path.name not in (release.release, before) and path.name[0] != ".":
                shutil.rmtree(path, ignore_errors=True)

    def label_in_use(self, source: str) -> str | None:
        """The label of a source's release in use, whether it can be read or not."""
        pointer = self.folder / source / "current"
        return pointer.read_text("utf-8").strip() if pointer.is_file() else None

    def take_back(self, release: ImportedRelease, before: str | None) -> None:
        """Put a release out of use, and the one before it into use again where it is kept."""
        pointer = self.folder / release.source / "current"
        if before and before != release.release and self.path(release.source, before).is_dir():
            write_whole(pointer, before.encode())
        else:
            pointer.unlink(missing_ok=True)
        shutil.rmtree(self.path(release.source, release.release), ignore_errors=True)
