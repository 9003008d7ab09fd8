"""The words of a gene-disease statement, and the Diagnosis that carries them."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.assessment import DescribedCall
from service.domain.disease import (
    Assertion,
    Classification,
    Diagnosis,
    VariantClassification,
    asserts_only_likely,
)
from service.domain.findings import GeneCoverage
from service.domain.gene import (
    INHERITANCE_HPO,
    GeneDisease,
    GeneKnowledge,
    Inheritance,
)
from service.domain.variant import Zygosity
from service.raredisease.coverage import Unanswered
from service.raredisease.criteria.mechanism import loss_is_recessive
from service.raredisease.inheritance import Carriage, Copies, statement_of

PATHOGENIC = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
COUNSELLING = "Genetic counselling recommended"
CONFIRMATION = "Confirmatory testing recommended"
PARENTS = "Parental testing recommended"
ANSWERED = Unanswered()
# From this share of stated coverage on a gene counts as read.
FULLY_READ = 0.995
# A heterozygous variant in fewer reads than this may be a mosaic or an artefact.
LOW_FRACTION = 0.25
_NARROWER = {"HP:0001419": "X-linked recessive inheritance", "HP:0001423": "X-linked dominant inheritance"}
_NOTHING_FOUND = "No variant that is asserted or classified (likely) pathogenic was found in {gene}."
_NO_DECISION = "No decision about treatment or relatives should rest on what is of unknown meaning."
_ONE_LOST_COPY = (
    "Loss of this gene is known to cause recessive disease; whether one lost copy causes {disease} is not "
    "known."
)
_ONE_OF_TWO = (
    "{disease} is semidominant without strong validity: whether one lost copy is enough is not known."
)
_FILTERED = (
    "An artefact is possible: the call did not pass its filters, and nothing is stated before it is "
    "confirmed. If it is: {meaning}"
)
_REMAINDER = (
    "This lowers the probability of {disease} and does not remove it: copy-number changes, deep intronic "
    "variants, repeats and low-level mosaics were not assessed."
)

_NOT_FROM_BOTH = (
    "Not both parents carry {name}, which is on both copies: a deletion of the other copy, both copies from "
    "one parent, exchanged samples or another parentage are possible, and to be settled before this is used."
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One variant of a statement: its published assertions that are (likely) pathogenic, and our class."""

    entry: DescribedCall
    asserted: tuple[Assertion, ...]
    ours: VariantClassification | None = None
    origin: str | None = None
    too_common: str | None = None
    risk: tuple[Assertion, ...] = ()


def diagnosis(
    pair: GeneDisease,
    knowledge: GeneKnowledge,
    found: Sequence[Evidence],
    carriage: Carriage,
    statement: str,
    *,
    secondary: bool = False,
    outside_indication: bool = False,
    phenotypes: tuple[str, ...] = (),
    phenotype_score: float | None = None,
    uncertain: Sequence[Evidence] = (),
    unread: Unanswered = ANSWERED,
) -> Diagnosis:
    """The statement about one gene and disease.

    `uncertain` are further variants of the gene without a class, `unread` is what could not be read of it.
    """
    assertions = [a for evidence in found for a in evidence.asserted]
    strongest = max(assertions, key=lambda a: a.stars, default=None)
    return Diagnosis(
        gene=pair.gene,
        hgnc_id=pair.hgnc_id or knowledge.hgnc_id,
        disease=pair.disease,
        mondo=pair.mondo,
        inheritance=mode_of(pair)[1],
        inheritance_hpo=mode_of(pair)[0],
        statement=statement,
        classification=class_of(found),
        variants=tuple(evidence.entry.description.spdi for evidence in found),
        text=" ".join(
            sentence
            for sentence in (
                _what(found),
                _one_lost_copy(pair)
                if rests_on_one_lost_copy(pair, knowledge, found, carriage)
                else _meaning(statement, carriage, pair, found),
                *_remarks(found),
                _second(uncertain) if statement == "carrier" else "",
                _unread_words(pair.gene, unread),
                "Secondary finding: not part of the stated question; consent was given." if secondary else "",
                "The gene is outside the stated indication." if outside_indication else "",
            )
            if sentence
        ),
        evidence=(
            *dict.fromkeys(
                f"{a.source} {a.accession}: {a.classification}, {a.review_status}, release {a.release}"
                for a in assertions
            ),
            *_pair_evidence(pair),
        ),
        follow_up=follow_up(statement, found),
        secondary=secondary,
        stars=strongest.stars if strongest else None,
        validity=pair.validity,
        date=strongest.last_evaluated if strongest else None,
        release=strongest.release if strongest else None,
        phenotypes=phenotypes,
        phenotype_score=phenotype_score,
    )


def follow_up(statement: str, found: Sequence[Evidence]) -> tuple[str, ...]:
    """What to do next; parents are tested where they decide, or where a new variant needs their
    confirmation."""
    parents = statement == "possible-compound-heterozygote" or any(e.origin == "de-novo" for e in found)
    return (COUNSELLING, CONFIRMATION, *((PARENTS,) if parents else ()))


def _one_lost_copy(pair: GeneDisease) -> str:
    if pair.inheritance is Inheritance.SEMIDOMINANT:
        return _ONE_OF_TWO.format(disease=sentence_case(pair.disease))
    return _ONE_LOST_COPY.format(disease=pair.disease)


def rests_on_one_lost_copy(
    pair: GeneDisease, knowledge: GeneKnowledge, found: Sequence[Evidence], carriage: Carriage
) -> bool:
    """Whether a disease would be stated for nothing but one lost copy, which is not known to cause it.

    That is a dominant disease of a gene whose loss is known to cause recessive disease alone, or a
    semidominant one without strong validity.
    """
    if carriage.copies is not Copies.ONE or not all(
        not evidence.asserted and _by_loss(evidence.ours) for evidence in found
    ):
        return False
    if pair.inheritance is Inheritance.SEMIDOMINANT:
        return pair.validity not in ("Definitive", "Strong")
    return pair.inheritance is Inheritance.DOMINANT and loss_is_recessive(knowledge)


def _by_loss(ours: VariantClassification | None) -> bool:
    criteria = ours.criteria if ours else ()
    return any(c.code == "PVS1" and c.verdict == "met" and not c.supplied for c in criteria)


def class_of(found: Sequence[Evidence]) -> Classification | None:
    """The weakest of the variants' classes as asserted, else as classified here: a pair is as sure as its
    weaker member."""
    classes = []
    for evidence in found:
        if evidence.asserted:
            likely = all(asserts_only_likely(a) for a in evidence.asserted)
            classes.append(Classification.LIKELY_PATHOGENIC if likely else Classification.PATHOGENIC)
        elif evidence.ours:
            classes.append(evidence.ours.classification)
        else:
            return None
    order = list(Classification)
    return max(classes, key=order.index, default=None)


def mode_of(pair: GeneDisease) -> tuple[str | None, str | None]:
    """HPO id and words of the mode of inheritance; (None, None) where it is not determined."""
    if pair.inheritance is Inheritance.X_LINKED and pair.inheritance_term in _NARROWER:
        return pair.inheritance_term, _NARROWER[pair.inheritance_term]
    return INHERITANCE_HPO.get(pair.inheritance, (None, None))


def uncertain(
    gene: str,
    pair: GeneDisease,
    knowledge: GeneKnowledge,
    found: Sequence[Evidence],
    read: GeneCoverage | None,
    unread: Unanswered = ANSWERED,
) -> Diagnosis:
    """An indicated gene with rare variants of consequence whose meaning is not known."""
    risks = _risks(found)
    unknown = [evidence.entry.description.label for evidence in found if not evidence.risk]
    sentences = (
        _NOTHING_FOUND.format(gene=gene),
        f"Raises a probability and explains no disease by itself: {_listed(risks)}." if risks else "",
        f"Not known to be common, of consequence, of unknown meaning: {_listed(unknown)}." if unknown else "",
        _coverage_words(gene, read),
        _unread_words(gene, unread),
        "No decision about treatment or relatives should rest on what is of unknown meaning."
        if unknown
        else "",
    )
    return Diagnosis(
        gene=gene,
        hgnc_id=pair.hgnc_id or knowledge.hgnc_id,
        disease=pair.disease,
        mondo=pair.mondo,
        inheritance=mode_of(pair)[1],
        inheritance_hpo=mode_of(pair)[0],
        statement="uncertain",
        classification=Classification.UNCERTAIN if any(e.ours for e in found) else None,
        variants=tuple(evidence.entry.description.spdi for evidence in found),
        text=" ".join(sentence for sentence in sentences if sentence),
        validity=pair.validity,
    )


def negative(
    gene: str,
    knowledge: GeneKnowledge | None,
    pair: GeneDisease | None,
    read: GeneCoverage | None,
    unread: Unanswered = ANSWERED,
) -> Diagnosis:
    """An indicated gene in which nothing was found: what that is worth depends on what was read.

    Where `unread` tells of records in it nothing is said to be absent.
    """
    disease = pair.disease if pair else f"{gene}-related disease"
    not_read = read is not None and read.fraction == 0
    if unread:
        text = f"{_unread_words(gene, unread)} So {gene} has no answer. Nothing was found in the rest."
    elif not_read:
        text = (
            f"{gene} was not read: the input states no coverage of its coding bases. Nothing is known of it."
        )
    else:
        text = " ".join(
            (
                _NOTHING_FOUND.format(gene=gene),
                _coverage_words(gene, read),
                _REMAINDER.format(disease=disease) if _stated(read) else "",
            )
        ).strip()
    return Diagnosis(
        gene=gene,
        hgnc_id=knowledge.hgnc_id if knowledge else None,
        disease=disease,
        mondo=pair.mondo if pair else None,
        inheritance=mode_of(pair)[1] if pair else None,
        inheritance_hpo=mode_of(pair)[0] if pair else None,
        statement="not-assessed" if not_read or unread else "negative",
        classification=None,
        variants=(),
        text=text,
        validity=pair.validity if pair else None,
    )


def _unread_words(gene: str, unread: Unanswered) -> str:
    sentences = []
    if unread.records:
        sentences.append(
            f"The file has records in {gene} that could not be read or interpreted, at {unread.records}: "
            "each may be the variant that was looked for."
        )
    if unread.filtered:
        sentences.append(
            f"Structural records over coding bases of {gene} did not pass their filters and were not "
            f"interpreted, at {unread.filtered}: each may be an artefact or the variant that was looked for."
        )
    if unread.uncalled:
        sentences.append(
            f"The sample has no genotype at {unread.uncalled}, where (likely) pathogenic variants of {gene} "
            "are asserted: what was looked for was not read there."
        )
    return " ".join(sentences)


def _stated(read: GeneCoverage | None) -> bool:
    return read is not None and read.fraction is not None


def _coverage_words(gene: str, read: GeneCoverage | None) -> str:
    if read is None or read.fraction is None:
        return (
            f"The input does not say what was read of {gene}, so absence is not a negative result: "
            "give a gVCF or the covered regions."
        )
    if read.fraction == 1:
        return "100.0% of its coding bases were read."
    if read.fraction >= FULLY_READ:  # what is not read is named, and never rounded away
        return f"{min(read.fraction, 0.999):.1%} of its coding bases were read ({read.note})."
    return f"Only {read.fraction:.1%} of its coding bases were read ({read.note})."


def _what(found: Sequence[Evidence]) -> str:
    parts = []
    for evidence in found:
        call, names = evidence.entry.call, evidence.entry.description
        protein = names.hgvs_p.rpartition(":")[2] if names.hgvs_p and ":p." in names.hgvs_p else None
        words = [f"{names.label}{f' {protein}' if protein else ''}", _state(evidence)]
        if evidence.asserted:
            strongest = max(evidence.asserted, key=lambda a: a.stars)
            words.append(f"asserted {strongest.classification.lower()} in {strongest.source}")
        elif evidence.ours:
            words.append(f"classified {evidence.ours.classification.value.lower()} by the criteria listed")
        if not call.passed:
            words.append(f"did not pass its filters ({', '.join(call.filters)})")
        parts.append(", ".join(words))
    return f"{'; '.join(parts)}."


def _state(evidence: Evidence) -> str:
    call = evidence.entry.call
    fraction = call.allele_fraction
    if call.variant.chrom == "MT":
        share = f" in {fraction:.1%} of reads" if fraction is not None else ", fraction not stated"
        return "mitochondrial" if call.zygosity is Zygosity.UNKNOWN else f"{call.zygosity.value}{share}"
    if call.zygosity is Zygosity.UNKNOWN:
        return "zygosity not known"
    return call.zygosity.value


def _meaning(statement: str, carriage: Carriage, pair: GeneDisease, found: Sequence[Evidence]) -> str:
    disease = sentence_case(pair.disease)
    if any(evidence.entry.call.variant.chrom == "MT" for evidence in found):
        return (
            f"Known cause of {pair.disease}; whether and where it causes disease depends on the share of "
            "mutant molecules in each tissue."
        )
    if all(evidence.too_common for evidence in found):
        return f"Its frequency speaks against the assertion: no cause of {pair.disease} is stated."
    if statement == "secondary-finding":
        statement = statement_of(carriage, pair)
    if statement == "uncertain" and statement_of(carriage, pair) == "positive":
        return _FILTERED.format(meaning=_positive(carriage, pair))
    if statement == "positive":
        return _positive(carriage, pair)
    if statement == "possible-compound-heterozygote":
        return (
            f"{disease} is {_mode_words(pair)}: two variants cause it only on different copies, and that is "
            f"not known here ({carriage.basis}). Parental testing decides."
        )
    if statement == "carrier":
        return _carrier(carriage, pair)
    if pair.inheritance is Inheritance.UNDETERMINED and carriage.copies is Copies.ONE:
        return f"Whether one copy is enough to cause {pair.disease} is not settled for this gene."
    return (
        f"Whether it is the only copy or one of two is not known, and {pair.disease} is {_mode_words(pair)}: "
        "state the sex, or confirm the genotype."
    )


def _positive(carriage: Carriage, pair: GeneDisease) -> str:
    if pair.inheritance is Inheritance.RECESSIVE:
        return f"{sentence_case(pair.disease)} is recessive and both copies are affected ({carriage.basis})."
    if pair.inheritance is Inheritance.X_LINKED:
        if carriage.copies is Copies.ALL:
            return f"{sentence_case(pair.disease)} is X-linked and every copy is affected ({carriage.basis})."
        return f"{sentence_case(pair.disease)} is X-linked dominant: one affected copy is enough."
    if pair.inheritance is Inheritance.UNDETERMINED:
        return f"Every copy is affected ({carriage.basis}); cause of {pair.disease}."
    if carriage.copies is Copies.ALL:
        return (
            f"Cause of {pair.disease} ({_mode_words(pair)}). Both copies are affected "
            f"({carriage.basis}), which is unusual and may be more severe."
        )
    if pair.inheritance is Inheritance.SEMIDOMINANT:
        return f"Cause of {pair.disease} (semidominant: one affected copy can be enough, two weigh more)."
    return f"Cause of {pair.disease} ({_mode_words(pair)}: one affected copy is enough)."


def _carrier(carriage: Carriage, pair: GeneDisease) -> str:
    disease = sentence_case(pair.disease)
    if pair.inheritance is Inheritance.X_LINKED:
        return f"{disease} is X-linked: a carrier, who may show signs (manifesting heterozygote)."
    both = "; they lie on one copy" if carriage.several else ""
    return (
        f"{disease} is recessive: one affected copy alone is a carrier state{both}. A second "
        "pathogenic variant, a deletion or duplication included, was not found in what was read."
    )


def sentence_case(name: str) -> str:
    """A disease's name as a sentence begins.

    >>> sentence_case("cystic fibrosis"), sentence_case("BRCA1-related cancer predisposition")
    ('Cystic fibrosis', 'BRCA1-related cancer predisposition')
    """
    return name[:1].upper() + name[1:]


def _mode_words(pair: GeneDisease) -> str:
    _, words = mode_of(pair)
    return (words or "of undetermined inheritance").lower().removesuffix(" inheritance")


def _remarks(found: Sequence[Evidence]) -> list[str]:
    remarks = []
    for evidence in found:
        call, name = evidence.entry.call, evidence.entry.description.label
        if evidence.origin == "de-novo":
            remarks.append(
                f"{name} is in neither parent's genotype: new in this person if parentage is as stated."
            )
        elif evidence.origin in ("father", "mother"):
            remarks.append(f"{name} is inherited from the {evidence.origin}.")
        if call.zygosity is Zygosity.HOMOZYGOUS and evidence.origin in ("de-novo", "father", "mother"):
            remarks.append(_NOT_FROM_BOTH.format(name=name))
        low = call.allele_fraction is not None and call.allele_fraction < LOW_FRACTION
        if low and call.zygosity is Zygosity.HETEROZYGOUS:
            remarks.append(
                f"{name} is in {call.allele_fraction:.0%} of reads only: a mosaic or an artefact is possible."
            )
        if evidence.asserted and evidence.ours and evidence.ours.classification not in PATHOGENIC:
            ours = evidence.ours.classification.value.lower()
            remarks.append(f"By the criteria that could be applied here the class of {name} is: {ours}.")
        if evidence.too_common:
            remarks.append(
                f"{name} is too common for a rare disease of high penetrance: {evidence.too_common}."
            )
    return remarks


def _second(uncertain: Sequence[Evidence]) -> str:
    """Further variants of the gene: those that raise a risk, and those of unknown meaning."""
    risks, unknown = _risks(uncertain), [e.entry.description.label for e in uncertain if not e.risk]
    return " ".join(
        (
            *([f"Also found in the gene, raising a probability: {_listed(risks)}."] if risks else []),
            *(
                [f"Also found in the gene, with a meaning that is not known: {_listed(unknown)}."]
                if unknown
                else []
            ),
        )
    )


def _risks(found: Sequence[Evidence]) -> list[str]:
    """Variants of low penetrance or risk, with the words of their best reviewed assertion."""
    return [
        f"{e.entry.description.label} ({max(e.risk, key=lambda a: a.stars).classification.lower()})"
        for e in found
        if e.risk
    ]


def _listed(names: Sequence[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _pair_evidence(pair: GeneDisease) -> tuple[str, ...]:
    validity = f"{pair.validity}" if pair.validity else "not curated"
    dated = f", {pair.date}" if pair.date else ""
    return (f"{pair.gene} and {pair.disease}: {validity} ({pair.source}{dated})",)
