"""Gene-disease statements, as the Diagnosis that carries them."""

from collections.abc import Sequence

from service.domain.disease import (
    Classification,
    Diagnosis,
)
from service.domain.findings import GeneCoverage
from service.domain.gene import (
    GeneDisease,
    GeneKnowledge,
)
from service.raredisease.coverage import Unanswered
from service.raredisease.inheritance import Carriage
from service.raredisease.statement_basis import (
    Evidence,
    class_of,
    follow_up,
    follow_up_of_unknown,
    mode_of,
    rests_on_one_lost_copy,
)
from service.raredisease.statement_words import (
    NOTHING_FOUND,
    REMAINDER,
    also_found,
    assertion_evidence,
    coverage_words,
    listed,
    meaning_of,
    one_lost_copy,
    pair_evidence,
    remarks,
    risky,
    states_coverage,
    unread_words,
    what_was_found,
)

ANSWERED = Unanswered()


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
                what_was_found(found),
                one_lost_copy(pair)
                if rests_on_one_lost_copy(pair, knowledge, found, carriage)
                else meaning_of(statement, carriage, pair, found),
                *remarks(found),
                also_found(uncertain) if statement == "carrier" else "",
                unread_words(pair.gene, unread),
                "Secondary finding: not part of the stated question; consent was given." if secondary else "",
                "The gene is outside the stated indication." if outside_indication else "",
            )
            if sentence
        ),
        evidence=(*assertion_evidence(assertions), *pair_evidence(pair)),
        follow_up=follow_up(statement, found),
        secondary=secondary,
        stars=strongest.stars if strongest else None,
        validity=pair.validity,
        date=strongest.last_evaluated if strongest else None,
        release=strongest.release if strongest else None,
        phenotypes=phenotypes,
        phenotype_score=phenotype_score,
    )


def uncertain(
    gene: str,
    pair: GeneDisease,
    knowledge: GeneKnowledge,
    found: Sequence[Evidence],
    read: GeneCoverage | None,
    unread: Unanswered = ANSWERED,
    *,
    phenotypes: tuple[str, ...] = (),
    phenotype_score: float | None = None,
) -> Diagnosis:
    """An indicated gene with rare variants of consequence whose meaning is not known, or that raise a risk.

    Stars, date and release are those of the strongest assertion of risk.
    """
    assertions = [a for evidence in found for a in evidence.risk]
    strongest = max(assertions, key=lambda a: a.stars, default=None)
    risks = risky(found)
    unknown = [evidence.entry.description.label for evidence in found if not evidence.risk]
    sentences = (
        NOTHING_FOUND.format(gene=gene),
        f"Raises a probability and explains no disease by itself: {listed(risks)}." if risks else "",
        f"Not known to be common, of consequence, of unknown meaning: {listed(unknown)}." if unknown else "",
        coverage_words(gene, read),
        unread_words(gene, unread),
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
        evidence=(*assertion_evidence(assertions), *pair_evidence(pair)),
        follow_up=follow_up_of_unknown(found),
        stars=strongest.stars if strongest else None,
        validity=pair.validity,
        date=strongest.last_evaluated if strongest else None,
        release=strongest.release if strongest else None,
        phenotypes=phenotypes,
        phenotype_score=phenotype_score,
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
    silent = f"{gene} was not read: the input states no coverage of its coding bases."
    if unread:
        rest = silent if not_read else "Nothing was found in the rest."
        text = f"{unread_words(gene, unread)} So {gene} has no answer. {rest}"
    elif not_read:
        text = f"{silent} Nothing is known of it."
    else:
        text = " ".join(
            (
                NOTHING_FOUND.format(gene=gene),
                coverage_words(gene, read),
                REMAINDER.format(disease=disease) if states_coverage(read) else "",
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
