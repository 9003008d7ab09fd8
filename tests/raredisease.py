"""Truth tables and builders for classification."""

import csv
from pathlib import Path

from service.domain.gene import GeneDisease, GeneKnowledge, Inheritance
from service.domain.transcript import Transcript
from service.raredisease.effect import Effect, Kind
from service.raredisease.transcript_shape import shape_of


def truth(name: str) -> list[dict[str, str]]:
    """Rows of a truth table; its last column is the source."""
    path = Path(__file__).parent / "truth" / f"{name}.tsv"
    with path.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def a_transcript(exons: int = 5, size: int = 150) -> Transcript:
    """Exons of one size, 100 bases apart; 30 bases before and after the coding interval.

    5 exons: 229 residues.
    """
    blocks = tuple((n * (size + 100), n * (size + 100) + size) for n in range(exons))
    return Transcript(
        "NM_1.1", "NP_1.1", None, "GENE", None, "MANE Select", "1", 1, blocks, (30, exons * size - 30)
    )


def an_effect(kind: Kind, residue: int = 50, **more: object) -> Effect:
    """An effect on `a_transcript`."""
    model = a_transcript()
    return Effect(kind, "GENE", model, shape_of(model), residue, residue, **more)  # type: ignore[arg-type]


def a_gene(
    mode: Inheritance = Inheritance.DOMINANT, validity: str | None = "Definitive", **more: object
) -> GeneKnowledge:
    """A gene with one disease."""
    disease = GeneDisease("GENE", "a disease", None, mode, validity, None, "test")
    return GeneKnowledge("GENE", diseases=(disease,), **more)  # type: ignore[arg-type]
