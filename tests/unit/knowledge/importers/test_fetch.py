"""Downloads: whole, verified, going on after a break or a kill; never two files in one."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import InvalidInput, SourceUnavailable
from service.knowledge.importers import fetch as fetching
from service.knowledge.importers.fetch import fetch, stated_digest, verify_local
from service.knowledge.importers.published_names import matching
from service.knowledge.importers.registry import source_named
from tests.unit.knowledge.importers.conftest import RECORDS, MakeVcf
from tests.unit.knowledge.importers.publisher import Publisher, publishing

FOLDER = "/pub/clinvar/vcf_GRCh38/"
CLINVAR = source_named("clinvar")
CONTENT = random.Random(1).randbytes(300_000)


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setattr(fetching, "_WAIT_S", 0.001)
    with publishing() as found:
        yield found


def download(publisher: Publisher, folder: Path, path: str = FOLDER) -> bytes:
    fetched = fetch(CLINVAR, publisher.url + path, folder, lambda _: lambda _: None)
    (file,) = fetched.files.values()
    return file.read_bytes()


@pytest.mark.parametrize("path", [FOLDER, f"{FOLDER}clinvar.vcf.gz"])
def test_a_file_is_fetched_and_its_checksum_verified(publisher: Publisher, tmp_path: Path, path: str) -> None:
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT)
    publisher.publish(f"{FOLDER}clinvar_papu.vcf.gz", b"another file of the folder")
    publisher.publish(f"{FOLDER}clinvar_20261005.vcf.gz", b"a dated copy")
    fetched = fetch(CLINVAR, publisher.url + path, tmp_path, lambda _: lambda _: None)
    assert [file.read_bytes() for file in fetched.files.values()] == [CONTENT]
    assert fetched.verified == {"clinvar.vcf.gz": "md5"}


def test_a_break_is_gone_on_from(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT)
    publisher.break_after = 90_000
    assert download(publisher, tmp_path) == CONTENT
    asked = [range_ for path, range_ in publisher.asked if path.endswith("clinvar.vcf.gz")]
    assert asked[0] == ""
    assert [int(range_.removeprefix("bytes=").rstrip("-")) for range_ in asked[1:]] == [
        90_000,
        180_000,
        270_000,
    ]


def test_too_many_breaks_say_how_to_go_on_and_the_next_call_does(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT)
    publisher.break_after = 50_000
    with pytest.raises(SourceUnavailable, match="broke off after 200,000 bytes"):
        download(publisher, tmp_path)
    publisher.break_after = None
    assert download(publisher, tmp_path) == CONTENT
    assert (f"{FOLDER}clinvar.vcf.gz", "bytes=200000-") in publisher.asked


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_changed_meanwhile_is_fetched_anew(
    publisher: Publisher, tmp_path: Path, ranges: bool
) -> None:
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT)
    publisher.break_after = 50_000
    with pytest.raises(SourceUnavailable):
        download(publisher, tmp_path)
    other = CONTENT[::-1]
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", other)
    publisher.break_after, publisher.ranges = None, ranges
    assert download(publisher, tmp_path) == other


def test_a_shorter_file_than_what_came_is_fetched_anew(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT)
    publisher.break_after = 70_000
    with pytest.raises(SourceUnavailable):
        download(publisher, tmp_path)
    publisher.break_after = None
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT[:1000])
    assert download(publisher, tmp_path) == CONTENT[:1000]


def test_another_checksum_is_refused_and_nothing_is_kept(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT)
    publisher.files[f"{FOLDER}clinvar.vcf.gz.md5"] = b"0" * 32 + b"  clinvar.vcf.gz\n"
    with pytest.raises(InvalidInput, match="md5"):
        download(publisher, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_a_published_checksum_the_length_is_all_that_is_said(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT, md5=False)
    fetched = fetch(CLINVAR, publisher.url + FOLDER, tmp_path, lambda _: lambda _: None)
    assert fetched.verified == {"clinvar.vcf.gz": "length"}


def test_what_is_not_there_is_said(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="404"):
        download(publisher, tmp_path, f"{FOLDER}clinvar.vcf.gz")
    with pytest.raises(InvalidInput, match="lists no"):
        download(publisher, tmp_path)
    with pytest.raises(SourceUnavailable, match="does not answer"):
        fetch(CLINVAR, "http://127.0.0.1:9/x/", tmp_path, lambda _: lambda _: None)


def test_progress_tells_every_byte_once(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", CONTENT)
    told: list[int] = []
    totals: list[int] = []

    def progress(total: int):  # type: ignore[no-untyped-def]
        totals.append(total)
        return told.append

    fetch(CLINVAR, publisher.url + FOLDER, tmp_path, progress)
    assert (totals, sum(told)) == ([len(CONTENT)], len(CONTENT))


def test_a_killed_import_goes_on_where_it_was(
    publisher: Publisher, tmp_path: Path, clinvar_vcf: MakeVcf
) -> None:
    filler = random.Random(2).randbytes(150_000).hex()
    record = RECORDS[0].replace("ORIGIN=1", f"ORIGIN=1;CLNVI={filler}")
    content = clinvar_vcf(record, *RECORDS[1:]).read_bytes()
    publisher.publish(f"{FOLDER}clinvar.vcf.gz", content)
    publisher.bytes_a_second = 100_000
    state = tmp_path / "state"
    command = [sys.executable, "-m", "service.cli", "kb", "import", "clinvar", publisher.url + FOLDER]
    environment = os.environ | {"GENOMEWARD_STATE": str(state)}
    part = state / "knowledge" / "downloads" / "clinvar" / "clinvar.vcf.gz.part"
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and running.poll() is None:
            if part.is_file() and part.stat().st_size > 20_000:
                break
            time.sleep(0.02)
        assert running.poll() is None, "it was killed half-way, not afterwards"
        running.send_signal(signal.SIGKILL)
        running.communicate()
    had = part.stat().st_size
    assert 0 < had < len(content)
    assert not (state / "knowledge" / "clinvar" / "current").exists()

    publisher.bytes_a_second = None
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("clinvar 2026-10-05: 4 assertions")
    assert (f"{FOLDER}clinvar.vcf.gz", f"bytes={had}-") in publisher.asked
    assert not (state / "knowledge" / "downloads" / "clinvar").exists()


@pytest.mark.parametrize(
    ("text", "name", "kind", "expected"),
    [
        ("0123456789abcdef0123456789abcdef  clinvar.vcf.gz\n", "clinvar.vcf.gz", "md5", True),
        ("0123456789abcdef0123456789abcdef *./clinvar.vcf.gz\n", "clinvar.vcf.gz", "md5", True),
        ("0123456789ABCDEF0123456789abcdef\n", "any.gz", "md5", True),
        ("0123456789abcdef0123456789abcdef  other.gz\n", "clinvar.vcf.gz", "md5", False),
        ("<html>not found</html>", "clinvar.vcf.gz", "md5", False),
        ("0123456789abcdef0123456789abcdef  clinvar.vcf.gz\n", "clinvar.vcf.gz", "sha256", False),
    ],
)
def test_checksum_files(text: str, name: str, kind: str, expected: bool) -> None:
    found = stated_digest(text, name, kind)
    assert found == ("0123456789abcdef0123456789abcdef" if expected else None)


def test_a_checksum_file_of_its_own_may_name_a_dated_copy() -> None:
    text = "0123456789abcdef0123456789abcdef  /panfs/clinvar_20261005.vcf.gz\n"
    assert stated_digest(text, "clinvar.vcf.gz", "md5") is None
    assert stated_digest(text, "clinvar.vcf.gz", "md5", own=True) == "0123456789abcdef0123456789abcdef"


def test_a_local_file_is_held_to_the_checksum_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(b"x")
    assert verify_local(path) == ""
    (tmp_path / "a.gz.md5").write_text("9dd4e461268c8034f5c8564e155c67a6  a.gz\n")
    assert verify_local(path) == "md5"
    path.write_bytes(b"y")
    with pytest.raises(InvalidInput, match=r"a\.gz\.md5"):
        verify_local(path)


def test_the_named_file_comes_before_a_pattern() -> None:
    names = ["clinvar_20260907.vcf.gz", "clinvar_20261005.vcf.gz", "clinvar_papu.vcf.gz"]
    assert matching(CLINVAR.files[0], [*names, "clinvar.vcf.gz"]) == "clinvar.vcf.gz"
    assert matching(CLINVAR.files[0], names) == "clinvar_20261005.vcf.gz"
    assert matching(CLINVAR.files[0], ["clinvar_papu.vcf.gz"]) is None
