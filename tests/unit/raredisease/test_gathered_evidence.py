"""What a classifier gathers before any criterion looks: the gene, and what neighbours tell of a codon."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from service.domain.assembly import Assembly
from service.domain.gene import GeneKnowledge
from service.domain.transcript import Transcript
from service.domain.variant import MolecularDescription, Variant
from service.raredisease.classifier import Classifier
from service.raredisease.codon import inferred
from service.raredisease.effect import Kind
from service.raredisease.request import ClassifyRequest
from tests.raredisease import a_transcript
from tests.unit.raredisease.test_same_residue import Published, asserted, substitution

GENES = {symbol: GeneKnowledge(symbol) for symbol in ("GENE", "STATED")}


class Sequences:
    def transcript(self, description: MolecularDescription) -> Transcript | None:
        return a_transcript()

    def protein(self, transcript: Transcript) -> str | None:
        return None


def described(gene: str | None, consequence: str = "missense_variant") -> MolecularDescription:
    variant = Variant(Assembly.GRCH38, "1", 377, "C", "T")
    return MolecularDescription(
        variant,
        "s",
        gene=gene,
        hgvs_c="NM_1.1:c.148C>T",
        consequence=consequence,
        consequences=(consequence,),
    )


def classifier(*published: object) -> Classifier:
    diseases: Any = SimpleNamespace(gene=GENES.get)
    return Classifier(diseases, Published(*published), Sequences())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("described_in", "stated", "judged"),
    [
        ("GENE", "STATED", "GENE"),  # the variant's own gene first
        ("UNKNOWN", "STATED", "STATED"),
        (None, "STATED", "STATED"),
        ("GENE", None, "GENE"),
        (None, None, None),
    ],
)
def test_which_gene_is_judged(described_in: str | None, stated: str | None, judged: str | None) -> None:
    found = classifier().evidence(ClassifyRequest("v", gene=stated), described(described_in))
    assert (found.gene.gene if found.gene else None) == judged


def test_neighbours_are_asked_only_where_the_effect_is_not_known() -> None:
    """Codon 50 is CxG by a neighbour's third base: C to T there is Arg to Trp."""
    third = replace(asserted("Arg50Ser", "Pathogenic"), start=379, ref="G")
    unknown = classifier(third).evidence(ClassifyRequest("v"), described("GENE", "coding_sequence_variant"))
    assert (unknown.effect.kind, unknown.effect.change) == (Kind.MISSENSE, "Arg50Trp")
    known = classifier(third).evidence(ClassifyRequest("v"), described("GENE", "synonymous_variant"))
    assert known.effect.kind is Kind.SYNONYMOUS


def test_what_tells_nothing_of_a_codon() -> None:
    effect, own = substitution(148, "C", "T")
    telling = replace(asserted("Arg50Ser", "Pathogenic"), start=252, ref="G")
    assert inferred(effect, own, [telling]).change == "Arg50Trp"
    for silent in (
        replace(telling, protein_change=None),
        replace(telling, start=None),
        replace(telling, ref="GT"),
        replace(telling, start=253),  # another codon
    ):
        assert inferred(effect, own, [silent]).kind is Kind.CODING_UNKNOWN
    # The mitochondrion has a code of its own.
    assert inferred(effect, replace(own, chrom="MT"), [telling]) == effect
