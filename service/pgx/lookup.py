"""What one gene of this patient brings to guidance: its possible results, each with its lookup keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.pgx import CallStatus, Diplotype, GeneDefinition, PharmacogeneCall
from service.pgx.scores import SCORE_GENES, normalized_score

NO_RESULT = "No Result"
# CPIC's key for a CYP2D6 duplication whose number of copies is not stated (`*1xN`).
UNSTATED_COPIES = "xN combinations"
# Alleles whose presence guidelines ask for (CPIC abacavir, allopurinol, carbamazepine, phenytoin).
PRESENCE_ALLELES = {"HLA-A": ("*31:01",), "HLA-B": ("*15:02", "*57:01", "*58:01")}
_UNKNOWN_PHENOTYPES = {"", "n/a", "No Result"}
# Phenotypes as guidelines spell them; callers elsewhere differ in case and in British spelling.
_PHENOTYPES = {
    phenotype.casefold(): phenotype
    for phenotype in (
        *(f"{kind} Metabolizer" for kind in ("Poor", "Intermediate", "Normal", "Rapid", "Ultrarapid")),
        *(
            f"{sure} {kind} Metabolizer"
            for sure in ("Likely", "Possible")
            for kind in ("Poor", "Intermediate")
        ),
        *(f"{kind} Function" for kind in ("Poor", "Decreased", "Possible Decreased", "Normal", "Increased")),
        *("Normal", "Deficient", "Deficient with CNSHA", "Variable", "Indeterminate"),
        *("Malignant Hyperthermia Susceptibility", "Uncertain Susceptibility"),
        *(
            f"{kind} risk of aminoglycoside-induced hearing loss"
            for kind in ("increased", "normal", "uncertain")
        ),
        *("ivacaftor responsive in CF patients", "ivacaftor non-responsive in CF patients"),
    )
}


@dataclass(frozen=True, slots=True)
class GeneResult:
    """One possible result of a gene.

    `keys` are looked up; where no row has one of them, `band` (a phenotype of a score gene) stands in. `name`
    is the diplotype, for people. `genotype` has the alleles sorted, as diplotype-specific rows write them.
    """

    gene: str
    keys: tuple[str, ...]
    name: str
    genotype: str = ""
    band: str | None = None
    score: str | None = None
    phenotype: str | None = None

    @property
    def known(self) -> bool:
        """False where the gene has no result."""
        return self.keys != (NO_RESULT,)


@dataclass(frozen=True, slots=True)
class GeneEvidence:
    """All that guidance needs of one gene. `results` has at least one entry; `call` is None if not asked.

    `not_excluded` are alleles that every test should cover (AMP tier 1) and that unread positions hide here.
    """

    gene: str
    results: tuple[GeneResult, ...]
    call: PharmacogeneCall | None = None
    not_excluded: tuple[str, ...] = ()

    @property
    def called(self) -> bool:
        """True where at least one result can be looked up."""
        return any(result.known for result in self.results)

    @property
    def genotyped(self) -> bool:
        """True with a genotype, even one without a phenotype (VKORC1, CYP4F2, IFNL3)."""
        return self.called or bool(self.call and self.call.diplotypes)


def evidence_of(
    gene: str, call: PharmacogeneCall | None, definition: GeneDefinition | None = None
) -> GeneEvidence:
    """The gene's possible results, without duplicates, in the order of its diplotypes."""
    if call is None:
        return GeneEvidence(gene, (_no_result(gene),))
    results = _results(gene, call.diplotypes)
    if not any(result.known for result in results):
        basis = call.basis or pair_of_basis(call, definition)
        results = _results(gene, (basis,)) if basis else results
    return GeneEvidence(gene, results or (_no_result(gene),), call, _not_excluded(call, definition))


def _not_excluded(call: PharmacogeneCall, definition: GeneDefinition | None) -> tuple[str, ...]:
    tier1 = definition.exemptions.get("amp_tier1_alleles", ()) if definition else ()
    return tuple(allele for allele in call.uncallable_alleles if allele in tier1)


def _results(gene: str, diplotypes: Sequence[Diplotype]) -> tuple[GeneResult, ...]:
    return tuple(dict.fromkeys(_result(gene, diplotype) for diplotype in diplotypes))


def pair_of_basis(call: PharmacogeneCall, definition: GeneDefinition | None) -> Diplotype | None:
    """The pair in `basis_alleles` with its phenotype, from the gene's own rules; None without either."""
    if definition is None or not call.basis_alleles:
        return None
    alleles = {allele.name: allele for allele in definition.alleles}
    pair = [alleles.get(name) for name in call.basis_alleles]
    lookups = [
        (allele.activity if definition.activity_score else allele.function) for allele in pair if allele
    ]
    if len(lookups) != len(pair) or None in lookups:
        return None
    wanted = sorted(str(lookup) for lookup in lookups)
    rule = next((rule for rule in definition.rules if sorted(rule.lookup) == wanted), None)
    if rule is None:
        return None
    return Diplotype(
        "/".join(call.basis_alleles), tuple(call.basis_alleles), rule.activity_score, rule.phenotype
    )


def why_not_called(call: PharmacogeneCall | None) -> str:
    """One clause that says why a gene has no result."""
    if call is None:
        return "it was not looked at"
    if call.notes:
        return call.notes[0].rstrip(".")
    if call.status is CallStatus.NOT_COVERED:
        return "the input does not cover it"
    if call.missing_positions:
        return f"{len(call.missing_positions)} of its positions were not read"
    return "no named alleles explain what was read"


def keys_by_gene(evidence: Mapping[str, GeneEvidence], gene: str) -> GeneEvidence:
    """The evidence of one gene; a gene nobody called has `No Result`."""
    return evidence.get(gene) or GeneEvidence(gene, (_no_result(gene),))


def _no_result(gene: str) -> GeneResult:
    return GeneResult(gene, (NO_RESULT,), NO_RESULT)


def _result(gene: str, diplotype: Diplotype) -> GeneResult:
    genotype = "/".join(sorted(diplotype.alleles))
    name = diplotype.name or diplotype.phenotype or f"activity score {diplotype.activity_score}"
    if gene in PRESENCE_ALLELES:
        return GeneResult(gene, _statuses(gene, diplotype), name, genotype, phenotype=diplotype.phenotype)
    phenotype = as_guidelines_spell(diplotype.phenotype)
    if gene == "CYP2D6" and any(allele.endswith("xN") for allele in diplotype.alleles):
        return GeneResult(gene, (UNSTATED_COPIES,), name, genotype, phenotype=phenotype)
    if gene not in SCORE_GENES:
        return GeneResult(gene, (phenotype or NO_RESULT,), name, genotype, phenotype=phenotype)
    score = normalized_score(diplotype.activity_score)
    if score is not None:
        return GeneResult(gene, (score,), name, genotype, phenotype, score, phenotype)
    if phenotype is None:
        return GeneResult(gene, (NO_RESULT,), name, genotype)
    if phenotype == "Indeterminate":
        return GeneResult(gene, ("n/a",), name, genotype, phenotype=phenotype)
    return GeneResult(gene, (), name, genotype, phenotype, None, phenotype)


def as_guidelines_spell(phenotype: str | None) -> str | None:
    """The phenotype as guidelines write it; others unchanged; None where it says that nothing is known.

    >>> as_guidelines_spell("poor metaboliser"), as_guidelines_spell("n/a")
    ('Poor Metabolizer', None)
    """
    if (phenotype or "") in _UNKNOWN_PHENOTYPES or phenotype is None:
        return None
    return _PHENOTYPES.get(phenotype.casefold().replace("metaboliser", "metabolizer"), phenotype)


def _statuses(gene: str, diplotype: Diplotype) -> tuple[str, ...]:
    """HLA allele statuses. One that is given as phenotype counts as given; alleles tell the others."""
    given = (diplotype.phenotype or "").replace(";", ",").split(",")
    stated = [part.strip() for part in given if part.strip().endswith((" positive", " negative"))]
    if not diplotype.alleles:
        return tuple(stated) or (NO_RESULT,)
    by_allele = {status.split()[0]: status for status in stated}
    return tuple(
        by_allele.get(wanted)
        or f"{wanted} {'positive' if any(wanted in a for a in diplotype.alleles) else 'negative'}"
        for wanted in PRESENCE_ALLELES[gene]
    )
