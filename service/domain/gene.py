"""What is known of a gene: its diseases, how they are inherited, and the rules that panels wrote for it."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from service.domain.assembly import Assembly
from service.domain.variant import Variant


class Inheritance(StrEnum):
    """Mode of inheritance, in ClinGen's abbreviations."""

    DOMINANT = "AD"
    RECESSIVE = "AR"
    X_LINKED = "XL"
    SEMIDOMINANT = "SD"
    MITOCHONDRIAL = "MT"
    UNDETERMINED = "UD"


# HPO terms and words of the modes of inheritance. Source: HPO release 2025-11-24, children of HP:0000005.
INHERITANCE_HPO = {
    Inheritance.DOMINANT: ("HP:0000006", "Autosomal dominant inheritance"),
    Inheritance.RECESSIVE: ("HP:0000007", "Autosomal recessive inheritance"),
    Inheritance.X_LINKED: ("HP:0001417", "X-linked inheritance"),
    Inheritance.SEMIDOMINANT: ("HP:0032113", "Semidominant inheritance"),
    Inheritance.MITOCHONDRIAL: ("HP:0001427", "Mitochondrial inheritance"),
}
_BY_HPO = {
    "HP:0000006": Inheritance.DOMINANT,
    "HP:0000007": Inheritance.RECESSIVE,
    "HP:0001417": Inheritance.X_LINKED,
    "HP:0001419": Inheritance.X_LINKED,
    "HP:0001423": Inheritance.X_LINKED,
    "HP:0032113": Inheritance.SEMIDOMINANT,
    "HP:0001427": Inheritance.MITOCHONDRIAL,
    "HP:0012275": Inheritance.DOMINANT,
    "HP:0025352": Inheritance.DOMINANT,
    "HP:0012274": Inheritance.DOMINANT,
    "HP:0010985": Inheritance.X_LINKED,
}


def parse_inheritance(text: str) -> Inheritance | None:
    """The mode that words, an abbreviation or an HPO id stand for; None when they name none.

    >>> parse_inheritance("Autosomal recessive inheritance"), parse_inheritance("HP:0001423")
    (<Inheritance.RECESSIVE: 'AR'>, <Inheritance.X_LINKED: 'XL'>)
    >>> parse_inheritance("") is None
    True
    """
    bare = text.strip()
    if bare.upper() in Inheritance.__members__.values():
        return Inheritance(bare.upper())
    if bare.upper() in _BY_HPO:
        return _BY_HPO[bare.upper()]
    lower = bare.lower()
    words = (
        ("semidominant", Inheritance.SEMIDOMINANT),
        ("semi-dominant", Inheritance.SEMIDOMINANT),
        ("mitochondrial", Inheritance.MITOCHONDRIAL),
        ("maternal", Inheritance.MITOCHONDRIAL),
        ("x-linked", Inheritance.X_LINKED),
        ("x linked", Inheritance.X_LINKED),
        ("dominant", Inheritance.DOMINANT),
        ("recessive", Inheritance.RECESSIVE),
    )
    return next((mode for word, mode in words if word in lower), None)


@dataclass(frozen=True, slots=True)
class GeneDisease:
    """A gene-disease pair. `validity` is ClinGen's word, None where only a catalogue names the pair."""

    gene: str
    disease: str
    mondo: str | None
    inheritance: Inheritance
    validity: str | None
    date: str | None
    source: str
    hgnc_id: str | None = None
    catalogue_id: str | None = None
    # HPO's narrower term for the mode (X-linked dominant or recessive), where the disease is annotated so.
    inheritance_term: str | None = None
    # Curated as semidominant, and annotated as recessive alone: one copy is then no cause by itself.
    recessive_alone: bool = False

    @property
    def established(self) -> bool:
        """Whether the evidence is Moderate or more: what a statement may rest on."""
        return self.validity in ("Definitive", "Strong", "Moderate")


class ReportRule(StrEnum):
    """Which genotypes of a secondary-findings gene are reported. Source: ACMG SF v3.3."""

    ANY = "any"
    BIALLELIC = "biallelic"
    HEMIZYGOUS_OR_BIALLELIC = "hemizygous-or-biallelic"
    TRUNCATING = "truncating"
    HFE_C282Y_HOMOZYGOUS = "hfe-c282y-homozygous"


@dataclass(frozen=True, slots=True)
class SecondaryFinding:
    """One gene-condition row of the secondary-findings list. `omim` is the disorder's number, bare."""

    gene: str
    disease: str
    omim: str
    inheritance: Inheritance
    rule: ReportRule
    list_version: str


@dataclass(frozen=True, slots=True)
class CarrierGene:
    """A gene of the carrier-screening panel, with what the assay may miss."""

    gene: str
    disease: str
    mondo: str | None
    inheritance: Inheritance
    caveat: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A frequency threshold with its operator: `>`, `>=`, `<`, `<=`, `absent`, `AC<` or `AC<=`."""

    operator: str
    value: float

    def holds(self, value: float) -> bool:
        """Whether a frequency (or a count, for the AC operators) satisfies the bound.

        >>> Bound(">=", 0.001).holds(0.001), Bound(">", 0.001).holds(0.001), Bound("absent", 0).holds(0.0)
        (True, False, True)
        """
        match self.operator.removeprefix("AC"):
            case ">":
                return value > self.value
            case ">=":
                return value >= self.value
            case "<":
                return value < self.value
            case "<=":
                return value <= self.value
            case _:
                return value == 0


@dataclass(frozen=True, slots=True)
class PanelThresholds:
    """Frequency thresholds of an expert panel for one gene and mode of inheritance."""

    gene: str
    disease: str
    inheritance: tuple[str, ...]
    ba1: Bound | None
    bs1: Bound | None
    bs1_supporting: Bound | None
    pm2: Bound | None
    pm2_text: str
    statistic: str
    panel: str
    specification: str
    note: str


@dataclass(frozen=True, slots=True)
class PanelRule:
    """A gene-specific rule of an expert panel; only `confirmed` ones decide, others are shown."""

    criterion: str
    status: str
    rule: str
    confidence: str
    specification: str

    @property
    def confirmed(self) -> bool:
        """Whether the rule was read in the registry's own text."""
        return self.confidence.startswith("confirmed")

    @property
    def read(self) -> bool:
        """Whether it is confirmed, or a tree whose boundaries were seen in the registry's text."""
        return self.confirmed or self.confidence.startswith("boundaries seen")


# ClinGen's dosage score of a gene associated with a recessive phenotype.
RECESSIVE_DOSAGE = 30


@dataclass(frozen=True, slots=True)
class FrequencyException:
    """A pathogenic variant that drift or selection made common: its frequency does not argue against it.

    GRCh38, `start` interbase, without shared bases.
    """

    hgvs: str
    chrom: str
    start: int
    ref: str
    alt: str
    reason: str
    source: str

    def is_of(self, variant: Variant) -> bool:
        """Whether it is this left-aligned variant, with shared bases or none.

        >>> listed = FrequencyException("NM_004004.6:c.35del", "13", 20189546, "C", "", "", "")
        >>> listed.is_of(Variant(Assembly.GRCH38, "13", 20189545, "AC", "A"))
        True
        """
        before = self.start - variant.start
        if before < 0 or (variant.chrom, variant.assembly) != (self.chrom, Assembly.GRCH38):
            return False
        left, right = variant.ref[:before], variant.ref[before + len(self.ref) :]
        return (variant.ref, variant.alt) == (left + self.ref + right, left + self.alt + right)


@dataclass(frozen=True, slots=True)
class GeneKnowledge:
    """All of it for one gene. `haploinsufficiency` is ClinGen's score (3, 2, 1, 0, 30, 40)."""

    gene: str
    hgnc_id: str | None = None
    diseases: tuple[GeneDisease, ...] = ()
    secondary: tuple[SecondaryFinding, ...] = ()
    carrier: CarrierGene | None = None
    haploinsufficiency: int | None = None
    pli: float | None = None
    loeuf: float | None = None
    # Below this LOEUF a gene is constrained; it depends on the release of gnomAD.
    loeuf_limit: float = 0.35
    thresholds: tuple[PanelThresholds, ...] = ()
    rules: tuple[PanelRule, ...] = ()
    # Published (likely) pathogenic variants whose kind is known from their name, and how many are null.
    pathogenic: int = 0
    null_pathogenic: int = 0
    # (position, one-letter amino acid) of the MANE Select protein, where names state them and no sequence
    # is shipped.
    residues: tuple[tuple[int, str], ...] = ()
    frequency_exceptions: tuple[FrequencyException, ...] = ()


class DiseaseKnowledge(Protocol):
    """Genes and diseases, looked up."""

    @property
    def secondary_genes(self) -> Set[str]:
        """Symbols of the secondary-findings list."""

    @property
    def carrier_genes(self) -> Set[str]:
        """Symbols of the carrier-screening panel."""

    @property
    def disease_genes(self) -> Set[str]:
        """Symbols with at least one gene-disease pair."""

    def gene(self, symbol: str) -> GeneKnowledge | None:
        """What is known of a gene; None when it is in no table."""

    def genes_of_disease(self, disease: str) -> Set[str]:
        """Genes of a MONDO, OMIM or ORPHA id, its narrower terms included; empty when none is known."""

    def mondo_of(self, catalogue_id: str) -> tuple[str, str] | None:
        """MONDO id and label of an OMIM or ORPHA id."""
