"""Pharmacogene definitions, calls, phenotypes and recommendations."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class DefinitionSite:
    """A position of a gene definition: interbase `start`, VCF-anchored alleles on the GRCh38 plus strand.

    `grch37` holds (start, ref, alts) in GRCh37 where known. `hgvs` names each of `alts`, without accession.
    `context` is (start, bases) of the GRCh38 plus strand around an indel site, as far as it is known.
    `clinvar` has the ClinVar variation id of each of `alts`, empty where none is held; or nothing at all.
    """

    chrom: str
    start: int
    ref: str
    alts: tuple[str, ...]
    rsid: str | None
    hgvs_g: str
    grch37: tuple[int, str, tuple[str, ...]] | None = None
    hgvs: tuple[str, ...] = ()
    context: tuple[int, str] | None = None
    clinvar: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedAllele:
    """A star allele or named variant; `bases` maps a site's start to its base string or IUPAC code.

    `bases` holds what the definition table defines: every site for the reference allele and for a full row,
    the allele's own sites for others, nothing for a structural allele (no VCF definition).
    """

    name: str
    bases: dict[int, str]
    reference: bool = False
    function: str | None = None
    activity: str | None = None
    pharmvar_id: str | None = None
    clinpgx_id: str | None = None
    note: str | None = None
    structural: bool = False


@dataclass(frozen=True, slots=True)
class PhenotypeRule:
    """Unordered pair of lookup keys (or a single one when hemizygous) to a phenotype."""

    lookup: tuple[str, ...]
    phenotype: str
    activity_score: str | None
    lookup_key: str


@dataclass(frozen=True, slots=True)
class GeneDefinition:
    """All that is known of one pharmacogene; compiled from `knowledgebase/pgx/genes`."""

    gene: str
    hgnc_id: str | None
    chrom: str | None
    strand: str | None
    transcript: str | None
    sites: tuple[DefinitionSite, ...]
    extra_sites: tuple[DefinitionSite, ...]
    alleles: tuple[NamedAllele, ...]
    rules: tuple[PhenotypeRule, ...]
    presence_alleles: tuple[str, ...]
    activity_score: bool
    lowest_function: bool
    undocumented_as_reference: bool
    from_vcf: bool
    version: str
    exemptions: dict[str, Any] = field(default_factory=dict)
    newer_version: str | None = None
    source: str = ""


class CallStatus(StrEnum):
    """How a pharmacogene was answered."""

    CALLED = "called"
    AMBIGUOUS = "ambiguous"
    NO_CALL = "no_call"
    NOT_COVERED = "not_covered"
    OUTSIDE_CALL = "outside_call"


@dataclass(frozen=True, slots=True)
class Diplotype:
    """A pair of alleles (or one, hemizygous), its activity score and phenotype."""

    name: str
    alleles: tuple[str, ...]
    activity_score: str | None
    phenotype: str | None


@dataclass(frozen=True, slots=True)
class VariantIdentity:
    """The one change that an allele named after it is: HGVS on GRCh38, dbSNP and ClinVar ids where held."""

    hgvs_g: str
    rsid: str | None = None
    clinvar: str | None = None


@dataclass(frozen=True, slots=True)
class SiteResult:
    """What the input says at one definition site. `bases` are allele strings; None marks a no-call."""

    chrom: str
    pos: int
    rsid: str | None
    # called | reference-block | missing | no-call | filtered | discarded | contradictory | assumed-reference
    status: str
    bases: tuple[str | None, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MedicationPhenotype:
    """The phenotype expected during co-medication: never a replacement of the genotype's."""

    phenotype: str
    activity_score: str | None
    drug: str
    strength: str
    source: str
    washout_days: int | None
    note: str
    # Only for guidance of these drugs (a drug never converts its own guidance); empty: for all drugs.
    for_drugs: tuple[str, ...] = ()
    # What the genotype alone says; None when the gene has no genotype result.
    genotype_phenotype: str | None = None
    genotype_activity_score: str | None = None


@dataclass(frozen=True, slots=True)
class PharmacogeneCall:
    """One gene's answer, with everything it rests on. Missing positions are GRCh38, 1-based, `chrom:pos`.

    `basis` is the pair that guidance rests on, with its phenotype and score, where that is not a listed
    diplotype: a lowest-function gene that cannot be paired, or the SLCO1B1 fallback site. `identities` are
    by allele name, of those found alleles that are one change and named after it.
    """

    gene: str
    status: CallStatus
    phased: bool
    diplotypes: tuple[Diplotype, ...] = ()
    haplotypes: tuple[str, ...] = ()
    basis_alleles: tuple[str, ...] = ()
    expected_with_medications: tuple[MedicationPhenotype, ...] = ()
    missing_positions: tuple[str, ...] = ()
    uncallable_alleles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sites: tuple[SiteResult, ...] = ()
    undocumented: tuple[str, ...] = ()
    definition_version: str | None = None
    newer_version: str | None = None
    hgnc_id: str | None = None
    basis: Diplotype | None = None
    identities: dict[str, VariantIdentity] = field(default_factory=dict)

    def phenotype_of_score(self, score: str) -> str | None:
        """The phenotype of that result of this person which has an activity score; None where none has.

        Alternatives ("1.0 or 2.0") give theirs joined in the same way.

        >>> pair = Diplotype("*1/*4", ("*1", "*4"), "1", "Intermediate Metabolizer")
        >>> PharmacogeneCall("CYP2D6", CallStatus.OUTSIDE_CALL, False, (pair,)).phenotype_of_score("1.0")
        'Intermediate Metabolizer'
        """
        results = (*self.diplotypes, *((self.basis,) if self.basis else ()), *self.expected_with_medications)
        meant = {_comparable(r.activity_score): r.phenotype for r in reversed(results) if r.phenotype}
        found = (meant.get(wanted) for text in score.split(" or ") if (wanted := _comparable(text)))
        return " or ".join(dict.fromkeys(phenotype for phenotype in found if phenotype)) or None


def _comparable(score: str | None) -> tuple[bool, float] | None:
    """(a lower bound, number) of a score such as `1`, `1.0` or `≥3.0`; None for any other text."""
    text = (score or "").strip()
    number = text.removeprefix("≥")
    if not number.replace(".", "", 1).isdecimal():
        return None
    return number != text, float(number)


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose figure from a guideline: change in percent of the usual dose, or an absolute limit in UCUM."""

    change_percent: tuple[float, float] | None = None
    maximum: float | None = None
    unit: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One statement of a guideline for one drug, matched to this patient.

    `basis` maps gene to the phenotype, score or allele status that matched. `action` is one of `avoid`,
    `use-alternative`, `reduce-dose`, `increase-dose`, `monitor`, `standard`, `no-recommendation`,
    `no-guideline`, `not-called`. `text` is what to do, `why` the reason. `possible` says why this guidance is
    only possible (co-medication, one of several diplotypes). `source` cites guideline, PMID and version.
    `medications` are the places, from 0, of the listed medications that are or contain the drug.
    """

    drug: str
    rxnorm: str | None
    atc: tuple[str, ...]
    guideline: str
    genes: tuple[str, ...]
    basis: dict[str, str]
    population: str
    strength: str
    action: str
    text: str
    source: str
    why: str = ""
    dose: Dose | None = None
    guideline_url: str | None = None
    pmids: tuple[str, ...] = ()
    version: str | None = None
    newer_version: str | None = None
    current_medication: bool = False
    possible: str | None = None
    warnings: tuple[str, ...] = ()
    medications: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """A pharmacogene result from another caller, as given."""

    gene: str
    diplotype: str | None
    phenotype: str | None
    activity_score: str | None
    line: int | None = None
