"""Matching against the slow obvious way, for any combination of results."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.guidance import DrugGuidance, Guidance, Phenoconversion
from service.domain.pgx import CallStatus, Diplotype, PharmacogeneCall
from service.pgx.lookup import PRESENCE_ALLELES
from tests.unit.pgx_guidance.conftest import Patient

Said = tuple[str, str, str, str]


def slowly(drug: DrugGuidance, keys: dict[str, tuple[str, ...]]) -> set[Said]:
    """Every row whose keys all are among the patient's, one result of each gene at a time."""
    (table,) = drug.tables
    found = set()
    for combination in product(*(keys[gene] for gene in table.genes)):
        for key, rows in table.rows.items():
            if tuple(key.split("\t")) == combination:
                for _, index in rows:
                    s = drug.statements[index]
                    found.add((s.population, s.strength, s.action, s.text))
    return found


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_result_that_fits_gets_exactly_its_rows(
    data: st.DataObject, guidance: Guidance, modulators: Phenoconversion
) -> None:
    with_rows = [g for g in guidance.drugs if g.tables and not set(g.genes) & PRESENCE_ALLELES.keys()]
    drug = data.draw(st.sampled_from(with_rows), label="drug")
    columns = zip(
        drug.genes, zip(*(key.split("\t") for key in drug.tables[0].rows), strict=True), strict=True
    )
    held = {gene: sorted(set(column) - {"No Result", "xN combinations"}) for gene, column in columns}
    keys = {
        gene: tuple(
            data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True), label=gene)
        )
        for gene, known in held.items()
    }
    patient = Patient(Guidance((drug,)), modulators)
    for gene, drawn in keys.items():
        patient.gene(gene, *drawn)
    answers = patient.answers(drug.drug.name)
    found = {
        (r.population, r.strength, r.action, r.text.removesuffix(f" {_replaced(r.newer_version)}"))
        for r in answers
        if r.source.count("row ")
    }
    assert found == slowly(drug, keys)
    different = {frozenset((r.population, r.text) for r in answers if r.basis == b.basis) for b in answers}
    if len(different) > 1:
        assert all(r.possible for r in answers)


def _replaced(newer: str | None) -> str:
    return f"{newer}: consult the current guideline before dosing."


@settings(max_examples=60, deadline=None)
@given(
    scores=st.lists(
        st.sampled_from(["0.0", "0.5", "1.0", "2.0", "3.0", "n/a"]), min_size=1, max_size=3, unique=True
    ),
    drugs=st.lists(st.sampled_from(["paroxetine", "duloxetine", "sertraline", "fluconazole"]), max_size=3),
)
def test_co_medication_adds_answers_and_takes_none_away(
    scores: list[str], drugs: list[str], guidance: Guidance, modulators: Phenoconversion
) -> None:
    alone, with_drugs = Patient(guidance, modulators), Patient(guidance, modulators)
    alone.gene("CYP2D6", *scores)
    with_drugs.gene("CYP2D6", *scores)
    for drug in drugs:
        with_drugs.takes(name=drug)
    before = {(r.drug, r.population, r.action, r.text) for r in alone.answers()}
    after = {(r.drug, r.population, r.action, r.text) for r in with_drugs.answers()}
    assert before <= after
    assert with_drugs.calls == alone.calls


@given(order=st.permutations(["CYP2C19", "CYP2D6", "CYP2C9", "SLCO1B1"]))
@settings(max_examples=24, deadline=None)
def test_the_order_of_calls_does_not_matter(
    order: list[str], guidance: Guidance, modulators: Phenoconversion
) -> None:
    keys = {"CYP2C19": "Poor Metabolizer", "CYP2D6": "1.0", "CYP2C9": "1.5", "SLCO1B1": "Poor Function"}
    usual, shuffled = Patient(guidance, modulators), Patient(guidance, modulators)
    for gene, key in keys.items():
        usual.gene(gene, key)
    for gene in order:
        shuffled.gene(gene, keys[gene])
    assert shuffled.answers() == usual.answers()


def test_a_call_without_phenotype_rests_on_its_basis(patient: Patient) -> None:
    strand = Diplotype("[A + B]/C", ("[A + B]", "C"), None, None)
    basis = Diplotype("A/C", ("A", "C"), "1.0", "Intermediate Metabolizer")
    call = PharmacogeneCall("DPYD", CallStatus.CALLED, True, (strand,), basis=basis)
    patient.calls.append(call)
    assert patient.answer("capecitabine").basis == {"DPYD": "1.0"}


def test_combined_preparations_name_their_drugs(patient: Patient) -> None:
    answers = patient.takes(name="Codeine phosphate and paracetamol").answers()
    current = {r.drug: r.action for r in answers if r.current_medication}
    assert current == {"codeine": "not-called", "acetaminophen": "no-guideline"}


def test_phenotypes_are_read_in_other_spellings(patient: Patient) -> None:
    assert patient.gene("CYP2C19", "poor metaboliser").answer("citalopram").action == "use-alternative"
