"""An insertion or deletion that a node did not find as it was asked for: looked for in all that lies around.

One node may keep its records in several spellings, of which the canary shows one.
"""

from dataclasses import dataclass, replace

from service.domain.assembly import chromosome_length
from service.domain.frequency import Outcome
from service.domain.frequency_sources import Dialect, GeneRange, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.allele_counts import trim
from service.frequency.audit_trail import AuditTrail
from service.frequency.budget import QuestionBudget
from service.frequency.equivalence import STEPS, judge, sequence_around
from service.frequency.indel_spelling import UNSETTLED, ReferenceBases
from service.frequency.range_reader import RangeReader
from service.frequency.reading import Reading
from service.frequency.source import Question, now, spelled_range
from service.frequency.wire import NodeWire

# A node that asks to wait longer answers too late for a patient's report.
_LONGEST_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class MissedIndel:
    """Range questions behind misses of one node; on record before they are sent, as they name a place."""

    wire: NodeWire
    entry: NodeEntry
    dialect: Dialect
    audit: AuditTrail
    budget: QuestionBudget
    reference: ReferenceBases | None

    async def look_around(self, variant: Variant, missed: Reading) -> tuple[Reading, bool]:
        """The miss, or what it becomes; and whether it rests on a range in which nothing is listed at all."""
        try:
            return await self._look_around(variant, missed)
        except SourceUnavailable as unavailable:
            return _failed(missed, f"the range around it was not told: {unavailable.message}"), False

    async def _look_around(self, variant: Variant, missed: Reading) -> tuple[Reading, bool]:
        change = trim(variant.start, variant.ref, variant.alt)
        length = chromosome_length(variant.assembly, variant.chrom)
        reader = RangeReader(self.wire, self.entry, self.dialect, self._keep, _LONGEST_WAIT_S)
        doubt, empty = True, False
        for step in STEPS:
            low, high = max(0, variant.start - step), min(length, variant.end + step)
            sequence = sequence_around(self.reference, variant.assembly, variant.chrom, low, high)
            if len(sequence) == high - low and judge(change, (), sequence, low, high).farther:
                continue  # a repeat that goes on behind it
            sequence |= dict(enumerate(variant.ref, variant.start))
            rows = await reader.read(GeneRange("", variant.assembly, variant.chrom, low, high))
            here = {key[1:]: reading for key, reading in rows.items() if key[0] == variant.chrom}
            verdict = judge(change, here, sequence, low, high)
            if verdict.listed is not None:
                found = here[verdict.listed]
                return replace(found, reasons=(*found.reasons, "listed there in another spelling")), False
            doubt, empty = verdict.doubt, not rows
            if not verdict.farther:
                break
        return (
            (replace(missed, outcome=Outcome.FAILED, reasons=(UNSETTLED,)), False)
            if doubt
            else (missed, empty)
        )

    async def _keep(self, around: GeneRange) -> None:
        """Raises SourceUnavailable when our budget is spent, StorageUnavailable when nothing can be kept."""
        if not self.budget.take():
            raise SourceUnavailable("our budget does not reach for it")
        await self.audit.keep(Question(self.entry.id, "exact", 1, now(), (spelled_range(around),)))


def _failed(missed: Reading, why: str) -> Reading:
    return replace(missed, outcome=Outcome.FAILED, reasons=(f"a miss does not count: {why}",))
