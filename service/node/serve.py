"""Run a node until it is told to stop."""

import socket
import sys
from pathlib import Path

import uvicorn

from service.errors import ConfigurationError
from service.node.app import Node, NodeOptions
from service.node.short_form import Reference
from service.node.table import load_dataset


def create_node(
    counts: Path, options: NodeOptions, version: str | None = None, reference: Reference | None = None
) -> Node:
    """A node over one counts file, ready for any ASGI server."""
    return Node(load_dataset(counts, options.country, version), options, reference)


def serve(
    counts: Path,
    options: NodeOptions,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    version: str | None = None,
    reference: Reference | None = None,
) -> None:
    """Serve a counts file under `http://host:port/api` until interrupted; says so on standard error.

    Raises:
        InvalidInput: the file cannot be read as counts.
        ConfigurationError: the port is taken, or is none.
    """
    node = create_node(counts, options, version, reference)
    listener = _listen(host, port)
    print(f"node {options.country} on http://{host}:{port}/api", file=sys.stderr, flush=True)
    # Access logs would hold what patients' variants were asked for.
    config = uvicorn.Config(node, access_log=False, log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port < 1 << 16:
        raise ConfigurationError(f"ports are numbers up to 65535, not {port}", where="--port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on port {port}: {error.strerror}", where="--port") from error
    # Answers are small: none waits for the acknowledgement of the one before.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
