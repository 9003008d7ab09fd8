"""Alleles that a file lists more than once: one answer each, and none where their counts differ."""

import logging
from dataclasses import dataclass, replace

from service.frequency.allele_counts import ListedAllele, UncountedAllele, WhyUncounted

log = logging.getLogger("genomeward.frequency")


@dataclass(slots=True)
class Repeats:
    """How many records named an allele that an earlier one had, and how many alleles have unlike counts."""

    records: int = 0
    unlike: int = 0

    def merge(self, listed: ListedAllele, again: ListedAllele) -> ListedAllele:
        """What two records of one allele say together."""
        self.records += 1
        if _pair(listed) == _pair(again):
            return listed
        if isinstance(listed, UncountedAllele):
            if listed.why is WhyUncounted.CONTRADICTORY:
                return listed
            self.unlike += 1
            return replace(listed, why=WhyUncounted.CONTRADICTORY)
        self.unlike += 1
        return UncountedAllele(listed.chrom, listed.start, listed.ref, listed.alt, WhyUncounted.CONTRADICTORY)

    def tell(self, name: str) -> None:
        """Say what a file has of them, and not which."""
        if self.records:
            log.warning(
                "%s names alleles again in %d record(s); %d allele(s) have different counts in them, "
                "and answer that their frequency is not known",
                name,
                self.records,
                self.unlike,
            )


def _pair(row: ListedAllele) -> tuple[int, int] | None:
    return None if isinstance(row, UncountedAllele) else (row.allele_count, row.allele_number)
