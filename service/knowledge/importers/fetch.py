"""Published files by URL: downloads go on where they stopped and are checked against published checksums."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import httpx
import msgspec

from service.errors import InvalidInput, SourceUnavailable
from service.knowledge.importers.published_names import files_of, needed
from service.knowledge.importers.registry import Source

Progress = Callable[[int], Callable[[int], None]]
ATTEMPTS = 4
_WAIT_S = 0.5
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'>\s]+)""", re.IGNORECASE)
# Names under which checksums are published beside a file, and the digest. NCBI: `<file>.md5`, or
# `md5checksums.txt` for a folder; others: SHA-256 in the same two ways.
_BESIDE = (("{}.md5", "md5"), ("{}.sha256", "sha256"), ("md5checksums.txt", "md5"), ("md5sum.txt", "md5"),
           ("SHA256SUMS", "sha256"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fetched:
    """Files by the source's names for them, and how each was verified (`md5`, `sha256` or `length`)."""

    files: dict[str, Path]
    verified: dict[str, str]


class _Partial(msgspec.Struct):
    """What a partial download is of."""

    url: str
    validator: str
    size: int | None


def is_url(location: str) -> bool:
    """Whether a location is fetched and not read."""
    return location.startswith(("http://", "https://"))


def fetch(source: Source, url: str, folder: Path, progress: Progress) -> Fetched:
    """Download the files of a source into `folder`: one URL, or by a directory's listing if it ends in `/`.

    Raises:
        SourceUnavailable: the server does not answer or breaks off; what came is kept for the next call.
        InvalidInput: a file is not there, or is not what its published checksum says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client:
        addresses = _addresses(source, url, client)
        files, verified = {}, {}
        for entry, address in addresses.items():
            path = folder / _name(address)
            if not path.is_file():
                _download(client, address, path, progress)
            verified[path.name] = _verify(client, address, path)
            files[entry] = path
    return Fetched(files, verified)


def _addresses(source: Source, url: str, client: httpx.Client) -> dict[str, str]:
    if not url.endswith("/"):
        entries = needed(source)
        if len(entries) > 1:
            raise InvalidInput(
                f"{source.title} comes as several files; name the folder, with / at its end", where=url
            )
        return {entries[0]: url}
    listing = _get(client, url)
    names = {unquote(_name(urljoin(url, link))): urljoin(url, link) for link in _HREF.findall(listing)}
    found, missing = files_of(source, names)
    if missing is not None:
        raise InvalidInput(f"the folder lists no {missing}", where=url)
    return found


def _name(url: str) -> str:
    return unquote(urlsplit(url).path).rstrip("/").rsplit("/", 1)[-1] or "file"


def _get(client: httpx.Client, url: str) -> str:
    try:
        answer = client.get(url)
        answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise InvalidInput(f"answered {error.response.status_code}", where=url) from error
    except httpx.HTTPError as error:
        raise SourceUnavailable(f"does not answer: {type(error).__name__}", where=url) from error
    return answer.text


def _download(client: httpx.Client, url: str, path: Path, progress: Progress) -> None:
    """Fill `<name>.part`, going on after each break, and rename it when all bytes are there."""
    part = path.with_name(f"{path.name}.part")
    for attempt in range(ATTEMPTS):
        before = part.stat().st_size if part.is_file() else 0
        try:
            if _go_on(client, url, part, progress):
                part.rename(path)
                part.with_name(f"{part.name}.json").unlink(missing_ok=True)
                return
        except httpx.HTTPStatusError as error:
            raise InvalidInput(f"answered {error.response.status_code}", where=url) from error
        except httpx.HTTPError as error:
            came = part.stat().st_size if part.is_file() else 0
            if attempt == ATTEMPTS - 1:
                raise SourceUnavailable(
                    f"broke off after {came:,} bytes ({type(error).__name__}); the same command goes on",
                    where=url,
                ) from error
            if came == before:
                time.sleep(_WAIT_S * 2**attempt)
    raise SourceUnavailable("gave fewer bytes than it announced", where=url)


def _go_on(client: httpx.Client, url: str, part: Path, progress: Progress) -> bool:
    """Ask for what is missing; whether the file is complete."""
    state = part.with_name(f"{part.name}.json")
    known = msgspec.json.decode(state.read_bytes(), type=_Partial) if state.is_file() else None
    have = part.stat().st_size if part.is_file() else 0
    headers = {"Accept-Encoding": "identity"}
    if have and known is not None and known.url == url and known.validator:
        if have == known.size:
            return True
        headers |= {"Range": f"bytes={have}-", "If-Range": known.validator}
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()  # the published file has become shorter: it is another one
            return False
        answer.raise_for_status()
        continues = answer.status_code == httpx.codes.PARTIAL_CONTENT
        have = have if continues else 0
        length = answer.headers.get("Content-Length")
        size = have + int(length) if length else None
        # A weak ETag does not promise the same bytes, so it cannot continue a download.
        etag = answer.headers.get("ETag", "")
        validator = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")
        state.write_bytes(msgspec.json.encode(_Partial(url, validator, size)))
        tell = progress(size or 0)
        tell(have)
        # Unbuffered, block by block as they come: what a break or a kill leaves is all that came.
        with part.open("ab" if continues else "wb", buffering=0) as out:
            for block in answer.iter_raw():
                out.write(block)
                have += len(block)
                tell(len(block))
    return size is None or have == size


def _verify(client: httpx.Client, url: str, path: Path) -> str:
    """How the file was verified. Raises InvalidInput, and removes the file, where it is another."""
    for beside, kind in _BESIDE:
        try:
            answer = client.get(urljoin(url, beside.format(_name(url))))
        except httpx.HTTPError as error:
            raise SourceUnavailable(f"does not answer: {type(error).__name__}", where=url) from error
        if answer.status_code != httpx.codes.OK:
            continue
        stated = stated_digest(answer.text, _name(url), kind, own=beside.startswith("{}"))
        if stated is None:
            continue
        if digest_of(path, kind) != stated:
            path.unlink()
            raise InvalidInput(f"the {kind} is not the one published; the file was removed", where=url)
        return kind
    return "length"


def stated_digest(text: str, name: str, kind: str, *, own: bool = False) -> str | None:
    """The digest that a published checksum file states for a file; None when it does not name it.

    A checksum file of the file's `own` may name it otherwise: `clinvar.vcf.gz` is also published dated.

    >>> stated_digest("d41d8cd98f00b204e9800998ecf8427e  ./clinvar.vcf.gz", "clinvar.vcf.gz", "md5")
    'd41d8cd98f00b204e9800998ecf8427e'
    """
    width = 32 if kind == "md5" else 64
    lines = [line.split() for line in text.splitlines() if line.strip()]
    for words in lines:
        alone = len(lines) == 1 and (own or len(words) == 1)
        if re.fullmatch(rf"[0-9a-fA-F]{{{width}}}", words[0]) and (
            alone or words[-1].lstrip("*").rsplit("/", 1)[-1] == name
        ):
            return words[0].lower()
    return None


def digest_of(path: Path, kind: str) -> str:
    """Hexadecimal MD5 or SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, kind).hexdigest()


def verify_local(path: Path) -> str:
    """As `_verify`, by a checksum file beside a local file. Raises InvalidInput where it is another."""
    for beside, kind in _BESIDE:
        place = path.with_name(beside.format(path.name))
        if place.is_file():
            text = place.read_text("utf-8", "replace")
            stated = stated_digest(text, path.name, kind, own=beside.startswith("{}"))
            if stated is not None and digest_of(path, kind) != stated:
                raise InvalidInput(f"the {kind} is not the one beside it in {place.name}", where=path.name)
            if stated is not None:
                return kind
    return ""
