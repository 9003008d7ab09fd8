"""The counts of the records that are the variant asked for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.domain.frequency import Outcome
from service.domain.frequency_sources import Dialect, NodeEntry
from service.frequency.beacon_document import IMPRECISE, Record, part, short
from service.frequency.populations import Cohort, PopulationRow, Unreadable, choose_cohort, read_row
from service.frequency.reading import Reading


def read_matching(records: list[Record], entry: NodeEntry, dialect: Dialect) -> Reading:
    """The reading of the records that are the variant: one per dataset, the largest cohort of several."""
    try:
        readings = [_read_record(record, entry, dialect) for record in records]
    except Unreadable as error:
        return Reading(Outcome.FAILED, matched=True, reasons=(str(error),))
    unlike = {(r.dataset, _pair(r)) for r in readings}
    if len(unlike) > len({r.dataset for r in readings}):
        return Reading(
            Outcome.FAILED, matched=True, reasons=("one dataset gives two different counts for the variant",)
        )
    best = max(readings, key=lambda r: r.frequency.allele_number if r.frequency else -1)
    datasets = {r.dataset for r in readings}
    if len(datasets) > 1:
        return replace(
            best, reasons=(*best.reasons, f"{len(datasets)} datasets list it; the largest is shown")
        )
    return best


def _pair(reading: Reading) -> tuple[int, int] | None:
    found = reading.frequency
    return (found.allele_count, found.allele_number) if found else None


def _studies(stated: object) -> list[dict[str, Any]]:
    """The studies of a record; one that is not in a list, and rows without a study around them, count too."""
    studies = [
        entry for entry in (stated if isinstance(stated, list) else [stated]) if isinstance(entry, dict)
    ]
    bare = [entry for entry in studies if "population" in entry]
    return [entry for entry in studies if entry not in bare] + ([{"frequencies": bare}] if bare else [])


def _joined(studies: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str, list[dict[str, Any]]]]:
    """Each study, the key of its rows, and the rows.

    Studies of one source that have no population in common are one: some nodes write a study a population.
    """
    found: list[tuple[dict[str, Any], str, list[dict[str, Any]]]] = []
    for study in studies:
        key = "frequencies" if isinstance(study.get("frequencies"), list) else "populations"
        listed = study.get(key)
        rows = [row for row in (listed if isinstance(listed, list) else ()) if isinstance(row, dict)]
        for before, used, together in found:
            if used == key and _origin(before) == _origin(study) and not _populations(rows, together):
                together += rows
                break
        else:
            found.append((study, key, rows))
    return found


def _origin(study: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(study.get(key)) for key in ("source", "sourceReference", "version"))


def _populations(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> set[str]:
    """Populations of which both have a row."""
    one, other = ({str(row.get("population")).casefold() for row in each} for each in (rows, others))
    return one & other


def _read_record(record: Record, entry: NodeEntry, dialect: Dialect) -> Reading:
    content = record.content
    base = Reading(Outcome.FAILED, matched=True, dataset=record.dataset, version=record.version)
    candidates: list[tuple[bool, Cohort, dict[str, Any], str]] = []
    labels: list[str] = []
    for study, key, listed in _joined(_studies(content.get("frequencyInPopulations"))):
        rows = [read_row(row, dialect.homozygote_unit) for row in listed]
        labels += [row.label for row in rows]
        if rows:
            base = replace(base, keys=base.keys | {key})
        cohort = choose_cohort(rows, entry.country, entry.population) if rows else None
        if cohort is not None:
            candidates.append((_is_external(study), cohort, study, key))
    if not candidates:
        return _without_cohort(base, content, labels)
    external, cohort, study, key = min(
        candidates, key=lambda c: (c[0], c[1].whole.frequency() is None, len(c[1].notes))
    )
    version = base.version or (str(study["version"]) if study.get("version") else None)
    notes = cohort.notes
    if external:
        notes = (*notes, "the node attributes the counts to gnomAD: not added to national cohorts")
    return _read_cohort(
        replace(base, version=version, external=external, keys=frozenset({key})), cohort, notes
    )


def _is_external(study: Mapping[str, Any]) -> bool:
    return "gnomad" in f"{study.get('source', '')} {study.get('sourceReference', '')}".casefold() or (
        "genome aggregation database" in str(study.get("source", "")).casefold()
    )


def _without_cohort(base: Reading, content: Mapping[str, Any], labels: list[str]) -> Reading:
    information = part(content, "info")
    if information.get("countPrecision") in IMPRECISE:
        below, size = information.get("suppressedBelow"), information.get("alleleNumber")
        return replace(
            base,
            outcome=Outcome.SUPPRESSED,
            reasons=("a low count is withheld",),
            suppressed_below=below if isinstance(below, int) else None,
            suppressed_allele_number=size if isinstance(size, int) else None,
        )
    if information.get("alleleNumber") == 0:
        return replace(base, outcome=Outcome.NOT_COVERED, reasons=("nobody was genotyped there",))
    if labels:
        named = ", ".join(short(label) for label in labels[:5])
        return replace(base, reasons=(f"no row is the whole cohort of the node: {named}",))
    return replace(base, reasons=("the variant is listed without any frequency",))


def _read_cohort(base: Reading, cohort: Cohort, notes: tuple[str, ...]) -> Reading:
    whole: PopulationRow = cohort.whole
    if whole.imprecise:
        return replace(
            base,
            outcome=Outcome.SUPPRESSED,
            reasons=(*notes, "a low count is withheld"),
            suppressed_below=whole.suppressed_below,
            suppressed_allele_number=whole.allele_number,
        )
    frequency = whole.frequency()
    if frequency is None:
        return _bare_frequency(base, whole, notes)
    if not frequency.allele_number:
        return replace(base, outcome=Outcome.NOT_COVERED, reasons=(*notes, "nobody was genotyped there"))
    outcome = Outcome.OBSERVED if frequency.allele_count else Outcome.CALLED_ABSENT
    return replace(base, outcome=outcome, frequency=frequency, groups=cohort.groups, reasons=notes)


def _bare_frequency(base: Reading, whole: PopulationRow, notes: tuple[str, ...]) -> Reading:
    if whole.reported is None and not whole.allele_count:
        return replace(base, reasons=(*notes, "neither counts nor a frequency are given"))
    observed = bool(whole.allele_count or whole.reported)
    reason = "no allele count and number are given: shown, never pooled"
    if not observed:
        reason = "listed with frequency 0 and no allele number: absence is not shown by it"
    return replace(
        base,
        outcome=Outcome.OBSERVED if observed else Outcome.NOT_LISTED,
        reported=whole.reported,
        reasons=(*notes, reason),
    )
