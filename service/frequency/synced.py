"""Gene ranges fetched from nodes beforehand: the same for every patient, kept with the dataset version."""

import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from cachetools import LRUCache

from service.domain.assembly import Assembly
from service.domain.frequency import AlleleFrequency, GroupFrequency, Outcome, SourceAnswer
from service.domain.frequency_sources import NodeEntry
from service.domain.variant import Variant
from service.frequency.allele_counts import trim
from service.frequency.equivalence import STEPS, judge, sequence_around
from service.frequency.indel_spelling import UNSETTLED, ReferenceBases
from service.frequency.other_build import third_alleles, turned_answer
from service.frequency.source import MOST_ANSWERS, Liftover, in_build
from service.frequency.statistics import bounded
from service.frequency.synced_lines import Key, StoredLines
from service.frequency.synced_store import SyncedManifest, folder_of, held_manifest, same_address

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


class SyncedSource:
    """What was last synced from one node; read on first use, and again after every sync."""

    def __init__(
        self,
        root: Path,
        entry: NodeEntry,
        liftover: Liftover | None = None,
        reference: ReferenceBases | None = None,
    ) -> None:
        self._place = folder_of(root, entry.id)
        self._entry = entry
        self._liftover = liftover
        self._reference = reference
        self._one_at_a_time = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._manifest: SyncedManifest | None = None
        self._lines: StoredLines | None = None
        self._answers: LRUCache[Key, SourceAnswer] = LRUCache(MOST_ANSWERS)
        self._spans: dict[str, tuple[list[int], list[int]]] = {}
        self._miss: SourceAnswer | None = None
        self._unsettled: SourceAnswer | None = None

    def look_up(self, variants: Sequence[Variant]) -> Sequence[SourceAnswer | None]:
        """One answer per variant; None outside the synced ranges, or where nothing was synced."""
        with self._one_at_a_time:
            manifest = self._current()
            if manifest is None:
                return [None] * len(variants)
            assembly = Assembly(manifest.assembly)
            local = [in_build(variant, assembly, self._liftover) for variant in variants]
            keys = [None if v is None else (v.chrom, *trim(v.start, v.ref, v.alt)) for v in local]
            listed = self._listed(dict.fromkeys(key for key in keys if key is not None), manifest)
            return [
                None
                if there is None or key is None
                else listed.get(key) or self._unlisted(key, there, variant.assembly, manifest)
                for variant, there, key in zip(variants, local, keys, strict=True)
            ]

    def unlisted(self, variant: Variant) -> None:
        """Outside of what was synced nothing is known."""

    @property
    def manifest(self) -> SyncedManifest | None:
        """What is held now; None when nothing was synced."""
        with self._one_at_a_time:
            return self._current()

    def _current(self) -> SyncedManifest | None:
        try:
            status = (self._place / "manifest.json").stat()
        except OSError:
            self._manifest = None
            return None
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._load()
            self._stamp = stamp
        return self._manifest

    def _load(self) -> None:
        manifest = held_manifest(self._place)
        if manifest.url and not same_address(manifest.url, self._entry.url):
            self._manifest = None
            return
        self._lines = StoredLines(self._place)
        self._answers.clear()
        self._spans = _merged(manifest.ranges)
        self._manifest = manifest
        self._miss = SourceAnswer(
            self._entry.id,
            self._entry.country,
            Outcome.NOT_LISTED,
            version=manifest.version or None,
            reason="not among the synced variants of its gene: reference, not covered, filtered or withheld",
            asked_at=manifest.fetched_at,
            bottlenecked=self._entry.bottlenecked,
            overlaps_with=self._entry.overlaps_with,
        )
        self._unsettled = replace(self._miss, outcome=Outcome.FAILED, reason=UNSETTLED)

    def _listed(self, keys: Iterable[Key], manifest: SyncedManifest) -> dict[Key, SourceAnswer]:
        """Answers of those variants that are listed: from before, or from their lines."""
        assert self._lines is not None
        found, new = {}, []
        for key in keys:
            kept = self._answers.get(key)
            if kept is None:
                new.append(key)
            else:
                found[key] = kept
        listed = [
            (key, orjson.loads(line)[4:])
            for key, line in zip(new, self._lines.find(new), strict=True)
            if line is not None
        ]
        # All bounds at once, and before the answers are made: they are many, and made once.
        counts = [
            AlleleFrequency(*row) for _, fields in listed for row in _rows_of_counts(fields[1], fields[2])
        ]
        known = iter(bounded(counts))
        for key, fields in listed:
            found[key] = self._answers[key] = self._unpacked(fields, known, manifest)
        return found

    def _unlisted(
        self, key: Key, there: Variant, asked: Assembly, manifest: SyncedManifest
    ) -> SourceAnswer | None:
        """What the store says of a variant that it does not list as spelled: `there` in its own build."""
        if there.assembly is not asked:
            other = (there.chrom, *trim(there.start, there.alt, there.ref))
            thirds = [(v.chrom, v.start, v.ref, v.alt) for v in third_alleles(there)]
            found = self._listed((other, *thirds), manifest)
            if other in found:
                turned = turned_answer(
                    found[other], manifest.assembly, [found.get(t) for t in thirds] or None
                )
                self._answers[key] = turned
                return turned
        span = self._span_of(there)
        if span is None:
            return None
        if len(there.ref) == len(there.alt) == 1:
            return self._miss
        return self._in_another_spelling(key, there, span, manifest)

    def _in_another_spelling(
        self, key: Key, variant: Variant, span: tuple[int, int], manifest: SyncedManifest
    ) -> SourceAnswer | None:
        """What the node lists elsewhere in the repeat in which a variant lies, if it can be told."""
        assert self._lines is not None
        chrom, change = key[0], key[1:]
        for step in STEPS:
            low, high = max(variant.start - step, span[0]), min(variant.end + step, span[1])
            sequence = sequence_around(self._reference, variant.assembly, chrom, low, high)
            sequence |= dict(enumerate(variant.ref, variant.start))
            places = self._lines.between(chrom, low, high)
            verdict = judge(change, (place[1:] for place in places), sequence, low, high)
            if verdict.listed is not None:
                return self._listed([(chrom, *verdict.listed)], manifest)[chrom, *verdict.listed]
            if not verdict.farther:
                break
        return self._unsettled if verdict.doubt else self._miss

    def _span_of(self, variant: Variant) -> tuple[int, int] | None:
        """The synced span in which a variant lies; None where there is none."""
        starts, ends = self._spans.get(variant.chrom, ((), ()))
        index = bisect_right(starts, variant.start) - 1
        return (starts[index], ends[index]) if index >= 0 and variant.end <= ends[index] else None

    def _unpacked(
        self, fields: list[Any], known: Iterator[AlleleFrequency], manifest: SyncedManifest
    ) -> SourceAnswer:
        outcome, counts, groups, reported, dataset, reason, overlaps, below, below_an = fields
        return SourceAnswer(
            self._entry.id,
            self._entry.country,
            _OUTCOMES[outcome],
            next(known) if counts is not None else None,
            tuple([GroupFrequency(row[0], next(known)) for row in groups]),
            reported,
            dataset,
            manifest.version or None,
            reason,
            manifest.fetched_at,
            self._entry.bottlenecked,
            tuple(overlaps),
            below,
            below_an,
        )


def _rows_of_counts(whole: list[Any] | None, groups: list[list[Any]]) -> list[list[Any]]:
    """The counts of a line, in the order in which they are taken up: the whole cohort, then its groups."""
    rows = [row[1:] for row in groups]
    return rows if whole is None else [whole, *rows]


def _merged(ranges: Sequence[tuple[str, str, int, int]]) -> dict[str, tuple[list[int], list[int]]]:
    spans: dict[str, tuple[list[int], list[int]]] = {}
    for _, chrom, start, end in sorted(ranges, key=lambda row: (row[1], row[2], row[3])):
        starts, ends = spans.setdefault(chrom, ([], []))
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return spans
