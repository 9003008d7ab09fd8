"""The `describe` verb: one answer per line of input, errors in place."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.domain.assembly import Assembly
from service.domain.variant import MolecularDescription
from service.errors import InvalidVariant
from service.variants.describe import NO_SEQUENCE, Describer
from service.variants.notation import HgvsNotation, Notation, OtherHgvs, VcfStyle
from service.variants.parse_notation import parse_notation
from service.variants.parsed_notation import parsed_values
from service.variants.protein_notation import ProteinNotation
from service.variants.protein_remark import contradict, remarked_change
from service.variants.resolve import Lookup, Resolver, lift_or_raise

KEYS = (
    "input", "ok", "assembly", "chrom", "pos", "ref", "alt", "spdi", "vrs_id", "hgvs_g", "hgvs_g_grch37",
    "hgvs_c", "hgvs_p", "gene", "hgnc_id", "transcript", "consequence", "exon", "nmd", "error", "notes",
)  # fmt: skip

UNAVAILABLE = "unavailable: sequence not configured"

_NAMES = (
    "vrs_id", "hgvs_g", "hgvs_g_grch37", "hgvs_c", "hgvs_p", "gene", "hgnc_id", "transcript", "consequence",
    "exon", "nmd",
)  # fmt: skip


def parse_lines(inputs: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One row per input, by grammar alone, without reference or transcript.

    `parsed` is what the text says (see `parsed_notation`); it is null where `error` says why not.
    """
    for text in inputs:
        row = _empty(text) | {"parsed": None}
        try:
            notation = parse_notation(text)
            row |= _parsed(notation) | {"parsed": parsed_values(notation)}
        except InvalidVariant as error:
            row["error"] = _reason(error)
        else:
            row["ok"] = True
        yield row


def describe_lines(
    inputs: Iterable[str],
    describer: Describer,
    *,
    assembly: Assembly = Assembly.GRCH38,
    lookup: Lookup | None = None,
) -> Iterator[dict[str, Any]]:
    """One row per input, in order, never stopping at a bad one.

    `assembly` counts for notations that do not say which. Rows are on GRCh38; `pos` is 1-based and the
    alleles are left-aligned as in VCF.
    """
    resolver = Resolver(describer.models, describer.reference, describer.liftover, lookup)
    for text in inputs:
        row = _empty(text)
        try:
            notation = parse_notation(text)
            resolved = resolver.resolve(notation, assembly)
            variant = lift_or_raise(describer.liftover, resolved.variant, Assembly.GRCH38)
            row |= _described(describer.describe_variant(variant, resolved.gene, resolved.transcript))
            told = (*_another_gene(notation, row["gene"]), *_another_protein(notation, row))
            row["notes"] = [*resolved.notes, *told, *row["notes"]]
        except InvalidVariant as error:
            row["error"] = _reason(error)
        else:
            row["ok"] = True
        yield row


def _another_gene(notation: Notation, gene: str | None) -> tuple[str, ...]:
    """A sentence where the gene beside a transcript is not the transcript's; it may be an old symbol."""
    if not isinstance(notation, HgvsNotation) or not notation.reference or not notation.gene or not gene:
        return ()
    if notation.gene.upper() == gene.upper():
        return ()
    return (f"the text names {notation.gene}, and {notation.reference} is a transcript of {gene}",)


def _another_protein(notation: Notation, row: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence where the protein change beside the name is another one than what the bases give; nothing
    where that is not known, or is of a transcript that numbers otherwise than the one named.
    """
    if not isinstance(notation, HgvsNotation) or not notation.protein or ":p." not in (row["hgvs_p"] or ""):
        return ()
    named = (notation.reference or "").partition(".")[0]
    other = named.startswith(("NM_", "ENST")) and named != row["transcript"].partition(".")[0]
    # Another transcript of the gene is compared where both number the change alike.
    if other and row["hgvs_c"].partition(":")[2] != notation.text.partition(":")[2]:
        return ()
    theirs = remarked_change(notation.protein)
    if theirs is None or not contradict(theirs, row["hgvs_p"].partition(":p.")[2]):
        return ()
    return (f"the text says p.{theirs}; the change of bases gives {row['hgvs_p']}",)


def _reason(error: InvalidVariant) -> str:
    """The message; one that repeats a text of thousands of bases is cut in its middle."""
    reason = str(error)
    return reason if len(reason) <= 1_000 else f"{reason[:80]} ... {reason[-800:]}"


def _empty(text: str) -> dict[str, Any]:
    return dict.fromkeys(KEYS) | {"input": text, "ok": False, "notes": []}


def _described(names: MolecularDescription) -> dict[str, Any]:
    """The row of a description. Without a VCF anchor base the alleles, and without the neighbouring bases the
    SPDI and VRS forms, are not known: then they are null.
    """
    variant = names.variant
    anchored = bool(variant.ref and variant.alt) and "N" not in variant.ref + variant.alt
    unavailable = names.hgvs_p is None and NO_SEQUENCE in names.notes
    return {
        "assembly": variant.assembly.value,
        "chrom": variant.chrom,
        "pos": variant.pos if anchored else None,
        "ref": variant.ref if anchored else None,
        "alt": variant.alt if anchored else None,
        "spdi": names.spdi if names.vrs_id else None,
        **{key: getattr(names, key) for key in _NAMES},
        "hgvs_p": UNAVAILABLE if unavailable else names.hgvs_p,
        "notes": list(names.notes),
    }


def _parsed(notation: Notation) -> dict[str, Any]:
    """What the text alone says; nothing here was compared with a sequence."""
    if isinstance(notation, VcfStyle):
        build = notation.assembly.value if notation.assembly else None
        place = {"chrom": notation.chrom, "pos": notation.pos, "ref": notation.ref, "alt": notation.alt}
        return {"assembly": build, **place}
    if isinstance(notation, ProteinNotation):
        return {"hgvs_p": notation.text, "gene": notation.gene}
    if isinstance(notation, HgvsNotation | OtherHgvs) and notation.letter:
        column = "hgvs_g" if notation.letter in "gmo" else "hgvs_c"
        reference = notation.reference if column == "hgvs_c" else None
        return {column: notation.text, "gene": notation.gene, "transcript": reference}
    return {}
