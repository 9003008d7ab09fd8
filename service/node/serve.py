"""Run a node until it is told to stop."""

import sys
from pathlib import Path

import uvicorn

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
    """Serve a counts file under `http://host:port/api` until interrupted; says so on standard error."""
    node = create_node(counts, options, version, reference)
    print(f"node {options.country} on http://{host}:{port}/api", file=sys.stderr, flush=True)
    # Access logs would hold what patients' variants were asked for.
    uvicorn.run(node, host=host, port=port, access_log=False, log_level="warning", lifespan="off")
