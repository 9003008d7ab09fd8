"""The version of a node's dataset, from its own description."""

from collections.abc import Mapping
from typing import Any

import orjson

from service.domain.frequency_sources import NodeEntry
from service.errors import SourceUnavailable
from service.frequency.wire import NodeWire


async def fetch_version(wire: NodeWire, entry: NodeEntry) -> str | None:
    """Version (or time of update) of the node's datasets, joined; None where it does not say."""
    try:
        document = orjson.loads(await wire.send("GET", f"{wire.url}/datasets"))
    except (SourceUnavailable, orjson.JSONDecodeError):
        return None
    return version_in(document, entry)


def version_in(document: object, entry: NodeEntry) -> str | None:
    """The version that a `/datasets` answer states.

    >>> node = NodeEntry("fi", "FI", "http://fi")
    >>> version_in({"response": {"collections": [{"id": "a", "updateDateTime": "2025-12-01"}]}}, node)
    '2025-12-01'
    """
    response = document.get("response") if isinstance(document, Mapping) else None
    collections: Any = response.get("collections") if isinstance(response, Mapping) else None
    found = []
    for dataset in collections if isinstance(collections, list) else ():
        if not isinstance(dataset, Mapping) or (entry.datasets and dataset.get("id") not in entry.datasets):
            continue
        for key in ("version", "updateDateTime", "createDateTime"):
            if dataset.get(key):
                found.append(str(dataset[key])[:64])
                break
    return ",".join(found) or None
