"""Every form of the HGVS nomenclature is read, and what it forbids is refused with a reason."""

import csv
from pathlib import Path
from typing import Any

import pytest

from service.variants.describe_lines import parse_lines

TRUTH = Path(__file__).parents[2] / "truth" / "notation.tsv"


def rows(verdict: str) -> list[str]:
    """Texts of one verdict."""
    with TRUTH.open() as handle:
        return [
            r["text"]
            for r in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
            if r["verdict"] == verdict
        ]


@pytest.mark.parametrize("text", rows("valid"), ids=lambda text: ascii(text))
def test_a_valid_notation_is_read(text: str) -> None:
    (row,) = parse_lines([text])
    assert row["ok"], row["error"]
    assert row["parsed"] is not None


@pytest.mark.parametrize("text", rows("invalid"), ids=lambda text: ascii(text))
def test_an_invalid_notation_is_refused_with_a_reason(text: str) -> None:
    (row,) = parse_lines([text])
    assert not row["ok"]
    assert row["parsed"] is None
    assert len(row["error"]) > 10


def position(base: int, offset: int = 0, datum: str = "start") -> dict[str, Any]:
    return {"base": base, "offset": offset, "datum": datum}


def edit(start: dict[str, Any], operation: str, **values: Any) -> dict[str, Any]:
    absent: dict[str, Any] = {"ref": None, "alt": None, "count": None}
    return {"start": start, "end": values.pop("end", start), "operation": operation} | absent | values


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        (
            "NM_000059.4(BRCA2):c.68-7T>A",
            {"reference": "NM_000059.4", "gene": "BRCA2", "type": "c", "precise": True}
            | {"edits": [edit(position(68, -7), "sub", ref="T", alt="A")], "phase": None},
        ),
        (
            "NC_000023.11(NM_004006.2):c.260_264+48dup",
            {"reference": "NM_004006.2", "gene": None, "type": "c", "precise": True}
            | {"edits": [edit(position(260), "dup", end=position(264, 48))], "phase": None},
        ),
        (
            "[c.76A>T;c.*83G>C]",
            {"reference": None, "gene": None, "type": "c", "precise": True}
            | {
                "edits": [
                    edit(position(76), "sub", ref="A", alt="T"),
                    edit(position(83, 0, "stop"), "sub", ref="G", alt="C"),
                ],
                "phase": "cis",
            },
        ),
        (
            "NM_004006.2:c.76A>T(;)83del",
            {"reference": "NM_004006.2", "gene": None, "type": "c", "precise": True}
            | {
                "edits": [edit(position(76), "sub", ref="A", alt="T"), edit(position(83), "del")],
                "phase": "unknown",
            },
        ),
        (
            "NM_002024.5:c.-128GGC[79]",
            {"reference": "NM_002024.5", "gene": None, "type": "c", "precise": True}
            | {"edits": [edit(position(-128), "repeat", ref="GGC", count=79)], "phase": None},
        ),
        (
            "LRG_199t1:c.[2376G>C];[3103del]",
            {"reference": "LRG_199t1", "gene": None, "type": "c", "precise": True}
            | {
                "change": "[2376G>C];[3103del]",
                "edits": [
                    edit(position(2376), "sub", ref="G", alt="C", allele=1),
                    edit(position(3103), "del", allele=2),
                ],
                "phase": "trans",
            },
        ),
        (
            "p.(R97Pfs*23)",
            {"reference": None, "gene": None, "type": "p", "precise": True, "change": "Arg97ProfsTer23"}
            | {"operation": "frameshift", "alt": None}
            | {key: {"residue": "R", "number": 97} for key in ("first", "last")},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_parts_of_a_notation_are_told(text: str, parsed: dict[str, Any]) -> None:
    (row,) = parse_lines([text])
    assert row["parsed"] == {"kind": "hgvs", **parsed}


# Alleles of several changes. Source: HGVS nomenclature 21.1, recommendations on alleles.
@pytest.mark.parametrize(
    ("text", "precise", "phase", "edits"),
    [
        ("NM_000492.4:c.[76A>T];[83G>C]", True, "trans", [(76, "sub", 1), (83, "sub", 2)]),
        ("[c.76A>T];[c.83G>C]", True, "trans", [(76, "sub", 1), (83, "sub", 2)]),
        ("c.[76A>T;90del];[83G>C]", True, "trans", [(76, "sub", 1), (90, "del", 1), (83, "sub", 2)]),
        ("g.[76A>T];[76A>T]", True, "trans", [(76, "sub", 1), (76, "sub", 2)]),
        ("c.[76A>T];[76=]", True, "trans", [(76, "sub", 1), (76, "=", 2)]),
        ("c.[76A>T];[=]", True, "trans", [(76, "sub", 1), (None, "=", 2)]),
        ("c.[76A>T];[?]", False, "trans", [(76, "sub", 1), (None, "?", 2)]),
        ("c.[76A>T;83G>C]", True, "cis", [(76, "sub", None), (83, "sub", None)]),
        ("c.76A>T(;)83G>C", True, "unknown", [(76, "sub", None), (83, "sub", None)]),
        ("c.[76A>T](;)[83G>C]", True, "unknown", [(76, "sub", None), (83, "sub", None)]),
        ("NM_000492.4:c.[76A>T;(83G>C)]", True, "cis", [(76, "sub", None), (83, "sub", None)]),
        ("c.[(76A>T;83G>C)]", True, "cis", [(76, "sub", None), (83, "sub", None)]),
        ("c.[76A>T;90del](;)83G>C", True, "mixed", [(76, "sub", 1), (90, "del", 1), (83, "sub", None)]),
        (
            *("c.[296T>G;476T>C];[476T>C](;)1083A>C", True, "mixed"),
            [(296, "sub", 1), (476, "sub", 1), (476, "sub", 2), (1083, "sub", None)],
        ),
        ("p.[Arg97Trp](;)[Gly10Arg]", True, "unknown", [(97, "sub", None), (10, "sub", None)]),
        ("p.[Arg97Trp;(Gly10Arg)]", True, "cis", [(97, "sub", None), (10, "sub", None)]),
        (
            *("p.[(Arg97Trp)];[Gly10Arg](;)(Gly12Ser)", True, "mixed"),
            [(97, "sub", 1), (10, "sub", 2), (12, "sub", None)],
        ),
        ("p.[Arg97Trp];[Gly10del]", True, "trans", [(97, "sub", 1), (10, "del", 2)]),
        ("p.[(R97W)];[(G10R)]", True, "trans", [(97, "sub", 1), (10, "sub", 2)]),
        ("p.[Arg97Trp];[=]", True, "trans", [(97, "sub", 1), (None, "whole", 2)]),
        ("p.[Arg97Trp];[?]", False, "trans", [(97, "sub", 1), (None, "whole", 2)]),
        ("p.[(Arg97Trp;Gly10Arg)]", True, "cis", [(97, "sub", None), (10, "sub", None)]),
        ("p.[Arg97Trp;Gly10Arg]", True, "cis", [(97, "sub", None), (10, "sub", None)]),
        ("p.(Arg97Trp)(;)(Gly10Arg)", True, "unknown", [(97, "sub", None), (10, "sub", None)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_changes_of_an_allele_are_told_with_their_phase(
    text: str, precise: bool, phase: str, edits: list[tuple[int | None, str, int | None]]
) -> None:
    (row,) = parse_lines([text])
    assert row["error"] is None
    parsed = row["parsed"]
    assert (parsed["precise"], parsed["phase"]) == (precise, phase)
    key, number = ("first", "number") if parsed["type"] == "p" else ("start", "base")
    told = [(e[key] and e[key][number], e["operation"], e.get("allele")) for e in parsed["edits"]]
    assert told == edits


@pytest.mark.parametrize(
    "text", ["c.[76A>A];[83G>C]", "[NM_000492.4:c.76A>T];[NM_000492.4:n.83G>C]", "[c.76A>T];[g.83G>C]"]
)
def test_an_allele_that_contradicts_itself_is_refused_whole(text: str) -> None:
    (row,) = parse_lines([text])
    assert not row["ok"]
    assert row["parsed"] is None


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("p.*327Argext*?", "Ter327ArgextTer?"),
        ("p.*110Glnext*17", "Ter110GlnextTer17"),
        ("p.V600Ter", "Val600Ter"),
        ("p.Val600E", "Val600Glu"),
        ("p.R97PfsX23", "Arg97ProfsTer23"),
        ("p.M1ext-5", "Met1ext-5"),
        ("p.K23_V25delinsWX", "Lys23_Val25delinsTrpXaa"),
        ("p.(Arg97)Trp", "Arg97Trp"),
    ],
)
def test_residues_are_spelled_in_three_letters(text: str, change: str) -> None:
    (row,) = parse_lines([text])
    assert row["parsed"]["change"] == change


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("c1799T>A", "lacks the dot after c"),
        ("NM_004333.6:1799T>A", "does not say what its positions count"),
        ("NM_004333.6:c.1799T>A)", "a bracket has no counterpart; expected '('"),
        ("NC_000007.14(BRAF):c.1799T>A", "has no c. positions; name the transcript too"),
        ("RCV000013961", "name the variation (VCV)"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, why: str) -> None:
    (row,) = parse_lines([text])
    assert why in row["error"]


@pytest.mark.parametrize("text", ["c.76del6", "g.123_125del6", "c.76_78dup17"])
def test_a_stated_length_is_held_against_the_positions(text: str) -> None:
    (row,) = parse_lines([text])
    assert "bases are written for" in row["error"]


@pytest.mark.parametrize(
    "text", ["c.1003_1056del54", "c.-1_1del2", "c.76+3_76+5delTGA", "c.77-1_77del2", "c.77-5_77delTGTAGA"]
)
def test_a_stated_length_that_agrees_or_that_exons_decide_is_read(text: str) -> None:
    (row,) = parse_lines([text])
    assert row["ok"], row["error"]
