"""A variant seen in the sample, its molecular consequence, and phase between two of them."""

import re

from service.domain.assembly import Assembly, accession
from service.domain.findings import VariantFinding
from service.domain.variant import MolecularDescription, VariantCall
from service.fhir.observation import (
    CONSEQUENCE,
    PHASE,
    SECONDARY_FINDING,
    VARIANT,
    Entry,
    Frame,
    concept_component,
    gene_studied,
    note,
    observation,
    string_component,
)
from service.fhir.population import frequency_components
from service.fhir.terminology import (
    ALLELIC_STATES,
    ASSEMBLIES,
    BY_FAMILY_DNA,
    CHROMOSOMES,
    CLINVAR,
    DBSNP,
    DE_NOVO,
    INHERITED,
    PRESENT,
    TBD,
    ZERO_BASED_INTERVAL,
    Json,
    coded,
    consequence_concept,
    hgvs_concept,
    loinc,
    quantity,
    sequence_concept,
)

CYTOGENETIC_LOCATION = loinc("48001-2")
REFERENCE_ASSEMBLY = loinc("62374-4")
CHROMOSOME = loinc("48000-4")
CODING_HGVS = loinc("48004-6")
GENOMIC_HGVS = loinc("81290-9")
PROTEIN_HGVS = loinc("48005-3")
GENOMIC_REFERENCE = loinc("48013-7")
TRANSCRIPT_REFERENCE = loinc("51958-7")
PROTEIN_REFERENCE = coded(TBD, "protein-ref-seq")
EXACT_START_END = loinc("81254-5")
COORDINATE_SYSTEM = loinc("92822-6")
REF_ALLELE = loinc("69547-8")
ALT_ALLELE = loinc("69551-0")
SAMPLE_ALLELIC_FREQUENCY = loinc("81258-6")
ALLELIC_STATE = loinc("53034-5")
INHERITANCE = loinc("94186-4")
INHERITANCE_BASIS = loinc("82309-6")
SOURCE_CLASS = loinc("48002-0")
VARIATION_CODE = loinc("81252-9")
FEATURE_CONSEQUENCE = coded(TBD, "feature-consequence")

_COUNTING = concept_component(COORDINATE_SYSTEM, ZERO_BASED_INTERVAL)
_ASSEMBLY = concept_component(REFERENCE_ASSEMBLY, ASSEMBLIES["GRCh38"])
_CHROMOSOME = {chrom: concept_component(CHROMOSOME, answer) for chrom, answer in CHROMOSOMES.items()}
_REFERENCE = {
    chrom: concept_component(GENOMIC_REFERENCE, sequence_concept(name))
    for chrom in (*CHROMOSOMES, "MT")
    for name in (accession(Assembly.GRCH38, chrom),)
}
_STATE = {state: concept_component(ALLELIC_STATE, answer) for state, answer in ALLELIC_STATES.items()}
_VCV = re.compile(r"VCV0*(\d+)")
_PHASE_SYSTEM = "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs"
_PROTEIN_NAME = re.compile(r"[^:]+:p\.")


def variant_role(spdi: str) -> str:
    """The role under which a variant's resource is found."""
    return f"variant|{spdi}"


def variant_observation(frame: Frame, finding: VariantFinding) -> Entry:
    """The Variant Observation: names, VCF-like definition on GRCh38, allelic state and frequencies."""
    names = finding.description
    return observation(
        frame,
        VARIANT,
        variant_role(names.spdi),
        value=PRESENT,
        extensions=[SECONDARY_FINDING] if finding.secondary else None,
        notes=_notes(finding),
        component=[
            *_locus(names),
            *_names(names),
            *_definition(names),
            *_state(finding.call),
            *_origin(finding.parental_origin),
            *_variation_codes(finding),
            *frequency_components(finding.frequencies),
        ],
    )


def _locus(names: MolecularDescription) -> list[Json]:
    parts = [gene_studied(names.gene, names.hgnc_id)] if names.gene else []
    if names.cytogenetic_band:
        parts.append(concept_component(CYTOGENETIC_LOCATION, {"text": names.cytogenetic_band}))
    parts.append(_ASSEMBLY)
    chromosome = _CHROMOSOME.get(names.variant.chrom)
    return [*parts, chromosome] if chromosome else parts


def _names(names: MolecularDescription) -> list[Json]:
    parts = []
    if names.hgvs_g:
        parts.append(concept_component(GENOMIC_HGVS, hgvs_concept(names.hgvs_g)))
    return parts + _transcript_names(names)


def _transcript_names(names: MolecularDescription) -> list[Json]:
    """c. and p. names with their reference sequences; the same codes serve variant and consequence."""
    parts = []
    if names.hgvs_c:
        parts.append(concept_component(CODING_HGVS, hgvs_concept(names.hgvs_c)))
    if names.transcript:
        parts.append(concept_component(TRANSCRIPT_REFERENCE, sequence_concept(names.transcript)))
    if names.hgvs_p and _PROTEIN_NAME.match(names.hgvs_p):
        parts.append(concept_component(PROTEIN_HGVS, hgvs_concept(names.hgvs_p)))
    if names.protein:
        parts.append(concept_component(PROTEIN_REFERENCE, sequence_concept(names.protein)))
    return parts


def _definition(names: MolecularDescription) -> list[Json]:
    """The VCF-like definition, counted between bases: operations of the guide require that form."""
    variant = names.variant
    parts = [
        _REFERENCE[variant.chrom],
        _COUNTING,
        {
            "code": EXACT_START_END,
            "valueRange": {"low": {"value": variant.start}, "high": {"value": variant.end}},
        },
    ]
    if variant.ref:
        parts.append(string_component(REF_ALLELE, variant.ref))
    if variant.alt:
        parts.append(string_component(ALT_ALLELE, variant.alt))
    return parts


def _state(call: VariantCall) -> list[Json]:
    state = _STATE.get(call.zygosity)
    parts = [state] if state else []
    if call.allele_fraction is not None:
        parts.append({"code": SAMPLE_ALLELIC_FREQUENCY, "valueQuantity": quantity(call.allele_fraction)})
    return parts


def _origin(origin: str | None) -> list[Json]:
    """From which parent, by the parents' genotypes in the same file."""
    if origin == "de-novo":
        return [concept_component(SOURCE_CLASS, DE_NOVO)]
    if origin not in INHERITED:
        return []
    parts = [concept_component(INHERITANCE, INHERITED[origin])]
    if origin in ("mother", "father"):
        parts.append(concept_component(INHERITANCE_BASIS, BY_FAMILY_DNA))
    return parts


def _variation_codes(finding: VariantFinding) -> list[Json]:
    codes = []
    if finding.call.rsid:
        codes.append(coded(DBSNP, finding.call.rsid))
    numbers = dict.fromkeys(
        match.group(1) for assertion in finding.assertions if (match := _VCV.match(assertion.accession))
    )
    codes += [coded(CLINVAR, number) for number in numbers]
    return [concept_component(VARIATION_CODE, code) for code in codes]


def _notes(finding: VariantFinding) -> list[Json]:
    call, names = finding.call, finding.description
    notes = list(names.notes)
    if not call.passed:
        notes.append(f"The record did not pass its filters ({', '.join(call.filters) or 'no reason given'}).")
    if call.depth is not None:
        notes.append(f"Read depth at this position: {call.depth}.")
    if call.lifted_from:
        origin = call.lifted_from
        where = f"{origin.chrom}:{origin.pos} {origin.ref}>{origin.alt}"
        name = f", {names.hgvs_g_grch37}" if names.hgvs_g_grch37 else ""
        notes.append(f"Read on {origin.assembly.value} as {where}{name}; coordinates here are GRCh38.")
    if names.plus_clinical:
        others = "; ".join(c or transcript for transcript, c, _ in names.plus_clinical)
        notes.append(f"On MANE Plus Clinical transcripts: {others}.")
    return [note(text) for text in notes]


def consequence_observation(frame: Frame, finding: VariantFinding) -> Entry | None:
    """The molecular consequence of a variant on its transcript; None where no consequence is known."""
    names = finding.description
    terms = names.consequences or ((names.consequence,) if names.consequence else ())
    if not terms:
        return None
    place = frame.ids.place("Observation", variant_role(names.spdi))
    remarks = []
    if names.exon:
        remarks.append(note(f"Exon {names.exon}."))
    if names.nmd is not None:
        remarks.append(note(f"Nonsense-mediated decay is {'' if names.nmd else 'not '}predicted."))
    return observation(
        frame,
        CONSEQUENCE,
        f"consequence|{names.spdi}",
        derived_from=[place.reference],
        extensions=[SECONDARY_FINDING] if finding.secondary else None,
        notes=remarks,
        component=[
            *_transcript_names(names),
            *(concept_component(FEATURE_CONSEQUENCE, consequence_concept(term)) for term in terms),
        ],
    )


def _by_phase(one: VariantCall, two: VariantCall) -> str | None:
    if one.copy is None or two.copy is None or one.phase_set != two.phase_set:
        return None
    return "Cis" if one.copy == two.copy else "Trans"


def _by_parents(one: VariantFinding, two: VariantFinding) -> str | None:
    parents = {one.parental_origin, two.parental_origin}
    if parents == {"father", "mother"}:
        return "Trans"
    return "Cis" if parents in ({"father"}, {"mother"}) else None


def phase_observation(frame: Frame, first: VariantFinding, second: VariantFinding) -> Entry | None:
    """Cis or trans of two variants, by phase or by their parents; None where neither or both differently
    say."""
    relations = {_by_phase(first.call, second.call), _by_parents(first, second)} - {None}
    if first.description.variant.chrom != second.description.variant.chrom or len(relations) != 1:
        return None
    relation = str(relations.pop())
    spdis = [first.description.spdi, second.description.spdi]
    return observation(
        frame,
        PHASE,
        f"phase|{'|'.join(spdis)}",
        value=coded(_PHASE_SYSTEM, relation, relation),
        derived_from=[frame.ids.place("Observation", variant_role(spdi)).reference for spdi in spdis],
        extensions=[SECONDARY_FINDING] if first.secondary or second.secondary else None,
        component=[],
    )
