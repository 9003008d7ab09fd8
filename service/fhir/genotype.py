"""A pharmacogene's answer: Genotype, the Haplotypes that it is made of, and honest absence."""

from collections.abc import Sequence

from service.domain.findings import Findings
from service.domain.pgx import CallStatus, PharmacogeneCall
from service.fhir.observation import (
    GENOTYPE,
    HAPLOTYPE,
    Entry,
    Frame,
    conclusion,
    gene_studied,
    note,
    observation,
)
from service.fhir.terminology import (
    DATA_ABSENT_EXTENSION,
    DIPLOTYPE,
    Json,
    allele_codings,
    coded,
    haplotype_concept,
)
from service.fhir.variant import variant_role

# More pairs than a reader can weigh are counted; `findings.json` has every one.
MAXIMUM_PAIRS_NAMED = 20

_ABSENT = {
    CallStatus.NO_CALL: ("unknown", "No call"),
    CallStatus.NOT_COVERED: ("not-performed", "Not covered by the input"),
}


def genotype_role(gene: str) -> str:
    """The role under which a gene's Genotype is found."""
    return f"genotype|{gene}"


def genotype_observations(frame: Frame, call: PharmacogeneCall) -> list[Entry]:
    """The gene's Genotype, preceded by its Haplotypes; a gene that was not called is still told."""
    haplotypes = _haplotypes(frame, call)
    derived_from = [entry.place.reference for entry in haplotypes]
    derived_from += [
        frame.ids.place("Observation", role).reference for role in _variants(frame.findings, call)
    ]
    genotype = observation(
        frame,
        GENOTYPE,
        genotype_role(call.gene),
        value=genotype_value(call),
        derived_from=derived_from,
        notes=[note(text) for text in _notes(call)],
        component=[gene_studied(call.gene, call.hgnc_id), *_activity_score(call)],
    )
    return [*haplotypes, genotype]


def not_assessed_genotype(frame: Frame, gene: str) -> Entry:
    """The Genotype of a gene that guidance needs and that this knowledge release cannot call."""
    return observation(
        frame,
        GENOTYPE,
        genotype_role(gene),
        value=_absent_value("not-performed", f"{gene}: not assessed"),
        component=[gene_studied(gene, None)],
    )


def genotype_value(call: PharmacogeneCall) -> Json:
    """The value of the Genotype: `GENE *1/*2`, alternatives in words, or the reason why there is none.

    The profile demands a value (1..1), and FHIR forbids dataAbsentReason beside one (invariant obs-6), so an
    absent genotype is a value that carries FHIR's data-absent-reason extension and says so in words.
    """
    if call.status in _ABSENT:
        code, words = _ABSENT[call.status]
        text = f"{call.gene}: {words.lower()}"
        if call.haplotypes:
            text = f"{text}; read at a single site: {', '.join(call.haplotypes)}"
        return _absent_value(code, text)
    # An outside call may give a phenotype without a diplotype.
    names = [f"{call.gene} {diplotype.name}" for diplotype in call.diplotypes if diplotype.name]
    if len(names) == 1 and call.status is not CallStatus.AMBIGUOUS:
        return _pair(call, names[0])
    if names:
        shown, hidden = names[:MAXIMUM_PAIRS_NAMED], len(names) - MAXIMUM_PAIRS_NAMED
        more = f" or one of {hidden} more pairs" if hidden > 0 else ""
        return {"text": " or ".join(shown) + more}
    if call.haplotypes:
        return {"text": f"{call.gene} {'; '.join(call.haplotypes)} (pairing not known)"}
    if call.status is CallStatus.OUTSIDE_CALL:
        return _absent_value("unknown", f"{call.gene}: reported from outside without a diplotype")
    return _absent_value("unknown", f"{call.gene}: {call.status.value.replace('_', ' ')}")


def _pair(call: PharmacogeneCall, name: str) -> Json:
    """The pair in our own code system first: PharmVar and ClinVar name its alleles and have no pairs.

    Each allele that they name follows by itself, so that a genotype is found by its alleles; the text and the
    first code alone name the whole.
    """
    value = coded(DIPLOTYPE, name, name, text=name)
    (diplotype,) = (diplotype for diplotype in call.diplotypes if diplotype.name)
    for allele in dict.fromkeys(diplotype.alleles):
        value["coding"] += allele_codings(call.gene, allele, call.identities.get(allele))
    return value


def _absent_value(code: str, text: str) -> Json:
    return {"extension": [{"url": DATA_ABSENT_EXTENSION, "valueCode": code}], "text": text}


def _haplotypes(frame: Frame, call: PharmacogeneCall) -> list[Entry]:
    """One Haplotype per distinct allele that is certain; none where several pairs fit."""
    if call.status not in (CallStatus.CALLED, CallStatus.OUTSIDE_CALL):
        return []
    alleles: Sequence[str] = call.diplotypes[0].alleles if len(call.diplotypes) == 1 else call.haplotypes
    if len(call.diplotypes) > 1:
        return []
    return [
        observation(
            frame,
            HAPLOTYPE,
            f"haplotype|{call.gene}|{allele}",
            value=haplotype_concept(call.gene, allele, call.identities.get(allele)),
            component=[gene_studied(call.gene, call.hgnc_id)],
        )
        for allele in dict.fromkeys(alleles)
    ]


def _variants(findings: Findings, call: PharmacogeneCall) -> list[str]:
    """Roles of the reported variants at this gene's definition sites."""
    sites = {(site.chrom, site.pos) for site in call.sites}
    return [
        variant_role(finding.description.spdi)
        for finding in findings.variants
        if not finding.secondary
        and (
            finding.description.gene == call.gene
            or (finding.description.variant.chrom, finding.description.variant.pos) in sites
        )
    ]


def _notes(call: PharmacogeneCall) -> list[str]:
    notes = list(call.notes)
    if call.status is CallStatus.AMBIGUOUS:
        notes.append("More than one pair of alleles fits; none is preferred.")
    if call.basis_alleles and not call.diplotypes:
        notes.append(f"Guidance rests on {' and '.join(call.basis_alleles)}.")
    if call.missing_positions:
        notes.append(f"Positions without a call (GRCh38): {', '.join(call.missing_positions)}.")
    if call.uncallable_alleles:
        notes.append(
            f"Alleles that could not be told apart or excluded: {', '.join(call.uncallable_alleles)}."
        )
    if call.undocumented:
        notes.append(f"Alleles that no definition has: {', '.join(call.undocumented)}.")
    assumed = sum(site.status == "assumed-reference" for site in call.sites)
    if assumed:
        notes.append(f"Positions assumed to be reference on request: {assumed}.")
    if call.definition_version:
        newer = f"; a newer one exists: {call.newer_version}" if call.newer_version else ""
        notes.append(f"Allele definitions of {call.definition_version}{newer}.")
    return notes


def _activity_score(call: PharmacogeneCall) -> list[Json]:
    scores = dict.fromkeys(d.activity_score for d in call.diplotypes if d.activity_score)
    return [conclusion(f"Activity score {' or '.join(scores)}")] if scores else []
