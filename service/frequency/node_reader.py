"""What one node says of one variant: asked in every spelling and form in which it may keep it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from service.domain.frequency import Outcome
from service.domain.frequency_sources import Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.audit_trail import AuditTrail
from service.frequency.budget import QuestionBudget
from service.frequency.canary import CanaryWatch
from service.frequency.dialect import unproven_forms
from service.frequency.exact import ask_exact, ask_swapped, not_understood
from service.frequency.indel_spelling import ReferenceBases, forms_of
from service.frequency.missed_indel import MissedIndel
from service.frequency.other_build import third_alleles
from service.frequency.reading import Reading
from service.frequency.source import Question, now, spelled
from service.frequency.wire import NodeWire

# An insertion that no cohort has.
_NOWHERE = "GATTACACATTAG"


@dataclass(frozen=True, slots=True)
class Found:
    """A reading; `swapped` where the change was found the other way round, in another build.

    `unvouched` marks a miss that rests on a range in which the node lists nothing at all: it counts only
    where range questions are seen to work.
    """

    reading: Reading
    swapped: bool = False
    unvouched: bool = False


class NodeReader:
    """Questions to one node about single variants, each on record before it is sent.

    All methods that ask raise SourceUnavailable, or StorageUnavailable where the record cannot be kept.
    """

    def __init__(
        self,
        entry: NodeEntry,
        wire: NodeWire,
        watch: CanaryWatch,
        audit: AuditTrail,
        reference: ReferenceBases | None,
    ) -> None:
        self.entry = entry
        self.wire = wire
        self.watch = watch
        self.audit = audit
        self.budget = QuestionBudget(entry.budget_per_minute)
        self.version: str | None = None
        self._reference = reference
        self._claims: bool | None = None

    async def keep(self, variants: Sequence[Variant]) -> None:
        """Put exact questions on record before they are sent. Raises StorageUnavailable."""
        named = tuple(map(spelled, variants))
        await self.audit.keep(Question(self.entry.id, "exact", len(named), now(), named))

    def note_canaries(self, questions: int) -> None:
        """Put questions on record that are the same for every patient."""
        self.audit.note(Question(self.entry.id, "canary", questions, now()))

    async def read(self, dialect: Dialect, variant: Variant) -> Reading:
        """One question and what its answer says."""
        reading = await ask_exact(self.wire, self.entry, dialect, variant)
        if reading.claimed and await self._claims_everything(dialect):
            said = "not listed: no record, from a node that says yes to whatever it is asked"
            reading = replace(reading, outcome=Outcome.NOT_LISTED, reasons=(said,))
        if reading.version is not None and reading.version != self.version:
            self.version = reading.version
        return reading

    async def _claims_everything(self, dialect: Dialect) -> bool:
        """Whether the node says, without a record, that it lists a variant that cannot exist."""
        if self._claims is None:
            canary = next(iter(self.watch.known.values()), None)
            if canary is None:
                return False
            place = canary.on(dialect.assembly)
            self.note_canaries(1)
            control = await ask_exact(self.wire, self.entry, dialect, replace(place, alt=_NOWHERE))
            self._claims = control.claimed
        return self._claims

    async def read_spelled(self, dialect: Dialect, variant: Variant) -> Found:
        """The same in every spelling in which the node may keep the variant. A miss of all is a miss."""
        asked = forms_of(variant, dialect, self._reference)
        reading, missed = None, 0
        for form in asked.forms:
            if form != variant:
                await self.keep([form])
            if reading is not None and not self.budget.take():
                said = "a miss does not count: our budget does not reach for its other spellings"
                return Found(replace(reading, outcome=Outcome.FAILED, reasons=(said,)))
            try:
                answer = await self.read(dialect, form)
            except SourceUnavailable as unavailable:
                if reading is None or not not_understood(unavailable):
                    raise
                continue  # it does not take alleles that are so spelled
            reading, missed = answer, missed + 1
            if reading.matched or reading.outcome is not Outcome.NOT_LISTED:
                return Found(reading)
        assert reading is not None
        if asked.doubt is not None:
            return Found(replace(reading, outcome=Outcome.FAILED, reasons=(asked.doubt,)))
        if asked.by_range:
            indel = MissedIndel(self.wire, self.entry, dialect, self.audit, self.budget, self._reference)
            reading, unvouched = await indel.look_around(variant, reading)
            return Found(reading, unvouched=unvouched)
        if missed > 1:
            said = f"asked for in {missed} spellings, of a node that takes no range questions"
            reading = replace(reading, reasons=(*reading.reasons, said))
        return Found(reading)

    async def read_lifted(self, dialect: Dialect, variant: Variant) -> Found:
        """The same for a variant of the other build, which may be listed the other way round there."""
        try:
            found = await self.read_spelled(dialect, variant)
        except SourceUnavailable as unavailable:
            if not not_understood(unavailable):
                raise
            swapped = await self._ask_swapped(dialect, variant)
            if swapped is None:
                raise
            return Found(swapped, swapped=True)
        if found.reading.matched or found.reading.outcome is not Outcome.NOT_LISTED:
            return found
        swapped = await self._ask_swapped(dialect, variant)
        return found if swapped is None else Found(swapped, swapped=True)

    async def _ask_swapped(self, dialect: Dialect, variant: Variant) -> Reading | None:
        await self.keep([replace(variant, ref=variant.alt, alt=variant.ref)])
        return await ask_swapped(self.wire, self.entry, dialect, variant)

    async def read_thirds(self, dialect: Dialect, variant: Variant) -> list[Reading | None] | None:
        """What else the node lists where its reference is the variant's alternate allele; None: not to say.

        Raises SourceUnavailable also where a node shows neither a record nor a miss.
        """
        others = third_alleles(variant)
        await self.keep(others)
        found: list[Reading | None] = []
        for other in others:
            reading = await self.read(dialect, other)
            if not reading.matched and reading.outcome is not Outcome.NOT_LISTED:
                raise SourceUnavailable(
                    "; ".join(reading.reasons) or "another allele of the site is not told"
                )
            found.append(reading if reading.matched else None)
        return found or None

    async def read_in_any_form(
        self, variant: Variant, in_build: Callable[[Variant, Dialect], Variant | None]
    ) -> Reading:
        """A node that showed no canary: asked in each usual form until a record is the variant."""
        reading, problem = None, None
        for form in unproven_forms(variant):
            local = in_build(variant, form)
            if local is None:
                continue
            try:
                reading = await self.read(form, local)
            except SourceUnavailable as unavailable:
                problem = unavailable
                if self.wire.breaker.refuses():
                    break
                continue
            if reading.matched:
                return reading
        if reading is None:
            raise problem or SourceUnavailable("no form of question fits the variant")
        return reading
