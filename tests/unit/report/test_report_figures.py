"""Six primitives: well-formed, decorative, and true to their numbers."""

import re
from xml.etree import ElementTree

import pytest

from service.report import figures

SVG = "{http://www.w3.org/2000/svg}"


def drawn(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(markup).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))


def every_figure() -> list[str]:
    return [
        *(figures.icon(state) for state in ("avoid", "change", "usual", "refer", "no-answer")),
        *(figures.meter(step) for step in range(1, 6)),
        figures.dot_array(3, 4),
        figures.dot_and_whisker(0.1, (0.05, 0.2), 0.2),
        figures.silence(9),
        figures.coverage_strip(0.5),
        figures.coverage_strip(None),
    ]


@pytest.mark.parametrize("markup", every_figure())
def test_figures_are_well_formed_decoration_without_style_attributes(markup: str) -> None:
    root = drawn(markup)
    assert root.get("aria-hidden") == "true"
    assert all("style" not in element.attrib for element in root.iter())
    assert not re.search(r"\d\.\d\d\d", re.sub(r'd="[^"]*"', "", markup))


def test_a_meter_fills_exactly_its_step() -> None:
    for step in range(1, 6):
        fills = [bar.get("fill") for bar in drawn(figures.meter(step))]
        assert len(fills) == 5
        assert [n for n, fill in enumerate(fills, start=1) if fill != "#fff"] == [step]


def test_stars_are_filled_from_the_left() -> None:
    fills = [dot.get("fill") == "#fff" for dot in drawn(figures.dot_array(3, 4))]
    assert fills == [False, False, False, True]


def test_the_dot_stands_where_its_value_is() -> None:
    for value, x in ((0.0, "8.0"), (0.1, "88.0"), (0.2, "168.0")):
        (circle,) = drawn(figures.dot_and_whisker(value, None, 0.2)).findall(f"{SVG}circle")
        assert circle.get("cx") == x


def test_an_estimate_that_was_not_seen_is_an_open_dot() -> None:
    (circle,) = drawn(figures.dot_and_whisker(0.0, (0.0, 0.1), 0.2, seen=False)).findall(f"{SVG}circle")
    assert circle.get("fill") == "#fff"


def test_whiskers_end_at_the_axis() -> None:
    assert "H168.0" in figures.dot_and_whisker(0.1, (0.05, 0.9), 0.2)


def test_silence_differs_by_density() -> None:
    counts = [figures.silence(spacing).count("l8-12") for spacing in (5, 7, 9, 12, 18)]
    assert counts == sorted(set(counts), reverse=True)


def test_coverage_that_is_not_stated_has_no_bar() -> None:
    assert len(drawn(figures.coverage_strip(None))) == 1
    assert drawn(figures.coverage_strip(0.5))[1].get("width") == "79.0"


def test_the_class_scale_says_its_class_in_words_and_escapes_them() -> None:
    names = ("a", "b", "c", "d", "<e>")
    root = drawn(figures.class_scale(4, names, ("",) * 5, "10 points", 'class "e"'))
    assert root.get("aria-label") == 'class "e"'
    assert [text.text for text in root.iter(f"{SVG}text") if text.get("font-weight") == "700"] == [
        "<e>",
        "10 points",
    ]
