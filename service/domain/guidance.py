"""Guidelines, their rows in our own words, the names of drugs, and drugs that change an enzyme."""

from dataclasses import dataclass

from service.domain.pgx import Dose


@dataclass(frozen=True, slots=True)
class DrugName:
    """A drug as guidance names it: lower case, RxNorm ingredient code, ATC codes, and other names for it."""

    name: str
    rxnorm: str | None = None
    atc: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What a guideline asks for, in our own words, shared by all rows that say the same.

    `text` is what to do, `why` the reason. `figures` and `names` are the numbers and the drugs that occur in
    every source row of this statement; a text may use no other. `wording` names the kind of text: `own`
    (rewritten and checked) or `source` (imported as published, on a hospital's machine).
    """

    action: str
    strength: str
    population: str
    text: str
    why: str
    dose: Dose | None = None
    figures: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    wording: str = "own"


@dataclass(frozen=True, slots=True)
class LookupTable:
    """Rows keyed by one set of genes.

    `rows` maps the keys of `genes`, joined by tabs in that order, to (row id, index into the statements).
    A key is a phenotype, an activity score, an allele status, or for `diplotype` tables a genotype such as
    `*1/*17` with its alleles sorted.
    """

    genes: tuple[str, ...]
    rows: dict[str, tuple[tuple[str, int], ...]]
    diplotype: bool = False


@dataclass(frozen=True, slots=True)
class DrugGuidance:
    """One guideline's rows for one drug.

    `source` is CPIC, DPWG or FDA. `newer_version` says that the source has replaced these recommendations.
    `presented` lists genes (or rsIDs) whose genotypes are shown with a pointer to the guideline where it has
    no lookup rows (CPIC warfarin). `note` says what this release does not hold of the guideline.
    """

    source: str
    guideline_id: str
    title: str
    url: str
    pmids: tuple[str, ...]
    version: str
    drug: DrugName
    genes: tuple[str, ...]
    statements: tuple[Statement, ...]
    tables: tuple[LookupTable, ...]
    newer_version: str | None = None
    presented: tuple[str, ...] = ()
    converts_on_medication: bool = False
    note: str | None = None
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Guidance:
    """All guidance of a release, ordered by drug and source. `names` are drugs known without guidance too."""

    drugs: tuple[DrugGuidance, ...]
    names: tuple[DrugName, ...] = ()
    release_note: str = ""


@dataclass(frozen=True, slots=True)
class EnzymeModulator:
    """A drug that inhibits or induces an enzyme or transporter.

    `strength` is strong, moderate, weak, or `not graded`. `washout_days` counts from the last dose.
    `local_atc` are codes of preparations without relevant systemic exposure. `evidence` is `published` where
    a public source was read, `expert` where it rests on expert memory and awaits verification.
    """

    drug: DrugName
    enzyme: str
    effect: str
    strength: str
    washout_days: int
    local_atc: tuple[str, ...]
    dose_note: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Phenoconversion:
    """The table of modulators, in the order of the file."""

    modulators: tuple[EnzymeModulator, ...]
