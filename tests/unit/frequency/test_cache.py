"""Answers that are kept: stale ones are served and asked again, failures are never kept."""

import time
from dataclasses import replace

import httpx

from service.domain.assembly import Assembly
from service.domain.frequency import AlleleFrequency, Outcome, SourceAnswer
from service.domain.frequency_sources import Canary, Dialect, NodeAccess, NodeEntry
from service.domain.variant import Variant
from service.frequency.cache import FRESH_MISS_S, FRESH_S, KEPT_S, AnswerCache, key_of
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.http_settings import HttpSettings
from service.frequency.wire import NodeWire

SNV = Variant(Assembly.GRCH38, "10", 94_781_858, "G", "A")
FOUND = SourceAnswer("fi", "FI", Outcome.OBSERVED, AlleleFrequency(43, 198))


def test_how_long_answers_are_fresh_and_kept() -> None:
    now = [0.0]
    cache = AnswerCache(clock=lambda: now[0])
    hit, miss = key_of("fi", "1", "d", SNV), key_of("fi", "1", "d", replace(SNV, alt="T"))
    cache.put(hit, FOUND)
    cache.put(miss, SourceAnswer("fi", "FI", Outcome.NOT_LISTED))
    for age, expected in (
        (FRESH_MISS_S - 1, (False, False)),
        (FRESH_MISS_S + 1, (False, True)),
        (FRESH_S + 1, (True, True)),
    ):
        now[0] = age
        kept = (cache.get(hit), cache.get(miss))
        assert tuple(each.stale for each in kept if each is not None) == expected
    now[0] = KEPT_S + 1
    assert cache.get(hit) is None
    cache.put(hit, SourceAnswer("fi", "FI", Outcome.FAILED))
    assert cache.get(hit) is None
    assert cache.get(key_of("fi", "2", "d", SNV)) is None  # another dataset version


def test_a_stale_answer_is_served_at_once_and_asked_again_behind_it() -> None:
    counts = [43]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/datasets"):
            return httpx.Response(404)
        row = {"population": "Total", "alleleCount": counts[0], "alleleNumber": 198}
        variation = {
            "location": {"interval": {"start": SNV.start}},
            "referenceBases": "G",
            "alternateBases": "A",
        }
        record = {"variation": variation, "frequencyInPopulations": [{"frequencies": [row]}]}
        sets = [{"id": "d", "results": [record]}]
        return httpx.Response(
            200, json={"responseSummary": {"exists": True}, "response": {"resultSets": sets}}
        )

    node = NodeEntry("fi", "FI", "http://fi", exact=True, dialect=Dialect())
    http = HttpSettings(transport=httpx.MockTransport(answer))
    config = FederationConfig((node,), (Canary("snv", "canary", SNV, SNV),), http=http)
    with Federation(config) as federation:

        def count() -> int:
            frequency = federation.ask([SNV]).answers[0].answers[0].frequency
            assert frequency is not None
            return frequency.allele_count

        assert count() == 43
        counts[0] = 44
        assert count() == 43  # fresh: nobody is asked
        federation._cache.clock = lambda: time.time() + FRESH_S + 60
        assert count() == 43  # stale: served, and asked again
        deadline = time.monotonic() + 5
        while count() == 43 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert count() == 44


def test_tls_connections_speak_http_2() -> None:
    for scheme, expected in (("https", True), ("http", False)):
        wire = NodeWire(f"{scheme}://fi", NodeAccess(), HttpSettings(), may_retry=True)
        assert wire._pool()._pool._http2 is expected  # type: ignore[attr-defined]
