"""Which of a gene's curated diseases the names of an assertion's conditions mean."""

import pytest

from service.domain.gene import CarrierGene, GeneDisease, GeneKnowledge, Inheritance
from service.raredisease.disease_meant import diseases_meant

AD, AR, UD = Inheritance.DOMINANT, Inheritance.RECESSIVE, Inheritance.UNDETERMINED
# Names as ClinGen curated them by 2026-02; catalogue names as HPO has them.
CURATED = {
    "HBB": (
        ("beta-thalassemia HBB/LCRB", AR),
        ("hemoglobin M disease", AD),
        ("obsolete sickle cell disease and related diseases", AR),
        ("unstable hemoglobin disease", AD),
        ("dominant beta-thalassemia", AD),
    ),
    "RPE65": (("RPE65-related recessive retinopathy", AR), ("RPE65-related dominant retinopathy", AD)),
    "CASR": (
        ("neonatal severe primary hyperparathyroidism", AR),
        ("familial hypocalciuric hypercalcemia 1", AD),
        ("autosomal dominant hypocalcemia 1", AD),
    ),
    "TMC1": (
        ("nonsyndromic genetic hearing loss", AD),
        ("autosomal recessive nonsyndromic hearing loss 7", AR),
    ),
    "BRCA2": (
        ("Fanconi anemia complementation group D1", AR),
        ("BRCA2-related cancer predisposition", AD),
    ),
}
CATALOGUE = {"RPE65": (("Retinitis pigmentosa 20", AR),)}
SCREENED, DOSAGE = {"HBB"}, {"RPE65": 30, "BRCA2": 3}


def gene(symbol: str) -> GeneKnowledge:
    def pair(name: str, mode: Inheritance, validity: str | None) -> GeneDisease:
        return GeneDisease(symbol, name, None, mode, validity, None, "test")

    return GeneKnowledge(
        symbol,
        diseases=(
            *(pair(name, mode, "Definitive") for name, mode in CURATED[symbol]),
            *(pair(name, mode, None) for name, mode in CATALOGUE.get(symbol, ())),
        ),
        carrier=CarrierGene(symbol, "a disease", None, AR, "") if symbol in SCREENED else None,
        haploinsufficiency=DOSAGE.get(symbol),
    )


@pytest.mark.parametrize(
    ("symbol", "condition", "meant"),
    [
        ("HBB", "sickle cell disease", {"obsolete sickle cell disease and related diseases": AR}),
        ("HBB", "beta-thalassaemia", {"beta-thalassemia HBB/LCRB": AR}),
        ("HBB", "beta^0^ Thalassemia", {"beta-thalassemia HBB/LCRB": AR}),
        ("HBB", "Dominant beta-thalassemia", {"dominant beta-thalassemia": AD}),
        ("HBB", "Unstable hemoglobin disease", {"unstable hemoglobin disease": AD}),
        ("RPE65", "Retinitis pigmentosa 20", {"RPE65-related recessive retinopathy": AR}),
        ("CASR", "Hypocalcemia, autosomal dominant 1", {"autosomal dominant hypocalcemia 1": AD}),
        ("CASR", "Neonatal severe hyperparathyroidism", {"neonatal severe primary hyperparathyroidism": AR}),
        (
            "TMC1",
            "Deafness, autosomal recessive 7",
            {"autosomal recessive nonsyndromic hearing loss 7": AR},
        ),
        ("TMC1", "Deafness, autosomal dominant 36", {"nonsyndromic genetic hearing loss": AD}),
    ],
)
def test_the_names_tell_which_disease_is_meant(
    symbol: str, condition: str, meant: dict[str, Inheritance]
) -> None:
    known = gene(symbol)
    curated = [pair for pair in known.diseases if pair.established]
    found = diseases_meant(known, curated, [condition])
    assert {pair.disease: pair.inheritance for pair in found} == meant


def test_a_name_that_tells_nothing_leaves_one_copy_of_a_recessive_gene_open() -> None:
    for symbol, condition in (("HBB", "Hemoglobinopathy"), ("RPE65", "Leber congenital amaurosis")):
        known = gene(symbol)
        curated = [pair for pair in known.diseases if pair.established]
        found = diseases_meant(known, curated, [condition])
        assert {pair.inheritance for pair in found} == {AR, UD}
        assert {pair.disease for pair in found} == {pair.disease for pair in curated}


@pytest.mark.parametrize("conditions", [["Colorectal cancer"], ["Fanconi anemia"], ["Something else"], []])
def test_where_one_copy_is_known_to_cause_disease_no_pair_is_taken_out(conditions: list[str]) -> None:
    known = gene("BRCA2")
    curated = [pair for pair in known.diseases if pair.established]
    assert diseases_meant(known, curated, conditions) == curated
