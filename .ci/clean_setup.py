#!/usr/bin/env python3
"""The set-up as on a fresh machine: a clean clone, no compiler and no pg_config in PATH.

    python3 .ci/clean_setup.py [demo] [image]

`demo` runs `make demo` in the clone. `image` runs the steps of the Dockerfile's build stage in a clean
directory, then interprets an example as an unprivileged user from an installation that nobody can write to.
Both by default.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = re.compile(r"(.*-)?(gcc|g\+\+|cc|c\+\+|cpp|clang|ld|as|rustc|cargo|pg_config)(-?\d[\d.]*)?\Z")
NOBODY = 65534


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
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, user=user)
    if done.returncode:
        raise SystemExit(f"failed: {shlex.join(command)}\n{done.stdout[-2000:]}")
    return done.stdout


def demo(clone: Path, environment: dict[str, str]) -> None:
    """`make demo`, as the README says."""
    print(run(["make", "demo"], clone, environment)[-300:])
    left = sorted(path.relative_to(clone).as_posix() for path in (clone / "out").glob("*/*"))
    if len(left) < 9:
        raise SystemExit(f"the demo left only {left}")


def image(clone: Path, place: Path, environment: dict[str, str]) -> None:
    """The Dockerfile's build stage with its folders moved, then the result as the final stage runs it."""
    build, prefix = place / "build", place / "opt" / "genomeward"
    build.mkdir(parents=True)
    stage = (clone / "Dockerfile").read_text("utf-8").split("\nFROM ")[1].replace("\\\n", " ")
    for line in stage.splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                into = build / target if target != "./" else build / source
                copy = shutil.copytree if (clone / source).is_dir() else shutil.copy
                copy(clone / source, into)
        elif word == "RUN":
            moved = rest.replace("/build", str(build)).replace("/opt/genomeward", str(prefix))
            moved = moved.replace("--no-cache-dir", "").replace("python -m venv", "python3 -m venv", 1)
            run(["sh", "-ec", moved], build, environment)
    shutil.rmtree(build)
    run(["chmod", "-R", "a-w,a+rX", str(prefix)], place, environment)
    state = place / "state"
    state.mkdir(mode=0o777)
    state.chmod(0o777)
    example = place / "example.vcf"
    shutil.copy(clone / "examples" / "brca1-carrier.vcf", example)
    for part in (place, *place.parents):
        if part.stat().st_uid == os.getuid() and part != Path("/"):
            part.chmod(part.stat().st_mode | 0o055)
    moved = {
        **environment,
        "GENOMEWARD_STATE": str(state),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(state),
    }
    user = NOBODY if os.getuid() == 0 and open_to_all((prefix / "bin" / "python3").resolve()) else None
    command = [str(prefix / "bin" / "genomeward"), "interpret", str(example), "--indication", "BRCA1"]
    bundle = run(command, state, moved, user)
    if '"resourceType":"Bundle"' not in bundle or "c.68_69del" not in bundle:
        raise SystemExit("the installed command did not answer with the Bundle")
    who = "an unprivileged user" if user else "this user: others cannot reach the interpreter"
    print(f"installed: a Bundle of {len(bundle):,} characters, as {who}")


def open_to_all(program: Path) -> bool:
    """Whether every folder above a program lets other users through."""
    return all(parent.stat().st_mode & 0o001 for parent in program.parents)


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
