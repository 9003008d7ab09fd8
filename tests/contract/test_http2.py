"""A node behind TLS is asked over HTTP/2 where it offers that, and over HTTP/1.1 where it does not."""

from pathlib import Path
from typing import Any

import pytest

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.http_settings import HttpSettings
from tests.contract.http2_node import TlsNode

# Every second place is listed; what it counts follows from the place, so that swapped answers are seen.
VARIANTS = [Variant(Assembly.GRCH38, "1", start, "A", "G") for start in range(1000, 1200)]
CANARY = Canary("snv", "the first place", VARIANTS[0], VARIANTS[0])
NUMBER = 10_000


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    (start,) = asked["start"]
    alleles = {key: asked[key] for key in ("referenceBases", "alternateBases")}
    interval = {"start": start, "end": start + 1}
    row = {"population": "Total", "alleleCount": start, "alleleNumber": NUMBER}
    record = {
        "variation": {"location": {"interval": interval}, **alleles},
        "frequencyInPopulations": [{"frequencies": [row]}],
    }
    found = start % 2 == 0
    sets = [{"id": "d", "exists": True, "results": [record]}] if found else []
    return {"meta": {}, "responseSummary": {"exists": found}, "response": {"resultSets": sets}}


def ask(node: TlsNode, *, trusted: bool = True) -> list[SourceAnswer]:
    entry = NodeEntry(
        "fi", "FI", f"https://127.0.0.1:{node.port}", exact=True, dialect=Dialect(), concurrency=16
    )
    http = HttpSettings(trust=node.trust) if trusted else HttpSettings()
    config = FederationConfig((entry,), (CANARY,), deadline_s=20, http=http)
    with Federation(config) as federation:
        return [asked.answers[0] for asked in federation.ask(VARIANTS).answers]


@pytest.mark.parametrize(
    ("offers", "protocol"),
    [(("h2", "http/1.1"), "h2"), (("http/1.1",), "http/1.1"), ((), "none")],
    ids=["offers-h2", "offers-http1", "offers-nothing"],
)
def test_two_hundred_variants_are_asked_in_the_best_protocol_that_the_node_offers(
    tmp_path: Path, offers: tuple[str, ...], protocol: str
) -> None:
    with TlsNode(tmp_path, offers, answer) as node:
        answers = ask(node)
    for variant, found in zip(VARIANTS, answers, strict=True):
        if variant.start % 2:
            assert found.outcome is Outcome.NOT_LISTED, found.reason
            continue
        assert found.frequency is not None, found.reason
        assert (found.frequency.allele_count, found.frequency.allele_number) == (variant.start, NUMBER)
    assert {spoken.protocol for spoken in node.connections} == {protocol}
    assert sum(spoken.questions for spoken in node.connections) > len(VARIANTS)  # canaries, too
    if protocol == "h2":
        (spoken,) = node.connections  # one connection for all, many questions open on it at once
        assert 1 < spoken.most_open <= 17
    else:
        assert 1 < len(node.connections) <= 16


def test_a_node_whose_certificate_nobody_vouches_for_is_asked_nothing(tmp_path: Path) -> None:
    with TlsNode(tmp_path, ("h2", "http/1.1"), answer) as node:
        answers = ask(node, trusted=False)
    assert {found.outcome for found in answers} == {Outcome.FAILED}
    assert "TLS" in (answers[0].reason or "")
    assert not sum(spoken.questions for spoken in node.connections)
