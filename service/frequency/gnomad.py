"""gnomAD by its GraphQL service: a reference database, shown beside national cohorts and never added."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from service.domain.frequency import AlleleFrequency, GroupFrequency, Outcome, SourceAnswer
from service.domain.frequency_sources import NodeAccess
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.audit_trail import AuditTrail
from service.frequency.cache import AnswerCache, key_of
from service.frequency.gnomad_entry import GnomadEntry
from service.frequency.http_settings import HttpSettings
from service.frequency.source import Collect, Liftover, Question, in_build, now, spelled, without_answer
from service.frequency.wire import NodeWire

# A root `variant` costs 1 of the 25 that one request may cost.
# Source: gnomad-browser f268ac6, GraphQLDocs and its query-cost limits.
ALIASES = 25
_MINUTE_S = 60.0
_COUNTS = "ac an homozygote_count hemizygote_count"
_FIELDS = (
    f"{{variant_id joint{{{_COUNTS} filters populations{{id {_COUNTS}}}}} "
    f"exome{{{_COUNTS} filters populations{{id {_COUNTS}}}}} "
    f"genome{{{_COUNTS} filters populations{{id {_COUNTS}}}}}}}"
)


@dataclass(slots=True)
class GnomadSource:
    """gnomAD as a frequency source without a country."""

    entry: GnomadEntry
    settings: HttpSettings
    cache: AnswerCache
    liftover: Liftover | None = None
    audit: AuditTrail = field(default_factory=AuditTrail)
    wire: NodeWire = field(init=False)
    _sent: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.wire = NodeWire(self.entry.url, NodeAccess(), self.settings, may_retry=False)

    @property
    def name(self) -> str:
        """The name in answers."""
        return "gnomad"

    @property
    def country(self) -> str | None:
        """No country: never pooled."""
        return None

    async def ask(self, variants: Sequence[Variant], collect: Collect) -> None:
        """See `FrequencySource.ask`: requests of 25 variants, at most so many a minute."""
        wanted: list[tuple[int, Variant, Variant]] = []
        for index, variant in enumerate(variants):
            kept = self.cache.get(self._key(variant))
            local = in_build(variant, self.entry.assembly, self.liftover)
            if not self.entry.exact:
                collect(index, self._silent(Outcome.NOT_ASKED, "exact questions are forbidden for gnomAD"))
            elif kept is not None and not kept.stale:
                collect(index, kept.answer)
            elif local is None or not local.ref or not local.alt:
                collect(index, self._silent(Outcome.NOT_ASKED, f"no checked place on {self.entry.assembly}"))
            else:
                wanted.append((index, variant, local))
        for first in range(0, len(wanted), ALIASES):
            await self._ask_batch(wanted[first : first + ALIASES], collect)

    def rest(self, reason: str) -> None:
        """Leave gnomAD alone for a while: it answered nothing within a deadline."""
        self.wire.breaker.failed(reason, self.wire.breaker.rest_s)

    async def _ask_batch(self, batch: Sequence[tuple[int, Variant, Variant]], collect: Collect) -> None:
        named = tuple(spelled(local) for _, _, local in batch)
        await self.audit.keep(Question(self.name, "exact", len(batch), now(), named))
        try:
            await self._wait_for_turn()
            answers = read_response(
                await self.wire.send("POST", self.entry.url, body=self._body([v for _, _, v in batch])),
                [_id_of(local) for _, _, local in batch],
            )
        except SourceUnavailable as unavailable:
            for index, _, _ in batch:
                collect(index, self._silent(Outcome.FAILED, unavailable.message))
            return
        for (index, variant, _), found in zip(batch, answers, strict=True):
            answer = self._answer(found)
            self.cache.put(self._key(variant), answer)
            collect(index, answer)

    async def _wait_for_turn(self) -> None:
        moment = time.monotonic()
        while self._sent and self._sent[0] <= moment - _MINUTE_S:
            self._sent.popleft()
        if len(self._sent) >= self.entry.requests_per_minute:
            await asyncio.sleep(self._sent[0] + _MINUTE_S - moment)
            self._sent.popleft()
        self._sent.append(time.monotonic())

    def _body(self, variants: Sequence[Variant]) -> dict[str, Any]:
        roots = " ".join(
            f'v{number}:variant(variantId:"{_id_of(v)}",dataset:$d){_FIELDS}'
            for number, v in enumerate(variants)
        )
        return {
            "query": f"query($d:DatasetId!){{{roots}}}",
            "variables": {"d": self.entry.dataset},
        }

    def _key(self, variant: Variant) -> tuple[str, str, str, str]:
        return key_of(self.name, self.entry.dataset, "graphql", variant)

    def _silent(self, outcome: Outcome, reason: str) -> SourceAnswer:
        asked = outcome is not Outcome.NOT_ASKED
        return without_answer(self.name, None, outcome, reason, asked=asked)

    def _without_counts(self, outcome: Outcome, reason: str) -> SourceAnswer:
        answer = self._silent(outcome, reason)
        return replace(answer, dataset=self.entry.dataset, version=self.entry.dataset)

    def _answer(self, found: "GnomadVariant | str | None") -> SourceAnswer:
        if isinstance(found, str):
            return self._silent(Outcome.FAILED, found)
        if found is None:
            return self._without_counts(Outcome.NOT_LISTED, "not listed: reference, not covered or filtered")
        if not found.frequency.allele_number:
            return self._without_counts(Outcome.NOT_COVERED, "nobody was genotyped there")
        outcome = Outcome.OBSERVED if found.frequency.allele_count else Outcome.CALLED_ABSENT
        reason = f"gnomAD's filters: {', '.join(found.filters)}" if found.filters else None
        return SourceAnswer(
            self.name,
            None,
            outcome,
            found.frequency,
            found.groups,
            None,
            self.entry.dataset,
            self.entry.dataset,
            reason,
            now(),
        )

    async def close(self) -> None:
        """Close connections."""
        await self.wire.close()


@dataclass(frozen=True, slots=True)
class GnomadVariant:
    """Joint counts where gnomAD has them, else exomes and genomes added up (their people are disjoint)."""

    frequency: AlleleFrequency
    groups: tuple[GroupFrequency, ...]
    filters: tuple[str, ...]


def _id_of(variant: Variant) -> str:
    return f"{variant.chrom}-{variant.pos}-{variant.ref}-{variant.alt}"


def read_response(body: bytes, asked: Sequence[str]) -> list[GnomadVariant | str | None]:
    """One entry per alias: counts of the id asked, None for "Variant not found", or the reason of a failure.

    Raises:
        SourceUnavailable: the whole answer is an error, which comes as HTTP 200.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SourceUnavailable("the answer is not complete JSON") from error
    if not isinstance(document, dict):
        raise SourceUnavailable("the answer is not an object")
    by_alias, whole = _errors(document)
    found = document.get("data")
    if whole and not isinstance(found, dict):
        raise SourceUnavailable(f"gnomAD answered with an error: {whole}")
    if not isinstance(found, dict):
        raise SourceUnavailable("the answer has no data")
    answers: list[GnomadVariant | str | None] = []
    for number, name in enumerate(asked):
        alias = f"v{number}"
        message = by_alias.get(alias)
        if message is not None and "not found" in message.casefold():
            answers.append(None)
        elif message is not None or not isinstance(found.get(alias), dict):
            answers.append(message or whole or "gnomAD gave neither counts nor a reason")
        elif found[alias].get("variant_id") not in (None, name):
            answers.append("gnomAD answered about another variant")
        else:
            answers.append(_read_variant(found[alias]))
    return answers


def _errors(document: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    by_alias: dict[str, str] = {}
    whole = ""
    listed = document.get("errors")
    for error in listed if isinstance(listed, list) else ():
        message = str(error.get("message", "error"))[:120] if isinstance(error, dict) else "error"
        path = error.get("path") if isinstance(error, dict) else None
        if isinstance(path, list) and path:
            by_alias[str(path[0])] = message
        else:
            whole = message
    return by_alias, whole


def _read_variant(content: Mapping[str, Any]) -> GnomadVariant | str:
    parts = [content[key] for key in ("joint",) if isinstance(content.get(key), dict)] or [
        content[key] for key in ("exome", "genome") if isinstance(content.get(key), dict)
    ]
    if not parts:
        return "gnomAD gave no counts"
    try:
        frequencies = [_frequency(part) for part in parts]
        total = AlleleFrequency(
            sum(f.allele_count for f in frequencies),
            sum(f.allele_number for f in frequencies),
            sum(f.homozygotes or 0 for f in frequencies),
            sum(f.hemizygotes or 0 for f in frequencies),
        )
        groups = tuple(_groups(parts))
    except (KeyError, TypeError, ValueError):
        return "gnomAD's counts cannot be read"
    filters = tuple(dict.fromkeys(str(name) for part in parts for name in part.get("filters") or ()))
    return GnomadVariant(total, groups, filters)


def _frequency(part: Mapping[str, Any]) -> AlleleFrequency:
    return AlleleFrequency(
        int(part["ac"]),
        int(part["an"]),
        int(part.get("homozygote_count") or 0),
        int(part.get("hemizygote_count") or 0),
    )


def _groups(parts: Sequence[Mapping[str, Any]]) -> Iterator[GroupFrequency]:
    """Ancestry groups, added up over exomes and genomes."""
    added: dict[str, list[AlleleFrequency]] = {}
    for row in (row for part in parts for row in part.get("populations") or ()):
        # `afr_XX` splits a group by sex; `XX` and `XY` split everybody.
        if "_" not in row["id"]:
            added.setdefault(str(row["id"]), []).append(_frequency(row))
    for name, found in added.items():
        total = AlleleFrequency(sum(f.allele_count for f in found), sum(f.allele_number for f in found))
        yield GroupFrequency(name, total)
