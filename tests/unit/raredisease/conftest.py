"""The compiled ontology, a ranker over it, and the compiled genes."""

import pytest

from service.domain.gene import DiseaseKnowledge
from service.domain.ontology import PhenotypeOntology
from service.knowledge.repository import open_knowledge
from service.raredisease.phenotype_ranking import PhenotypeRanker


@pytest.fixture(scope="session")
def ontology() -> PhenotypeOntology:
    """The ontology of the knowledge base."""
    found: PhenotypeOntology = open_knowledge(None).part("ontology")
    return found


@pytest.fixture(scope="session")
def ranker(ontology: PhenotypeOntology) -> PhenotypeRanker:
    """A ranker of all its diseases."""
    return PhenotypeRanker(ontology)


@pytest.fixture(scope="session")
def diseases() -> DiseaseKnowledge:
    """Genes and diseases of the knowledge base."""
    found: DiseaseKnowledge = open_knowledge(None).part("diseases")
    return found
