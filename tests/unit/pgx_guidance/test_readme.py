"""The generated tables of the knowledge base's README."""

import subprocess
import sys

from tests.unit.pgx_guidance.conftest import CONTENT


def test_the_tables_are_those_of_the_content() -> None:
    done = subprocess.run([sys.executable, CONTENT / "tools" / "pgx_table.py", "--check"], check=False)
    assert done.returncode == 0, "run: python knowledgebase/tools/pgx_table.py"
