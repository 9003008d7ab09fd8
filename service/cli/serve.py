"""`genomeward serve`: the HTTP service."""

import argparse
import ipaddress
import logging
from typing import TYPE_CHECKING

from service.errors import ConfigurationError
from service.settings import read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

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
    if not is_loopback(options.host) and not settings.tokens:
        raise ConfigurationError(
            f"other machines can reach {options.host}; set GENOMEWARD_TOKENS, or serve on 127.0.0.1",
            where="--host",
        )
    import uvicorn

    from service.api.protocol import OutcomeProtocol
    from service.bootstrap import prepare_knowledge

    prepare_knowledge(settings)
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
    return 0
