"""What all nodes share of HTTP."""

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Waiting times, connections to one node and whom we trust. `transport` replaces the network in tests."""

    connect_timeout_s: float = 3.0
    read_timeout_s: float = 10.0
    connections: int = 16
    trust: ssl.SSLContext | bool = True
    transport: "httpx.AsyncBaseTransport | None" = None
