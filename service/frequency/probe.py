"""Finding out how a node wants to be asked, from its answers to questions about canaries."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from service.domain.assembly import Assembly
from service.domain.frequency_sources import Canary, Dialect, NodeEntry, VariantTypeUse
from service.errors import SourceUnavailable
from service.frequency.beacon_answer import read_variant
from service.frequency.beacon_document import BeaconDocument
from service.frequency.canary import CanaryWatch, is_shown
from service.frequency.dialect import candidate_dialects, indel_uses
from service.frequency.indel_spelling import canary_forms
from service.frequency.own_canaries import (
    LIKELY_CHROMOSOMES,
    OTHER_CHROMOSOMES,
    whole_chromosomes,
)
from service.frequency.probe_asker import ProbeAsker
from service.frequency.reading import Reading
from service.frequency.wire import NodeWire

# The usual forms are tried with the commonest canary, and the commonest forms with every canary, for nodes
# that hold a few regions only; in the end all forms with the commonest canary, and some with the next ones.
_COMMON, _USUAL, _KNOWN, _NEXT_CANARIES = 8, 25, 60, 4
_WAVE = 8
# Every shipped SNV canary is several times commoner than this in every European population.
_RARE = 0.02

Try = tuple[Dialect, Canary]


def _rounds(canaries: Sequence[Canary]) -> tuple[list[Try], list[Try]]:
    """Forms and canaries, likeliest first: what is tried before ranges are, and what is tried after."""
    forms = candidate_dialects()
    first, others = canaries[:1], canaries[1:_NEXT_CANARIES]
    likely = [(form, canary) for canary in first for form in forms[:_USUAL]]
    likely += [(form, canary) for canary in canaries[1:] for form in forms[:_COMMON]]
    likely += [(form, canary) for canary in first for form in forms[_USUAL:_KNOWN]]
    rest = [(form, canary) for canary in others for form in forms[_COMMON:_USUAL]]
    rest += [(form, canary) for canary in first for form in forms[_KNOWN:]]
    return likely, rest


def _is_common(reading: Reading) -> bool:
    value = reading.frequency.value if reading.frequency else reading.reported
    return value is not None and value > _RARE


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """A node's dialect, the canaries that showed it, and how many questions it took.

    A canary is None where no variant of its kind was found: misses of that kind do not count. `own` are
    those that the node itself named in answer to a range query, in its build.
    """

    dialect: Dialect
    snv: Canary | None
    indel: Canary | None
    questions: int
    version: str | None = None

    @property
    def own(self) -> tuple[Canary, ...]:
        """Canaries that are not of the shipped list."""
        return tuple(c for c in (self.snv, self.indel) if c is not None and c.grch38 == c.grch37)


class Prober:
    """Asks one node. `entry.url` may point at the API root, at `/g_variants`, or at the host."""

    def __init__(self, wire: NodeWire, entry: NodeEntry, canaries: Sequence[Canary]) -> None:
        self._entry = entry
        self._asker = ProbeAsker(wire, entry)
        self._snvs = [canary for canary in canaries if canary.kind == "snv"]
        self._indels = [canary for canary in canaries if canary.kind == "indel"]

    @property
    def questions(self) -> int:
        """How many questions were sent."""
        return self._asker.questions

    @property
    def answered(self) -> bool:
        """Whether the node gave at least one answer that is one."""
        return self._asker.answered

    async def find(self) -> ProbeFinding:
        """The dialect. Raises SourceUnavailable when the node does not answer, or shows no canary."""
        likely, rest = _rounds(self._snvs)
        found = (
            await self._by_canaries(likely)
            or await self._by_ranges(whole_chromosomes(LIKELY_CHROMOSOMES))
            or await self._by_canaries(rest)
            or await self._by_ranges(whole_chromosomes(OTHER_CHROMOSOMES))
        )
        if found is not None:
            return found
        if self._asker.denied is not None:
            raise self._asker.denied
        raise SourceUnavailable(
            f"no form of question finds a common variant there ({self._asker.questions} questions asked)"
        )

    async def _by_canaries(self, tries: Sequence[Try]) -> ProbeFinding | None:
        left, at_once = list(tries), 1
        # The commonest form alone, to spare budgets; the others some at a time, to spare time.
        while left := [each for each in left if each[0].method not in self._asker.unusable]:
            useful, left = left[:at_once], left[at_once:]
            at_once = _WAVE
            shown = await asyncio.gather(*(self._shows(*each) for each in useful))
            for dialect, (_, canary) in zip(shown, useful, strict=True):
                if dialect is not None:
                    return await self._completed(dialect, canary)
        return None

    async def _completed(self, dialect: Dialect, snv: Canary) -> ProbeFinding:
        """The rest of a dialect, once its form for SNVs is known."""
        ranges, shipped = await asyncio.gather(
            self._takes_ranges(dialect, snv), self._indel_form(dialect, self._indels)
        )
        dialect = replace(dialect, range_queries=ranges)
        if shipped is None and ranges:
            _, own = await self._asker.listed(dialect, snv.on(dialect.assembly).chrom)
            shipped = await self._indel_form(dialect, [own]) if own is not None else None
        found, indel = shipped or (dialect, None)
        found = replace(found, range_queries=ranges)
        return ProbeFinding(found, snv, indel, self._asker.questions, self._asker.version)

    async def _shows(self, dialect: Dialect, canary: Canary) -> Dialect | None:
        """The dialect as completed by an answer that shows the canary; None when it does not."""
        variant = canary.on(dialect.assembly)
        reading, document = await self._asker.ask(dialect, variant)
        if document is not None and (reading is None or not reading.matched):
            # Some nodes number the bases of their records from 1.
            numbered = replace(dialect, answered_origin=1)
            other = read_variant(document, variant, self._entry, numbered)
            if other.matched:
                dialect, reading = numbered, other
        if reading is not None and reading.matched:
            if not _is_common(reading) and (dialect.asked_origin or dialect.answered_origin):
                return None  # a rare variant of the base beside the canary
            return replace(dialect, frequency_key=next(iter(reading.keys), dialect.frequency_key))
        if document is None or not await self._is_boolean(dialect, canary, document):
            return None
        # It may give records to those who ask for them where it looks.
        outer = replace(dialect, outer_envelope=True)
        reading, _ = await self._asker.ask(outer, canary.on(dialect.assembly))
        return outer if reading is not None and reading.matched else replace(dialect, granularity="boolean")

    async def _is_boolean(self, dialect: Dialect, canary: Canary, document: BeaconDocument) -> bool:
        """Whether the node says yes to the canary without a record, and no to one that cannot exist."""
        if not document.exists or document.records or document.granularity not in ("boolean", "count"):
            return False
        variant = canary.on(dialect.assembly)
        other = next(base for base in "ACGT" if base not in (variant.ref, variant.alt))
        _, control = await self._asker.ask(dialect, replace(variant, alt=other * 7))
        return control is not None and control.exists is False

    async def _indel_form(
        self, dialect: Dialect, canaries: Sequence[Canary]
    ) -> tuple[Dialect, Canary] | None:
        """The dialect with how indels are asked for, and the canary that shows it; None where none is found.

        Canaries in repeats come first, in every spelling: they alone show where the node places indels.
        """
        for canary in sorted(canaries, key=lambda each: not each.room):
            for style, variant in (("left", canary.on(dialect.assembly)), *canary_forms(canary, dialect)):
                forms = [
                    replace(dialect, variant_type=use, indels=style)
                    for use in indel_uses(dialect.variant_type)
                ]
                tried = await asyncio.gather(*(self._asker.ask(form, variant) for form in forms))
                for form, (reading, _) in zip(forms, tried, strict=True):
                    if reading is not None and is_shown(reading):
                        return form, canary
        return None

    async def _takes_ranges(self, dialect: Dialect, canary: Canary) -> bool:
        """Whether a range query around the canary returns it."""
        variant = canary.on(dialect.assembly)
        document = await self._asker.ask_range(dialect, variant.chrom, variant.start, variant.end)
        return document is not None and read_variant(document, variant, self._entry, dialect).matched

    async def _by_ranges(self, ranges: Iterable[tuple[Dialect, Sequence[str]]]) -> ProbeFinding | None:
        """A node that lists none of the shipped canaries: what it lists itself becomes its canary."""
        for dialect, wave in ranges:
            if dialect.method in self._asker.unusable:
                continue
            for snv, indel in await asyncio.gather(*(self._asker.listed(dialect, chrom) for chrom in wave)):
                form = await self._exact_form(dialect, snv) if snv is not None else None
                if form is not None and snv is not None and await self._reads_the_build(form, snv):
                    return await self._completed(form, snv)
                only = await self._indel_form(dialect, [indel]) if indel is not None else None
                if only is not None and indel is not None:
                    form = only[0]
                    if await self._reads_the_build(form, indel):
                        return ProbeFinding(form, None, indel, self._asker.questions, self._asker.version)
        return None

    async def _exact_form(self, dialect: Dialect, canary: Canary) -> Dialect | None:
        """How the node wants an exact question, given how it takes ranges."""
        for use in (VariantTypeUse.NEVER, VariantTypeUse.ALWAYS):
            for end in (False, True):
                shown = await self._shows(replace(dialect, variant_type=use, end=end), canary)
                if shown is not None:
                    return shown
        return None

    async def _reads_the_build(self, dialect: Dialect, own: Canary) -> bool:
        """Whether a canary that the node named itself is not found when the other build is asked for.

        A node that finds it in both builds does not look at assemblyId: nobody knows which build it holds.
        """
        other = Assembly.GRCH37 if dialect.assembly is Assembly.GRCH38 else Assembly.GRCH38
        place = own.on(dialect.assembly)
        control = replace(dialect, assembly_id=other.value)
        reading, _ = await self._asker.ask(control, place)
        return reading is None or not reading.matched

    def watch(self, finding: ProbeFinding, canaries: Sequence[Canary]) -> CanaryWatch:
        """A watch that knows the canaries that the probe found."""
        watch = CanaryWatch(canaries)
        for kind, canary in (("snv", finding.snv), ("indel", finding.indel)):
            if canary is not None:
                watch.found(canary)
            else:
                watch.problem[kind] = f"no common {kind} is found there, so that nothing vouches for misses"
        return watch
