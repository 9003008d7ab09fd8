"""How gnomAD's public service is asked."""

from dataclasses import dataclass

from service.domain.assembly import Assembly

# For each address. Source: gnomad-browser f268ac6, its query-cost limits.
REQUESTS_PER_MINUTE = 10
_DATASET_BUILDS = {"gnomad_r2_1": Assembly.GRCH37, "exac": Assembly.GRCH37}


@dataclass(frozen=True, slots=True)
class GnomadEntry:
    """Every question names a variant, so `exact` is off by default."""

    url: str = "https://gnomad.broadinstitute.org/api"
    dataset: str = "gnomad_r4"
    exact: bool = False
    requests_per_minute: int = REQUESTS_PER_MINUTE

    @property
    def assembly(self) -> Assembly:
        """The build of the dataset."""
        return next(
            (build for name, build in _DATASET_BUILDS.items() if self.dataset.startswith(name)),
            Assembly.GRCH38,
        )
