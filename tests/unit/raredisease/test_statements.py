"""When one lost copy is no cause of a disease, as far as known."""

import pytest

from service.domain.assembly import Assembly
from service.domain.assessment import DescribedCall
from service.domain.disease import Classification, Criterion, VariantClassification
from service.domain.gene import GeneDisease, GeneKnowledge, Inheritance
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity
from service.raredisease.inheritance import Carriage, Copies
from service.raredisease.statement_basis import Evidence, rests_on_one_lost_copy

AD, AR, SD = Inheritance.DOMINANT, Inheritance.RECESSIVE, Inheritance.SEMIDOMINANT
VARIANT = Variant(Assembly.GRCH38, "1", 100, "A", "AT")
NULL = VariantClassification(
    Classification.LIKELY_PATHOGENIC, 9, "points", (Criterion("PVS1", "Very Strong", "met", ""),)
)


def found(ours: VariantClassification = NULL) -> list[Evidence]:
    call = VariantCall(VARIANT, Zygosity.HETEROZYGOUS)
    return [Evidence(DescribedCall(call, MolecularDescription(VARIANT, "s")), (), ours)]


def pair(mode: Inheritance, validity: str | None) -> GeneDisease:
    return GeneDisease("GENE", f"{mode} disease", None, mode, validity, None, "test")


@pytest.mark.parametrize(
    ("stated", "validity", "others", "knowledge", "expected"),
    [
        (AD, "Moderate", [(AR, "Definitive")], {}, True),  # GBA1, HBB: no dosage curation
        (AD, "Moderate", [(AR, None)], {"haploinsufficiency": 30}, True),  # CFTR
        (AD, "Definitive", [(AR, "Definitive")], {"haploinsufficiency": 3}, False),  # MYBPC3
        (AD, "Definitive", [(AR, "Definitive")], {"pathogenic": 50, "null_pathogenic": 40}, False),  # TTN
        (AD, "Definitive", [], {}, False),
        (SD, "Moderate", [(AR, "Moderate")], {}, True),  # WRAP53
        (SD, "Definitive", [], {"haploinsufficiency": 3}, False),  # LDLR
        (AR, "Definitive", [], {"haploinsufficiency": 30}, False),  # a carrier, no dominant disease
    ],
)
def test_one_lost_copy_is_no_disease_where_only_two_are_known_to_be(
    stated: Inheritance,
    validity: str | None,
    others: list[tuple[Inheritance, str | None]],
    knowledge: dict[str, int],
    expected: bool,
) -> None:
    disease = pair(stated, validity)
    gene = GeneKnowledge("GENE", diseases=(disease, *(pair(*other) for other in others)), **knowledge)  # type: ignore[arg-type]
    one = Carriage(Copies.ONE, "heterozygous")
    assert rests_on_one_lost_copy(disease, gene, found(), one) is expected
    assert not rests_on_one_lost_copy(disease, gene, found(), Carriage(Copies.ALL, "homozygous"))
