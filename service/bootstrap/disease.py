"""Rare disease: statements, classification, ranking."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from service.bootstrap.frequency import open_frequencies, open_frequency_memory
from service.bootstrap.nomenclature import NomenclatureRoom, open_exome_reader, open_nomenclature, open_reader
from service.domain.assembly import Assembly
from service.domain.variant import Interval, MolecularDescription, Variant
from service.errors import GenomewardError
from service.knowledge.repository import Knowledge, open_knowledge
from service.settings import Settings

if TYPE_CHECKING:
    from service.domain.disease import VariantClassification
    from service.domain.transcript import Transcript
    from service.ranked_case import VariantFile
    from service.raredisease.classifier import Classifier
    from service.raredisease.exome import ExomeReader
    from service.raredisease.gene_fit import Candidate
    from service.raredisease.room import RareDiseaseRoom
    from service.variants.describe import Describer


NO_NAMES: Mapping[str, str] = {}


def open_rare_disease(
    knowledge: Knowledge, nomenclature: NomenclatureRoom, score_names: Mapping[str, str] = NO_NAMES
) -> "RareDiseaseRoom":
    """Published assertions and gene-disease knowledge."""
    from service.knowledge.gene_regions import coding_intervals
    from service.knowledge.screen import on_other
    from service.raredisease.phenotype_genes import PhenotypeMatch, match_phenotypes
    from service.raredisease.phenotype_ranking import PhenotypeRanker
    from service.raredisease.room import RareDiseaseRoom
    from service.variants.normalize import left_align

    def coding(gene: str, assembly: Assembly) -> Sequence[Interval]:
        return coding_intervals(
            knowledge.part("transcripts").catalogue, nomenclature.alignment, gene, assembly
        )

    @lru_cache(maxsize=1)
    def ranker() -> PhenotypeRanker:
        return PhenotypeRanker(knowledge.part("ontology"))

    def phenotypes(observed: Sequence[str], excluded: Sequence[str]) -> PhenotypeMatch:
        return match_phenotypes(ranker(), observed, excluded)

    def on_grch38(variant: Variant) -> Variant | None:
        placed = nomenclature.liftover.lift(left_align(variant, nomenclature.reference), Assembly.GRCH38)
        return left_align(placed, nomenclature.reference) if isinstance(placed, Variant) else None

    def between(interval: Interval, source: Assembly, target: Assembly) -> Iterable[Interval]:
        return (interval,) if source is target else on_other(interval, source, nomenclature.alignment)

    return RareDiseaseRoom(
        knowledge.part("assertions"),
        knowledge.part("diseases"),
        coding,
        phenotypes,
        open_classifier(knowledge, nomenclature, score_names=score_names),
        on_grch38,
        between,
    )


@dataclass(frozen=True, slots=True)
class TranscriptSequences:
    """Transcript models and proteins, as the classifier asks for them."""

    describer: "Describer"

    def transcript(self, description: MolecularDescription) -> "Transcript | None":
        """The model that a description rests on; mitochondrial genes have one without accession."""
        catalogue = self.describer.models.catalogue
        if description.transcript:
            return catalogue.get(description.transcript)
        if description.variant.chrom == "MT" and description.gene:
            return next(iter(catalogue.of_gene(description.gene)), None)
        return None

    def protein(self, transcript: "Transcript") -> str | None:
        """Amino acids in one-letter code; None where the sequence is not configured."""
        coding = self.describer.models.coding(transcript)
        return None if coding is None else coding.residues.rstrip("*")


def open_classifier(
    knowledge: Knowledge,
    nomenclature: NomenclatureRoom,
    *,
    scheme: str = "points",
    likely_benign_at: int = -2,
    score_names: Mapping[str, str] = NO_NAMES,
) -> "Classifier":
    """ACMG/AMP classification over knowledge, models and the BA1 exception list."""
    from service.frequency.criteria import exception_of
    from service.frequency.statistics import filtering_allele_frequency
    from service.raredisease.classifier import Classifier
    from service.raredisease.combine import Scheme

    exceptions = knowledge.part("frequency").ba1_exceptions

    def excepted(variant: Variant) -> str | None:
        entry = exception_of(variant, exceptions)
        return None if entry is None else f"{entry.gene} {entry.hgvs}"

    return Classifier(
        knowledge.part("diseases"),
        knowledge.part("assertions"),
        TranscriptSequences(nomenclature.describer),
        filtering_allele_frequency,
        excepted,
        Scheme(scheme, likely_benign_at),
        score_names,
    )


def rank_phenopackets(
    settings: Settings,
    inputs: Iterable[tuple[str, bytes | GenomewardError]],
    file: "VariantFile | None" = None,
) -> Iterator[dict[str, Any]]:
    """One ranking per phenopacket, in order, errors in place; by the variants of a file or packet too.

    Snapshots and what was synced are asked about candidates. Nodes are asked nothing by name, even where they
    may be: an exome has thousands of candidates.
    """
    from service.domain.assessment import DescribedCall
    from service.domain.frequency import VariantFrequencies
    from service.domain.phenotype import PhenotypeTerms
    from service.ranked_case import PatientReader
    from service.raredisease.classifier import CaseEvidence
    from service.raredisease.phenotype_ranking import PhenotypeRanker
    from service.raredisease.rank_lines import rank_lines

    knowledge = open_knowledge(settings.knowledge, settings.imports)
    nomenclature = lru_cache(1)(partial(open_nomenclature, settings, knowledge))

    def resolve(text: str, assembly: Assembly) -> Variant:
        return nomenclature().parse(text, assembly=assembly)

    with ExitStack() as opened:

        @lru_cache(1)
        def exome() -> "ExomeReader":
            memory = open_frequency_memory(settings)
            opened.callback(memory.close)
            sources = open_frequencies(settings, knowledge, nomenclature(), memory, local_only=True)
            opened.callback(sources.close)
            return open_exome_reader(knowledge, nomenclature(), sources.ask)

        @lru_cache(1)
        def classifier() -> "Classifier":
            return open_classifier(knowledge, nomenclature())

        def classified(candidate: "Candidate") -> "VariantClassification | None":
            if candidate.names is None:
                return None
            entry = DescribedCall(candidate.call, candidate.names)
            answers = candidate.answers or VariantFrequencies()
            return classifier().classify_call(entry, answers, CaseEvidence(candidate.call.zygosity))

        patients = PatientReader(
            exome,
            lambda path, request: open_reader(knowledge, nomenclature(), every_gene=True).read(path, request),
            resolve,
            classified,
            file,
        )
        ranker = PhenotypeRanker(knowledge.part("ontology"))
        ranker.rank(PhenotypeTerms((), ()))  # what every ranking needs is made now
        gc.freeze()  # a packet's rows are tens of thousands of objects: spare the collector what stays
        yield from rank_lines(inputs, ranker, patients)
