"""Finding out how a node wants to be asked, from its answers to questions about canaries."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from service.domain.frequency_sources import Canary, Dialect, NodeEntry, VariantTypeUse
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.beacon_answer import BeaconDocument, Reading, parse_document, read_variant
from service.frequency.canary import CanaryWatch
from service.frequency.dialect import candidate_dialects, indel_uses, range_question, sequence_question
from service.frequency.wire import LARGEST_PAGE, HttpRefusal, NodeWire

# After this many questions the commonest canary is taken to be absent there, and the next one is tried.
_SHORT_ROUND = 24
_ONE_BY_ONE, _WAVE = 6, 8
_STOPPING = frozenset({401, 403, 429})


def _waves(candidates: Sequence[Dialect]) -> Iterator[Sequence[Dialect]]:
    """The commonest forms one by one, to spare budgets; the rest some at a time."""
    yield from ([dialect] for dialect in candidates[:_ONE_BY_ONE])
    for first in range(_ONE_BY_ONE, len(candidates), _WAVE):
        yield candidates[first : first + _WAVE]


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """A node's dialect, the canaries that showed it, and how many questions it took."""

    dialect: Dialect
    snv: Canary
    indel: Canary | None
    questions: int


class Prober:
    """Asks one node. `entry.url` may point at the API root, at `/g_variants`, or at the host."""

    def __init__(self, wire: NodeWire, entry: NodeEntry, canaries: Sequence[Canary]) -> None:
        self._wire = wire
        self._entry = entry
        self._snvs = [canary for canary in canaries if canary.kind == "snv"]
        self._indels = [canary for canary in canaries if canary.kind == "indel"]
        self._unusable: set[tuple[str, object]] = set()
        self._questions = 0
        self._answered = False
        self._located = False

    @property
    def questions(self) -> int:
        """How many questions were sent."""
        return self._questions

    @property
    def answered(self) -> bool:
        """Whether the node gave at least one answer that is one."""
        return self._answered

    async def find(self) -> ProbeFinding:
        """The dialect. Raises SourceUnavailable when the node does not answer, or shows no canary."""
        dialect, snv = await self._find_snv_form()
        dialect, indel = await self._find_indel_form(dialect)
        dialect = replace(dialect, range_queries=await self._takes_ranges(dialect, snv))
        return ProbeFinding(dialect, snv, indel, self._questions)

    async def _find_snv_form(self) -> tuple[Dialect, Canary]:
        for number, canary in enumerate(self._snvs):
            candidates = candidate_dialects()
            if number:
                candidates = candidates[:_SHORT_ROUND]
            for wave in _waves(candidates):
                useful = [d for d in wave if ("method", d.method) not in self._unusable]
                tried = await asyncio.gather(*(self._shows(d, canary) for d in useful))
                found = next((dialect for dialect in tried if dialect is not None), None)
                if found is not None:
                    return found, canary
        raise SourceUnavailable(
            f"no form of question finds a common variant there ({self._questions} questions asked)"
        )

    async def _shows(self, dialect: Dialect, canary: Canary) -> Dialect | None:
        """The dialect as completed by an answer that shows the canary; None when it does not."""
        reading, document = await self._try(dialect, canary.on(dialect.assembly))
        if reading is not None and reading.matched:
            return replace(dialect, frequency_key=next(iter(reading.keys), dialect.frequency_key))
        if document is not None and await self._is_boolean(dialect, canary, document):
            return replace(dialect, granularity="boolean")
        return None

    async def _try(self, dialect: Dialect, variant: Variant) -> tuple[Reading | None, BeaconDocument | None]:
        """One question; what the node refuses teaches which forms are useless."""
        self._questions += 1
        try:
            body = await self._wire.ask(sequence_question(dialect, variant))
        except HttpRefusal as refusal:
            if refusal.status in _STOPPING:
                raise
            if refusal.status == 404 and not self._located:
                self._move()
                return await self._try(dialect, variant)
            if refusal.status in (404, 405, 501):
                self._unusable.add(("method", dialect.method))
            return None, None
        self._located = True
        try:
            document = parse_document(body)
        except SourceUnavailable:
            return None, None
        self._answered = True
        return read_variant(document, variant, self._entry, dialect), document

    def _move(self) -> None:
        """Try the usual API root below a bare address once."""
        self._located = True
        if not self._wire.url.endswith("/api"):
            self._wire.url = f"{self._wire.url}/api"

    async def _is_boolean(self, dialect: Dialect, canary: Canary, document: BeaconDocument) -> bool:
        """Whether the node says yes to the canary without a record, and no to one that cannot exist."""
        if not document.exists or document.records or document.granularity not in ("boolean", "count"):
            return False
        variant = canary.on(dialect.assembly)
        other = next(base for base in "ACGT" if base not in (variant.ref, variant.alt))
        _, control = await self._try(dialect, replace(variant, alt=other * 7))
        return control is not None and control.exists is False

    async def _find_indel_form(self, dialect: Dialect) -> tuple[Dialect, Canary | None]:
        for canary in self._indels:
            for use in indel_uses(dialect.variant_type):
                tried = replace(dialect, variant_type=VariantTypeUse(use))
                reading, _ = await self._try(tried, canary.on(dialect.assembly))
                if reading is not None and reading.matched:
                    return tried, canary
        return dialect, None

    async def _takes_ranges(self, dialect: Dialect, canary: Canary) -> bool:
        """Whether a range query around the canary returns it."""
        variant = canary.on(dialect.assembly)
        question = range_question(dialect, variant.chrom, variant.start, variant.end, 0)
        self._questions += 1
        try:
            document = parse_document(await self._wire.ask(question, LARGEST_PAGE))
        except HttpRefusal as refusal:
            if refusal.status in _STOPPING:
                raise
            return False
        except SourceUnavailable:
            return False
        return read_variant(document, variant, self._entry, dialect).matched

    def watch(self, finding: ProbeFinding, canaries: Sequence[Canary]) -> CanaryWatch:
        """A watch that knows the canaries that the probe found."""
        watch = CanaryWatch(canaries)
        watch.found(finding.snv)
        if finding.indel is not None:
            watch.found(finding.indel)
        else:
            watch.problem["indel"] = f"none of {len(self._indels)} common indels is found there"
        return watch
