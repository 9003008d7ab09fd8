"""A column store as a local frequency source: a national sites file, or gnomAD's, on this machine."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from service.domain.assembly import Assembly
from service.domain.frequency import SourceAnswer
from service.domain.frequency_sources import NodeEntry
from service.domain.variant import Variant
from service.frequency.allele_counts import AlleleCounts, ListedAllele, UncountedAllele, WhyUncounted
from service.frequency.column_store.alleles import NOT_SNV, allele_key, parsimonious, snv_code
from service.frequency.column_store.store import ColumnStore, Int
from service.frequency.counted_answer import answer_from_counts, unlisted_answer
from service.frequency.indel_spelling import ReferenceBases
from service.frequency.listed_elsewhere import listed_elsewhere
from service.frequency.other_build import third_alleles, turned_answer
from service.frequency.source import Liftover, in_build


class ColumnStoreSource:
    """Counts of a store; opened on first use. Its build, dataset and version are those that it states."""

    def __init__(
        self, entry: NodeEntry, liftover: Liftover | None = None, reference: ReferenceBases | None = None
    ) -> None:
        assert entry.snapshot is not None
        self._entry = entry
        self._path = Path(entry.snapshot)
        self._liftover = liftover
        self._reference = reference
        self._store: ColumnStore | None = None
        self._built_at = ""
        self._opening = threading.Lock()

    def look_up(self, variants: Sequence[Variant]) -> Sequence[SourceAnswer | None]:
        """One answer per variant; None where the store does not list it.

        Raises:
            InvalidInput: the file is no column store.
        """
        store = self._opened()
        assembly = Assembly(store.assembly)
        found: list[SourceAnswer | None] = [None] * len(variants)
        placed = [
            (index, local)
            for index, variant in enumerate(variants)
            if (local := in_build(variant, assembly, self._liftover)) is not None
        ]
        for index, counts in self._counts(store, placed):
            found[index] = self._answer(store, counts)
        # The alternate allele of one build may be the reference of the other.
        swapped = [
            (index, Variant(local.assembly, local.chrom, local.start, local.alt, local.ref))
            for index, local in placed
            if found[index] is None and variants[index].assembly is not assembly
        ]
        places = dict(placed)
        for index, counts in self._counts(store, swapped):
            thirds = list(enumerate(third_alleles(places[index])))
            others = dict(self._counts(store, thirds))
            stated = [self._answer(store, others[n]) if n in others else None for n, _ in thirds]
            found[index] = turned_answer(self._answer(store, counts), assembly.value, stated or None)
        moved = [
            (index, same)
            for index, local in placed
            if found[index] is None
            and (same := listed_elsewhere(local, store.between, self._reference)) is not None
        ]
        for index, counts in self._counts(store, moved):
            found[index] = self._answer(store, counts)
        return found

    def unlisted(self, variant: Variant) -> SourceAnswer:
        """A miss of this store, or that its build has no such place."""
        store = self._opened()
        assembly = Assembly(store.assembly)
        elsewhere = None if in_build(variant, assembly, self._liftover) is not None else assembly
        return unlisted_answer(self._entry, store.dataset, store.version, self._built_at, elsewhere)

    def _opened(self) -> ColumnStore:
        with self._opening:
            if self._store is None:
                self._store = ColumnStore(self._path)
                changed = self._path.stat().st_mtime
                self._built_at = datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")
            return self._store

    def _answer(self, store: ColumnStore, counts: ListedAllele) -> SourceAnswer:
        return answer_from_counts(self._entry, counts, store.dataset, store.version, self._built_at)

    def _counts(
        self, store: ColumnStore, wanted: Sequence[tuple[int, Variant]]
    ) -> list[tuple[int, ListedAllele]]:
        """Index and counts of those variants that the store lists."""
        by_chrom: dict[str, list[tuple[int, Variant]]] = {}
        for index, variant in wanted:
            if variant.ref and variant.alt:
                by_chrom.setdefault(variant.chrom, []).append((index, variant))
        listed: list[tuple[int, ListedAllele]] = []
        for chrom, rows in by_chrom.items():
            spelled = [parsimonious(v.start, v.ref.encode(), v.alt.encode()) for _, v in rows]
            codes = [snv_code(ref, alt) for _, ref, alt in spelled]
            keys = [
                0 if code != NOT_SNV else allele_key(ref, alt)
                for code, (_, ref, alt) in zip(codes, spelled, strict=True)
            ]
            alleles = {number: (ref, alt) for number, (_, ref, alt) in enumerate(spelled)}
            groups: dict[int, Int] = {}
            counts, numbers, homozygotes = store.lookup(
                chrom,
                np.array([start for start, _, _ in spelled], np.int64),
                np.array(codes, np.uint8),
                np.array(keys, np.uint64),
                alleles,
                groups,
            )
            for number, ((index, variant), ac, an, hom) in enumerate(
                zip(rows, counts.tolist(), numbers.tolist(), homozygotes.tolist(), strict=True)
            ):
                if ac < -1:
                    place = (chrom, variant.start, variant.ref, variant.alt)
                    listed.append((index, UncountedAllele(*place, WhyUncounted(-1 - ac))))
                elif ac >= 0:
                    people = None if hom < 0 else hom
                    found = AlleleCounts(chrom, variant.start, variant.ref, variant.alt, ac, an, people)
                    listed.append((index, _with_groups(found, store.groups, groups.get(number))))
        return listed


def _with_groups(counts: AlleleCounts, names: Sequence[str], split: Int | None) -> AlleleCounts:
    """The counts with those of their groups: sexes as such, the others by ancestry."""
    if split is None:
        return counts
    found = {name: (ac, an) for name, (ac, an) in zip(names, split.tolist(), strict=True)}
    women, men = found.pop("XX", None), found.pop("XY", None)
    return replace(
        counts,
        by_sex=(women, men) if women is not None and men is not None else None,
        ancestry=tuple((name, ac, an) for name, (ac, an) in found.items()),
    )
