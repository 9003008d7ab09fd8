"""Variants against inheritance: which genotypes fit a mode, and what they are worth beside other genes."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.assembly import Assembly
from service.domain.assessment import FrequencyAssessment
from service.domain.case import Sex
from service.domain.disease import Assertion
from service.domain.frequency import AlleleFrequency, Outcome, SourceAnswer, VariantFrequencies
from service.domain.gene import Inheritance
from service.domain.issue import Issue
from service.domain.phenotype import PhenotypeTerms
from service.domain.transcript import Transcript
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity
from service.knowledge.repository import open_knowledge
from service.raredisease.combined_ranking import combine, new_disease
from service.raredisease.exome import ExomeReader
from service.raredisease.gene_fit import UNKNOWN_FREQUENCY, UNSEEN, Candidate, Fit, PatientVariants
from service.raredisease.phenotype_ranking import PhenotypeRanker
from service.raredisease.place import Place
from service.raredisease.stated_frequency import StatedFrequencies, population_keys, stated_frequency
from service.raredisease.variant_weight import LOSS, UNKNOWN, Weight, weigh
from service.variants.annotated import annotated

HET, HOM, HEMI = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS
AD, AR, XL = Inheritance.DOMINANT, Inheritance.RECESSIVE, Inheritance.X_LINKED


def candidate(
    zygosity: Zygosity,
    start: int = 100,
    number: float = 5.0,
    copy: int | None = None,
    gene: str = "G",
    kind: str = LOSS,
) -> Candidate:
    variant = Variant(Assembly.GRCH38, "1", start, "A", "T")
    phase = "1" if copy is not None else None
    call = VariantCall(variant, zygosity, phased=copy is not None, phase_set=phase, copy=copy, line=start)
    return Candidate(call, gene, Weight(number, number, kind, ()))


def fit_of(found: list[Candidate], mode: Inheritance, sex: Sex) -> Fit:
    return PatientVariants.of({"G": found}, sex, 5000, whole=True).fit("G", mode)


@pytest.mark.parametrize(
    ("mode", "sex", "found", "how", "variants"),
    [
        (AD, Sex.UNKNOWN, [candidate(HET)], "heterozygous", 1),
        (AR, Sex.UNKNOWN, [candidate(HOM)], "homozygous", 1),
        (AR, Sex.UNKNOWN, [candidate(HET)], "heterozygous, one allele alone", 1),
        (AR, Sex.UNKNOWN, [candidate(HET), candidate(HET, 200)], "two variants, phase unknown", 2),
        (AR, Sex.UNKNOWN, [candidate(HET, copy=0), candidate(HET, 200, copy=1)],
         "in trans by phase in the file", 2),
        (AR, Sex.UNKNOWN, [candidate(HET, copy=0), candidate(HET, 200, copy=0)],
         "heterozygous, one allele alone", 1),
        (XL, Sex.MALE, [candidate(HEMI)], "hemizygous", 1),
        (XL, Sex.MALE, [candidate(HET)], "no candidate variant was read", 0),
        (XL, Sex.FEMALE, [candidate(HET)], "heterozygous", 1),
        (AD, Sex.UNKNOWN, [candidate(HET, number=-1.0)], "no candidate variant was read", 0),
    ],
    ids=["dominant", "homozygous", "one allele", "phase unknown", "trans", "cis", "hemizygous",
         "male het on X", "female het on X", "nothing"],
)  # fmt: skip
def test_genotypes_that_fit_a_mode(
    mode: Inheritance, sex: Sex, found: list[Candidate], how: str, variants: int
) -> None:
    fit = fit_of(found, mode, sex)
    assert (fit.how, len(fit.variants)) == (how, variants)


@given(one=st.floats(0.1, 8), two=st.floats(0.1, 8))
def test_two_in_cis_are_worth_no_more_than_apart_and_less_than_in_trans(one: float, two: float) -> None:
    def pair(copy: int | None, other: int | None) -> float:
        return fit_of([candidate(HET, 1, one, copy), candidate(HET, 2, two, other)], AR, Sex.UNKNOWN).value

    assert pair(0, 0) < pair(None, None) < pair(0, 1)
    assert pair(0, 0) <= sum(fit_of([candidate(HET, 1, n)], AR, Sex.UNKNOWN).value for n in (one, two))


def patient(
    found: list[Candidate], others: int, *, whole: bool = True, length: float = 1.0
) -> PatientVariants:
    by_gene = {"G": found} | {f"O{n}": [candidate(HET, gene=f"O{n}")] for n in range(others)}
    return PatientVariants.of(by_gene, Sex.UNKNOWN, 5000, whole=whole, relative_length=lambda _: length)


def test_a_variant_is_worth_less_the_more_genes_have_as_much() -> None:
    worth = [patient([candidate(HET)], others).score("G", [AD])[0] for others in (0, 10, 100, 1000)]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] > 4 > worth[3]


def test_one_known_allele_of_a_recessive_disease_tells_little() -> None:
    # Everybody carries two or three (Bell 2011, doi:10.1126/scitranslmed.3001756).
    alone, both = (patient([candidate(z, number=8.0)], 20).score("G", [AR])[0] for z in (HET, HOM))
    dominant = patient([candidate(HET, number=8.0)], 20).score("G", [AD])[0]
    assert 0 < alone < 3 < 5 < min(both, dominant)


def test_a_gene_whose_sequence_is_known_has_no_advantage() -> None:
    # 1,000 genes with a substitution that may be missense or not, 30 with one that is known to be.
    unknown = {f"U{n}": [candidate(HET, number=2.0, gene=f"U{n}", kind=UNKNOWN)] for n in range(1000)}
    known = {f"K{n}": [candidate(HET, number=2.0, gene=f"K{n}", kind="missense")] for n in range(30)}
    person = PatientVariants.of(unknown | known, Sex.UNKNOWN, 5000, whole=True)
    told, untold = (person.score(gene, [AD])[0] for gene in ("K1", "U1"))
    assert 0 < told - untold < -math.log(0.5)


def test_a_gene_that_varies_anyway_tells_less() -> None:
    few, many = (
        patient([candidate(HET, n, 2.0) for n in range(count)], 20).fit("G", AD).value / count
        for count in (1, 20)
    )
    assert many < few / 5


def test_a_long_gene_has_more_by_chance() -> None:
    short, long = (patient([candidate(HET)], 20, length=r).score("G", [AD])[0] for r in (1.0, 30.0))
    assert short > long


def test_absence_speaks_only_where_the_file_was_read() -> None:
    assert patient([], 5).score("G", [AD])[0] == UNKNOWN_FREQUENCY * math.log(UNSEEN)
    assert patient([], 5, whole=False).score("G", [AD])[0] == 0.0


def call(info: dict[str, str] | None = None, rsid: str | None = None, *, passed: bool = True) -> VariantCall:
    variant = Variant(Assembly.GRCH38, "1", 5, "A", "T")
    return VariantCall(variant, HET, info=tuple((info or {}).items()), rsid=rsid, passed=passed)


@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("gnomAD_AF", True),
        ("gnomADe_AF_popmax", True),
        ("AF_grpmax", True),
        ("MAX_AF", True),
        ("1000G_AF", True),
        ("ExAC_AF", True),
        ("AF", False),  # the sample's own
        ("AC", False),
        ("REVEL", False),
        ("AFFECTED", False),
    ],
)
def test_keys_that_hold_population_frequencies(key: str, counts: bool) -> None:
    assert (key in population_keys([call({key: "0.5"})])) is counts


def test_plain_af_counts_where_no_genotype_of_one_sample_has_such_values() -> None:
    assert population_keys([call({"AF": "0.5"}), call({"AF": "0.00003"})]) == {"AF"}


def test_the_rarest_of_a_record_and_the_highest_of_sources_count() -> None:
    info = {"gnomAD_AF": "0.3,0.0001", "ExAC_AF": "0.001", "AF_grpmax": "."}
    assert stated_frequency(info, frozenset(info)) == 0.001
    assert stated_frequency({}, frozenset({"gnomAD_AF"})) is None


def test_silence_tells_only_in_a_file_that_speaks_of_most() -> None:
    most = [call({"gnomAD_AF": "0.1"})] * 300 + [call()] * 10
    few = [call({"gnomAD_AF": "0.1"})] * 30 + [call()] * 300
    assert StatedFrequencies.of(most).is_unseen(call())
    assert not StatedFrequencies.of(few).is_unseen(call())
    assert StatedFrequencies.of([call(rsid="rs1")] * 300).is_unseen(call())
    assert not StatedFrequencies.of([call()] * 300).is_unseen(call())


def names(*terms: str) -> MolecularDescription:
    return MolecularDescription(call().variant, "s", consequence=terms[0], consequences=terms)


def asserted(classification: str, stars: int = 2) -> tuple[Assertion, ...]:
    return (Assertion("ClinVar", "VCV1", classification, "", stars, ()),)


def number(
    term: str,
    *,
    assertions: tuple[Assertion, ...] = (),
    frequency: float | None = None,
    loeuf: float | None = None,
) -> Weight:
    return weigh(call(), names(term), Place.CODING, assertions, frequency, {}, loeuf)


def test_the_order_of_variants() -> None:
    ordered = [
        number("synonymous_variant"),
        number("missense_variant"),
        number("frameshift_variant"),
        number("missense_variant", assertions=asserted("Pathogenic", 1)),
        number("missense_variant", assertions=asserted("Pathogenic", 2)),
    ]
    assert [w.dominant for w in ordered] == sorted(w.dominant for w in ordered)
    assert ordered[0].dominant <= 0 < ordered[1].dominant


def test_common_variants_cause_no_rare_disease_unless_reviewed() -> None:
    assert number("frameshift_variant", frequency=0.1).recessive <= 0
    assert number("frameshift_variant", frequency=0.005).dominant < number("frameshift_variant").dominant
    assert number("missense_variant", assertions=asserted("Pathogenic"), frequency=0.06).recessive > 0
    assert number("frameshift_variant", assertions=asserted("Benign")).dominant < 0


def test_a_frequency_that_nobody_stated_takes_nothing_away() -> None:
    assert number("missense_variant").dominant >= number("missense_variant", frequency=0.001).dominant


def test_tolerance_and_filters_lower() -> None:
    assert number("stop_gained", loeuf=1.5).dominant < number("stop_gained", loeuf=0.2).dominant
    filtered = weigh(call(passed=False), names("stop_gained"), Place.CODING, (), None, {}, None)
    assert filtered.dominant < number("stop_gained").dominant


def told(count: int, number: int, outcome: Outcome = Outcome.OBSERVED) -> VariantFrequencies:
    return VariantFrequencies((SourceAnswer("cohort", "GB", outcome, AlleleFrequency(count, number)),))


FAILED = VariantFrequencies((SourceAnswer("cohort", "GB", Outcome.FAILED, reason="late"),))
# A gene of the models that no annotated disease is known for.
NEW = "G"


def read_with(
    *answers: VariantFrequencies, info: dict[str, str] | None = None, consequence: str = "stop_gained"
) -> PatientVariants:
    """One stop codon, and what a source says of it."""

    def ask(variants: Sequence[Variant]) -> FrequencyAssessment:
        assert len(variants) == 1
        issue = Issue("warning", "transient", "cohort did not answer")
        return FrequencyAssessment(answers, (), (issue,) if answers == (FAILED,) else ())

    model = Transcript("NM_1.1", "NP_1.1", None, NEW, "HGNC:1", "MANE Select", "1", 1, ((0, 900),), (0, 900))
    reader = ExomeReader(
        near=lambda *_: [model],
        describe=lambda variant, _: MolecularDescription(
            variant, "s", gene=NEW, consequence=consequence, consequences=(consequence,)
        ),
        assertions=NoAssertions(),
        diseases=open_knowledge(None).part("diseases"),
        genes=frozenset({NEW, *(f"O{n}" for n in range(5000))}),
        frequencies=ask if answers else None,
        annotated=annotated,
    )
    return reader.candidates([call(info)], Sex.UNKNOWN, whole=True)


class NoAssertions:
    def at(self, _chrom: str, _start: int, _ref: str, _alt: str) -> tuple[Assertion, ...]:
        return ()


def test_a_variant_that_a_source_knows_to_be_common_is_no_candidate() -> None:
    assert list(read_with().by_gene) == [NEW]
    assert not read_with(told(300, 3000)).by_gene
    # The higher of what the file and the source say counts.
    assert not read_with(told(300, 3000), info={"gnomAD_AF": "0.0001"}).by_gene


@pytest.mark.parametrize(
    ("answer", "is_rarer"),
    [
        (told(0, 50_000, Outcome.CALLED_ABSENT), True),
        (told(0, 182, Outcome.CALLED_ABSENT), False),  # one in 10,000 would not have been seen
        (FAILED, False),
    ],
    ids=["absent from many", "absent from few", "no answer"],
)
def test_silence_makes_rare_only_where_enough_alleles_were_read(
    answer: VariantFrequencies, is_rarer: bool
) -> None:
    (unasked,), (asked,) = read_with().by_gene[NEW], read_with(answer).by_gene[NEW]
    assert (asked.weight.dominant > unasked.weight.dominant) is is_rarer
    assert (asked.frequency is not None) is is_rarer


def test_a_source_that_did_not_answer_is_said() -> None:
    assert read_with(told(0, 50_000, Outcome.CALLED_ABSENT)).notes == ()
    assert read_with().notes == ()
    assert read_with(FAILED).notes == ("cohort did not answer",)


def test_a_gene_without_an_annotated_disease_is_listed(ranker: PhenotypeRanker) -> None:
    ranking = ranker.rank(PhenotypeTerms((), ()))
    (new,) = combine(ranking, read_with(), ranker.ontology).new_diseases
    assert (new.symbol, new.known, new.phenotype) == (NEW, False, new_disease(ranking))
    assert new.score > 0 > new.phenotype
    assert not combine(ranking, read_with(), ranker.ontology, {NEW}).new_diseases


def test_a_gene_whose_known_diseases_do_not_fit_may_have_another(ranker: PhenotypeRanker) -> None:
    terms = tuple(sorted(t for n in (1250, 2069, 1263) if (t := ranker.ontology.term_index(n)) is not None))
    ranking = ranker.rank(PhenotypeTerms(terms, ()))
    order = [ranker.ontology.genes[gene] for gene, _ in ranker.genes(ranking)]
    first, last = order[0], order[-1]
    person = PatientVariants.of(
        {gene: [candidate(HOM, number=6.0, gene=gene)] for gene in (first, last)},
        Sex.UNKNOWN,
        5000,
        whole=True,
    )
    (new,) = combine(ranking, person, ranker.ontology).new_diseases
    assert (new.symbol, new.known) == (last, True)
    assert not combine(ranking, person, ranker.ontology, {last}).new_diseases


def test_what_nobody_annotated_explains_less_than_what_fits(ranker: PhenotypeRanker) -> None:
    terms = [ranker.ontology.term_index(number) for number in (1250, 2069, 1263)]
    for observed in (terms[:1], terms):
        ranking = ranker.rank(PhenotypeTerms(tuple(sorted(t for t in observed if t is not None)), ()))
        assert ranking.scores.min() < new_disease(ranking) < ranking.scores.max()


def test_the_annotators_word_counts_where_ours_is_unknown() -> None:
    """The reading of annotations is tested with `annotated`; here, that the candidates take it and say so."""
    info = {"CSQ": f"T|stop_gained|HIGH|{NEW}|1|Transcript|NM_1.1"}
    ours, unknown = read_with(info=info), read_with(info=info, consequence="coding_sequence_variant")
    silent = read_with(consequence="coding_sequence_variant")
    (taken,), (own,), (nothing,) = (p.by_gene[NEW] for p in (unknown, ours, silent))
    assert taken.weight.dominant == own.weight.dominant > nothing.weight.dominant
