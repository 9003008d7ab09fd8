"""Star alleles against an oracle that writes every candidate sequence out, and what must hold of any gene."""

from itertools import combinations_with_replacement
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.case import InterpretOptions, Sex
from service.domain.pgx import CallStatus, GeneDefinition, PharmacogeneCall
from tests import slow_matcher as slow
from tests.pgx_samples import (
    callable_alleles,
    called,
    definitions,
    pair_sample,
    pairs_of,
    record,
    records,
    sample_of,
    strand,
)
from tests.slow_matcher import Seen

FROM_VCF = [gene for gene, definition in definitions().items() if definition.from_vcf]
LOWEST = [gene for gene in FROM_VCF if definitions()[gene].lowest_function]
GENERAL = [gene for gene in FROM_VCF if gene not in LOWEST]
common = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def samples(draw: st.DrawFn, gene: str, *, choices: int = 6) -> dict[int, Seen]:
    """Named alleles on two strands (or one of X), phased in one of the ways files know, partly not read."""
    definition = definitions()[gene]
    names = [allele.name for allele in callable_alleles(definition)]
    one, other = (
        strand(
            definition,
            *draw(st.lists(st.sampled_from(names), min_size=1, max_size=3)),
            code=draw(st.integers(0, 1)),
        )
        for _ in range(2)
    )
    if definition.chrom == "X" and draw(st.booleans()):
        sample = sample_of(one)
    else:
        style = draw(st.sampled_from(("phased", "unphased", "sets", "mixed")))
        sample, unphased = {}, 0
        for start in one:
            bases = (one[start], other[start])
            way = draw(st.sampled_from(("phased", "unphased", "sets"))) if style == "mixed" else style
            if len(set(bases)) > 1 and way == "unphased":
                unphased += 1
                way = way if unphased <= choices else "phased"
            phase_set = draw(st.sampled_from(("1", "2"))) if way == "sets" and len(set(bases)) > 1 else None
            sample[start] = Seen(bases, way != "unphased", phase_set)
    lost = draw(st.sampled_from((0.0, 0.0, 0.1, 0.5)))
    chance = draw(st.randoms(use_true_random=False))
    return {start: seen for start, seen in sample.items() if chance.random() >= lost}


def required_are_read(definition: GeneDefinition, sample: dict[int, Seen]) -> bool:
    return all(start in sample for start in definition.exemptions.get("required_positions", ()))


@pytest.mark.parametrize("gene", GENERAL)
def test_pairs_are_those_of_the_slow_matcher(gene: str) -> None:
    definition = definitions()[gene]

    @common
    @given(samples(gene))
    def compare(sample: dict[int, Seen]) -> None:
        expected = slow.best_pairs(definition, sample) if required_are_read(definition, sample) else set()
        assert pairs_of(called(gene, records(definition, sample), InterpretOptions())) == expected

    compare()


@pytest.mark.parametrize("gene", GENERAL)
def test_all_diplotypes_are_all_pairs_of_the_slow_matcher(gene: str) -> None:
    definition = definitions()[gene]
    options = InterpretOptions(all_diplotypes=True)

    @settings(common, max_examples=20)
    @given(samples(gene))
    def compare(sample: dict[int, Seen]) -> None:
        if not required_are_read(definition, sample):
            return
        everything = slow.reported(definition, slow.scored_pairs(definition, sample))
        answer = pairs_of(called(gene, records(definition, sample), options))
        if gene == "NAT2":
            assert answer >= slow.best_pairs(definition, sample)
        assert answer == everything

    compare()


def strands_of(call: PharmacogeneCall) -> set[tuple[frozenset[str], ...]]:
    return {
        tuple(sorted((frozenset(name.strip("[]").split(" + ")) for name in d.alleles), key=sorted))
        for d in call.diplotypes
    }


@pytest.mark.parametrize("gene", LOWEST)
def test_lowest_function_genes_are_read_as_the_slow_matcher_reads_them(gene: str) -> None:
    definition = definitions()[gene]
    hapb3 = {slow.INTRON: "C", slow.EXON: "T"}

    @settings(common, max_examples=25)
    @given(samples(gene, choices=4))
    def compare(sample: dict[int, Seen]) -> None:
        if not sample or len(slow.sequences_of(sample)) > 32:
            return
        answer = called(gene, records(definition, sample))
        special = gene == "DPYD" and any(s in sample and b in sample[s].bases for s, b in hapb3.items())
        heterozygous = {s: seen for s, seen in sample.items() if len(set(seen.bases)) > 1}
        sites = [heterozygous[start] for start in hapb3 if start in heterozygous]
        together = len({(s.phased or number, s.phase_set) for number, s in enumerate(sites)}) < 2
        sets = any(seen.phased and seen.phase_set for seen in heterozygous.values())
        paired = len(slow.sequences_of(sample)) <= 2 or (sets and (together or not special))
        if paired:
            pairs = slow.dpyd_pairs if special else slow.combination_pairs
            assert strands_of(answer) == pairs(definition, sample)
        else:
            listed = slow.dpyd_list if special else slow.variant_list
            assert (sorted(answer.haplotypes), answer.diplotypes) == (listed(definition, sample), ())

    compare()


def some_pairs(gene: str, most: int = 150) -> list[tuple[str, str]]:
    names = [allele.name for allele in callable_alleles(definitions()[gene])]
    hidden = definitions()[gene].exemptions.get("hidden_alleles", ())
    pairs = [p for p in combinations_with_replacement(names, 2) if not set(p) & set(hidden)]
    return Random(gene).sample(pairs, min(most, len(pairs)))


@pytest.mark.parametrize("gene", [*FROM_VCF, "CYP2D6"])
def test_every_pair_comes_back_as_itself_or_as_one_of_equal_or_better_score(gene: str) -> None:
    definition = definitions()[gene]
    for one, other in some_pairs(gene):
        answer = pairs_of(called(gene, records(definition, pair_sample(gene, one, other))))
        (expected,) = slow.reported(definition, [(one, other)])
        if expected not in answer:
            scores = slow.scored_pairs(definition, pair_sample(gene, one, other))
            assert max(scores.values()) > scores[tuple(sorted((one, other)))], (one, other, answer)


@pytest.mark.parametrize("gene", [*FROM_VCF, "CYP2D6"])
def test_without_phase_the_true_pair_is_among_the_answers(gene: str) -> None:
    definition = definitions()[gene]
    options = InterpretOptions(all_diplotypes=True)
    for one, other in some_pairs(gene):
        found = records(definition, pair_sample(gene, one, other, phased=False))
        answer = called(gene, found, options)
        (expected,) = slow.reported(definition, [(one, other)])
        if answer.haplotypes:
            assert set(expected) - {"Reference"} <= set(answer.haplotypes), (one, other)
        else:
            assert expected in pairs_of(answer), (one, other)


@pytest.mark.parametrize("gene", FROM_VCF)
def test_a_position_that_was_not_read_is_never_taken_as_reference(gene: str) -> None:
    """Without its defining position an allele is uncallable, or its carrier is not called pure reference."""
    definition = definitions()[gene]
    reference = next(allele.name for allele in definition.alleles if allele.reference)
    chance = Random(gene)
    for allele in chance.sample(callable_alleles(definition), min(40, len(callable_alleles(definition)))):
        if allele.reference or len(allele.bases) == len(definition.sites) > 1:
            continue
        sample = sample_of(strand(definition, allele.name), strand(definition, reference), phased=False)
        for start in allele.bases:
            sample.pop(start)
        answer = called(gene, records(definition, sample))
        reported = definition.exemptions.get("reported_as", {}).get(allele.name, allele.name)
        assert {f"{definition.chrom}:{start + 1}" for start in allele.bases} <= set(answer.missing_positions)
        if answer.status is not CallStatus.NOT_COVERED and allele.name not in definition.exemptions.get(
            "hidden_alleles", ()
        ):
            assert reported in answer.uncallable_alleles


@pytest.mark.parametrize("gene", FROM_VCF)
def test_the_order_of_records_does_not_matter(gene: str) -> None:
    definition = definitions()[gene]
    for one, other in some_pairs(gene, 8):
        found = list(records(definition, pair_sample(gene, one, other, phased=False)))
        straight = called(gene, found)
        Random(one).shuffle(found)
        shuffled = called(gene, found)
        assert (straight.status, straight.diplotypes, straight.haplotypes) == (
            shuffled.status,
            shuffled.diplotypes,
            shuffled.haplotypes,
        )


@pytest.mark.parametrize("gene", [g for g in GENERAL if g != "G6PD"])
def test_one_strand_unknown_is_never_a_call(gene: str) -> None:
    definition = definitions()[gene]
    allele = next(a for a in callable_alleles(definition) if not a.reference and a.name != "*1")
    reference = {site.start: site.ref for site in definition.sites}
    start = next(s for s, base in allele.bases.items() if base != reference[s])
    whole = {s.start: Seen((s.ref, s.ref)) for s in definition.sites}
    carried = strand(definition, allele.name)[start]
    answer = called(gene, records(definition, whole | {start: Seen((".", carried), phased=False)}))
    assert (answer.status, answer.diplotypes) == (CallStatus.NO_CALL, ())
    half = called(gene, records(definition, whole | {start: Seen((".", reference[start]), False)}))
    assert f"{definition.chrom}:{start + 1}" in half.missing_positions


def test_a_block_of_bases_is_not_a_phase_set() -> None:
    """TT>AA of RYR1 is one record; the phase of other sites remains unknown."""
    definition = definitions()["RYR1"]
    sample = sample_of(
        strand(definition, "c.14422_14423delinsAA", "c.680A>T", "c.13760C>T"), strand(definition)
    )
    sample = {start: Seen(seen.bases, phased=False) for start, seen in sample.items()}
    answer = called("RYR1", records(definition, sample))
    assert set(answer.haplotypes) == {"c.14422_14423delinsAA", "c.680A>T", "c.13760C>T"}
    assert answer.diplotypes == ()


def test_changes_inside_a_documented_deletion_are_read_beside_it() -> None:
    """G6PD Nara deletes 24 bases; Farroupilha is a substitution among them, here on the other strand."""
    definition = definitions()["G6PD"]
    for phased in (True, False):
        answer = called(
            "G6PD", records(definition, pair_sample("G6PD", "Nara", "Farroupilha", phased=phased))
        )
        assert [d.name for d in answer.diplotypes] == ["Farroupilha/Nara"]
        assert answer.missing_positions == ()


def test_an_insertion_at_a_site_of_its_own_is_not_an_allele_of_the_deletion_around_it() -> None:
    """CYP2D6 *161 is 42128200 C>CA, within the reference bases of the site 42128198 CTCAG>C."""
    definition = definitions()["CYP2D6"]
    answer = called("CYP2D6", records(definition, pair_sample("CYP2D6", "*1", "*161")))
    assert [d.name for d in answer.diplotypes] == ["*1/*161"]


def test_males_have_one_allele_of_g6pd_however_it_is_written() -> None:
    definition = definitions()["G6PD"]
    one = strand(definition, "A- 202A_376G")
    for sample in (sample_of(one), sample_of(one, one)):
        answer = called("G6PD", records(definition, sample), InterpretOptions(sex=Sex.MALE))
        assert [(d.alleles, d.phenotype) for d in answer.diplotypes] == [(("A- 202A_376G",), "Deficient")]
    unknown = called("G6PD", records(definition, sample_of(one, one)), InterpretOptions())
    assert any("Sex is not stated" in note for note in unknown.notes)


def test_half_a_call_on_x_is_one_copy_only_where_every_call_is() -> None:
    """`./1` among `0/0` is a strand that is not known; where all sites are so, it is a male's one copy."""
    definition = definitions()["G6PD"]
    carried = strand(definition, "Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham")
    reference = strand(definition)
    changed = next(start for start, base in carried.items() if base != reference[start])
    whole = sample_of(reference, reference)
    among_whole = whole | {changed: Seen((".", carried[changed]), phased=False)}
    assert called("G6PD", records(definition, among_whole), InterpretOptions()).diplotypes == ()
    every = {start: Seen((".", base), phased=False) for start, base in carried.items()}
    answer = called("G6PD", records(definition, every), InterpretOptions())
    assert [d.alleles for d in answer.diplotypes] == [
        ("Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham",)
    ]
    half_reference = whole | {changed: Seen((".", reference[changed]), phased=False)}
    answer = called("G6PD", records(definition, half_reference), InterpretOptions())
    assert answer.missing_positions == (f"X:{changed + 1}",)


def test_record_helper_spells_what_it_was_given() -> None:
    definition = definitions()["UGT1A1"]
    site = next(s for s in definition.sites if len(s.alts) > 1)
    made = record(definition, site.start, Seen(("CATAT", "C"), phased=False))
    assert (made.ref, made.alts, made.genotype, made.phased) == ("CAT", ("CATAT", "C"), (1, 2), False)


@pytest.mark.parametrize("gene", GENERAL)
def test_combinations_are_those_of_the_slow_matcher(gene: str) -> None:
    """Where no pair of single alleles explains the sample, sets of alleles and g. names do."""
    definition = definitions()[gene]
    whole = [a.name for a in definition.alleles if gene == "UGT1A1" and "+" in a.name]
    reference = {site.start: site.ref for site in definition.sites}

    @settings(common, max_examples=20)
    @given(samples(gene, choices=4), st.data())
    def compare(sample: dict[int, Seen], data: st.DataObject) -> None:
        carriers = [start for start, seen in sample.items() if len(set(seen.bases)) > 1]
        if carriers and data.draw(st.booleans()):
            start = data.draw(st.sampled_from(carriers))
            changed = next(base for base in sample[start].bases if base != reference[start])
            sample[start] = Seen((".", changed), data.draw(st.booleans()))
        if not sample or not required_are_read(definition, sample) or slow.best_pairs(definition, sample):
            return
        haploid = all(len(seen.bases) == 1 for seen in sample.values())
        options = InterpretOptions(combinations=True, sex=Sex.UNKNOWN if haploid else Sex.FEMALE)
        assert strands_of(called(gene, records(definition, sample), options)) == slow.combination_pairs(
            definition, sample, whole
        )

    compare()
