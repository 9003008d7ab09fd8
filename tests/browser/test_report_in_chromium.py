"""The report as a browser and a printer show it: accessible, silent, and never wider than a phone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from service.domain.findings import Findings
from service.report.html import render_html
from service.report.status import Deployment, ReportStatus
from tests.findings_builder import SHAPES, brca1_carrier, nothing_to_say
from tests.unit.report.everything import everything, with_texts

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = 1180, 360
EVERY_SHAPE = {
    **SHAPES,
    "everything": everything,
    "hostile": lambda: with_texts(everything(), "‮</style><b>" + "x" * 300),
}


class Opened:
    """A report in a tab, with everything that it asked for or complained of."""

    def __init__(self, browser: Browser, folder: Path, findings: Findings, width: int, **media: Any) -> None:
        self.path = folder / "report.html"
        self.path.write_text(render_html(findings, status=ReportStatus()), encoding="utf-8")
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900}, **media)
        self.requests: list[str] = []
        self.messages: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.goto(self.path.as_uri())


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    tabs: list[Opened] = []

    def tab(findings: Findings, width: int = DESKTOP, **media: Any) -> Opened:
        tabs.append(Opened(browser, tmp_path, findings, width, **media))
        return tabs[-1]

    yield tab
    for each in tabs:
        each.page.close()


def open_details(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("shape", EVERY_SHAPE)
def test_the_page_is_silent_and_not_wider_than_the_screen(opened: Any, shape: str, width: int) -> None:
    tab = opened(EVERY_SHAPE[shape](), width)
    assert tab.requests == [tab.path.as_uri()]
    assert tab.messages == []
    open_details(tab.page)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width


# Every shape says the same kinds of things: those that differ in structure are enough.
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize(
    "shape", ["everything", "hostile", "nothing_to_say", "brca1_carrier", "not_called_and_assumed"]
)
def test_axe_finds_no_violation(opened: Any, shape: str, width: int) -> None:
    tab = opened(EVERY_SHAPE[shape](), width)
    open_details(tab.page)
    found = Axe().run(tab.page, options={"runOnly": {"type": "tag", "values": WCAG}})
    assert [violation["id"] for violation in found.response["violations"]] == [], found.generate_report()
    assert found.response["passes"]


def test_axe_would_notice(opened: Any) -> None:
    tab = opened(nothing_to_say())
    tab.page.evaluate("document.documentElement.removeAttribute('lang')")
    found = Axe().run(tab.page, options={"runOnly": {"type": "tag", "values": WCAG}})
    assert "html-has-lang" in [violation["id"] for violation in found.response["violations"]]


def test_every_scrolling_region_can_be_reached_by_keyboard_and_has_a_name(opened: Any) -> None:
    tab = opened(everything(), PHONE)
    open_details(tab.page)
    unreachable = tab.page.evaluate(
        """[...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1
             && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
             && !(e.tabIndex === 0 && e.getAttribute('aria-label'))).length"""
    )
    assert unreachable == 0


def test_the_first_key_leads_past_the_header(opened: Any) -> None:
    tab = opened(everything())
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "skip"
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("document.activeElement.id") == "main"


def test_targets_are_at_least_24_pixels_high(opened: Any) -> None:
    tab = opened(everything(), PHONE)
    low = tab.page.evaluate(
        """[...document.querySelectorAll('summary, nav a')]
             .filter(e => e.getBoundingClientRect().height < 24).map(e => e.textContent)"""
    )
    assert low == []


def test_forced_colours_and_reduced_motion_keep_the_page_readable(opened: Any) -> None:
    tab = opened(everything(), forced_colors="active", reduced_motion="reduce")
    assert tab.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    card = "getComputedStyle(document.querySelector('.card')).borderLeftStyle"
    assert tab.page.evaluate(card) == "solid"


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.parametrize(
    ("shape", "most"),
    [("nothing_to_say", 2), ("negative_findings", 2), ("brca1_carrier", 4), ("everything", 10)],
)
def test_print_is_a4_and_not_longer_than_it_needs_to_be(opened: Any, shape: str, most: int) -> None:
    tab = opened(EVERY_SHAPE[shape]())
    pdf = tab.page.pdf(prefer_css_page_size=True, print_background=True)
    assert 1 <= pages_of(pdf) <= most
    assert {tuple(float(n) for n in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", pdf)} == {
        (0.0, 0.0, 594.95996, 841.91998)
    }


def test_no_personal_data_is_in_the_metadata_of_the_print(opened: Any) -> None:
    pdf = opened(everything()).page.pdf(prefer_css_page_size=True)
    information = b" ".join(re.findall(rb"/(?:Title|Author|Subject|Keywords)\s*\(([^)]*)\)", pdf))
    assert b"Genomic report" in information
    assert b"Example" not in information


def test_print_opens_the_details_and_hides_the_navigation(opened: Any) -> None:
    tab = opened(everything())
    # [rows seen, all rows] of the tables, and entries of the lists, that a closed details holds
    seen = """['details tr', 'details li'].map(kind => [...document.querySelectorAll(kind)])
        .map(all => [all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height > 5).length,
                     all.length])"""
    (rows, all_rows), (entries, all_entries) = tab.page.evaluate(seen)
    assert (rows, entries) == (0, 0)
    assert all_rows > 5
    assert all_entries > 3
    tab.page.emulate_media(media="print")
    assert tab.page.evaluate(seen) == [[all_rows, all_rows], [all_entries, all_entries]]
    assert tab.page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"


@pytest.mark.parametrize("width", [DESKTOP, 700, PHONE])
def test_the_class_is_in_sight_at_every_width(opened: Any, width: int) -> None:
    tab = opened(brca1_carrier(), width)
    sides = """[...document.querySelectorAll('svg.scale')].filter(e => e.checkVisibility())
        .map(e => e.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"""
    ((left, right, height),) = tab.page.evaluate(sides)
    assert 0 < left < right <= width
    assert height > 40
    texts = tab.page.evaluate(
        "[...document.querySelectorAll('svg.scale')].find(e => e.checkVisibility()).textContent"
    )
    assert "points" in texts


@pytest.mark.parametrize("deployment", list(Deployment))
def test_the_watermark_is_printed_in_research_mode_only(
    browser: Browser, tmp_path: Path, deployment: Deployment
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_html(everything(), status=ReportStatus(deployment=deployment)), encoding="utf-8")
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(path.as_uri())
    shown = page.evaluate(
        "[...document.querySelectorAll('.watermark')].map(e => getComputedStyle(e).position + e.innerText)"
    )
    page.close()
    assert shown == (["fixedResearch use"] if deployment is Deployment.RESEARCH else [])
