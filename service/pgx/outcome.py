"""What matching one gene came to, before functions and phenotypes are looked up."""

from dataclasses import dataclass

from service.pgx.combine import Strand, StrandPair


@dataclass(frozen=True, slots=True)
class GeneOutcome:
    """`pairs` are the diplotypes, best first. `haplotypes` are listed where strands cannot be told apart.

    `key_alleles` is a pair that guidance may rest on although the gene has no call. `reason` says in words
    why there is none; `notes` are sentences for the reader.
    """

    pairs: tuple[StrandPair, ...] = ()
    haplotypes: tuple[str, ...] = ()
    key_alleles: tuple[str, ...] = ()
    reason: str | None = None
    notes: tuple[str, ...] = ()


def plain_pair(names: tuple[str, ...]) -> StrandPair:
    """A pair of single named alleles."""
    return StrandPair(tuple(Strand((name,)) for name in names))
