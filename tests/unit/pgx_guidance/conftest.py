"""The knowledge of this checkout, compiled once, and short ways to state a patient's genes."""

from datetime import date
from pathlib import Path

import pytest

from service.domain.case import InterpretOptions, Medication
from service.domain.guidance import Guidance, Phenoconversion
from service.domain.pgx import CallStatus, Diplotype, GeneDefinition, PharmacogeneCall, Recommendation
from service.knowledge import guidance as guidance_part
from service.knowledge import pharmacogenes as genes_part
from service.knowledge import phenoconversion as phenoconversion_part
from service.pgx.lookup import PRESENCE_ALLELES
from service.pgx.phenoconversion import expected_with_medications
from service.pgx.recommend import recommend
from service.pgx.scores import SCORE_GENES

CONTENT = Path(__file__).resolve().parents[3] / "knowledgebase"
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled parts that guidance needs."""
    folder = tmp_path_factory.mktemp("artifact")
    guidance_part.build(CONTENT, folder / "guidance")
    phenoconversion_part.build(CONTENT, folder / "phenoconversion")
    genes_part.build(CONTENT, folder / "pharmacogenes")
    return folder


@pytest.fixture(scope="session")
def guidance(artifact: Path) -> Guidance:
    return guidance_part.load(artifact / "guidance")


@pytest.fixture(scope="session")
def modulators(artifact: Path) -> Phenoconversion:
    return phenoconversion_part.load(artifact / "phenoconversion")


@pytest.fixture(scope="session")
def definitions(artifact: Path) -> dict[str, GeneDefinition]:
    return dict(genes_part.load(artifact / "pharmacogenes"))


def with_key(gene: str, *keys: str, **more: object) -> PharmacogeneCall:
    """A call whose diplotypes have these lookup keys (phenotype, score, or HLA allele status)."""
    diplotypes = tuple(_diplotype(gene, key, i) for i, key in enumerate(keys) if key != "No Result")
    status = more.pop("status", CallStatus.AMBIGUOUS if len(keys) > 1 else CallStatus.CALLED)
    return PharmacogeneCall(gene, status, False, diplotypes, **more)  # type: ignore[arg-type]


def _diplotype(gene: str, key: str, number: int) -> Diplotype:
    names = (f"*{number + 1}", f"*{number + 2}")
    if gene in PRESENCE_ALLELES:
        allele, status = key.split()
        alleles = (allele if status == "positive" else "*07:02", "*44:02")
        return Diplotype("/".join(alleles), alleles, None, None)
    if gene not in SCORE_GENES:
        return Diplotype("/".join(names), names, None, key)
    if key == "n/a":
        return Diplotype("/".join(names), names, "n/a", "Indeterminate")
    return Diplotype("/".join(names), names, key, "as its score says")


class Patient:
    """Builder: genes and medicines in, recommendations out."""

    def __init__(self, guidance: Guidance, modulators: Phenoconversion) -> None:
        self._guidance, self._modulators = guidance, modulators
        self.calls: list[PharmacogeneCall] = []
        self.medications: list[Medication] = []

    def gene(self, gene: str, *keys: str, **more: object) -> "Patient":
        self.calls.append(with_key(gene, *keys, **more))
        return self

    def takes(self, **medication: str) -> "Patient":
        self.medications.append(Medication(**medication))
        return self

    def answers(self, drug: str | None = None) -> list[Recommendation]:
        calls, _ = expected_with_medications(self.calls, self.medications, self._modulators, TODAY)
        options = InterpretOptions(medications=tuple(self.medications))
        found = recommend(calls, self._guidance, options, today=TODAY)
        return [r for r in found if drug is None or r.drug == drug]

    def answer(self, drug: str, population: str = "general") -> Recommendation:
        """The one recommendation for a drug and population that is not merely possible."""
        found = [r for r in self.answers(drug) if r.population == population and r.possible is None]
        assert len(found) == 1, [(r.action, r.population, r.possible) for r in self.answers(drug)]
        return found[0]


@pytest.fixture
def patient(guidance: Guidance, modulators: Phenoconversion) -> Patient:
    return Patient(guidance, modulators)
