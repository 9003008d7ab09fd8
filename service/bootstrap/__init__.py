"""The composition root: Settings -> adapters -> one service.

One module per room of the house; `genomeward` joins them.
"""

from service.bootstrap.disease import (
    TranscriptSequences,
    open_classifier,
    open_rare_disease,
    rank_phenopackets,
)
from service.bootstrap.frequency import open_frequencies, open_frequency_memory, shipped_canaries, with_nodes
from service.bootstrap.genomeward import Genomeward, open_genomeward
from service.bootstrap.knowledge import prepare_knowledge
from service.bootstrap.nomenclature import (
    NomenclatureRoom,
    open_exome_reader,
    open_nomenclature,
    open_reader,
    reference_bases,
)
from service.bootstrap.pharmacogenomics import open_pharmacogenomics

__all__ = [
    "Genomeward",
    "NomenclatureRoom",
    "TranscriptSequences",
    "open_classifier",
    "open_exome_reader",
    "open_frequencies",
    "open_frequency_memory",
    "open_genomeward",
    "open_nomenclature",
    "open_pharmacogenomics",
    "open_rare_disease",
    "open_reader",
    "prepare_knowledge",
    "rank_phenopackets",
    "reference_bases",
    "shipped_canaries",
    "with_nodes",
]
