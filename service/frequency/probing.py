"""`genomeward node probe`: a node's dialect as an entry; `dialect.profile_toml` writes it."""

from collections.abc import Sequence
from dataclasses import replace

from service.domain.frequency_sources import Canary, NodeAccess, NodeEntry
from service.frequency.background import BackgroundLoop
from service.frequency.http_settings import HttpSettings
from service.frequency.probe import Prober
from service.frequency.wire import NodeWire


def probe(
    url: str,
    canaries: Sequence[Canary],
    *,
    node_id: str = "node",
    country: str = "XX",
    access: NodeAccess | None = None,
    settings: HttpSettings | None = None,
) -> NodeEntry:
    """The node as an entry with its dialect. Only canaries are asked: nothing of any patient.

    Raises:
        SourceUnavailable: the node does not answer, or no form of question finds a canary.
    """
    entry = NodeEntry(node_id, country, url, access=access or NodeAccess())

    async def find() -> NodeEntry:
        wire = NodeWire(url, entry.access, settings or HttpSettings(), may_retry=True)
        try:
            finding = await Prober(wire, entry, canaries).find()
            own = tuple(canary.name for canary in finding.own)
            return replace(entry, url=wire.url, dialect=finding.dialect, canaries=own)
        finally:
            await wire.close()

    loop = BackgroundLoop("node-probe")
    try:
        return loop.run(find())
    finally:
        loop.stop()
