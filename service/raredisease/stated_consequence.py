"""What the file's annotator says of a substitution: VEP's `CSQ` and SnpEff's `ANN`.

Both write a record per allele and transcript, and in both the first four fields are allele, Sequence Ontology
terms joined by `&`, impact and gene symbol. It is used only where our own models cannot tell, for want of
sequence, which amino acids a substitution concerns.

Sources: Ensembl VEP, "VCF output" (default field order); SnpEff, "Variant annotations in VCF format" 1.0.
"""

from dataclasses import replace

from service.domain.variant import MolecularDescription, VariantCall

_KEYS = ("CSQ", "vep", "ANN")
UNKNOWN = "coding_sequence_variant"
# What a substitution within a codon may be, the gravest first.
_TELLING = ("stop_gained", "start_lost", "stop_lost", "missense_variant", "synonymous_variant",
            "stop_retained_variant", "start_retained_variant")  # fmt: skip


def stated_consequence(call: VariantCall, gene: str) -> str | None:
    """The gravest consequence that the file states for this allele in this gene; None where none."""
    terms: set[str] = set()
    for key, value in call.info:
        if key not in _KEYS:
            continue
        for record in value.split(","):
            fields = record.split("|", 4)
            if len(fields) >= 4 and fields[0] == call.variant.alt and fields[3] == gene:
                terms.update(fields[1].split("&"))
    return next((term for term in _TELLING if term in terms), None)


def with_stated(
    call: VariantCall, gene: str, names: MolecularDescription
) -> tuple[MolecularDescription, bool]:
    """The names with the file's consequence in the place of an unknown one, and whether it was taken."""
    if UNKNOWN not in names.consequences or len(call.variant.ref) != 1 or len(call.variant.alt) != 1:
        return names, False
    stated = stated_consequence(call, gene)
    if stated is None:
        return names, False
    known = tuple(stated if term == UNKNOWN else term for term in names.consequences)
    return replace(names, consequence=stated, consequences=known), True
