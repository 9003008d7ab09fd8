"""Code systems, codes and displays of Genomics Reporting 3.0.0 as shared, read-only JSON values.

Displays are given where the guide, LOINC's answer lists or the code system confirms them. Concepts that no
published code system has (diplotypes, ACMG/AMP criteria) are under our own `urn:genomeward:` systems, never
under someone else's.
"""

import re
from functools import lru_cache
from typing import Any

from service.domain.disease import Classification
from service.domain.pgx import VariantIdentity
from service.domain.variant import Zygosity

Json = dict[str, Any]

GR = "http://hl7.org/fhir/uv/genomics-reporting"
HL7 = "http://hl7.org/fhir/StructureDefinition"
LOINC = "http://loinc.org"
TBD = f"{GR}/CodeSystem/tbd-codes-cs"
HGVS = "http://varnomen.hgvs.org"
HGNC = "http://www.genenames.org"
REFSEQ = "http://www.ncbi.nlm.nih.gov/refseq"
SEQUENCE_ONTOLOGY = "http://www.sequenceontology.org"
CLINVAR = "http://www.ncbi.nlm.nih.gov/clinvar"
DBSNP = "http://www.ncbi.nlm.nih.gov/projects/SNP"
PHARMVAR = "http://www.pharmvar.org"
IPD_IMGT_HLA = "http://www.ebi.ac.uk/ipd/imgt/hla"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
UCUM = "http://unitsofmeasure.org"
MONDO = "http://purl.obolibrary.org/obo/mondo.owl"
HPO = "http://human-phenotype-ontology.org"
MEDGEN = "https://www.ncbi.nlm.nih.gov/medgen"
CLINVAR_STARS = f"{GR}/CodeSystem/clinvar-evidence-level-custom-cs"
DATA_ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
DATA_ABSENT_EXTENSION = f"{HL7}/data-absent-reason"
SECONDARY_FINDING_EXTENSION = f"{HL7}/observation-secondaryFinding"
RELATED_ARTIFACT_EXTENSION = f"{HL7}/workflow-relatedArtifact"
DIPLOTYPE = "urn:genomeward:diplotype"
ACMG_CRITERION = "urn:genomeward:acmg-amp-criterion"
FREQUENCY_OUTCOME = "urn:genomeward:frequency-outcome"


def profile(name: str) -> str:
    """Canonical of a Genomics Reporting profile or extension."""
    return f"{GR}/StructureDefinition/{name}"


def meta(name: str) -> Json:
    """`meta` that claims one profile."""
    return {"profile": [profile(name)]}


def coded(system: str, code: str, display: str | None = None, *, text: str | None = None) -> Json:
    """A CodeableConcept with one coding."""
    coding = {"system": system, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding], "text": text} if text else {"coding": [coding]}


def loinc(code: str, display: str | None = None) -> Json:
    """A CodeableConcept with one LOINC code or answer."""
    return coded(LOINC, code, display)


def extension(name: str, **value: Any) -> Json:
    """A Genomics Reporting extension, e.g. `extension("recommended-action", valueReference=...)`."""
    return {"url": profile(name), **value}


# Section 2 of the guide's categories: two separate elements, one coding each.
LABORATORY = coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")
GENETICS = coded("http://terminology.hl7.org/CodeSystem/v2-0074", "GE")
CATEGORIES = [LABORATORY, GENETICS]

PRESENT = loinc("LA9633-4", "Present")
ABSENT = loinc("LA9634-2", "Absent")
INDETERMINATE = loinc("LA11884-6", "Indeterminate")
NO_CALL = loinc("LA18198-4", "No call")

# LL5489-1, LL4050-2 and LL378-1: from which parent, and how that is known.
INHERITED = {
    "mother": loinc("LA26320-4", "Maternal"),
    "father": loinc("LA26321-2", "Paternal"),
    "both": loinc("LA4489-6", "Unknown"),
    "unknown": loinc("LA4489-6", "Unknown"),
}
BY_FAMILY_DNA = loinc("LA26427-7", "Family DNA")
DE_NOVO = loinc("LA26807-0", "De novo")

ZERO_BASED_INTERVAL = loinc("LA30100-4", "0-based interval counting")
ONE_BASED_CHARACTER = loinc("LA30102-0", "1-based character counting")

ASSEMBLIES = {"GRCh38": loinc("LA26806-2", "GRCh38"), "GRCh37": loinc("LA14029-5", "GRCh37")}

# LL2938-0. There is no answer for the mitochondrial chromosome: the component is left out.
_CHROMOSOME_ANSWERS = (
    "LA21254-0", "LA21255-7", "LA21256-5", "LA21257-3", "LA21258-1", "LA21259-9", "LA21260-7", "LA21261-5",
    "LA21262-3", "LA21263-1", "LA21264-9", "LA21265-6", "LA21266-4", "LA21267-2", "LA21268-0", "LA21269-8",
    "LA21270-6", "LA21271-4", "LA21272-2", "LA21273-0", "LA21274-8", "LA21275-5", "LA21276-3", "LA21277-1",
)  # fmt: skip
CHROMOSOMES = {
    chrom: loinc(answer, f"Chromosome {chrom}")
    for chrom, answer in zip((*map(str, range(1, 23)), "X", "Y"), _CHROMOSOME_ANSWERS, strict=True)
}

# LL381-5.
ALLELIC_STATES = {
    Zygosity.HOMOZYGOUS: loinc("LA6705-3", "Homozygous"),
    Zygosity.HETEROZYGOUS: loinc("LA6706-1", "Heterozygous"),
    Zygosity.HEMIZYGOUS: loinc("LA6707-9", "Hemizygous"),
    Zygosity.HETEROPLASMIC: loinc("LA6703-8", "Heteroplasmic"),
    Zygosity.HOMOPLASMIC: loinc("LA6704-6", "Homoplasmic"),
}

# LL4034-6: on implications only, never on a variant.
SIGNIFICANCES = {
    Classification.PATHOGENIC: loinc("LA6668-3", "Pathogenic"),
    Classification.LIKELY_PATHOGENIC: loinc("LA26332-9", "Likely pathogenic"),
    Classification.UNCERTAIN: loinc("LA26333-7", "Uncertain significance"),
    Classification.LIKELY_BENIGN: loinc("LA26334-5", "Likely benign"),
    Classification.BENIGN: loinc("LA6675-8", "Benign"),
}
_SIGNIFICANCE_BY_TEXT = {key.value.lower(): value for key, value in SIGNIFICANCES.items()}

# genetic-therapeutic-implications-vs. "Likely" phenotypes of CPIC carry the code of what they are likely to
# be, and keep the word in the text; "Possible" ones and those without a code are text alone.
_THERAPEUTIC = {
    "ultrarapid metabolizer": ("LA10315-2", "Ultrarapid metabolizer"),
    "rapid metabolizer": ("LA25390-8", "Rapid metabolizer"),
    "normal metabolizer": ("LA25391-6", "Normal metabolizer"),
    "intermediate metabolizer": ("LA10317-8", "Intermediate metabolizer"),
    "poor metabolizer": ("LA9657-3", "Poor metabolizer"),
    "increased function": ("LA25392-4", "Increased function"),
    "normal function": ("LA25393-2", "Normal function"),
    "decreased function": ("LA25395-7", "Decreased function"),
    "poor function": ("LA25394-0", "Poor function"),
    "ivacaftor responsive in cf patients": ("LA6677-4", "Responsive"),
}

# LL4049-4, complete. Actions that are not here make no Task.
MEDICATION_ACTIONS = {
    "avoid": loinc("LA26421-0", "Consider alternative medication"),
    "use-alternative": loinc("LA26421-0", "Consider alternative medication"),
    "reduce-dose": loinc("LA26422-8", "Decrease dose"),
    "increase-dose": loinc("LA26423-6", "Increase dose"),
    "monitor": loinc("LA26424-4", "Use caution"),
    "standard": loinc("LA26425-1", "Normal response expected"),
}

# LL1037-2, complete; the first word that a follow-up contains decides.
_FOLLOW_UPS = (
    ("counsel", ("LA14020-4", "Genetic counseling recommended")),
    ("confirm", ("LA14021-2", "Confirmatory testing recommended")),
    ("test", ("LA14022-0", "Additional testing recommended")),
)

# Sequence Ontology terms of consequence, as Ensembl VEP lists them.
SO_TERMS = {
    "transcript_ablation": "SO:0001893",
    "splice_acceptor_variant": "SO:0001574",
    "splice_donor_variant": "SO:0001575",
    "stop_gained": "SO:0001587",
    "frameshift_variant": "SO:0001589",
    "stop_lost": "SO:0001578",
    "start_lost": "SO:0002012",
    "transcript_amplification": "SO:0001889",
    "feature_elongation": "SO:0001907",
    "feature_truncation": "SO:0001906",
    "inframe_insertion": "SO:0001821",
    "inframe_deletion": "SO:0001822",
    "missense_variant": "SO:0001583",
    "protein_altering_variant": "SO:0001818",
    "splice_donor_5th_base_variant": "SO:0001787",
    "splice_region_variant": "SO:0001630",
    "splice_donor_region_variant": "SO:0002170",
    "splice_polypyrimidine_tract_variant": "SO:0002169",
    "incomplete_terminal_codon_variant": "SO:0001626",
    "start_retained_variant": "SO:0002019",
    "stop_retained_variant": "SO:0001567",
    "synonymous_variant": "SO:0001819",
    "coding_sequence_variant": "SO:0001580",
    "mature_miRNA_variant": "SO:0001620",
    "5_prime_UTR_variant": "SO:0001623",
    "3_prime_UTR_variant": "SO:0001624",
    "non_coding_transcript_exon_variant": "SO:0001792",
    "intron_variant": "SO:0001627",
    "NMD_transcript_variant": "SO:0001621",
    "non_coding_transcript_variant": "SO:0001619",
    "coding_transcript_variant": "SO:0001968",
    "upstream_gene_variant": "SO:0001631",
    "downstream_gene_variant": "SO:0001632",
    "intergenic_variant": "SO:0001628",
    "sequence_variant": "SO:0001060",
}

# Genes whose core star alleles are designated by PharmVar under `<gene>*<number>`.
_PHARMVAR_GENES = frozenset(
    {
        "CYP1A2", "CYP2A6", "CYP2B6", "CYP2C8", "CYP2C9", "CYP2C19", "CYP2D6", "CYP3A4", "CYP3A5", "CYP4F2",
        "NAT2", "NUDT15", "SLCO1B1",
    }
)  # fmt: skip
_STAR_ALLELE = re.compile(r"\*\d+(\.\d{3})?\Z")
_HLA_ALLELE = re.compile(r"\*\d{2,3}:\d{2,3}(:\d{2,3}){0,2}[NLSCAQ]?\Z")
_CURIE_SYSTEMS = {"MONDO": MONDO, "HP": HPO}


@lru_cache(maxsize=4096)
def gene_concept(gene: str, hgnc_id: str | None) -> Json:
    """A gene by HGNC id, or by its symbol alone where the id is not known."""
    if not hgnc_id:
        return {"text": gene}
    code = hgnc_id if hgnc_id.startswith("HGNC:") else f"HGNC:{hgnc_id}"
    return coded(HGNC, code, gene)


@lru_cache(maxsize=4096)
def sequence_concept(accession: str) -> Json:
    """A RefSeq accession with version: genome, transcript or protein."""
    return coded(REFSEQ, accession, accession)


def hgvs_concept(name: str) -> Json:
    """An HGVS expression: the whole `reference:description` is the code."""
    return coded(HGVS, name, name)


def phenotype_concept(phenotype: str, *, text: str | None = None) -> Json:
    """A pharmacogene phenotype: LOINC answer where one exists, our words always."""
    words = text or phenotype
    answer = _THERAPEUTIC.get(phenotype.lower().removeprefix("likely "))
    return coded(LOINC, answer[0], answer[1], text=words) if answer else {"text": words}


def significance_concept(classification: str) -> Json:
    """A clinical significance in someone else's words; coded when it is one of the five terms.

    >>> significance_concept("Pathogenic/Likely pathogenic")
    {'text': 'Pathogenic/Likely pathogenic'}
    """
    return _SIGNIFICANCE_BY_TEXT.get(classification.lower(), {"text": classification})


@lru_cache(maxsize=128)
def consequence_concept(term: str) -> Json:
    """A Sequence Ontology term of consequence."""
    code = SO_TERMS.get(term)
    return coded(SEQUENCE_ONTOLOGY, code, term) if code else {"text": term}


def follow_up_concept(words: str) -> Json:
    """A follow-up: LL1037-2 where it fits, our words always."""
    lowered = words.lower()
    for key, (code, display) in _FOLLOW_UPS:
        if key in lowered:
            return coded(LOINC, code, display, text=words)
    return {"text": words}


def allele_codings(gene: str, allele: str, identity: VariantIdentity | None = None) -> list[Json]:
    """PharmVar's or IPD-IMGT's name of an allele; of one named after a change, ClinVar, HGVS and dbSNP.

    >>> allele_codings("CYP2C19", "*2")
    [{'system': 'http://www.pharmvar.org', 'code': 'CYP2C19*2', 'display': 'CYP2C19*2'}]
    >>> allele_codings("DPYD", "c.557A>G")
    []
    """
    name = f"{gene}{allele}"
    if gene in _PHARMVAR_GENES and _STAR_ALLELE.match(allele):
        return [{"system": PHARMVAR, "code": name, "display": name}]
    if gene.startswith("HLA-") and _HLA_ALLELE.match(allele):
        return [{"system": IPD_IMGT_HLA, "code": name.removeprefix("HLA-"), "display": name}]
    if identity is None:
        return []
    shown = f"{gene} {allele}"
    codings = [{"system": CLINVAR, "code": identity.clinvar, "display": shown}] if identity.clinvar else []
    codings.append({"system": HGVS, "code": identity.hgvs_g, "display": identity.hgvs_g})
    if identity.rsid:
        codings.append({"system": DBSNP, "code": identity.rsid, "display": identity.rsid})
    return codings


def haplotype_concept(gene: str, allele: str, identity: VariantIdentity | None = None) -> Json:
    """A star allele or named variant of a gene.

    >>> haplotype_concept("DPYD", "c.1905+1G>A (*2A)")
    {'text': 'DPYD c.1905+1G>A (*2A)'}
    """
    text = f"{gene} {allele}"
    codings = allele_codings(gene, allele, identity)
    return {"coding": codings, "text": text} if codings else {"text": text}


def drug_concept(name: str | None, rxnorm: str | None, atc: tuple[str, ...]) -> Json:
    """A medicine by RxNorm and ATC, with its name as text."""
    concept: Json = {}
    codings = [{"system": RXNORM, "code": rxnorm}] if rxnorm else []
    codings += [{"system": ATC, "code": code} for code in atc]
    if codings:
        concept["coding"] = codings
    if name or not codings:
        concept["text"] = name or "medicine without a name or code"
    return concept


def condition_concept(label: str | None, curie: str | None) -> Json:
    """A disease or phenotype by MONDO or HPO id, with its name as text."""
    concept: Json = {}
    system = _CURIE_SYSTEMS.get(curie.split(":")[0]) if curie else None
    if system:
        concept["coding"] = [{"system": system, "code": curie}]
    if label:
        concept["text"] = label
    elif not system:
        concept["text"] = curie or "condition not stated"
    return concept


def absent(code: str, text: str) -> Json:
    """A dataAbsentReason with the words that explain it."""
    return coded(DATA_ABSENT_REASON, code, text=text)


def quantity(value: float) -> Json:
    """A dimensionless fraction or count, six significant digits."""
    return {"value": float(f"{value:.6g}"), "unit": "1", "system": UCUM, "code": "1"}


def citation(text: str, url: str | None = None) -> Json:
    """A citation on an implication."""
    artifact: Json = {"type": "citation", "citation": text}
    if url:
        artifact["url"] = url
    return {"url": RELATED_ARTIFACT_EXTENSION, "valueRelatedArtifact": artifact}
