"""The shipped transcripts, sequence and alignment, built once for all tests of nomenclature."""

from functools import cache
from pathlib import Path

from service.domain.sequence import AssemblyAlignment
from service.knowledge import liftover, transcripts
from service.knowledge.repository import open_shipped
from service.variants.describe import Describer
from service.variants.liftover import Liftover
from service.variants.reference import ReferenceSequence


@cache
def parts() -> Path:
    """The compiled parts of this checkout, built where it changed."""
    return open_shipped(None).artifact


@cache
def shipped_alignment() -> AssemblyAlignment:
    """The shipped blocks of both directions."""
    return liftover.load(parts() / "liftover")


@cache
def describer() -> Describer:
    """A describer over what is shipped, without a FASTA."""
    knowledge = transcripts.load(parts() / "transcripts")
    reference = ReferenceSequence(knowledge.regions)
    return Describer(knowledge, reference, Liftover(shipped_alignment(), reference))
