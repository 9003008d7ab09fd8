"""Assertions in force, looked up by place, accession, rsID or residue, over one release or two."""

from collections.abc import Callable, Iterable, Iterator

from service.domain.assembly import chromosome_of
from service.domain.disease import AssertedVariant, Assertion
from service.knowledge.assertion_release import Release
from service.knowledge.assertion_table import FOUNDERS


class ClinVar:
    """Assertions of one release, or of an imported one over the shipped one.

    Where two are given, the second adds what the first does not know: neither by record nor by place. With
    `replaces` the first is a whole ClinVar, and only founder variants stay of the second.
    """

    def __init__(self, *releases: Release, replaces: bool = False) -> None:
        self.releases = releases
        self._replaces = replaces

    def _found(self, rows: Callable[[Release], Iterable[int]]) -> Iterator[tuple[Release, int]]:
        for depth, release in enumerate(self.releases):
            for row in rows(release):
                if depth == 0 or self._adds(release, row):
                    yield release, row

    def _adds(self, release: Release, row: int) -> bool:
        if self._replaces and release.text("source", row) != FOUNDERS:
            return False
        first = self.releases[0]
        if first.rows_of_variation(release.column("variation")[row]):
            return False
        return not first.rows_at(*release.spelling(row))

    def rows(self) -> Iterator[tuple[Release, int]]:
        """Every row that is in force."""
        return self._found(lambda release: range(len(release)))

    def rows_below(self, depth: int) -> list[int]:
        """Rows of a lower release that are in force."""
        release = self.releases[depth]
        return [row for row in range(len(release)) if self._adds(release, row)]

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant, shared bases or none; empty when there is none."""
        return tuple(r.assertion(row) for r, row in self._found(lambda r: r.rows_at(chrom, start, ref, alt)))

    def of_spdi(self, spdi: str) -> tuple[Assertion, ...]:
        """Assertions of a fully justified SPDI on GRCh38; empty when there is none."""
        parts = spdi.split(":")
        known = chromosome_of(parts[0])
        if len(parts) != 4 or known is None or not parts[1].isdigit() or parts[2].isdigit():
            return ()
        return self.at(known[1], int(parts[1]), parts[2], parts[3])

    def of_accession(self, accession: str) -> AssertedVariant | None:
        """By VCV accession (any version) or Variation id; None when unknown or malformed."""
        bare = accession.upper().removeprefix("VCV").split(".")[0]
        if not _a_number(bare):
            return None
        found = self._found(lambda r: r.rows_of_variation(int(bare)))
        return next((r.asserted(row) for r, row in found), None)

    def of_rsid(self, rsid: str) -> tuple[AssertedVariant, ...]:
        """All alleles of a dbSNP record."""
        bare = rsid.lower().removeprefix("rs")
        if not _a_number(bare):
            return ()
        return tuple(r.asserted(row) for r, row in self._found(lambda r: r.rows_of_rs(int(bare))))

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:
        """Asserted missense variants of one residue, whatever their class."""
        return tuple(r.asserted(row) for r, row in self._found(lambda r: r.rows_at_residue(gene, position)))

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose first changed base lies at an interbase start in start..end."""
        return tuple(r.asserted(row) for r, row in self._found(lambda r: r.rows_within(chrom, start, end)))

    def sites(self) -> Iterator[tuple[str, int, str, str]]:
        """Chromosome, interbase start, REF and ALT of every placed assertion that is (likely) pathogenic."""
        return (r.spelling(row) for r, row in self._found(Release.pathogenic))


def _a_number(text: str) -> bool:
    """Whether the text is a record's number: nothing issued has more than 18 digits."""
    return text.isascii() and text.isdigit() and len(text) <= 18
