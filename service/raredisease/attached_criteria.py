"""Criteria that people applied, as a table beside a case: read, and laid to the variants they are about."""

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from service.domain.assembly import Assembly
from service.domain.case import Case, SuppliedCriteria
from service.domain.issue import Issue
from service.domain.variant import Variant
from service.errors import InvalidInput, InvalidOption
from service.raredisease.classify import Mode
from service.raredisease.supplied import in_order, parse_supplied

# A notation on an assembly -> the left-aligned variant on GRCh38. Raises InvalidInput.
Place = Callable[[str, Assembly], Variant]
_WHERE = "criteria"
_OF_ONE = ("code", "strength", "verdict", "reason")
_COLUMNS = frozenset(("variant", "criteria", "criteria_mode", "assembly", *_OF_ONE))
_ASSEMBLIES = {"grch38": Assembly.GRCH38, "grch37": Assembly.GRCH37}


def parse_criteria(text: str) -> tuple[SuppliedCriteria, ...]:
    """Criteria by variant, in the order of first mention, from a tab-separated table with a header.

    Columns: `variant` in any notation, and either `criteria` (`PVS1;PM2_Supporting`) or `code` with one
    criterion a row and optionally `strength`, `verdict` and `reason`; optionally `assembly` (default GRCh38)
    and `criteria_mode` (`only`, the default, or `add`).

    Raises:
        InvalidOption: no such table, a criterion that cannot be read, or rows of one variant that contradict
            each other. What people signed is not dropped for a slip of the pen.
    """
    numbered = enumerate(io.StringIO(text, newline=None), start=1)
    rows = [(n, line.split("\t")) for n, line in numbered if line.strip() and not line.startswith("#")]
    names = [name.strip().lower() for name in rows[0][1]] if rows else []
    if "variant" not in names or not {"criteria", "code"} & set(names):
        raise InvalidOption("expected a header with variant and criteria, or variant and code", where=_WHERE)
    if set(names) - _COLUMNS or len(set(names)) < len(names):
        known = ", ".join(sorted(_COLUMNS))
        raise InvalidOption(f"a column has the name of another, or none of {known}", where=_WHERE)
    found: dict[str, list[SuppliedCriteria]] = {}
    for number, row in rows[1:]:
        where = f"{_WHERE}, line {number}"
        if any(cell.strip() for cell in row[len(names) :]):
            raise InvalidOption("has more cells than the header has names", where=where)
        cells = {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}
        if "criteria" not in names and "code" not in cells:
            raise InvalidOption("names no criterion", where=where)
        one = _of_row(cells, where)
        found.setdefault(one.variant, []).append(one)
    return tuple(_joined(parts) for parts in found.values())


def _of_row(cells: dict[str, str], where: str) -> SuppliedCriteria:
    if "variant" not in cells:
        raise InvalidOption("names no variant", where=where)
    if "code" in cells and "criteria" in cells:
        raise InvalidOption("states both criteria and code", where=where)
    if "code" not in cells and (beside := [name for name in _OF_ONE if name in cells]):
        raise InvalidOption(f"states {', '.join(beside)} without a code", where=where)
    stated: object = cells.get("criteria", "")
    if "code" in cells:
        stated = [{key: cells[key] for key in _OF_ONE if key in cells}]
    try:
        criteria = in_order(parse_supplied(stated))
        mode = Mode(cells.get("criteria_mode", Mode.ONLY).lower())
        assembly = _ASSEMBLIES[cells.get("assembly", "grch38").lower()]
    except InvalidInput as error:
        raise InvalidOption(error.message, where=where) from None
    except ValueError:
        raise InvalidOption("expected only or add as criteria_mode", where=where) from None
    except KeyError:
        raise InvalidOption("expected GRCh38 or GRCh37 as assembly", where=where) from None
    return SuppliedCriteria(cells["variant"], criteria, mode is Mode.ONLY, assembly, where)


def _joined(parts: Sequence[SuppliedCriteria]) -> SuppliedCriteria:
    """Rows of one variant as one entry. Raises InvalidOption where they contradict each other."""
    criteria = {criterion.code: criterion for part in parts for criterion in part.criteria}
    where = parts[-1].where
    if len(criteria) < sum(len(part.criteria) for part in parts):
        raise InvalidOption("one criterion of a variant is stated twice", where=where)
    if len({(part.alone, part.assembly) for part in parts}) > 1:
        raise InvalidOption("the rows of a variant state different modes or assemblies", where=where)
    return replace(parts[0], criteria=in_order(criteria))


def attach_criteria(case: Case, supplied: Iterable[SuppliedCriteria], place: Place) -> Case:
    """The case with criteria laid to its variants. What is not used is an Issue: by line, without a name."""
    entries = tuple(supplied)
    if not entries:
        return case
    laid, issues = dict(case.criteria), list(case.issues)
    for entry in entries:
        try:
            variant = place(entry.variant, entry.assembly)
        except InvalidInput:
            issues.append(_unused("criteria of a variant that cannot be placed were not used", entry))
            continue
        key = (variant.chrom, variant.start, variant.ref, variant.alt)
        if key in laid:
            issues.append(_unused("further criteria of a variant that has some were not used", entry))
            continue
        laid[key] = entry
    digest = hashlib.sha256(repr((case.attached_digest, entries)).encode()).hexdigest()
    return replace(case, criteria=laid, issues=tuple(issues), attached_digest=digest)


def _unused(text: str, entry: SuppliedCriteria) -> Issue:
    return Issue("error", "value", text, entry.where)
