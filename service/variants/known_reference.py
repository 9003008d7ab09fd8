"""REF of records against the reference, where it is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.domain.assembly import Assembly
from service.domain.screening import KnownSite
from service.domain.variant import GenotypeRecord
from service.errors import InvalidVcf
from service.variants.assembly_detection import same_bases
from service.variants.normalize import ReferenceBases

# Fewer contradictions than this are single bad records, not a file on another reference.
_FEWEST_FOR_A_FILE = 4


SiteBases = Mapping[tuple[str, int], str]


def bases_of(sites: Iterable[KnownSite]) -> SiteBases:
    """Reference bases by chromosome and start."""
    return {(site.chrom, site.start): site.ref for site in sites}


@dataclass(slots=True)
class KnownReference:
    """What is known of one assembly's sequence, and how a file's REF compares."""

    assembly: Assembly
    sites: SiteBases
    reference: ReferenceBases | None
    agreeing: int = 0
    contradicting: int = 0

    def check(self, record: GenotypeRecord) -> None:
        """Raises InvalidVcf when REF is known to be otherwise; what is not known is not checked."""
        expected = self.sites.get((record.chrom, record.start))
        if expected is None and self.reference is not None:
            expected = self.reference.bases(self.assembly, record.chrom, record.start, record.end)
        if expected is None or not expected.strip("N"):
            return
        if not same_bases(expected, record.ref):
            self.contradicting += 1
            raise InvalidVcf(
                f"REF is not the base of {self.assembly} at this position; the record was not read"
            )
        self.agreeing += 1

    def raise_if_contradicted(self) -> None:
        """Raises InvalidVcf when most of the records that could be checked contradict the reference."""
        if self.contradicting >= _FEWEST_FOR_A_FILE and self.contradicting > self.agreeing:
            raise InvalidVcf(
                f"REF contradicts {self.assembly} in {self.contradicting} of "
                f"{self.agreeing + self.contradicting} records whose reference is known",
                where="assembly",
            )
