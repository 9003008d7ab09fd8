"""One change, one spelling: trimmed, left-aligned edits of the reference, and what they leave at a site."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

BASES = frozenset("ACGT")
# ALT spellings that stand for "anything else": they carry no allele of their own.
REFERENCE_BLOCK_ALTS = frozenset({"<NON_REF>", "<*>"})


@dataclass(frozen=True, slots=True)
class Edit:
    """Reference bases `removed` at interbase `start` become `added`; common ends are trimmed."""

    start: int
    removed: str
    added: str

    @property
    def end(self) -> int:
        """Interbase end of the removed bases."""
        return self.start + len(self.removed)

    @property
    def substitutes(self) -> bool:
        """Whether bases are replaced one for one."""
        return len(self.removed) == len(self.added)


class Effect(Enum):
    """What an allele leaves at a site when it is not a base string."""

    UNTOUCHED = "untouched"  # the allele changes nothing at the site
    NEIGHBOUR = "neighbour"  # the allele is a documented change of a neighbouring site
    GONE = "gone"  # the site's bases are deleted together with their surroundings
    UNREADABLE = "unreadable"  # symbolic, `*`, or bases other than A, C, G and T


def is_readable(allele: str) -> bool:
    """Whether an allele is made of A, C, G and T.

    >>> is_readable("ACG"), is_readable("<DEL>"), is_readable("*"), is_readable("AN")
    (True, False, False, False)
    """
    return bool(allele) and BASES.issuperset(allele)


def edit_of(start: int, ref: str, alt: str) -> Edit:
    """The change from `ref` to `alt`, common suffix trimmed first, then the common prefix.

    >>> edit_of(99, "CAT", "CATAT")
    Edit(start=100, removed='', added='AT')
    """
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    return Edit(start, ref, alt)


def left_aligned(edit: Edit, base_at: Callable[[int], str | None]) -> Edit:
    """The leftmost spelling of a pure insertion or deletion; others are returned as they are.

    `base_at` gives the reference base at an interbase position; shifting stops where it is unknown (None).

    >>> left_aligned(Edit(7, "", "AT"), lambda p: "CATATAT"[p] if 0 <= p < 7 else None)
    Edit(start=1, removed='', added='AT')
    """
    if bool(edit.removed) == bool(edit.added):
        return edit
    start, moved = edit.start, edit.removed or edit.added
    while (before := base_at(start - 1)) is not None and before == moved[-1]:
        moved, start = before + moved[:-1], start - 1
    return Edit(start, moved, "") if edit.removed else Edit(start, "", moved)


def base_after(edit: Edit, position: int, ref: str) -> str | Effect:
    """The base (or base with an insertion behind it) that an edit leaves at one reference position.

    >>> base_after(Edit(5, "CG", "TA"), 6, "G"), base_after(Edit(4, "CCC", ""), 5, "C")
    ('A', <Effect.GONE: 'gone'>)
    """
    if not edit.removed:
        return ref + edit.added if edit.start == position + 1 else Effect.UNTOUCHED
    if not edit.start <= position < edit.end:
        return Effect.UNTOUCHED
    if not edit.substitutes:
        return Effect.GONE
    base = edit.added[position - edit.start]
    return Effect.UNTOUCHED if base == ref else base


def allele_after(
    edit: Edit, start: int, ref: str, documented: Mapping[Edit, str], *, spans_site: bool
) -> str | Effect:
    """The allele string that a left-aligned edit leaves at an insertion or deletion site.

    `documented` maps left-aligned edits to the site's alleles. `spans_site` says that the record's REF holds
    all of the site's: only then is a substitution inside the site an allele of it.
    """
    known = documented.get(edit)
    if known is not None:
        return known
    end = start + len(ref)
    if edit.substitutes:
        if not spans_site or edit.end <= start or edit.start >= end:
            return Effect.UNTOUCHED
        if edit.start < start or edit.end > end:
            return Effect.GONE
        return _spelled(edit, start, ref)
    if not edit.removed:
        return _spelled(edit, start, ref) if start < edit.start <= end else Effect.UNTOUCHED
    if edit.end <= start + 1 or edit.start >= end:
        return Effect.UNTOUCHED
    if edit.start <= start:
        return Effect.GONE
    if edit.end <= end:
        return _spelled(edit, start, ref)
    return f"{ref[: edit.start - start]}<deletion of {len(edit.removed)} bases>"


def _spelled(edit: Edit, start: int, ref: str) -> str:
    return ref[: edit.start - start] + edit.added + ref[edit.end - start :]
