"""The sentences of a gene-disease statement."""

from collections.abc import Sequence

from service.domain.disease import Assertion
from service.domain.findings import GeneCoverage
from service.domain.gene import GeneDisease, Inheritance
from service.domain.variant import Zygosity
from service.raredisease.coverage import Unanswered
from service.raredisease.inheritance import Carriage, Copies, statement_of
from service.raredisease.statement_basis import PATHOGENIC, Evidence, mode_of

# From this share of stated coverage on a gene counts as read.
FULLY_READ = 0.995
# A heterozygous variant in fewer reads than this may be a mosaic or an artefact.
LOW_FRACTION = 0.25
NOTHING_FOUND = "No variant that is asserted or classified (likely) pathogenic was found in {gene}."
_ONE_LOST_COPY = (
    "Loss of this gene is known to cause recessive disease; whether one lost copy causes {disease} is not "
    "known."
)
_ONE_OF_TWO = (
    "{disease} is semidominant without strong validity: whether one lost copy is enough is not known."
)
_ONE_COPY = (
    "One copy is affected. {disease} is annotated as recessive and curated as semidominant: "
    "heterozygotes can be affected, and one copy alone neither explains it nor rules it out."
)
_FILTERED = (
    "An artefact is possible: the call did not pass its filters, and nothing is stated before it is "
    "confirmed. If it is: {meaning}"
)
REMAINDER = (
    "This lowers the probability of {disease} and does not remove it: copy-number changes, deep intronic "
    "variants, repeats and low-level mosaics were not assessed."
)
_NOT_FROM_BOTH = (
    "Not both parents carry {name}, which is on both copies: a deletion of the other copy, both copies from "
    "one parent, exchanged samples or another parentage are possible, and to be settled before this is used."
)


def one_lost_copy(pair: GeneDisease) -> str:
    """Why one lost copy is no statement of the disease."""
    if pair.inheritance is Inheritance.SEMIDOMINANT:
        return _ONE_OF_TWO.format(disease=sentence_case(pair.disease))
    return _ONE_LOST_COPY.format(disease=pair.disease)


def unread_words(gene: str, unread: Unanswered) -> str:
    """What of the gene was not read or not interpreted, and where; empty where nothing."""
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


def states_coverage(read: GeneCoverage | None) -> bool:
    """Whether the input says what was read."""
    return read is not None and read.fraction is not None


def coverage_words(gene: str, read: GeneCoverage | None) -> str:
    """How much of the gene was read."""
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


def what_was_found(found: Sequence[Evidence]) -> str:
    """The variants, how they are carried, and by whose word they are pathogenic."""
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


def meaning_of(statement: str, carriage: Carriage, pair: GeneDisease, found: Sequence[Evidence]) -> str:
    """What the copies that they take mean for the disease."""
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
    if pair.recessive_alone and carriage.copies is Copies.ONE:
        return _ONE_COPY.format(disease=disease)
    return (
        f"Whether it is the only copy or one of two is not known, and {pair.disease} is {_mode_words(pair)}: "
        "state the sex, or confirm the genotype."
    )


def _positive(carriage: Carriage, pair: GeneDisease) -> str:
    if pair.inheritance is Inheritance.RECESSIVE or pair.recessive_alone:
        mode = "annotated as recessive" if pair.recessive_alone else "recessive"
        return f"{sentence_case(pair.disease)} is {mode} and both copies are affected ({carriage.basis})."
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
    if pair.recessive_alone:
        return "annotated as recessive"
    _, words = mode_of(pair)
    return (words or "of undetermined inheritance").lower().removesuffix(" inheritance")


def remarks(found: Sequence[Evidence]) -> list[str]:
    """What a reader must know of single variants."""
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


def also_found(uncertain: Sequence[Evidence]) -> str:
    """Further variants of the gene: those that raise a risk, and those of unknown meaning."""
    risks, unknown = risky(uncertain), [e.entry.description.label for e in uncertain if not e.risk]
    return " ".join(
        (
            *([f"Also found in the gene, raising a probability: {listed(risks)}."] if risks else []),
            *(
                [f"Also found in the gene, with a meaning that is not known: {listed(unknown)}."]
                if unknown
                else []
            ),
        )
    )


def risky(found: Sequence[Evidence]) -> list[str]:
    """Variants of low penetrance or risk, with the words of their best reviewed assertion."""
    return [
        f"{e.entry.description.label} ({max(e.risk, key=lambda a: a.stars).classification.lower()})"
        for e in found
        if e.risk
    ]


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names with commas, the first few."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def assertion_evidence(assertions: Sequence[Assertion]) -> tuple[str, ...]:
    """By whose word variants are pathogenic or raise a risk, each assertion once."""
    return tuple(
        dict.fromkeys(
            f"{a.source} {a.accession}: {a.classification}, {a.review_status}, release {a.release}"
            for a in assertions
        )
    )


def pair_evidence(pair: GeneDisease) -> tuple[str, ...]:
    """How sure it is that the gene causes the disease."""
    validity = f"{pair.validity}" if pair.validity else "not curated"
    dated = f", {pair.date}" if pair.date else ""
    return (f"{pair.gene} and {pair.disease}: {validity} ({pair.source}{dated})",)
