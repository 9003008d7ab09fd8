"""What must hold of names whatever the variant."""

import re
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from service.domain.assembly import Assembly
from service.domain.transcript import EARLIER, Transcript
from service.domain.variant import Variant
from service.errors import InvalidVariant
from service.variants.describe_lines import describe_lines
from service.variants.hgvs_package import parser
from service.variants.hgvs_provider import HgvsPackage
from service.variants.justify import justify
from service.variants.notation import HgvsNotation, Operation
from service.variants.parse_notation import parse_notation
from service.variants.transcript_effect import Effect
from tests.nomenclature import describer

OURS = describer()
# Selenoproteins have stop codons within; the package answers p.? for them.
MODELS = [
    t
    for t in OURS.models.catalogue
    if t.cds
    and t.kind != EARLIER
    and t.chrom != "MT"
    and (coding := OURS.models.coding(t)) is not None
    and "U" not in coding.residues
    and "N" not in coding.bases
]
PACKAGE = HgvsPackage(OURS.models)
common = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def variants(draw: st.DrawFn, flank: int = 12) -> tuple[Transcript, Variant]:
    """A transcript and a change of any simple shape in or near one of its exons."""
    model = draw(st.sampled_from(MODELS))
    low, high = draw(st.sampled_from(model.exons))
    start = draw(st.integers(low - flank, high + flank - 1))
    size = draw(st.sampled_from((0, 1, 1, 1, 2, 3, 4, 7)))
    ref = OURS.reference.bases(Assembly.GRCH38, model.chrom, start, start + size)
    shape = draw(st.sampled_from(("free", "free", "none", "double", "inverted")))
    alt = {
        "none": "",
        "double": ref + ref,
        "inverted": ref.translate(str.maketrans("ACGT", "TGCA"))[::-1],
    }.get(shape)
    if alt is None:
        alt = draw(st.text("ACGT", min_size=1, max_size=1 if size == 1 else 5))
    around = OURS.reference.bases(Assembly.GRCH38, model.chrom, start - 20, start + size + 20)
    assume(alt != ref and "N" not in around)
    return model, Variant(Assembly.GRCH38, model.chrom, start, ref, alt)


def effect_on(model: Transcript, variant: Variant) -> Effect:
    """The effect on one transcript, whatever other genes lie there."""
    return OURS.effects.effect(model, justify(variant, OURS.reference))


@common
@given(variants())
def test_a_c_name_leads_back_to_the_same_allele(drawn: tuple[Transcript, Variant]) -> None:
    model, variant = drawn
    name = effect_on(model, variant).hgvs_c
    assume(name is not None)
    direct = OURS.describe_variant(variant, model.gene)
    (answer,) = describe_lines([name], OURS)
    assert answer["ok"], (name, answer["error"])
    assert (answer["spdi"], answer["vrs_id"]) == (direct.spdi, direct.vrs_id)


@common
@given(variants())
def test_every_spelling_gives_one_allele(drawn: tuple[Transcript, Variant]) -> None:
    model, variant = drawn
    names = OURS.describe_variant(variant, model.gene)
    left = names.variant
    spellings = [
        f"{left.chrom}-{left.pos}-{left.ref}-{left.alt}",
        names.spdi,
        names.hgvs_g,
        _padded(variant),
    ]
    rows = list(describe_lines(spellings, OURS))
    assert all(row["ok"] for row in rows), rows
    assert {row["vrs_id"] for row in rows} == {names.vrs_id}
    assert {row["hgvs_g"] for row in rows} == {names.hgvs_g}
    assert {row["pos"] for row in rows} == {left.pos}


def _padded(variant: Variant) -> str:
    """The same change written with bases around it that do not change."""
    before = OURS.reference.bases(Assembly.GRCH38, variant.chrom, variant.start - 3, variant.start)
    after = OURS.reference.bases(Assembly.GRCH38, variant.chrom, variant.end, variant.end + 2)
    ref, alt = (before + allele + after for allele in (variant.ref, variant.alt))
    return f"chr{variant.chrom}:{variant.start - 2}:{ref}:{alt}"


@common
@given(variants())
def test_normalising_twice_is_normalising_once(drawn: tuple[Transcript, Variant]) -> None:
    once = OURS.describe_variant(drawn[1])
    twice = OURS.describe_variant(once.variant)
    assert (once.spdi, once.variant, once.hgvs_g) == (twice.spdi, twice.variant, twice.hgvs_g)


@common
@example(
    (
        OURS.models.catalogue.get("NM_198576.4"),
        Variant(Assembly.GRCH38, "1", 1035276, "ATAAACC", "ATAAACC" * 2),
    )
)
@example((OURS.models.catalogue.get("NM_006495.4"), Variant(Assembly.GRCH38, "17", 31304264, "AT", "CA")))
@given(variants(flank=0))
def test_the_fast_path_equals_the_package(drawn: tuple[Transcript, Variant]) -> None:
    model, variant = drawn
    effect = effect_on(model, variant)
    assume(effect.hgvs_c is not None and effect.hgvs_p is not None)
    theirs = PACKAGE.protein_name(effect.hgvs_c)
    assert _comparable(theirs) == _comparable(effect.hgvs_p) or _known_difference(effect, theirs), (
        effect.hgvs_c,
        effect.hgvs_p,
        theirs,
    )


@common
@given(variants())
def test_positions_equal_the_packages(drawn: tuple[Transcript, Variant]) -> None:
    model, variant = drawn
    assume(len(variant.ref) == 1 == len(variant.alt))
    name = effect_on(model, variant).hgvs_c
    assume(name is not None)
    genomic = OURS.describe_variant(variant).hgvs_g
    mapped = PACKAGE.mapper.g_to_c(parser().parse_hgvs_variant(genomic), model.accession)
    assert str(mapped) == name


def _comparable(name: str | None) -> str:
    return (name or "").replace("(", "").replace(")", "")


def _known_difference(effect: Effect, theirs: str | None) -> bool:
    """Where the package departs from the nomenclature's text, each for its stated reason."""
    ours, package = _comparable(effect.hgvs_p), _comparable(theirs)
    if package.endswith("p.?") and effect.hgvs_c is not None and effect.hgvs_c.endswith("dup"):
        return True  # at an exon's end, which the package's setting takes for intronic or not
    unchanged = re.fullmatch(r"(.*:p\.[A-Za-z]{3}\d+)_[A-Za-z]{3}\d+=", ours)
    if unchanged:  # a silent change of several residues: the package names the first
        return package == f"{unchanged[1]}="
    onward = re.fullmatch(r"(.*)_Ter\d+delins(.*)Ter", ours)
    if onward:  # the last residue and the stop replaced by more: the package leaves both stops out
        return package == f"{onward[1]}delins{onward[2]}"
    if effect.consequences[0] == "start_lost":  # the package gives up on changed starts in several ways
        return True
    if "stop_retained_variant" in effect.consequences:  # p.Ter10Ter, or an extension of length 0
        return "Ter" in package
    if "Ter" in ours and "stop_gained" in effect.consequences:
        # The package writes residues after a new stop, or drops the ones before it.
        return "Ter" in package or "delins" in package or "ins" in package
    if "ext" in ours or "ext" in package:  # an extension whose first new residue the package miscounts
        return "stop_lost" in effect.consequences
    return False


EDITS = st.builds(
    "{}{}".format,
    st.sampled_from(("76", "-5", "*12", "76+3", "77-12", "76_79", "76+1_76+9", "-4_3", "170_*3")),
    st.sampled_from(("del", "dup", "inv", "delinsACT", "delACinsT", "delA", "=")),
)


@common
@given(st.sampled_from(("NM_000059.4", "NM_000059.4(BRCA2)", "NC_000013.11")), EDITS)
def test_the_fast_grammar_reads_what_the_package_reads(reference: str, change: str) -> None:
    text = f"{reference}:{'g' if reference.startswith('NC') else 'c'}.{change}"
    try:
        theirs = parser().parse_hgvs_variant(text)
    except Exception as error:
        assume(type(error).__name__ != "HGVSParseError")
        raise
    if _contradicts_itself(change):
        with pytest.raises(InvalidVariant):
            parse_notation(text)
        return
    ours = parse_notation(text)
    assert isinstance(ours, HgvsNotation)
    (edit,) = ours.edits
    start, end = theirs.posedit.pos.start, theirs.posedit.pos.end
    assert (edit.start.base, edit.end.base) == (start.base, end.base)
    if ours.letter == "c":
        assert (edit.start.offset, edit.end.offset) == (start.offset, end.offset)
    kind = {"identity": "="}.get(theirs.posedit.edit.type, theirs.posedit.edit.type)
    assert edit.operation == Operation(kind)


def _contradicts_itself(change: str) -> bool:
    """What the package's parser leaves to its validator: bases that do not fit the positions."""
    place, word = re.fullmatch(r"([^a-z=]*)(.*)", change).groups()  # type: ignore[union-attr]
    if word == "inv":
        return "_" not in place
    written = {"delA": 1, "delACinsT": 2}.get(word)
    sizes = {"76": 1, "-5": 1, "*12": 1, "76+3": 1, "77-12": 1, "76_79": 4, "76+1_76+9": 9, "-4_3": 7}
    return written is not None and sizes.get(place, written) != written


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    with suppress(InvalidVariant):
        assert parse_notation(text)


@pytest.mark.parametrize(
    "text", ["NM_000059.4:c.76A>T", "10-94781859-G-A", "rs4244285", "NP_000050.2:p.Arg97Trp"]
)
def test_what_pasting_adds_changes_nothing(text: str) -> None:
    pasted = [f"  {text}\n", text.replace(">", "&gt;"), f"\u200b{text}\u00a0", text.replace("-", "\u2013")]
    plain = parse_notation(text)
    assert all(parse_notation(p) == plain for p in pasted)
