"""Real servers for contract suites."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import unavailable


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_programs() -> Path:
    """Folder of initdb and postgres, Debian's layout included; skips without them."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        unavailable("PostgreSQL's server programs are not installed")
    return versions[-1].parent


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a PostgreSQL started for this session on loopback, as a user who is not root."""
    programs = postgres_programs()
    # Not below pytest's own folder: another session closes that to every other user.
    folder = Path(tempfile.mkdtemp(prefix="genomeward-postgres-"))
    as_user: dict[str, object] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("nobody")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data, port = folder / "data", free_port()
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "genomeward", "-A", "trust", "--no-sync"],
        check=True, capture_output=True, env=environment, cwd=folder, **as_user,
    )  # fmt: skip
    control = [programs / "pg_ctl", "-D", data, "-w", "-t", "180"]
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run(
        [*control, "-l", folder / "log", "-o", settings, "start"],
        check=True, stdout=subprocess.DEVNULL, env=environment, cwd=folder, **as_user,
    )  # fmt: skip
    try:
        yield f"postgresql://genomeward@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"],
            check=True, stdout=subprocess.DEVNULL, env=environment, cwd=folder, **as_user,
        )  # fmt: skip
        shutil.rmtree(folder)
