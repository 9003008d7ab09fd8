"""All records of a site, joined into one genotype: decomposed alleles, duplicates, ploidy, phase."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.domain.assembly import Assembly, in_pseudoautosomal_region
from service.domain.case import Sex
from service.domain.variant import GenotypeRecord
from service.pgx.records import Statement
from service.pgx.site_view import SiteView
from service.pgx.spelling import Effect

Strands = tuple[str | None, ...]
# Marks the phase set of bases that one unphased record changes together.
ONE_RECORD = "one record, line "
HALF_CALL = "only one allele was called, the reference; the other is unknown"


class NotReadable(Exception):  # noqa: N818 - says what happened to a site
    """A site that has records and yet no genotype: `status` is filtered, no-call or discarded."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class MergedGenotype:
    """Alleles per strand; `phase_set` is None within one global block. `reason` says what was noteworthy."""

    bases: Strands
    phased: bool
    phase_set: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Reading:
    statement: Statement
    strands: Strands
    phased: bool
    phase_set: str | None

    @property
    def heterozygous(self) -> bool:
        return len(set(self.strands)) > 1


def merged_genotype(
    view: SiteView,
    found: Sequence[Statement],
    *,
    accept_filtered: bool,
    sex: Sex,
    discarded: Sequence[str],
) -> MergedGenotype:
    """The genotype that the records of a site state together.

    The first readable record wins where several describe the same alleles; records that describe different
    alleles of the site (decomposed ones) are joined strand by strand where phased, by count where not.

    Raises:
        NotReadable: filtered, not called, or contradictory.
    """
    _refuse_filtered(found, accept_filtered=accept_filtered)
    _refuse_unreadable(found)
    notes = list(discarded)
    readings: list[_Reading] = []
    uncalled: list[Statement] = []
    for statement in found:
        if not accept_filtered and not statement.record.passed:
            continue
        if all(index is None for index in statement.record.genotype):
            uncalled.append(statement)
            continue
        reading = _reading(view, statement, sex, notes)
        twin = next((r for r in readings if r.statement.alternates == statement.alternates), None)
        if twin is None:
            readings.append(reading)
        elif twin.strands != reading.strands:
            notes.append(
                f"a second record on line {statement.record.line} says otherwise; the first was used"
            )
    if not readings:
        raise _nothing_read(found, uncalled, discarded)
    merged = _joined(view, readings, notes)
    _refuse_unknown_rest(view, merged, readings, uncalled)
    _refuse_unsupported(merged, readings)
    return _for_sex(view, merged, sex)


def _nothing_read(
    found: Sequence[Statement], uncalled: Sequence[Statement], discarded: Sequence[str]
) -> NotReadable:
    if any(not statement.record.passed for statement in found):
        return NotReadable("filtered", _filters(found))
    if uncalled:
        return NotReadable("no-call", "the record makes no call")
    return NotReadable("discarded", "; ".join(discarded))


def _filters(found: Sequence[Statement]) -> str:
    names = sorted({name for statement in found for name in statement.record.filters})
    return f"the record did not pass its filters ({', '.join(names) or 'not named'})"


def _refuse_filtered(found: Sequence[Statement], *, accept_filtered: bool) -> None:
    """A failed record that shows an allele leaves the site open, whatever its other records say."""
    if accept_filtered:
        return
    failed = [s for s in found if not s.record.passed and any(s.record.genotype)]
    if failed:
        raise NotReadable("filtered", _filters(failed))


def _refuse_unreadable(found: Sequence[Statement]) -> None:
    for statement in found:
        for index in statement.record.genotype:
            if index and statement.effects[index] is Effect.UNREADABLE:
                raise NotReadable("discarded", "the genotype names an allele that is not a base sequence")
            if index and statement.effects[index] is Effect.GONE:
                raise NotReadable("discarded", "a longer change removes the site on one strand or both")


def _reading(view: SiteView, statement: Statement, sex: Sex, notes: list[str]) -> _Reading:
    record = statement.record
    genotype = record.genotype
    if len(genotype) > 2:
        notes.append(f"more than two alleles on line {record.line}; the first two were used")
        genotype = genotype[:2]
    strands = tuple(_allele(view, statement, index) for index in genotype)
    known = [allele for allele in strands if allele is not None]
    if not known:
        raise NotReadable("no-call", "the record makes no call")
    if len(known) == 1:
        if view.chrom == "X" and (sex is Sex.MALE or (sex is Sex.UNKNOWN and len(strands) == 1)):
            strands = (known[0],)
        elif view.chrom == "X" and sex is Sex.UNKNOWN:
            pass  # whether half of a call is one copy of X is told from the other sites of the gene
        elif known[0] == view.ref:
            raise NotReadable("no-call", HALF_CALL)
        elif len(strands) == 1:
            strands = (known[0], None)
    phased = record.phased or len(set(strands)) == 1
    phase_set = record.phase_set if record.phased else None
    if not phased and _is_block(record):
        # Bases changed by one unphased record lie on the same strand.
        phased, phase_set = True, f"{ONE_RECORD}{record.line}"
    return _Reading(statement, strands, phased, phase_set)


def _is_block(record: GenotypeRecord) -> bool:
    return len(record.ref) > 1 and any(len(alt) == len(record.ref) for alt in record.alts)


def _allele(view: SiteView, statement: Statement, index: int | None) -> str | None:
    if index is None:
        return None
    effect = statement.effects[index]
    return view.ref if isinstance(effect, Effect) else effect


def _joined(view: SiteView, readings: Sequence[_Reading], notes: Sequence[str]) -> MergedGenotype:
    reason = "; ".join(notes) or None
    if len(readings) == 1:
        only = readings[0]
        return MergedGenotype(only.strands, only.phased, only.phase_set, reason)
    if len({len(reading.strands) for reading in readings}) > 1:
        raise NotReadable("discarded", "the records of the site differ in ploidy")
    differing = [reading for reading in readings if reading.heterozygous]
    together = all(r.phased for r in differing) and len({r.phase_set for r in differing}) < 2
    if together:
        strands = tuple(_strand(view, column) for column in zip(*(r.strands for r in readings), strict=True))
        phase_set = differing[0].phase_set if differing else None
        return MergedGenotype(strands, True, phase_set, reason)
    counted = _counted(view, readings)
    return MergedGenotype(counted, counted[0] == counted[1], None, reason)


def _strand(view: SiteView, alleles: tuple[str | None, ...]) -> str | None:
    alternates = {allele for allele in alleles if allele is not None and allele != view.ref}
    if len(alternates) > 1:
        raise NotReadable("discarded", "the records of the site put two alleles on one strand")
    if alternates:
        return alternates.pop()
    return None if None in alleles else view.ref


def _counted(view: SiteView, readings: Sequence[_Reading]) -> Strands:
    """Unphased records: each alternate as often as a record has it, the rest reference or unknown."""
    ploidy = len(readings[0].strands)
    copies: Counter[str] = Counter()
    for reading in readings:
        own = Counter(a for a in reading.strands if a is not None and a != view.ref)
        copies |= own
    carried = sorted(copies.elements())
    if len(carried) > ploidy:
        raise NotReadable("discarded", "the records of the site state more alleles than there are strands")
    rest = ploidy - len(carried)
    unknown = any(
        reading.strands.count(None) > len(carried) - _own_count(view, reading) for reading in readings
    )
    filler: list[str | None] = [None if unknown else view.ref] * rest
    return (*filler, *carried)


def _own_count(view: SiteView, reading: _Reading) -> int:
    return sum(allele is not None and allele != view.ref for allele in reading.strands)


def _refuse_unknown_rest(
    view: SiteView, merged: MergedGenotype, readings: Sequence[_Reading], uncalled: Sequence[Statement]
) -> None:
    """A decomposed record without a call leaves strands open that would else be reference."""
    if view.ref not in merged.bases:
        return
    told = frozenset[str]().union(*(reading.statement.alternates for reading in readings))
    if any(statement.alternates - told for statement in uncalled):
        raise NotReadable("no-call", "one of the records of the site makes no call")


def _refuse_unsupported(merged: MergedGenotype, readings: Sequence[_Reading]) -> None:
    """A heterozygous call of which the reads support one allele only (AD, declared per allele)."""
    if len({base for base in merged.bases if base is not None}) < 2:
        return
    support: dict[str, int] = {}
    for allele, depth in _depths(readings):
        support[allele] = max(support.get(allele, 0), depth)
    if support and sum(depth > 0 for depth in support.values()) == 1:
        raise NotReadable("discarded", "heterozygous, but the reads support one allele only (AD)")


def _depths(readings: Sequence[_Reading]) -> Iterator[tuple[str, int]]:
    for reading in readings:
        record = reading.statement.record
        if record.allele_depths is None or len(record.allele_depths) != len(record.alts) + 1:
            continue
        for index, (effect, depth) in enumerate(
            zip(reading.statement.effects, record.allele_depths, strict=True)
        ):
            # Different alleles of one record keep their own count, also where they cannot be spelled here.
            yield effect if isinstance(effect, str) else f"{record.line}:{index}", depth


def _for_sex(view: SiteView, merged: MergedGenotype, sex: Sex) -> MergedGenotype:
    """One copy of X in a male, outside the pseudoautosomal regions."""
    if view.chrom != "X" or sex is not Sex.MALE or len(merged.bases) == 1:
        return merged
    if in_pseudoautosomal_region(Assembly.GRCH38, "X", view.site.start):
        return merged
    if merged.bases[0] != merged.bases[1]:
        raise NotReadable(
            "contradictory", "two different alleles where a male has one copy of the chromosome"
        )
    return MergedGenotype(merged.bases[:1], True, None, merged.reason)
