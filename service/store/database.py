"""The engine and its migrations: SQLite in WAL mode by default, PostgreSQL by URL."""

import hashlib
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlmodel import Session, create_engine

from service.errors import ConfigurationError, StorageUnavailable
from service.files import storage_error

MIGRATIONS = Path(__file__).parent / "migrations"


def sqlite_url(state: Path) -> str:
    """Database URL of the embedded default."""
    return f"sqlite:///{state / 'genomeward.sqlite'}"


def open_engine(url: str) -> Engine:
    """An engine whose schema is current. Error texts never carry the password."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("not a database URL", where="GENOMEWARD_DATABASE_URL") from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite:
        _make_private(_file_of(parsed))
    engine = create_engine(parsed, pool_pre_ping=True)
    if is_sqlite:
        event.listen(engine, "connect", _configure_sqlite)
    try:
        _upgrade(engine)
    except SQLAlchemyError as error:
        shown = parsed.render_as_string(hide_password=True)
        raise StorageUnavailable(f"cannot open {shown}: {type(error).__name__}") from error
    return engine


def _file_of(url: URL) -> Path:
    """The file of an SQLite address. Results are kept: a database in memory, or with options, is refused."""
    if url.database in (None, "", ":memory:") or url.database.startswith("file:"):
        raise ConfigurationError(
            "expected the path of a file after sqlite:///, since results are kept",
            where="GENOMEWARD_DATABASE_URL",
        )
    return Path(url.database)


def _make_private(database: Path) -> None:
    """A new database is its owner's alone, also in a folder that was there; SQLite's side files follow it."""
    try:
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        database.touch(mode=0o600)
    except OSError as error:
        raise storage_error("the database cannot be made", error, where=database.name) from error


def _configure_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=20000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def one_at_a_time(session: Session, key: str) -> None:
    """Begin a transaction that no other with the same key runs beside, in any process; held until it ends.

    SQLite has one writer at all. PostgreSQL lets others write.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        digest = hashlib.sha256(key.encode()).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def migration_config() -> Config:
    """Alembic's configuration without a file: the scripts travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision, one process at a time."""
    config = migration_config()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727001)")
        elif engine.dialect.name == "sqlite":
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS migration_lock (held INTEGER)")
            connection.exec_driver_sql("DELETE FROM migration_lock")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
