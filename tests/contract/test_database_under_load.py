"""The service over each database, asked by many at once: each answer stored once, no connection left."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from service.store.database import open_engine, sqlite_url
from tests.served import ROOT, Served

VCF = (ROOT / "examples" / "brca1-carrier.vcf").read_bytes()
CALLERS = 16
SUBJECTS = 12
POSTS = 48
POOL = 15  # SQLAlchemy's default: 5 kept, 10 more for a time


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Engine]]:
    """URL, and an engine beside the service's own."""
    url = sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = open_engine(url)
    with engine.begin() as connection:
        for table in ("audit", "release", "resource", "result"):
            connection.execute(text(f"DELETE FROM {table}"))
    yield url, engine
    engine.dispose()


def connections(engine: Engine) -> int:
    """Connections of others to the same PostgreSQL; 0 for SQLite, which has none."""
    if engine.dialect.name == "sqlite":
        return 0
    with engine.connect() as connection:
        counted = (
            "SELECT count(*) FROM pg_stat_activity WHERE client_addr IS NOT NULL AND pid <> pg_backend_pid()"
        )
        return int(connection.execute(text(counted)).scalar_one())


def test_many_callers_at_once(database: tuple[str, Engine], tmp_path: Path) -> None:
    """48 posts by 16 callers: 12 subjects with two questions each, every question asked twice."""
    url, engine = database
    served = Served(tmp_path / "state", GENOMEWARD_DATABASE_URL=url)
    try:

        def post(number: int) -> tuple[int, int, str]:
            answer = served.post(
                VCF,
                Genomeward_Subject=f"p-{number % SUBJECTS}",
                Genomeward_Sex="female" if number % (2 * SUBJECTS) < SUBJECTS else "unknown",
            )
            return number % (2 * SUBJECTS), answer.status, answer.headers.get("location", "")

        with ThreadPoolExecutor(CALLERS) as pool:
            answers = list(pool.map(post, range(POSTS)))
            assert {status for _, status, _ in answers} == {201}
            places = {(question, place) for question, _, place in answers}
            assert len(places) == 2 * SUBJECTS == len({place for _, place in places})
            reads = list(pool.map(lambda place: served.get("/fhir" + place.partition("/fhir")[2]).status,
                                  [place for _, place in places]))  # fmt: skip
        assert reads == [200] * 2 * SUBJECTS
        assert connections(engine) <= POOL
    finally:
        served.stop()
    assert connections(engine) == 0
    with engine.connect() as connection:
        subjects = connection.execute(
            text(
                "SELECT subject, count(*), count(replaces), count(DISTINCT replaces) FROM result "
                "GROUP BY subject"
            )
        ).all()
        audited = connection.execute(
            text("SELECT count(*) FROM audit WHERE action = 'interpret'")
        ).scalar_one()
    assert sorted(subjects) == sorted((f"p-{n}", 2, 1, 1) for n in range(SUBJECTS))
    assert audited == POSTS
    assert "Traceback" not in served.log.read_text("utf-8")
