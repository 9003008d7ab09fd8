"""Texts of papers and screens that are no notation: refused with the reason, in linear time."""

import time
from contextlib import suppress

import pytest

from service.errors import InvalidVariant
from service.variants.notation import VcfStyle
from service.variants.parse_notation import parse_notation


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # Names from before the nomenclature (BIC, CFTR1, HbVar): they count from other bases.
        ("BRCA1 185delAG", "does not say what its positions count"),
        ("BRCA1 5382insC", "does not say what its positions count"),
        ("GJB2 35delG", "does not say what its positions count"),
        ("CFTR 621+1G>T", "does not say what its positions count"),
        ("CFTR 2183AA>G", "does not say what its positions count"),
        ("VKORC1 -1639G>A", "does not say what its positions count"),
        ("IVS14+1G>A", "counts from an intron's number"),
        ("DPYD IVS14+1G>A", "counts from an intron's number"),
        ("c.IVS14+1G>A", "counts from an intron's number"),
        ("CYP2C19*2", "is a star allele"),
        ("HLA-B*57:01", "is a star allele"),
        # UCSC's hg19 has another mitochondrial sequence; its positions are shifted against the revised one's.
        ("hg19 chrM:3243:A:G", "hg19's chrM is NC_001807.4"),
        ("hg19:chrM-3243-A-G", "hg19's chrM is NC_001807.4"),
        ("chrM-3243-A-G (hg19)", "hg19's chrM is NC_001807.4"),
        # Characters that look like others: a Greek Alpha, a superscript footnote, a left-to-right override.
        ("NM_000492.4:c.76\u0391>T", "has the character U+0391"),
        ("c.\u00b2A>T", "has the character U+00B2"),
        ("NM_000492.4:c.350G>A\u00b9", "has the character U+00B9"),
        ("\u202ec.76A>T", "has the character U+202E"),
        ("c.\u0667\u0666A>T", "has the character U+0667"),
        ("BRAF V\u0666E", "has the character U+0666"),
        ("c.76A>T\x00", "has the character U+0000"),
    ],
)
def test_the_error_says_what_keeps_a_text_from_being_a_notation(text: str, reason: str) -> None:
    with pytest.raises(InvalidVariant) as raised:
        parse_notation(text)
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["GRCh37 MT-3243-A-G", "hg38 chrM:3243:A:G", "chrM:3243:A:G", "hg19 MT:3243:A:G", "b37 MT-3243-A-G"],
)
def test_the_revised_mitochondrial_sequence_has_one_numbering(text: str) -> None:
    read = parse_notation(text)
    assert isinstance(read, VcfStyle)
    assert (read.chrom, read.pos) == ("MT", 3243)


@pytest.mark.parametrize("text", ["CFTR \u0394F508", "CFTR deltaF508", "CFTR \u2206F508", "CFTR DeltaF508"])
def test_a_delta_before_a_residue_is_its_deletion(text: str) -> None:
    read, written = parse_notation(text), parse_notation("CFTR F508del")
    assert {read.text, written.text} == {text, "CFTR F508del"}  # type: ignore[union-attr]
    assert read.change == written.change  # type: ignore[union-attr]


def test_full_width_letters_and_digits_are_read_as_the_plain_ones() -> None:
    wide = parse_notation("\uff2e\uff2d\uff3f000492.4\uff1ac.\uff11\uff12\uff21\uff1e\uff34")
    assert wide == parse_notation("NM_000492.4:c.12A>T")


@pytest.mark.parametrize("unit", ["A", "Glu", "p.(", "76_"])
def test_the_time_grows_with_the_length_alone(unit: str) -> None:
    """A text four times as long may take four times as long, not sixteen times."""

    def seconds(length: int) -> float:
        text = f"c.76_77ins{unit * (length // len(unit))}"
        best = 1.0
        for _ in range(3):
            start = time.process_time()
            with suppress(InvalidVariant):
                parse_notation(text)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(16_000) < 9 * seconds(4_000) + 0.05
