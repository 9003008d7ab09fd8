"""Canaries are asked at the start and every ten minutes, by a clock that the test winds."""

import asyncio
import time
from dataclasses import dataclass, field

import httpx
import orjson

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome
from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.frequency.canary import CANARY_INTERVAL_S
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.http_settings import HttpSettings
from service.frequency.source import Question

CANARY = Variant(Assembly.GRCH38, "10", 94_781_858, "G", "A")
UNLISTED = (Variant(Assembly.GRCH38, "7", 117_587_777, "G", "T"), Variant(Assembly.GRCH38, "7", 5, "G", "T"))


@dataclass(slots=True)
class Node:
    """A node that lists the canary, until it forgets it; a federation that asks it, and the clock."""

    budget: int | None = None
    forgets: bool = False
    asked: int = 0
    now_s: float = 0.0
    audit: list[Question] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/datasets"):
            return httpx.Response(404)
        asks = orjson.loads(request.content)["query"]["requestParameters"]["start"] == [CANARY.start]
        self.asked += asks
        variation = {
            "location": {"interval": {"start": CANARY.start}},
            "referenceBases": "G",
            "alternateBases": "A",
        }
        row = {"population": "Total", "alleleCount": 43, "alleleNumber": 198}
        record = {"variation": variation, "frequencyInPopulations": [{"frequencies": [row]}]}
        results = [record] if asks and not self.forgets else []
        return httpx.Response(
            200,
            json={
                "responseSummary": {"exists": bool(results)},
                "response": {"resultSets": [{"id": "d", "results": results}]},
            },
        )

    def federation(self) -> Federation:
        node = NodeEntry(
            "fi", "FI", "http://fi", exact=True, dialect=Dialect(), budget_per_minute=self.budget
        )
        http = HttpSettings(transport=httpx.MockTransport(self.answer))
        config = FederationConfig((node,), (Canary("snv", "canary", CANARY, CANARY),), http=http)
        return Federation(config, audit=self.audit.append, clock=lambda: self.now_s)


def test_the_timer_asks_every_ten_minutes_until_it_is_closed() -> None:
    node = Node()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        node.now_s += seconds
        if len(pauses) == 4:
            await asyncio.Event().wait()

    with node.federation() as federation:
        federation.watch(pause)
        patience = time.monotonic() + 20
        while len(pauses) < 4 and time.monotonic() < patience:
            time.sleep(0.01)
    assert pauses == [CANARY_INTERVAL_S] * 4
    assert CANARY_INTERVAL_S == 600
    assert node.asked == 4
    assert [(question.form, question.variants) for question in node.audit] == [("canary", 1)] * 4


def test_what_is_recent_is_not_asked_again() -> None:
    node = Node()
    with node.federation() as federation:
        for moment, expected in ((0.0, 1), (599.0, 1), (600.0, 2), (1_199.0, 2), (1_200.0, 3)):
            node.now_s = moment
            federation.prepare(10)
            assert node.asked == expected, moment


def test_a_canary_that_the_timer_does_not_find_ends_the_counting_of_misses() -> None:
    """A node with a budget is asked for its canary by the timer alone, not behind every wave."""
    node = Node(budget=1_000)
    with node.federation() as federation:
        (first,) = federation.ask(UNLISTED[:1]).answers
        node.forgets = True
        node.now_s = 600.0
        (second,) = federation.ask(UNLISTED[1:]).answers
    assert first.answers[0].outcome is Outcome.NOT_LISTED
    assert second.answers[0].outcome is Outcome.FAILED
    assert "found before, is not found now" in (second.answers[0].reason or "")
