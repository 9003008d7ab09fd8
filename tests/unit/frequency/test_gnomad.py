"""gnomAD's GraphQL service: 25 aliases a request, errors under HTTP 200, and answers that are checked.

Source of the forms: gnomad-browser f268ac6 (schema, query cost, messages).
"""

import json
import re
from typing import Any

import httpx
import pytest

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome, SourceAnswer
from service.domain.variant import Variant
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.gnomad import ALIASES
from service.frequency.gnomad_entry import GnomadEntry
from service.frequency.http_settings import HttpSettings

NOT_FOUND = {"message": "Variant not found", "path": ["v0"]}


def counted(ac: int, an: int, **groups: tuple[int, int]) -> dict[str, Any]:
    rows = [{"id": name, "ac": c, "an": n} for name, (c, n) in groups.items()]
    return {
        "ac": ac,
        "an": an,
        "homozygote_count": 0,
        "hemizygote_count": 0,
        "filters": [],
        "populations": rows,
    }


def asked(document: dict[str, Any] | str, variants: int = 1, *, exact: bool = True) -> list[SourceAnswer]:
    """Answers of a service that gives the same document to each request."""
    body = document if isinstance(document, str) else json.dumps(document)
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, text=body))
    entry = GnomadEntry("http://gnomad/api", exact=exact)
    config = FederationConfig(gnomad=entry, deadline_s=3, http=HttpSettings(transport=transport))
    places = [Variant(Assembly.GRCH38, "10", 94_781_858 + n, "G", "A") for n in range(variants)]
    with Federation(config) as federation:
        return [entry.answers[0] for entry in federation.ask(places).answers]


def test_joint_counts_with_groups() -> None:
    joint = counted(90_000, 1_600_000, nfe=(70_000, 1_000_000), fin=(9_000, 60_000), afr_XX=(5, 10))
    (answer,) = asked({"data": {"v0": {"variant_id": "10-94781859-G-A", "joint": joint}}})
    assert answer.frequency is not None
    assert (answer.outcome, answer.frequency.allele_count) == (Outcome.OBSERVED, 90_000)
    assert {g.group for g in answer.groups} == {"nfe", "fin"}
    assert answer.country is None  # never pooled


def test_exomes_and_genomes_are_added_group_by_group() -> None:
    exome, genome = (
        counted(10, 1_000, nfe=(6, 500), afr=(4, 500)),
        counted(5, 400, nfe=(5, 300), eas=(0, 100)),
    )
    (answer,) = asked({"data": {"v0": {"exome": exome, "genome": genome, "joint": None}}})
    assert answer.frequency is not None
    assert (answer.frequency.allele_count, answer.frequency.allele_number) == (15, 1_400)
    assert {g.group: (g.frequency.allele_count, g.frequency.allele_number) for g in answer.groups} == {
        "nfe": (11, 800),
        "afr": (4, 500),
        "eas": (0, 100),
    }


NO_ANSWER = {
    "rate limit": {"errors": [{"message": "Query rate limit exceeded. Please try again in a few minutes."}]},
    "whole error, data null": {"errors": [{"message": "Internal"}], "data": None},
    "error of the alias": {"errors": [{"message": "Timeout", "path": ["v0"]}], "data": {"v0": None}},
    "null without a reason": {"data": {"v0": None}},
    "no counts": {"data": {"v0": {"variant_id": "10-94781859-G-A"}}},
    "another variant": {"data": {"v0": {"variant_id": "10-94781859-G-T", "joint": counted(0, 100)}}},
    "impossible counts": {"data": {"v0": {"joint": counted(9, 3)}}},
    "a list": [],
    "a page": "<html>busy</html>",
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_what_is_no_answer_fails(name: str) -> None:
    (answer,) = asked(NO_ANSWER[name])  # type: ignore[arg-type]
    assert (answer.outcome, answer.frequency) == (Outcome.FAILED, None)
    assert answer.reason


def test_not_found_no_alleles_and_none_observed_differ() -> None:
    assert asked({"errors": [NOT_FOUND], "data": {"v0": None}})[0].outcome is Outcome.NOT_LISTED
    assert asked({"data": {"v0": {"joint": counted(0, 0)}}})[0].outcome is Outcome.NOT_COVERED
    assert asked({"data": {"v0": {"joint": counted(0, 10)}}})[0].outcome is Outcome.CALLED_ABSENT
    for said in ({"errors": [NOT_FOUND], "data": {"v0": None}}, {"data": {"v0": {"joint": counted(0, 0)}}}):
        (answer,) = asked(said)
        assert (answer.dataset, answer.version) == ("gnomad_r4", "gnomad_r4")


def test_a_request_has_25_aliases_at_most_and_the_rate_is_kept() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        aliases = re.findall(r"v(\d+):variant\(", json.loads(request.content)["query"])
        sizes.append(len(aliases))
        return httpx.Response(200, json={"data": {f"v{n}": {"joint": counted(1, 10)} for n in aliases}})

    entry = GnomadEntry("http://gnomad/api", exact=True, requests_per_minute=3)
    http = HttpSettings(transport=httpx.MockTransport(answer))
    config = FederationConfig(gnomad=entry, deadline_s=1.0, http=http)
    variants = [Variant(Assembly.GRCH38, "10", 1_000 + n, "G", "A") for n in range(3 * ALIASES + 5)]
    with Federation(config) as federation:
        found = [each.answers[0] for each in federation.ask(variants).answers]
    assert sizes == [ALIASES] * 3  # the fourth has to wait for its turn, past the deadline
    assert {a.outcome for a in found[:75]} == {Outcome.OBSERVED}
    assert {a.outcome for a in found[75:]} == {Outcome.FAILED}


def test_nothing_is_asked_by_default() -> None:
    assert asked("", exact=False)[0].outcome is Outcome.NOT_ASKED
