"""`genomeward serve`: the HTTP service."""

import argparse
import ipaddress
import logging
from typing import TYPE_CHECKING

from service.errors import ConfigurationError, InvalidOption
from service.settings import read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

LAST_PORT = 65_535
LOOPBACK_NAMES = {"localhost"}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def application() -> "FastAPI":
    """The application of one worker process."""
    from service.api.app import create_app
    from service.batch.parent import end_with_parent

    end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    return create_app(read_settings())


def run(options: argparse.Namespace) -> int:
    """Serve until stopped. A host that others can reach is refused without configured tokens."""
    settings = read_settings()
    if not 0 < options.port <= LAST_PORT:
        raise InvalidOption(f"read {options.port}; expected 1 to {LAST_PORT}", where="--port")
    if options.workers < 1:
        raise InvalidOption(f"read {options.workers}; expected 1 or more", where="--workers")
    if not is_loopback(options.host) and not settings.tokens:
        raise ConfigurationError(
            f"other machines can reach {options.host}; set GENOMEWARD_TOKENS, or serve on 127.0.0.1",
            where="--host",
        )
    from service.bootstrap import open_genomeward
    from service.store.database import open_engine, sqlite_url

    # A setting or a database that cannot be used is said here and once, not by every worker.
    open_engine(settings.database_url or sqlite_url(settings.state)).dispose()
    with open_genomeward(settings):
        pass
    try:
        _serve(options)
    except SystemExit as error:  # the server's own codes for an address that is taken
        return 2 if error.code else 0
    return 0


def _serve(options: argparse.Namespace) -> None:
    import uvicorn

    from service.api.protocol import OutcomeProtocol

    uvicorn.run(
        "service.cli.serve:application",
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        http=OutcomeProtocol,
        ws="none",
        access_log=False,  # its lines would carry query strings
        server_header=False,
        log_level="info",
    )
