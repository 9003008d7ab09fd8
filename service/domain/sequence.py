"""Reference sequence of selected regions, two bits a base, and alignment blocks between assemblies."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.domain.assembly import Assembly
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.domain.variant import Variant


@dataclass(frozen=True, slots=True)
class SequenceRegions:
    """Regions of one assembly whose bases are known.

    `spans` holds, per chromosome, interbase starts and ends in ascending order and the byte offset of each
    region in `packed`, where four bases share a byte, first base in the highest bits, A=0 C=1 G=2 T=3.
    """

    assembly: Assembly
    spans: dict[str, tuple[Sequence[int], Sequence[int], Sequence[int]]]
    packed: memoryview


@dataclass(frozen=True, slots=True)
class ChromosomeBands:
    """Cytogenetic bands of one chromosome from its first base on: interbase ends and names."""

    ends: list[int]
    names: list[str]


@dataclass(frozen=True, slots=True)
class TranscriptKnowledge:
    """Transcript models, the reference bases that come with them, and the bands of the chromosomes."""

    catalogue: TranscriptCatalogue
    regions: SequenceRegions
    bands: dict[str, ChromosomeBands] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlignmentBlocks:
    """Ungapped alignment blocks of one chromosome towards another assembly, ascending and disjoint.

    `starts`, `ends` are interbase in the source; `targets` is where the block's first source base lies in the
    target; `chroms` indexes CHROMOSOMES; `strands` is 1 or -1.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    targets: Sequence[int]
    chroms: Sequence[int]
    strands: Sequence[int]


@dataclass(frozen=True, slots=True)
class AssemblyAlignment:
    """Alignment blocks by source assembly and chromosome."""

    blocks: dict[tuple[Assembly, str], AlignmentBlocks] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiftRefusal:
    """Why a variant was not carried over to the other assembly. `reason` is a sentence for people."""

    variant: Variant
    to: Assembly
    reason: str
