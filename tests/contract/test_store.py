"""One suite for every database: what is stored comes back, amendments keep the original."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import Engine, StaticPool, create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from service.errors import (
    ConfigurationError,
    InvalidOption,
    NotFound,
    StorageFull,
    StorageUnavailable,
    UnsupportedOperation,
)
from service.frequency.source import Question
from service.store.answers import SharedAnswers
from service.store.audit import AuditLog, Entry
from service.store.database import migration_config, open_engine, sqlite_url
from service.store.questions import QuestionLog
from service.store.results import Result, ResultStore
from service.store.sign_off import SignOffDesk
from service.store.trouble import storage_trouble

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = sqlite_url(tmp_path)
    else:
        url = request.getfixturevalue("postgres_url")
        fresh = open_engine(url)
        with fresh.begin() as connection:
            connection.execute(text("TRUNCATE result, resource, audit, frequency_cache CASCADE"))
        fresh.dispose()
    opened = open_engine(url)
    yield opened
    opened.dispose()


def a_result(identifier: str, *, at: datetime = NOON, subject: str = "p1") -> Result:
    return Result(identifier, subject, "s1", at, "d" * 64, "2026.11+abc", b'{"findings":1}')


def test_a_stored_result_comes_back_whole(engine: Engine) -> None:
    stored = ResultStore(engine).add(a_result("r1"), {"Observation": ["o1", "o2"], "Bundle": ["b1"]})
    assert ResultStore(engine).get("r1") == stored
    assert stored.findings == b'{"findings":1}'
    assert stored.created_at == NOON
    assert ResultStore(engine).owner("Observation", "o2").id == "r1"


def test_a_resource_of_another_type_is_not_found(engine: Engine) -> None:
    ResultStore(engine).add(a_result("r1"), {"Observation": ["o1"]})
    with pytest.raises(NotFound):
        ResultStore(engine).owner("DiagnosticReport", "o1")


def test_an_amended_result_keeps_the_original(engine: Engine) -> None:
    store = ResultStore(engine)
    store.add(a_result("r1"), {})
    store.add(a_result("r2", at=NOON + timedelta(hours=1)), {})
    assert store.get("r2").replaces == "r1"
    assert store.get("r1").replaced_by == "r2"
    assert store.get("r1").findings == b'{"findings":1}'
    assert [r.id for r in store.of_subject("p1")] == ["r2", "r1"]


def test_the_same_result_twice_is_stored_once(engine: Engine) -> None:
    store = ResultStore(engine)
    store.add(a_result("r1"), {"Bundle": ["b1"]})
    store.add(a_result("r1", at=NOON + timedelta(days=1)), {"Bundle": ["b1"]})
    assert store.get("r1").created_at == NOON
    assert len(store.of_subject("p1")) == 1


AT_ONCE = 8


@pytest.fixture
def slow_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for others between what a session looks up and what it then writes."""

    class SlowSession(Session):
        def flush(self, *arguments: Any, **options: Any) -> None:
            time.sleep(0.05)
            super().flush(*arguments, **options)

    monkeypatch.setattr("service.store.results.Session", SlowSession)


def all_at_once(engine: Engine, results: list[Result]) -> list[Result]:
    """Stored by one thread each, which start together."""
    barrier = threading.Barrier(len(results))

    def store(result: Result) -> Result:
        barrier.wait()
        return ResultStore(engine).add(result, {"Observation": [f"o-{result.id}"]})

    with ThreadPoolExecutor(len(results)) as pool:
        return list(pool.map(store, results))


@pytest.mark.usefixtures("slow_look_up")
def test_the_same_result_from_workers_at_once_is_stored_once(engine: Engine) -> None:
    same = [a_result("r1", at=NOON + timedelta(seconds=n)) for n in range(AT_ONCE)]
    kept = all_at_once(engine, same)
    assert len({result.created_at for result in kept}) == 1
    assert len(ResultStore(engine).of_subject("p1")) == 1


@pytest.mark.usefixtures("slow_look_up")
@pytest.mark.parametrize("older", [0, 1], ids=["first-results", "amendments"])
def test_results_of_one_sample_at_once_form_one_chain(engine: Engine, older: int) -> None:
    """No two name the same predecessor: each version is replaced by at most one."""
    store = ResultStore(engine)
    for n in range(older):
        store.add(a_result(f"old{n}", at=NOON - timedelta(hours=1)), {})
    all_at_once(engine, [a_result(f"r{n}") for n in range(AT_ONCE)])
    replaces = {result.id: result.replaces for result in store.of_subject("p1")}
    assert len(replaces) == AT_ONCE + older
    named = [before for before in replaces.values() if before is not None]
    assert len(named) == len(set(named)) == AT_ONCE + older - 1
    desk = SignOffDesk.over(engine)
    versions = sorted(desk.state(store.get(name)).version for name in replaces)
    assert versions == list(range(1, AT_ONCE + older + 1))


def test_a_result_that_was_made_earlier_and_stored_later_comes_last(engine: Engine) -> None:
    store = ResultStore(engine)
    store.add(a_result("r1"), {})
    store.add(a_result("slow", at=NOON - timedelta(seconds=5)), {})
    store.add(a_result("r3", at=NOON + timedelta(seconds=5)), {})
    assert [store.get(name).replaces for name in ("r1", "slow", "r3")] == [None, "r1", "slow"]


def test_a_version_between_others_can_be_deleted(engine: Engine) -> None:
    """An amendment of what was released stays one."""
    store, desk = ResultStore(engine), SignOffDesk.over(engine)
    for hour, name in enumerate(("r1", "r2", "r3")):
        store.add(a_result(name, at=NOON + timedelta(hours=hour)), {})
    desk.release("r1", "B. Example", "geneticist", None, NOON)
    store.delete("r2")
    assert (store.get("r3").replaces, store.get("r1").replaced_by) == ("r1", "r3")
    assert desk.state(store.get("r3")).amends


def test_a_result_and_the_record_of_its_making_are_stored_together(engine: Engine) -> None:
    made = Entry(NOON, "ehr", "interpret", "r1", "success")
    ResultStore(engine).add(a_result("r1"), {}, made)
    ResultStore(engine).add(a_result("r1"), {}, made)  # asked again
    assert len(AuditLog(engine).entries("r1")) == 2
    unwritable = Entry(NOON, "ehr", "interpret", "r2", None)  # type: ignore[arg-type]
    with pytest.raises(StorageUnavailable):
        ResultStore(engine).add(a_result("r2"), {"Bundle": ["b2"]}, unwritable)
    assert ResultStore(engine).find("r2") is None


def test_a_full_database_is_said_to_be_full(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path))

    def keep_small(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 40")

    engine.dispose()
    event.listen(engine, "connect", keep_small)
    big = replace(a_result("r1"), findings=b"x" * 1_000_000)
    with pytest.raises(StorageFull) as caught:
        ResultStore(engine).add(big, {})
    assert caught.value.http_status == 507
    assert ResultStore(engine).find("r1") is None
    ResultStore(engine).add(a_result("r2"), {})
    engine.dispose()


def test_postgresql_says_that_its_disk_is_full() -> None:
    full = OperationalError("INSERT", {}, psycopg.errors.DiskFull("could not extend file"))
    assert isinstance(storage_trouble("x", full), StorageFull)
    gone = OperationalError("INSERT", {}, psycopg.errors.AdminShutdown("bye"))
    assert not isinstance(storage_trouble("x", gone), StorageFull)


def test_deleting_a_subject_leaves_nothing_of_it_and_all_of_others(engine: Engine) -> None:
    store = ResultStore(engine)
    store.add(a_result("r1"), {"Bundle": ["b1"]})
    store.add(a_result("r2", subject="p2"), {"Bundle": ["b2"]})
    assert store.delete_subject("p1") == 1
    with pytest.raises(NotFound):
        store.owner("Bundle", "b1")
    assert store.owner("Bundle", "b2").id == "r2"


def test_retention_deletes_what_is_older(engine: Engine) -> None:
    store = ResultStore(engine)
    store.add(a_result("old", at=NOON - timedelta(days=31)), {})
    store.add(a_result("new"), {})
    assert store.expire(timedelta(days=30), NOON) == 1
    assert [r.id for r in store.of_subject("p1")] == ["new"]


def test_retention_leaves_no_name_of_what_it_deleted(engine: Engine) -> None:
    """A page that says version 3, amended, still says so when retention has deleted the versions before."""
    store, desk = ResultStore(engine), SignOffDesk.over(engine)
    for days, name in ((40, "r1"), (35, "r2"), (1, "r3")):
        store.add(a_result(name, at=NOON - timedelta(days=days)), {})
    desk.release("r1", "B. Example", "geneticist", None, NOON)
    desk.release("r3", "B. Example", "geneticist", "New knowledge.", NOON)
    before = desk.state(store.get("r3"))
    assert store.expire(timedelta(days=30), NOON) == 2
    assert store.get("r3").replaces is None
    assert desk.state(store.get("r3")) == before
    assert (before.version, before.fhir_status) == (3, "amended")
    store.add(a_result("r4"), {})
    assert desk.state(store.get("r4")).version == 4
    with pytest.raises(InvalidOption, match="what changed"):
        desk.release("r4", "B. Example", "geneticist", None, NOON)


def test_deleted_versions_that_nobody_released_ask_for_no_reason(engine: Engine) -> None:
    store, desk = ResultStore(engine), SignOffDesk.over(engine)
    store.add(a_result("r1"), {})
    store.add(a_result("r2", at=NOON + timedelta(hours=1)), {})
    store.delete("r1")
    state = desk.release("r2", "B. Example", "geneticist", None, NOON)
    assert (state.version, state.fhir_status) == (2, "final")


def test_an_older_database_is_numbered_along_its_chains(engine: Engine) -> None:
    """Revision 0002 named predecessors and kept no numbers; some of those are gone."""
    config = migration_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        for name, replaces in (("r2", "r1"), ("r1", None), ("r3", "r2"), ("s9", "gone")):
            connection.execute(
                text(
                    "INSERT INTO result (id, subject, sample, created_at, input_digest, knowledge_release,"
                    " replaces, findings) VALUES (:id, :subject, 's', :at, 'd', 'k', :replaces, :findings)"
                ),
                {
                    "id": name,
                    "subject": name[0],
                    "at": NOON,
                    "replaces": replaces,
                    "findings": b"1",
                },
            )
    upgraded = open_engine(engine.url.render_as_string(hide_password=False))
    store = ResultStore(upgraded)
    found = {name: (store.get(name).version, store.get(name).replaces) for name in ("r1", "r2", "r3", "s9")}
    upgraded.dispose()
    assert found == {"r1": (1, None), "r2": (2, "r1"), "r3": (3, "r2"), "s9": (1, None)}


def test_a_signature_stays_under_its_version(engine: Engine) -> None:
    store, desk = ResultStore(engine), SignOffDesk.over(engine)
    store.add(a_result("r1"), {})
    assert desk.state(store.get("r1")).fhir_status == "preliminary"
    assert desk.release("r1", "B. Example", "geneticist", None, NOON).fhir_status == "final"
    with pytest.raises(UnsupportedOperation, match="already"):
        desk.release("r1", "C. Example", "geneticist", None, NOON)
    signed = desk.state(store.get("r1")).signed
    assert (signed.name, signed.time) == ("B. Example", "2026-11-24T12:00:00+00:00")


def test_an_amendment_says_what_changed_and_the_original_stays_released(engine: Engine) -> None:
    store, desk = ResultStore(engine), SignOffDesk.over(engine)
    store.add(a_result("r1"), {})
    desk.release("r1", "B. Example", "geneticist", None, NOON)
    store.add(a_result("r2", at=NOON + timedelta(hours=1)), {})
    assert desk.state(store.get("r2")).fhir_status == "preliminary"
    with pytest.raises(InvalidOption, match="what changed"):
        desk.release("r2", "B. Example", "geneticist", " ", NOON)
    state = desk.release("r2", "B. Example", "geneticist", "New knowledge; advice stays.", NOON)
    assert (state.fhir_status, state.version) == ("amended", 2)
    first = desk.state(store.get("r1"))
    assert (first.fhir_status, first.version, first.replaced) == ("final", 1, True)


def test_a_released_result_can_be_deleted(engine: Engine) -> None:
    store, desk = ResultStore(engine), SignOffDesk.over(engine)
    store.add(a_result("r1"), {})
    desk.release("r1", "B. Example", "geneticist", None, NOON)
    store.delete("r1")
    assert store.find("r1") is None


@pytest.mark.parametrize(("name", "role"), [("", "geneticist"), (" ", "x"), ("B", ""), ("B" * 201, "x")])
def test_nobody_signs_without_name_and_role(engine: Engine, name: str, role: str) -> None:
    ResultStore(engine).add(a_result("r1"), {})
    with pytest.raises(InvalidOption):
        SignOffDesk.over(engine).release("r1", name, role, None, NOON)


def test_audit_entries_stay_in_order(engine: Engine) -> None:
    log = AuditLog(engine)
    log.add(NOON, "ehr", "interpret", "r1", "success")
    log.add(NOON, "ehr", "read", "r1", "success", "Bundle")
    assert [entry.action for entry in log.entries("r1")] == ["interpret", "read"]


def test_an_access_that_cannot_be_recorded_does_not_pass(engine: Engine) -> None:
    broken = create_engine("sqlite:///", poolclass=StaticPool)  # has no table
    with pytest.raises(StorageUnavailable, match="audit record cannot be kept"):
        AuditLog(broken).add(NOON, "ehr", "read", "r1", "success")
    broken.dispose()
    assert AuditLog(engine).entries("r1") == []


KEY = ("fi", "v1", "dialect", "GRCh38:1:5:A:G")


def test_shared_answers_come_back_under_their_own_key_alone(engine: Engine) -> None:
    answers = SharedAnswers(lambda: engine, b"secret")
    moment = datetime.now(UTC).timestamp()
    answers.write({KEY: (b"1", moment - 60)})
    answers.write({KEY: (b"2", moment)})
    other = (*KEY[:3], "GRCh38:1:5:A:T")
    ((key, (value, stored)),) = answers.read([KEY, other]).items()
    assert (key, value) == (KEY, b"2")
    assert abs(stored - moment) < 1
    assert not SharedAnswers(lambda: engine, b"another secret").read([KEY])


def test_shared_answers_that_are_too_old_go(engine: Engine) -> None:
    answers = SharedAnswers(lambda: engine, b"secret")
    old = (datetime.now(UTC) - timedelta(days=8)).timestamp()
    answers.write({KEY: (b"1", old)})
    answers.write({(*KEY[:3], "other"): (b"2", datetime.now(UTC).timestamp())})
    assert not answers.read([KEY])


def test_a_cache_without_a_database_is_empty() -> None:
    def broken() -> Engine:
        raise StorageUnavailable("no database")

    answers = SharedAnswers(broken, b"secret")
    answers.write({KEY: (b"1", 0.0)})
    assert not answers.read([KEY])


def test_questions_are_recorded_and_canaries_are_not(engine: Engine) -> None:
    log = QuestionLog(lambda: engine, "service")
    many = tuple(f"GRCh38:1-{position}-A-G" for position in range(100_000, 100_400))
    log.add(Question("fi", "canary", 1, "now"))
    log.add(Question("fi", "range", 1, "now", ("GRCh38:1:1-5",)))
    log.add(Question("fi", "range", 1, "now", ("GRCh38:1:6-9",)))
    log.add(Question("es", "exact", 400, "now", many))
    log.close()
    ranges = AuditLog(engine).entries("fi")
    assert [(e.action, e.detail) for e in ranges] == [
        ("frequency-range", "2 pages of gene ranges; the same for every patient")
    ]
    exact = AuditLog(engine).entries("es")
    assert " ".join(e.detail or "" for e in exact).split() == list(many)
    assert {e.action for e in exact} == {"frequency-exact"}


def test_a_question_that_cannot_be_recorded_is_not_asked() -> None:
    def broken() -> Engine:
        raise StorageUnavailable("no database")

    log = QuestionLog(broken, "service")
    log.add(Question("fi", "exact", 1, "now", ("GRCh38:1-1-A-G",)))
    with pytest.raises(StorageUnavailable):
        log.flush()
    with pytest.raises(StorageUnavailable):
        log.add(Question("fi", "exact", 1, "now", ("GRCh38:1-1-A-G",)))
    with pytest.raises(StorageUnavailable):
        log.close()


def test_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    from sqlmodel import SQLModel

    found = inspect(engine)
    for table in SQLModel.metadata.sorted_tables:
        assert {c.name for c in table.columns} == {c["name"] for c in found.get_columns(table.name)}


def test_opening_twice_migrates_once(engine: Engine) -> None:
    again = open_engine(engine.url.render_as_string(hide_password=False))
    ResultStore(again).add(a_result("r1"), {})
    again.dispose()
    assert ResultStore(engine).get("r1").subject == "p1"


def test_sqlite_runs_in_wal_mode(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path))
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    engine.dispose()


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    engine = open_engine(sqlite_url(tmp_path))
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM result"))
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    engine.dispose()
    assert modes
    assert set(modes.values()) == {0o600}, modes


def test_a_database_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match="cannot be made"):
        open_engine(sqlite_url(tmp_path / "file"))


def test_an_unreachable_database_says_so_without_its_password() -> None:
    with pytest.raises(StorageUnavailable) as caught:
        open_engine("postgresql://u:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
def test_a_database_that_keeps_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="path of a file"):
        open_engine(address)
    assert not list(tmp_path.iterdir())


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        open_engine("not a url")
