"""Records -> candidate variant calls on GRCh38: split, trimmed, left-aligned, lifted, merged."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Protocol

from service.domain.assembly import CHROMOSOMES, Assembly
from service.domain.sequence import LiftRefusal
from service.domain.variant import GenotypeRecord, Interval, Variant, VariantCall, Zygosity
from service.variants.allele_masks import structural_kind
from service.variants.issue_log import IssueLog
from service.variants.normalize import ReferenceBases, left_align
from service.variants.parental_origin import parental_origin
from service.variants.ploidy import Ploidy
from service.variants.vcf import SampleRecord

_BASES = frozenset("ACGTN")
AlleleKey = tuple[str, int, str, str]


class Liftover(Protocol):
    """The same change on another assembly, the reference allele checked."""

    def lift(self, variant: Variant, to: Assembly) -> Variant | LiftRefusal:
        """The variant on assembly `to`, or why it has no place there; reasons are few and alike."""


@dataclass(slots=True)
class Candidates:
    """Collects the calls of one sample; the same allele met twice is one call."""

    ploidy: Ploidy
    liftover: Liftover | None
    reference: ReferenceBases | None
    log: IssueLog
    line_word: str = "line"
    not_lifted: Counter[str] = field(default_factory=Counter)
    structural: Counter[str] = field(default_factory=Counter)
    origins: dict[AlleleKey, str] = field(default_factory=dict)
    # Where an allele that the sample carries was not interpreted or has no place on GRCh38.
    unread: list[Interval] = field(default_factory=list)
    # Where a structural allele that it carries did not pass its filters.
    filtered: list[Interval] = field(default_factory=list)
    _calls: dict[Variant, VariantCall] = field(default_factory=dict)

    def add(self, sample: SampleRecord) -> None:
        """The alternate alleles that the sample carries at this record."""
        record = sample.record
        for index in sorted({index for index in record.genotype if index}):
            alt = record.alts[index - 1]
            if alt == "*":  # a deletion that another record describes
                continue
            if not _BASES.issuperset(alt):
                self._note_uninterpreted(alt)
                structural = structural_kind(alt) is not None
                unread = self.filtered if structural and not record.passed else self.unread
                unread.append(Interval(record.chrom, record.start, record.end))
                continue
            self._add_allele(sample, index, alt)

    def calls(self) -> tuple[VariantCall, ...]:
        """All calls, by chromosome and position, whatever the order of records was."""
        return tuple(
            sorted(
                self._calls.values(),
                key=lambda call: (
                    CHROMOSOMES.index(call.variant.chrom),
                    call.variant.start,
                    call.variant.ref,
                    call.variant.alt,
                ),
            )
        )

    def _note_uninterpreted(self, alt: str) -> None:
        # Alleles that the screening pass has counted already are not counted again.
        if structural_kind(alt) is None:
            self.structural["<NON_REF>" if alt.startswith("<") else "alleles that are not bases"] += 1

    def _add_allele(self, sample: SampleRecord, index: int, alt: str) -> None:
        record = sample.record
        if alt == record.ref:
            self.log.record(
                "an ALT allele equals REF; it was not read", where=f"{self.line_word} {record.line}"
            )
            return
        written = Variant(self.ploidy.assembly, record.chrom, record.start, record.ref, alt)
        aligned = left_align(written, self.reference)
        placed = self._on_grch38(aligned)
        if isinstance(placed, LiftRefusal):
            self.not_lifted[placed.reason] += 1
            self.unread.append(Interval(record.chrom, record.start, record.end))
            return
        zygosity = self.ploidy.zygosity(record, index, sample.fractions[index - 1])
        call = VariantCall(
            variant=placed,
            zygosity=zygosity,
            phased=record.phased,
            phase_set=record.phase_set if record.phased else None,
            copy=_copy(record, index),
            filters=record.filters,
            passed=record.passed,
            depth=record.depth,
            allele_fraction=sample.fractions[index - 1],
            rsid=record.rsid,
            line=record.line,
            info=record.info,
            lifted_from=None if aligned.assembly is Assembly.GRCH38 else aligned,
        )
        self._merge(call)
        if sample.father is not None or sample.mother is not None:
            key = (placed.chrom, placed.start, placed.ref, placed.alt)
            self.origins[key] = parental_origin(sample, index, self.ploidy)

    def _on_grch38(self, variant: Variant) -> Variant | LiftRefusal:
        if variant.assembly is Assembly.GRCH38:
            return variant
        if self.liftover is None:
            return LiftRefusal(variant, Assembly.GRCH38, "no liftover is configured")
        lifted = self.liftover.lift(variant, Assembly.GRCH38)
        return left_align(lifted, self.reference) if isinstance(lifted, Variant) else lifted

    def _merge(self, call: VariantCall) -> None:
        earlier = self._calls.get(call.variant)
        if earlier is None:
            self._calls[call.variant] = call
            return
        if earlier.zygosity is not call.zygosity and earlier.passed == call.passed:
            self.log.record(
                "the same variant is in an earlier record with another genotype; its zygosity is left open",
                where=f"{self.line_word} {call.line}",
            )
            self._calls[call.variant] = replace(earlier, zygosity=Zygosity.UNKNOWN, copy=None)
        elif call.passed and not earlier.passed:
            self._calls[call.variant] = call


def _copy(record: GenotypeRecord, index: int) -> int | None:
    """Which of two phased copies carries the allele; None when unphased, on both, or not two copies."""
    if not record.phased or len(record.genotype) != 2 or record.genotype.count(index) != 1:
        return None
    return record.genotype.index(index)
