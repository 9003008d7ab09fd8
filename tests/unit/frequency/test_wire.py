"""What goes to one node: how many questions at once, which are sent again, and how much is read."""

import asyncio
import gzip

import httpx
import pytest

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.http_settings import HttpSettings

CANARY = Variant(Assembly.GRCH38, "10", 94_781_858, "G", "A")
VARIANTS = [Variant(Assembly.GRCH38, "7", 1_000 + n, "A", "C") for n in range(40)]
ABSENT = {"responseSummary": {"exists": False}}


def asked(
    transport: httpx.AsyncBaseTransport, variants: list[Variant], **entry: object
) -> list[SourceAnswer]:
    node = NodeEntry("fi", "FI", "http://fi", exact=True, dialect=Dialect(), **entry)  # type: ignore[arg-type]
    http = HttpSettings(transport=transport)
    config = FederationConfig((node,), (Canary("snv", "canary", CANARY, CANARY),), http=http)
    with Federation(config) as federation:
        return [each.answers[0] for each in federation.ask(variants).answers]


def test_a_node_gets_so_many_questions_at_once_and_no_more() -> None:
    now, most = 0, 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal now, most
        if b'"7"' in request.content:  # a variant's question; canaries go beside
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.005)
            now -= 1
        return httpx.Response(200, json=ABSENT)

    asked(httpx.MockTransport(answer), VARIANTS, concurrency=3)
    assert most == 3


@pytest.mark.parametrize(("budget", "tries"), [(None, 3), (1_000, 1)])
def test_only_a_node_without_a_budget_is_asked_again(budget: int | None, tries: int) -> None:
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if b'"7"' not in request.content:
            return httpx.Response(200, json=ABSENT)
        sent.append(request.content)
        return httpx.Response(503)

    (found,) = asked(httpx.MockTransport(answer), VARIANTS[:1], budget_per_minute=budget)
    assert found.outcome is Outcome.FAILED
    assert len(sent) == tries


def test_our_own_budget_is_kept() -> None:
    found = asked(
        httpx.MockTransport(lambda _request: httpx.Response(200, json=ABSENT)), VARIANTS, budget_per_minute=7
    )
    assert [a.outcome for a in found].count(Outcome.NOT_ASKED) == len(VARIANTS) - 7
    assert "budget of 7" in (found[-1].reason or "")


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read() -> None:
    bomb = gzip.compress(b'{"responseSummary":{"exists":false}}' + b" " * (20 << 20))
    assert len(bomb) < 100_000

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=bomb, headers={"content-encoding": "gzip"})

    (found,) = asked(httpx.MockTransport(answer), VARIANTS[:1])
    assert found.outcome is Outcome.FAILED
    assert "larger than 4 MB" in (found.reason or "")
