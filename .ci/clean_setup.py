#!/usr/bin/env python3
"""The set-up as on a fresh machine: a clean clone, no compiler and no pg_config in PATH.

    python3 .ci/clean_setup.py [demo] [image]

`demo` runs `make demo` in the clone. `image` runs the steps of the Dockerfile's build stage in a clean
directory, then interprets an example and serves as the image does. Started by root, it builds as one user who
is not root and runs as another, on a file system that is read-only but for state and temporary files. Both by
default.
"""

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = re.compile(r"(.*-)?(gcc|g\+\+|cc|c\+\+|cpp|clang|ld|as|rustc|cargo|pg_config)(-?\d[\d.]*)?\Z")
# Numbers without an account, as in a container.
BUILDER, RUNNER = 10002, 10001


def without_compilers(folder: Path) -> dict[str, str]:
    """An environment whose PATH is one folder of links to all programs but those that build."""
    folder.mkdir()
    for place in map(Path, os.environ["PATH"].split(":")):
        for program in sorted(place.iterdir()) if place.is_dir() else ():
            link = folder / program.name
            if not HIDDEN.match(program.name) and not link.exists() and not link.is_symlink():
                link.symlink_to(program)
    keep = {"LANG", "TMPDIR", "PIP_INDEX_URL", "PIP_CACHE_DIR", "PIP_CERT", "SSL_CERT_FILE", "HOME"}
    kept = {
        name: value for name, value in os.environ.items() if name in keep or name.lower().endswith("_proxy")
    }
    environment = {**kept, "PATH": str(folder)}
    for name in ("gcc", "cc", "pg_config"):
        if shutil.which(name, path=str(folder)):
            raise SystemExit(f"{name} could not be hidden")
    return environment


def run(command: list[str], folder: Path, environment: dict[str, str], user: int | None = None) -> str:
    """A step; its standard output. Ends the check when it fails."""
    print("+", shlex.join(command), flush=True)
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, **as_user(user)
    )
    if done.returncode:
        raise SystemExit(f"failed: {shlex.join(command)}\n{done.stdout[-2000:]}")
    return done.stdout


def demo(clone: Path, environment: dict[str, str]) -> None:
    """`make demo`, as the README says."""
    print(run(["make", "demo"], clone, environment)[-300:])
    left = sorted(path.relative_to(clone).as_posix() for path in (clone / "out").glob("*/*"))
    if len(left) < 9:
        raise SystemExit(f"the demo left only {left}")
    running = [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if mentions(path, clone)]
    if running:
        raise SystemExit(f"the demo left processes: {', '.join(running)}")


def mentions(command_line: Path, clone: Path) -> bool:
    """Whether a process was started from the clone."""
    try:
        return str(clone / ".venv").encode() in command_line.read_bytes()
    except OSError:  # it ended meanwhile
        return False


def image(clone: Path, place: Path, environment: dict[str, str]) -> None:
    """The Dockerfile's build stage with its folders moved, by somebody who is not root; then its final stage.

    The command runs as yet another user where, for root, nothing but the state folder and a temporary one can
    be written, as with `docker run --read-only --tmpfs /tmp`.
    """
    build, prefix = place / "build", place / "opt" / "genomeward"
    for folder in (build, place / "opt", place / "home", place / "state", place / "tmp"):
        folder.mkdir(parents=True)
    as_root = os.getuid() == 0
    builder, runner = (BUILDER, RUNNER) if as_root else (None, None)
    if as_root:
        for folder in (build, place / "opt", place / "home"):
            os.chown(folder, BUILDER, BUILDER)
        for folder in (place / "state", place / "tmp"):
            os.chown(folder, RUNNER, RUNNER)
        run(["chmod", "-R", "a+rX", str(clone)], place, environment)
        place.parent.chmod(0o755)
    environment = {**environment, "HOME": str(place / "home"), "TMPDIR": str(place / "home")}
    python = interpreter(builder)
    stages = (clone / "Dockerfile").read_text("utf-8").replace("\\\n", " ").split("\nFROM ")
    if len(stages) != 3:
        raise SystemExit("expected a build stage and a final one")
    for line in stages[1].splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            *sources, target = rest.split()
            into = str(build) if target == "./" else str(build / target)
            run(["cp", "-r", *(str(clone / source) for source in sources), into], build, environment, builder)
        elif word == "RUN":
            moved = rest.replace("/build", str(build)).replace("/opt/genomeward", str(prefix))
            moved = moved.replace("python -m venv", f"{python} -m venv", 1)
            run(["sh", "-ec", moved], build, environment, builder)
    shutil.rmtree(build)
    example = place / "example.vcf"
    shutil.copy(clone / "examples" / "brca1-carrier.vcf", example)
    if not as_root:
        run(["chmod", "-R", "a-w", str(prefix)], place, environment)
    moved = {
        "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}",
        "GENOMEWARD_STATE": str(place / "state"),
        "GENOMEWARD_TOKENS": "a token for this check",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(place / "state"),
        "TMPDIR": str(place / "tmp"),
    }
    inside = read_only(place, runner) if as_root else []
    if as_root:
        spare = place / "tmp"
        tried = [
            "sh",
            "-c",
            f"touch {prefix}/x /usr/x {place}/x; test -w {place}/state && touch {spare}/kept",
        ]
        run([*inside, *tried], place, moved)
        if any(path.exists() for path in (prefix / "x", Path("/usr/x"), place / "x")):
            raise SystemExit("the file system could be written")
    command = [str(prefix / "bin" / "genomeward"), "interpret", str(example), "--indication", "BRCA1"]
    bundle = run([*inside, *command], place, moved)
    if '"resourceType":"Bundle"' not in bundle or "c.68_69del" not in bundle:
        raise SystemExit("the installed command did not answer with the Bundle")
    served(stages[2], inside, prefix, example, moved)
    who = f"uid {RUNNER}, all else read-only; built as uid {BUILDER}" if as_root else "this user"
    print(f"installed: a Bundle of {len(bundle):,} characters, and one over HTTP, as {who}")


def interpreter(user: int | None) -> str:
    """A Python from 3.11 with venv that the user may run."""
    check = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    for folder in os.environ["PATH"].split(":"):
        for name in ("python3.13", "python3.12", "python3.11", "python3"):
            program = f"{folder}/{name}"
            try:
                done = subprocess.run(
                    [program, "-c", check], cwd="/", env={}, capture_output=True, **as_user(user)
                )
            except OSError:
                continue
            if done.returncode == 0:
                return program
    raise SystemExit("no Python from 3.11 with venv that an unprivileged user may run")


def as_user(user: int | None) -> dict[str, Any]:
    """Arguments of a subprocess."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def read_only(place: Path, user: int) -> list[str]:
    """A prefix of commands: an own view of the file system, in which two folders can be written."""
    state, temporary = shlex.quote(str(place / "state")), shlex.quote(str(place / "tmp"))
    steps = (
        "mount --make-rprivate /",
        f"mount --bind {state} {state}",
        f"mount -t tmpfs -o mode=1777 tmpfs {temporary}",
        "mount -o remount,bind,ro /",
        f'exec setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs "$@"',
    )
    return ["unshare", "--mount", "sh", "-ec", "; ".join(steps), "sh"]


def served(stage: str, inside: list[str], prefix: Path, example: Path, environment: dict[str, str]) -> None:
    """The image's own command and health check; then a file posted to it, with and without the token."""
    lines = {
        line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in stage.splitlines() if line[:1].isupper()
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    entry, words = json.loads(lines["ENTRYPOINT"]), json.loads(lines["CMD"])
    health = json.loads(lines["HEALTHCHECK"].removeprefix("CMD "))
    command = [*inside, str(prefix / "bin" / entry[0]), *(port if word == "8080" else word for word in words)]
    print("+", shlex.join(command), flush=True)
    process = subprocess.Popen(command, env=environment, cwd=example.parent, start_new_session=True)
    try:
        check = [health[0], *(word.replace("8080", port) for word in health[1:])]
        check[0] = str(prefix / "bin" / check[0])
        for _ in range(120):
            if subprocess.run(check, env=environment, capture_output=True).returncode == 0:
                break
            time.sleep(0.5)
        else:
            raise SystemExit("the health check never passed")
        statuses = []
        for token in ("a token for this check", "none"):
            headers = {"Content-Type": "text/vcf", "Genomeward-Subject": "p-1"}
            line = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
            line.request(
                "POST",
                "/fhir/$interpret",
                example.read_bytes(),
                {**headers, "Authorization": f"Bearer {token}"},
            )
            statuses.append(line.getresponse().status)
            line.close()
        if statuses != [201, 401]:
            raise SystemExit(f"expected 201 with the token and 401 without, got {statuses}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def main() -> int:
    """Run the parts that are named, or both."""
    parts = sys.argv[1:] or ["demo", "image"]
    with tempfile.TemporaryDirectory(prefix="clean-setup-") as name:
        place = Path(name)
        environment = without_compilers(place / "bin")
        clone = place / "clone"
        run(["git", "clone", "-q", str(ROOT), str(clone)], place, environment)
        if "demo" in parts:
            demo(clone, environment)
        if "image" in parts:
            image(clone, place / "image", environment)
    print("clean set-up: all parts passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
