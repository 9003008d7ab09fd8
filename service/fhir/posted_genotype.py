"""Genotype Observations that were posted: another caller's pharmacogene results."""

import re

from service.domain.pgx import OutsideCall
from service.errors import InvalidResource
from service.fhir.posted import Located, Posted, codings, has_code
from service.fhir.terminology import DATA_ABSENT_EXTENSION, LOINC, TBD, Json

_DIPLOTYPE = re.compile(r"(?P<gene>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)(?:[ _]+(?=\S)|(?=\*))(?P<diplotype>.+)\Z")
# GL string: `hla#3.31.0#HLA-A*03:01+HLA-A*30:01`.
_GL_STRING = re.compile(r"hla#[^#]+#(?P<first>[^+^|/~]+)\+(?P<second>[^+^|/~]+)\Z")
_HLA_ALLELE = re.compile(r"(?P<gene>HLA-[A-Z0-9]+)(?P<allele>\*.+)\Z")
_UNSETTLED = re.compile(r"\bor\b|;|\(pairing not known\)|/.*/", re.IGNORECASE)
_SCORE = re.compile(r"activity score:?\s*(?P<score>≥?\d+(?:\.\d+)?)", re.IGNORECASE)

# LOINC answers back to the words of the phenotype tables.
_PHENOTYPES = {
    "LA10315-2": "Ultrarapid Metabolizer",
    "LA25390-8": "Rapid Metabolizer",
    "LA25391-6": "Normal Metabolizer",
    "LA10317-8": "Intermediate Metabolizer",
    "LA9657-3": "Poor Metabolizer",
    "LA25392-4": "Increased Function",
    "LA25393-2": "Normal Function",
    "LA25395-7": "Decreased Function",
    "LA25394-0": "Poor Function",
}


def is_genotype(observation: Json) -> bool:
    """Whether an Observation is a genotype."""
    return has_code(observation.get("code"), LOINC, "84413-4")


def read_genotype(located: Located, posted: Posted) -> OutsideCall | None:
    """The outside call that a Genotype states; None when it states no call, or several possible pairs.

    Raises:
        InvalidResource: a genotype whose gene cannot be told.
    """
    value = located.resource.get("valueCodeableConcept")
    if not isinstance(value, dict):
        raise InvalidResource("expected a CodeableConcept", where=f"{located.path}.value")
    if any(item.get("url") == DATA_ABSENT_EXTENSION for item in value.get("extension", [])):
        return None
    gene, diplotype = _genotype(value, located)
    if _UNSETTLED.search(diplotype):
        return None
    phenotype, score = _meaning(located, posted)
    return OutsideCall(gene, diplotype, phenotype, score)


def _genotype(value: Json, located: Located) -> tuple[str, str]:
    """Gene and diplotype. Words come before codes: a code may be another database's number."""
    gene = _gene_studied(located.resource)
    given = codings(value)
    texts = [str(value["text"])] if value.get("text") else []
    texts += [str(coding["display"]) for coding in given if coding.get("display")]
    texts += [str(coding["code"]) for coding in given]
    for text in texts:
        if match := _GL_STRING.match(text):
            first, second = (_HLA_ALLELE.match(match[name].strip()) for name in ("first", "second"))
            if first and second and first["gene"] == second["gene"]:
                return first["gene"], f"{first['allele']}/{second['allele']}"
    named = [m for text in texts if (m := _DIPLOTYPE.match(text.strip())) and gene in (None, m["gene"])]
    for match in named:
        if "/" in match["diplotype"] or _UNSETTLED.search(match["diplotype"]):
            return match["gene"], match["diplotype"]
    if pair := _coded_pair(given, gene):
        return pair
    if named:
        return named[0]["gene"], named[0]["diplotype"]
    if gene and texts:
        return gene, texts[0].strip().removeprefix(gene).strip()
    raise InvalidResource("expected a genotype such as `GENE *1/*2`", where=f"{located.path}.value")


def _coded_pair(given: list[Json], gene: str | None) -> tuple[str, str] | None:
    """The two alleles of which one code system has a code each; several systems may name one allele."""
    for system in dict.fromkeys(coding.get("system") for coding in given):
        alleles: dict[str, str] = {}
        for coding in given:
            shown = (str(coding.get("display") or ""), str(coding["code"]))
            match = next((m for text in shown if (m := _DIPLOTYPE.match(text.strip()))), None)
            if coding.get("system") == system and match and gene in (None, match["gene"]):
                alleles[match["diplotype"]] = match["gene"]
        if len(alleles) == 2 and len(set(alleles.values())) == 1:
            return next(iter(alleles.values())), "/".join(alleles)
    return None


def _gene_studied(resource: Json) -> str | None:
    for component in resource.get("component", []):
        if has_code(component.get("code"), LOINC, "48018-6"):
            value = component.get("valueCodeableConcept", {})
            shown = [str(coding["display"]) for coding in codings(value) if coding.get("display")]
            return shown[0] if shown else value.get("text")
    return None


def _meaning(located: Located, posted: Posted) -> tuple[str | None, str | None]:
    """Phenotype and activity score: in the Genotype itself, or in a phenotype implication derived from it."""
    phenotype, score = _from_components(located.resource)
    for other in posted.of("Observation"):
        if phenotype:
            break
        if _is_phenotype_of(other.resource, located.resource, posted):
            phenotype, derived_score = _from_components(other.resource)
            score = score or derived_score
    return phenotype, score


def _is_phenotype_of(observation: Json, genotype: Json, posted: Posted) -> bool:
    """A therapeutic implication of this genotype alone that assesses no medicine and names no context."""
    if not has_code(observation.get("code"), TBD, "therapeutic-implication"):
        return False
    derived_from = observation.get("derivedFrom", [])
    if len(derived_from) != 1 or posted.resolve(derived_from[0], observation) is not genotype:
        return False
    return not any(
        has_code(component.get("code"), LOINC, code)
        for component in observation.get("component", [])
        for code in ("51963-7", "81259-4")
    )


def _from_components(resource: Json) -> tuple[str | None, str | None]:
    phenotype = score = None
    for component in resource.get("component", []):
        code, value = component.get("code"), component.get("valueCodeableConcept")
        if has_code(code, TBD, "therapeutic-implication") and isinstance(value, dict):
            phenotype = phenotype or _phenotype(value)
        match = _SCORE.match(str(component.get("valueString", "")))
        if match:
            score = score or match["score"]
    return phenotype, score


def _phenotype(value: Json) -> str | None:
    for coding in codings(value):
        if coding["code"] in _PHENOTYPES:
            return _PHENOTYPES[coding["code"]]
    text = value.get("text")
    return str(text) if text else None
