"""Pharmacogenomics as the pipeline sees it: calls, then what co-medication changes, then guidance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from service.domain.assessment import DescribedCall, PgxAssessment
from service.domain.case import Case
from service.domain.guidance import Guidance, Phenoconversion
from service.domain.pgx import GeneDefinition
from service.pgx.call import PharmacogeneCaller
from service.pgx.caveats import unsettled, with_interactions
from service.pgx.phenoconversion import expected_with_medications, interactions
from service.pgx.recommend import recommend


@dataclass(frozen=True, slots=True)
class PharmacogenomicsRoom:
    """The three steps over one knowledge release."""

    caller: PharmacogeneCaller
    definitions: Mapping[str, GeneDefinition]
    guidance: Guidance
    phenoconversion: Phenoconversion
    today: Callable[[], date]

    def assess(self, case: Case) -> PgxAssessment:
        """Every pharmacogene of the knowledge base, and every drug that it, or the case, names."""
        today = self.today()
        calls, issues = self.caller.call(case)
        calls, more = expected_with_medications(calls, case.options.medications, self.phenoconversion, today)
        found = recommend(
            calls, self.guidance, case.options, definitions=self.definitions.values(), today=today
        )
        others = interactions(case.options.medications, self.phenoconversion, today)
        recommendations = tuple(with_interactions(recommendation, others) for recommendation in found)
        return PgxAssessment(calls, recommendations, (*issues, *unsettled(calls), *more))

    def variants(self, _case: Case, described: Sequence[DescribedCall]) -> Sequence[DescribedCall]:
        """Those calls that lie at a defining site."""
        return self.caller.sites_of_interest(described)
