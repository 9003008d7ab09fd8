"""Resources that a search found, as a Bundle."""

from collections.abc import Iterable
from typing import Any

from service.fhir.terminology import Json


def searchset(
    matches: Iterable[Json],
    *,
    base_url: str,
    self_url: str,
    total: int | None = None,
    next_url: str | None = None,
    included: Iterable[Json] = (),
) -> dict[str, Any]:
    """A Bundle of type searchset; without a match it has no `entry`, as FHIR demands of empty lists.

    Args:
        matches: what was asked for, in order.
        base_url: the FHIR endpoint, for each entry's fullUrl.
        self_url: the search as it was understood: only the parameters that were applied.
        total: all matches on all pages, where known; included resources do not count.
        next_url: the next page, where there is one.
        included: resources that matches refer to.
    """
    links = [{"relation": "self", "url": self_url}]
    if next_url:
        links.append({"relation": "next", "url": next_url})
    found: Json = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if total is not None:
        found["total"] = total
    entries = [_entry(resource, base_url, "match") for resource in matches]
    entries += [_entry(resource, base_url, "include") for resource in included]
    if entries:
        found["entry"] = entries
    return found


def _entry(resource: Json, base_url: str, mode: str) -> Json:
    url = f"{base_url.rstrip('/')}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}
