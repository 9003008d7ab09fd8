"""A PED file: whose parents are in the VCF, and which sex is recorded; an impossible family is refused."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from service.domain.case import Sex
from service.errors import InvalidOption

_NOBODY = ("0", "")


def pedigree_parents(pedigree: str, sample: str) -> tuple[str | None, str | None]:
    """Father and mother of a sample in a PED file; None where not stated (`0`).

    Raises:
        InvalidOption: a line has fewer than four columns, the sample is not a member, or the family is an
            impossible one: its own parent, one person as both, a parent of the other sex, somebody who
            descends from themselves.

    >>> pedigree_parents("F1 child dad mum 2 2", "child")
    ('dad', 'mum')
    """
    member = _member(pedigree, sample)
    father, mother = (None if name in _NOBODY else name for name in member[2:4])
    if sample in (father, mother):
        raise InvalidOption("the sample that is read is listed as its own parent", where="pedigree")
    if father is not None and father == mother:
        raise InvalidOption("one person is listed as father and mother", where="pedigree")
    for name, role, other in ((father, "father", Sex.FEMALE), (mother, "mother", Sex.MALE)):
        if name is not None and _recorded_sex(_rows(pedigree, name)) is other:
            raise InvalidOption(f"the {role} is recorded as {other.value}", where="pedigree")
    _refuse_own_ancestor(pedigree, member[0], sample)
    return father, mother


def _refuse_own_ancestor(pedigree: str, family: str, sample: str) -> None:
    """Raises InvalidOption where, going up from the sample within its family, somebody is met again below."""
    parents: dict[str, set[str]] = {}
    for columns in _lines(pedigree):
        if columns[0] == family:
            parents.setdefault(columns[1], set()).update(n for n in columns[2:4] if n not in _NOBODY)
    above: dict[str, set[str]] = {}
    waiting = [sample]
    while waiting:
        name = waiting.pop()
        if name not in above:
            above[name] = parents.get(name, set())
            waiting += above[name]
    try:
        TopologicalSorter(above).prepare()
    except CycleError:  # it names people
        raise InvalidOption("a person is listed as their own ancestor", where="pedigree") from None


def pedigree_sex(pedigree: str, sample: str) -> Sex:
    """Sex of a sample as its PED file records it (1 male, 2 female); unknown where it does not.

    >>> pedigree_sex("F1 child dad mum 2 2", "child")
    <Sex.FEMALE: 'female'>
    """
    return _recorded_sex([_member(pedigree, sample)])


def _recorded_sex(rows: list[list[str]]) -> Sex:
    return {"1": Sex.MALE, "2": Sex.FEMALE}.get("".join(rows[0][4:5]) if rows else "", Sex.UNKNOWN)


def _member(pedigree: str, sample: str) -> list[str]:
    """The one line of a sample; a line that is repeated word by word counts once."""
    rows = _rows(pedigree, sample)
    if not rows:
        raise InvalidOption("the pedigree does not list the sample that is read", where="pedigree")
    if any(row != rows[0] for row in rows):
        raise InvalidOption("the pedigree lists the sample that is read in two ways", where="pedigree")
    return rows[0]


def _rows(pedigree: str, individual: str) -> list[list[str]]:
    return [columns for columns in _lines(pedigree) if columns[1] == individual]


def _lines(pedigree: str) -> Iterator[list[str]]:
    """The columns of each line, at least four. Raises InvalidOption where a line has fewer."""
    for number, line in enumerate(pedigree.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split())]
        if len(columns) < 4:
            raise InvalidOption(
                f"a pedigree line has {len(columns)} columns, expected family, individual, father, mother",
                where=f"pedigree line {number}",
            )
        yield columns
