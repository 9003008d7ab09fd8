"""`genomeward results`: release stored results; delete them by subject, by id, or by age."""

import argparse
from datetime import UTC, datetime, timedelta

from service.errors import ConfigurationError, InvalidOption
from service.settings import read_settings
from service.store.audit import AuditLog
from service.store.database import open_engine, sqlite_url
from service.store.results import ResultStore
from service.store.sign_off import SignOffDesk


def run_delete(options: argparse.Namespace) -> int:
    """Delete what is named; the audit record keeps that it was done."""
    if (options.subject is None) == (options.id is None):
        raise InvalidOption("give --subject or --id", where="results delete")
    settings = read_settings()
    engine = open_engine(settings.database_url or sqlite_url(settings.state))
    store = ResultStore(engine)
    if options.id is not None:
        store.delete(options.id)
        deleted = 1
    else:
        deleted = store.delete_subject(options.subject)
    AuditLog(engine).add(
        datetime.now(UTC), "command line", "delete", options.id, "success", f"{deleted} results"
    )
    engine.dispose()
    print(f"{deleted} deleted")
    return 0


def run_release(options: argparse.Namespace) -> int:
    """Sign a result; prints how it stands then."""
    settings = read_settings()
    engine = open_engine(settings.database_url or sqlite_url(settings.state))
    now = datetime.now(UTC)
    state = SignOffDesk.over(engine).release(options.id, options.name, options.role, options.reason, now)
    AuditLog(engine).add(now, "command line", "release", options.id, "success")
    engine.dispose()
    print(f"version {state.version}: {state.fhir_status}")
    return 0


def run_expire(_options: argparse.Namespace) -> int:
    """Delete what is older than the retention setting."""
    settings = read_settings()
    if settings.retention_days is None:
        raise ConfigurationError("no retention is configured", where="GENOMEWARD_RETENTION_DAYS")
    engine = open_engine(settings.database_url or sqlite_url(settings.state))
    deleted = ResultStore(engine).expire(timedelta(days=settings.retention_days), datetime.now(UTC))
    AuditLog(engine).add(datetime.now(UTC), "command line", "expire", None, "success", f"{deleted} results")
    engine.dispose()
    print(f"{deleted} deleted")
    return 0
