"""One assembly's screening index of one chromosome, as arrays."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from service.domain.assembly import Assembly
from service.domain.screening import NO_SPANS, KnownSite, ScreenIndex, Spans
from service.variants.line_table import Rows


@dataclass(frozen=True, slots=True)
class IndexArrays:
    """One assembly's index of one chromosome, as arrays."""

    every: tuple[Rows, Rows]
    carriers: tuple[Rows, Rows]
    site_starts: Rows
    sites: dict[int, KnownSite]

    @classmethod
    def of(cls, index: ScreenIndex, assembly: Assembly, chrom: str) -> Self:
        """The arrays of an assembly and chromosome; empty where the index has none."""
        sites = {s.start: s for s in index.known_sites.get(assembly, ()) if s.chrom == chrom}
        return cls(
            _as_arrays(index.every.get((assembly, chrom), NO_SPANS)),
            _as_arrays(index.carriers.get((assembly, chrom), NO_SPANS)),
            np.array(sorted(sites), np.int64),
            sites,
        )


def _as_arrays(spans: Spans) -> tuple[Rows, Rows]:
    return np.asarray(spans.starts).astype(np.int64), np.asarray(spans.ends).astype(np.int64)
