"""The records of one case by place, and what each says about a site."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from service.domain.variant import GenotypeRecord
from service.pgx.site_view import WINDOW, SiteView
from service.pgx.spelling import (
    REFERENCE_BLOCK_ALTS,
    Edit,
    Effect,
    allele_after,
    base_after,
    edit_of,
    is_readable,
    left_aligned,
)

# Of a longer REF, this many bases are looked at: the rest is a deletion of whole exons.
LONGEST = 500


class RecordIndex:
    """Records by place. Those that are longer than one base are also found from their surroundings.

    `plain` holds the reference base of places that have one record, homozygous for a single reference base,
    and lie in no other.
    """

    __slots__ = ("_at", "_inside", "_long", "_long_starts", "plain")

    def __init__(self, records: Sequence[GenotypeRecord]) -> None:
        self._at: dict[tuple[str, int], list[GenotypeRecord]] = {}
        self._long: dict[str, list[GenotypeRecord]] = {}
        self._inside: dict[tuple[str, int], list[GenotypeRecord]] = {}
        for record in sorted(records, key=lambda r: r.line):
            self._at.setdefault((record.chrom, record.start), []).append(record)
            if len(record.ref) > 1 or any(len(alt) > 1 for alt in record.alts):
                self._long.setdefault(record.chrom, []).append(record)
                for position in range(record.start + 1, min(record.end, record.start + LONGEST)):
                    self._inside.setdefault((record.chrom, position), []).append(record)
        self.plain: dict[tuple[str, int], str] = {
            place: found[0].ref
            for place, found in self._at.items()
            if len(found) == 1 and _is_plain(found[0]) and place not in self._inside
        }
        self._long_starts: dict[str, list[int]] = {}
        for chrom, found in self._long.items():
            found.sort(key=lambda r: (r.start, r.line))
            self._long_starts[chrom] = [record.start for record in found]

    def at(self, place: tuple[str, int]) -> list[GenotypeRecord] | None:
        """Records that start at a place, in the file's order."""
        return self._at.get(place)

    def reaching(self, place: tuple[str, int]) -> list[GenotypeRecord] | None:
        """Records that start before a place and have it in their REF, in the file's order."""
        return self._inside.get(place)

    def near(self, view: SiteView) -> list[GenotypeRecord]:
        """Records that could concern a site, in the file's order."""
        found = {id(r): r for p in range(view.start, view.end) for r in self._at.get((view.chrom, p), ())}
        starts = self._long_starts.get(view.chrom, [])
        low = bisect_left(starts, view.start - WINDOW)
        for record in self._long.get(view.chrom, [])[low:]:
            if record.start > view.end + WINDOW:
                break
            found[id(record)] = record
        return sorted(found.values(), key=lambda r: r.line)


def _is_plain(record: GenotypeRecord) -> bool:
    return record.genotype == (0, 0) and record.passed and len(record.ref) == 1


@dataclass(frozen=True, slots=True)
class Statement:
    """What one record says about one site: the allele per index of the record, None where it says nothing.

    `effects[0]` is the reference. An `Effect` marks alleles that cannot be read as a base string.
    """

    record: GenotypeRecord
    effects: tuple[str | Effect, ...]

    @property
    def alternates(self) -> frozenset[str]:
        """The alleles other than the reference that the record tells apart."""
        return frozenset(e for e in self.effects[1:] if isinstance(e, str) and e != self.effects[0])


def statements(view: SiteView, records: Sequence[GenotypeRecord]) -> tuple[list[Statement], list[str]]:
    """Statements of those records that address the site, and reasons why others were discarded."""
    base_at = _local_reference(view, records)
    documented = {} if view.single_base else view.edits(base_at)
    elsewhere = frozenset(edit for neighbour in view.neighbours for edit in neighbour.edits(base_at))
    found: list[Statement] = []
    discarded: list[str] = []
    removed: list[str] = []
    for record in records:
        if not _reference_agrees(view, record):
            if record.start == view.start:
                discarded.append(f"REF on line {record.line} is not the reference base there")
            continue
        if view.single_base:
            effects = tuple(_single_base_effects(view, record))
        else:
            effects = tuple(_indel_effects(view, record, documented, base_at))
        if elsewhere:
            effects = tuple(_of_neighbours(record, effects, elsewhere - documented.keys(), base_at))
        statement = Statement(record, (view.ref, *effects))
        if _addresses(view, statement):
            found.append(statement)
        elif any(index and statement.effects[index] is Effect.GONE for index in record.genotype):
            removed.append(f"a longer change on line {record.line} removes the site on one strand or both")
    # What a record of the site itself says comes first; without one, a deletion over it is no silence.
    return found, discarded if found else [*discarded, *removed]


def _addresses(view: SiteView, statement: Statement) -> bool:
    record = statement.record
    if statement.alternates:
        return True
    if (record.start, record.ref) in ((view.start, view.ref), view.block):
        return True
    blank = all(alt in REFERENCE_BLOCK_ALTS for alt in record.alts)
    spans = record.start <= view.start and record.end >= view.end
    return spans and (blank or _spells_bases(record))


def _spells_bases(record: GenotypeRecord) -> bool:
    """Whether the sample carries a substitution of several bases: its alleles spell every one of them."""
    alleles = [record.allele(index) for index in record.genotype]
    same_length = all(a is not None and is_readable(a) and len(a) == len(record.ref) for a in alleles)
    return len(record.ref) > 1 and any(record.genotype) and same_length


def _reference_agrees(view: SiteView, record: GenotypeRecord) -> bool:
    low, high = max(view.start, record.start), min(view.end, record.end)
    return low >= high or (
        record.ref[low - record.start : high - record.start] == view.ref[low - view.start : high - view.start]
    )


def _single_base_effects(view: SiteView, record: GenotypeRecord) -> Iterator[str | Effect]:
    for alt in record.alts:
        if not is_readable(alt):
            yield Effect.UNREADABLE
        elif len(alt) == 1 == len(record.ref):
            yield alt if record.start == view.start else Effect.UNTOUCHED
        else:
            edit = edit_of(record.start, record.ref, alt)
            # An insertion is an allele of this base only where it is written at it.
            elsewhere = not edit.removed and (record.start != view.start or record.ref != view.ref)
            yield Effect.UNTOUCHED if elsewhere else base_after(edit, view.start, view.ref)


def _indel_effects(
    view: SiteView,
    record: GenotypeRecord,
    documented: Mapping[Edit, str],
    base_at: Callable[[int], str | None],
) -> Iterator[str | Effect]:
    spans_site = record.start <= view.start and record.end >= view.end
    for alt in record.alts:
        if not is_readable(alt):
            yield Effect.UNREADABLE
            continue
        edit = left_aligned(edit_of(record.start, record.ref, alt), base_at)
        yield allele_after(edit, view.start, view.ref, documented, spans_site=spans_site)


def _of_neighbours(
    record: GenotypeRecord,
    effects: Sequence[str | Effect],
    elsewhere: Set[Edit],
    base_at: Callable[[int], str | None],
) -> Iterator[str | Effect]:
    for alt, effect in zip(record.alts, effects, strict=True):
        if effect is Effect.UNREADABLE:
            yield effect
        else:
            edit = left_aligned(edit_of(record.start, record.ref, alt), base_at)
            yield Effect.NEIGHBOUR if edit in elsewhere else effect


def _local_reference(view: SiteView, records: Sequence[GenotypeRecord]) -> Callable[[int], str | None]:
    """Reference bases around the site: the definition's, and where it knows none, the records' own REF."""
    known: dict[int, str] = {}
    if view.single_base and not view.neighbours:
        return known.get
    for record in records:
        for offset, base in enumerate(record.ref):
            known.setdefault(record.start + offset, base)
    for neighbour in view.neighbours:
        known |= neighbour.context
        known |= {neighbour.start + offset: base for offset, base in enumerate(neighbour.ref)}
    known |= view.context
    known |= {view.start + offset: base for offset, base in enumerate(view.ref)}
    return known.get
