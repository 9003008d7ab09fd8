"""One insertion or deletion has many spellings. A node that keeps one of them finds no other.

Left-aligned with the base before is what VCF asks for (Tan 2015, doi:10.1093/bioinformatics/btv112). Nodes
that took their records from elsewhere keep them at the right end of a repeat (as HGVS names them), over the
whole repeat (fully justified: SPDI, VRS), without the base before, or with one base more than is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from service.domain.assembly import Assembly
from service.domain.frequency_sources import INDEL_SPELLINGS, Canary, Dialect
from service.domain.variant import Variant
from service.frequency.allele_counts import trim

# Bases fetched behind a change at first, and how far a repeat is followed.
_NEAR, _FARTHEST = 1 << 6, 1 << 12
_UNSHOWN = (
    "a miss does not count: the node takes no range questions, which alone would show every spelling "
    "that an indel may have in a repeat"
)
_PLAIN = ("left", "bare")
UNSETTLED = (
    "a miss does not count: the spelling of indels cannot be settled without sequence, "
    "and the node may list it elsewhere in a repeat"
)


class ReferenceBases(Protocol):
    """Reference sequence, where it is known."""

    def bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        """Upper-case bases of start..end (interbase), N where not known; as long as what was asked."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Reference around a left-aligned insertion or deletion.

    `anchor` is the base before it, `before` the one before that, `after` the one behind it; each is empty
    where not known. `room` is what the change can move over to the right.
    """

    anchor: str
    before: str
    room: str
    after: str


@dataclass(frozen=True, slots=True)
class Forms:
    """How a variant is asked for: `forms` in turn until one is found, and why a miss of all says nothing.

    `by_range` is whether a miss of all is to be followed by a range question.
    """

    forms: tuple[Variant, ...]
    doubt: str | None = None
    by_range: bool = False


def spelled_as(variant: Variant, style: str, around: Surroundings) -> Variant | None:
    """A left-aligned variant in one of INDEL_SPELLINGS; None where the bases for it are not known.

    A change that both removes and brings bases has one place only, and stays as it is.
    """
    start, ref, alt = trim(variant.start, variant.ref, variant.alt)
    if (ref and alt) or style == "left":
        return variant

    def made(at: int, front: str, gone: str, new: str, behind: str = "") -> Variant:
        return Variant(
            variant.assembly, variant.chrom, at - len(front), front + gone + behind, front + new + behind
        )

    if style == "bare":
        return made(start, "", ref, alt)
    if style == "justified":
        return made(start, "", ref, alt, around.room)
    if style == "padded":
        front = around.before + around.anchor
        return made(start, front, ref, alt) if around.before and around.anchor else None
    if style == "padded-right":
        known = around.anchor and around.after
        return made(start, around.anchor, ref, alt, around.after) if known else None
    at, gone, new = (start, ref, alt) if not around.room else places(variant, around)[-1]
    if style == "bare-right":
        return made(at, "", gone, new)
    passed = around.anchor + ref + around.room
    return made(at, passed[at - start], gone, new) if around.anchor else None


def surroundings(variant: Variant, reference: ReferenceBases | None) -> Surroundings | None:
    """What the reference has around a left-aligned insertion or deletion; None where that is not known.

    None also for a change that both removes and brings bases: it has one place only.
    """
    start, ref, alt = trim(variant.start, variant.ref, variant.alt)
    changed, end = ref or alt, start + len(ref)
    if reference is None or start < 1 or (ref and alt):
        return None
    behind, room, window = "", 0, _NEAR
    while room == len(behind) < _FARTHEST:
        behind = reference.bases(variant.assembly, variant.chrom, end, end + window)
        while room < len(behind) and behind[room] == changed[room % len(changed)] != "N":
            room += 1
        window *= 4
    if room == len(behind) or behind[room] == "N":
        return None
    front = reference.bases(variant.assembly, variant.chrom, max(0, start - 2), start).replace("N", "")
    anchor = variant.ref[start - 1 - variant.start] if variant.start < start else front[-1:]
    return Surroundings(anchor, front[0] if len(front) > 1 else "", behind[:room], behind[0])


def places(variant: Variant, around: Surroundings) -> list[tuple[int, str, str]]:
    """Start and trimmed alleles of a left-aligned insertion or deletion, at each farther place it has."""
    start, ref, alt = trim(variant.start, variant.ref, variant.alt)
    found = []
    for moved in range(1, len(around.room) + 1):
        turn = moved % len(ref or alt)
        found.append((start + moved, ref[turn:] + ref[:turn], alt[turn:] + alt[:turn]))
    return found


def canary_forms(canary: Canary, dialect: Dialect) -> Iterator[tuple[str, Variant]]:
    """The other spellings of an indel canary that lies in a repeat, each with its style."""
    variant = canary.on(dialect.assembly)
    for style in INDEL_SPELLINGS:
        form = spelled_as(variant, style, _around(canary, variant))
        if canary.room and form is not None and style != dialect.indels:
            yield style, form


def canary_as(canary: Canary, dialect: Dialect) -> Variant:
    """A canary as the node is asked for it."""
    variant = canary.on(dialect.assembly)
    if not canary.room:
        return variant
    return spelled_as(variant, dialect.indels, _around(canary, variant)) or variant


def _around(canary: Canary, variant: Variant) -> Surroundings:
    return Surroundings(variant.ref[0], canary.before, canary.room, canary.room[:1])


def forms_of(variant: Variant, dialect: Dialect, reference: ReferenceBases | None) -> Forms:
    """How a node is asked for a variant: in its own spelling first.

    A miss of an insertion or deletion is followed by a range question, which shows every spelling. A node
    that takes none is asked in all that are usual: a miss of all says something outside of repeats, where
    records that were split from those of several alleles have more.
    """
    _, ref, alt = trim(variant.start, variant.ref, variant.alt)
    if ref and alt:
        return Forms((variant,))
    around = surroundings(variant, reference)
    # Left-aligned and bare need nothing but the variant.
    own = spelled_as(variant, dialect.indels, around or Surroundings("", "", "", ""))
    first = variant if own is None or (around is None and dialect.indels not in _PLAIN) else own
    if dialect.range_queries:
        return Forms((first,), by_range=True)
    if around is None:
        return Forms((first,), UNSETTLED)
    spelled = (first, variant, *(spelled_as(variant, style, around) for style in INDEL_SPELLINGS))
    forms = tuple(dict.fromkeys(form for form in spelled if form is not None))
    repeated = len(around.room) >= len(ref or alt)
    return Forms(forms, _UNSHOWN if repeated else None)
