"""What a database error means to a caller."""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from service.errors import StorageFull, StorageUnavailable

# PostgreSQL, appendix A: disk_full.
_DISK_FULL = "53100"


def storage_trouble(what: str, error: SQLAlchemyError) -> StorageUnavailable:
    """What could not be done, with the kind of the error alone: its text may quote what was stored.

    StorageFull where disk or database has no room left.
    """
    kind = StorageFull if isinstance(error, DBAPIError) and _is_full(error.orig) else StorageUnavailable
    return kind(f"{what}: {type(error).__name__}")


def _is_full(error: BaseException | None) -> bool:
    return (
        getattr(error, "sqlite_errorname", None) == "SQLITE_FULL"
        or getattr(error, "sqlstate", None) == _DISK_FULL
    )
