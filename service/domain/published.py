"""What published names tell of transcripts beside their models."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgreedNumbering:
    """A stretch of an unknown transcript whose published names agree with a known one.

    Coding positions `first` to `last` (1-based, as written) have the place that the known transcript has at a
    number less by `shift`: names at `positions` different positions, these two among them, agree, and none
    contradicts.
    """

    earlier: str
    known: str
    first: int
    last: int
    positions: int
    shift: int = 0

    @property
    def there(self) -> str:
        """Where in the known transcript, in words."""
        if not self.shift:
            return "at the same number"
        return f"at a number {abs(self.shift)} {'lower' if self.shift > 0 else 'higher'}"


@dataclass(frozen=True, slots=True)
class PublishedAllele:
    """A published change of a transcript without sequence, fully justified on GRCh38.

    `start` is interbase; `ref` and `alt` reach over every equivalent place. `protein` is the
    published change of the protein without `p.`, such as `Glu474fs`; empty where none is.
    """

    start: int
    ref: str
    alt: str
    protein: str = ""

    @property
    def end(self) -> int:
        """Interbase end of `ref`."""
        return self.start + len(self.ref)


def parse_published_alleles(cells: str) -> tuple[PublishedAllele, ...]:
    """The alleles of one transcript, ascending, from `steps:ref:alt:protein` joined by `;`.

    `steps` is how far the start lies behind the one before. A number stands for as many first bases of
    the other allele.

    >>> parse_published_alleles("100:GG:1:Glu474fs;5:1:TT:")[1]
    PublishedAllele(start=105, ref='T', alt='TT', protein='')
    """
    found, start = [], 0
    for cell in cells.split(";"):
        steps, ref, alt, protein = cell.split(":")
        start += int(steps)
        if alt.isdigit():
            alt = ref[: int(alt)]
        elif ref.isdigit():
            ref = alt[: int(ref)]
        found.append(PublishedAllele(start, ref, alt, protein))
    return tuple(found)
