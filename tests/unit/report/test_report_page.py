"""The page: one file, no script, no request, the same bytes, and nothing hostile gets through."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.case import Consent
from service.domain.disease import Classification, VariantClassification
from service.domain.findings import Findings
from service.domain.pgx import CallStatus, Dose, PharmacogeneCall, SiteResult
from service.errors import ConfigurationError, InvalidOption
from service.report import catalogue, html
from service.report.html import css_string, offered_languages, render_html
from service.report.status import Amendment, Deployment, Laboratory, Release, ReportStatus, SignOff
from tests.findings_builder import (
    SHAPES,
    a_findings,
    a_scope,
    brca1_carrier,
    cyp2c19_poor_metabolizer_on_clopidogrel,
    negative_findings,
    not_called_and_assumed,
    nothing_to_say,
    outside_cyp2d6_with_co_medication,
    secondary_finding_with_consent,
)
from tests.unit.report.everything import a_recommendation, everything, with_texts

EVERY_SHAPE = {**SHAPES, "everything": everything}
RELEASED = SignOff("B. Example", "consultant in laboratory genetics", "2026-11-21T14:05:00+01:00")
HOSTILE = (
    "</style><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "%(count)s %d %",
    "\u202eoverride\u200fmark\u0000\ud800",
    "x" * 300,
)


class Page(HTMLParser):
    """Tags with attributes, and the visible text, of a document."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


def rendered(findings: Findings, **status: Any) -> str:
    return render_html(findings, status=ReportStatus(**status))


def text_of(findings: Findings, **status: Any) -> str:
    return Page(rendered(findings, **status)).text


# ---- one self-contained file


@pytest.mark.parametrize("shape", EVERY_SHAPE)
def test_the_page_is_well_formed_and_asks_nobody_for_anything(shape: str) -> None:
    page = Page(rendered(EVERY_SHAPE[shape]()))
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {
        "script",
        "link",
        "iframe",
        "object",
        "embed",
        "img",
        "base",
        "form",
        "video",
        "audio",
    }
    for tag, attributes in page.tags:
        assert not {"style", "src", "srcset", "background", "xlink:href"} & attributes.keys(), tag
        assert not any(name.startswith("on") for name in attributes), tag
        target = attributes.get("href")
        assert target is None or (tag == "a" and re.match(r"#|https://", target))
    assert "None" not in re.findall(r"\bNone\b(?! (?:were|of them))", page.text)
    assert "{{" not in page.text
    assert "%(" not in page.text


@pytest.mark.parametrize("shape", EVERY_SHAPE)
def test_ids_are_unique_and_links_inside_the_page_lead_somewhere(shape: str) -> None:
    page = Page(rendered(EVERY_SHAPE[shape]()))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    inside = {a["href"] for tag, a in page.tags if tag == "a" and str(a.get("href")).startswith("#")}
    assert {str(target)[1:] for target in inside} <= set(ids)
    labels = {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a}
    assert labels <= set(ids)


def test_the_policy_admits_exactly_the_style_that_is_there() -> None:
    document = rendered(everything())
    (style,) = re.findall(r"<style>(.*?)</style>", document, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(
        str(a["content"])
        for tag, a in Page(document).tags
        if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "url(" not in style
    assert "@import" not in style


def test_the_same_findings_give_the_same_bytes() -> None:
    first = rendered(everything())
    html._environment.cache_clear()
    assert rendered(everything()) == first


def test_no_personal_data_is_in_the_title() -> None:
    (title,) = re.findall(r"<title>(.*?)</title>", rendered(cyp2c19_poor_metabolizer_on_clopidogrel()))
    assert title == "Genomic report GW-9F86D08188, version 1"


def test_patient_and_report_are_in_the_margin_of_every_printed_page() -> None:
    document = rendered(cyp2c19_poor_metabolizer_on_clopidogrel())
    margin = document[document.rindex("@page{") : document.index("</style>")]
    assert margin.startswith(
        f"@page{{@top-left{{content:{css_string('Example, Ada · 2 April 1961 · example-0042')}"
    )
    assert css_string("GW-9F86D08188 · v1 · Preliminary") in margin
    assert css_string("Research use: not for clinical decisions") in margin
    assert '"Page " counter(page) " of " counter(pages)' in margin


def test_sections_stand_in_the_order_of_use() -> None:
    headings = re.findall(r'<h2 id="s(\d)">', rendered(everything()))
    assert headings == list("0123456")


# ---- hostile text


def tags_of(document: str) -> list[str]:
    return [tag for tag, _ in Page(document).tags]


@pytest.fixture(scope="module")
def harmless_tags() -> list[str]:
    """Elements of the page when a plain word is added to every text."""
    return tags_of(rendered(with_texts(everything(), "zz")))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_the_findings_becomes_markup_or_style(text: str, harmless_tags: list[str]) -> None:
    hostile = rendered(with_texts(everything(), text))
    assert tags_of(hostile) == harmless_tags
    assert hostile.count("</style>") == 1
    assert not html._UNSEEN.search(hostile)
    hostile.encode()


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=40))
def test_no_text_at_all_changes_the_structure(text: str, harmless_tags: list[str]) -> None:
    assert tags_of(rendered(with_texts(everything(), f"a{text}"))) == harmless_tags


@given(st.text())
def test_a_css_string_holds_only_plain_characters_and_escapes(text: str) -> None:
    quoted = css_string(text)
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ]|\\[0-9a-f]{6} )*"', quoted)


def test_direction_marks_in_a_name_are_made_visible() -> None:
    patient = {"name": [{"text": "Ada\u202eelpmaxE"}]}
    document = rendered(a_findings(context={"patient": patient}))
    assert "\u202e" not in document
    assert "Ada\ufffdelpmaxE" in document


def test_no_template_marks_data_as_safe() -> None:
    sources = [path.read_text() for path in (html.HERE / "templates").glob("*.j2")]
    assert len(sources) > 5
    assert not any(re.search(r"\|\s*safe|autoescape|Markup", source) for source in sources)


def test_only_https_links_become_links() -> None:
    unsafe = a_recommendation("codeine", "avoid", guideline_url="javascript:alert(1)", pmids=('1"><b>',))
    document = rendered(a_findings(recommendations=(unsafe,)))
    assert "javascript:" not in document
    assert "<b>" not in document


# ---- what it says


def test_assumptions_stand_before_everything_else() -> None:
    text = text_of(not_called_and_assumed())
    assert text.index("Missing positions were read as reference") < text.index("Patient")
    assert "kept as missing, except as the assumptions" in text


@pytest.mark.parametrize("consent", [Consent.NO, Consent.UNKNOWN])
def test_without_consent_the_page_is_that_of_a_person_with_nothing_to_withhold(consent: Consent) -> None:
    found = secondary_finding_with_consent()
    withheld = replace(found, scope=replace(found.scope, consent_secondary=consent))
    assert rendered(withheld) == rendered(replace(withheld, variants=(), diagnoses=()))
    assert "BRCA1" not in rendered(withheld)
    assert "withheld" not in text_of(withheld)


@pytest.mark.parametrize(
    ("consent", "words"),
    [
        (Consent.YES, "Secondary findings: consent given"),
        (Consent.NO, "Secondary findings: consent not given"),
        (Consent.UNKNOWN, "Secondary findings: consent not stated"),
    ],
)
def test_the_consent_state_is_said(consent: Consent, words: str) -> None:
    assert words in text_of(a_findings(scope=a_scope(consent_secondary=consent)))


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        (secondary_finding_with_consent(), "One statement is in section 3."),
        (a_findings(scope=a_scope(consent_secondary=Consent.YES)), "Nothing was found in what was read"),
        (a_findings(scope=a_scope(consent_secondary=Consent.NO)), "because consent was not given"),
        (a_findings(scope=a_scope(consent_secondary=Consent.UNKNOWN)), "because no consent is stated"),
    ],
    ids=["found", "none found", "refused", "not stated"],
)  # fmt: skip
def test_whether_secondary_findings_were_looked_for_is_said(findings: Findings, words: str) -> None:
    found = re.search(r"Secondary findings:(.*?)Not assessed:", text_of(findings), re.DOTALL)
    assert found is not None
    assert words in " ".join(found[1].split())


def test_a_negative_result_lowers_and_does_not_remove() -> None:
    text = text_of(negative_findings())
    assert "This lowers, and does not remove, the chance of a genetic cause." in text
    assert "Absence is not a negative result" in text


def test_an_answer_to_nothing_is_not_called_negative() -> None:
    text = text_of(nothing_to_say())
    assert "There is nothing to act on, because nothing was answered." in text
    assert "This is not a negative result" in text
    assert "lowers" not in text


def test_a_carrier_is_an_answer() -> None:
    """A carrier asks for nothing now, and was found by reading."""
    found = brca1_carrier()
    carrier = replace(found.diagnoses[0], statement="carrier")
    text = text_of(replace(nothing_to_say(), diagnoses=(carrier,), variants=found.variants))
    assert "There is nothing to act on" not in text
    assert "Nothing in what was read asks for a change now." in text


def test_expected_phenotypes_stand_apart_from_genetic_ones() -> None:
    text = text_of(outside_cyp2d6_with_co_medication())
    assert "CYP2D6 while paroxetine is taken" in text
    assert "This is not a genetic result." in text
    table = text[text.index("Results that can matter") : text.index("CYP2D6 while paroxetine")]
    assert "Poor Metabolizer" not in table


def test_possible_guidance_is_marked_wherever_it_stands() -> None:
    text = text_of(outside_cyp2d6_with_co_medication())
    assert "Possible only: rests on the phenotype expected while paroxetine is taken." in text


def test_a_withdrawn_dose_is_nowhere_in_the_page() -> None:
    old = a_recommendation(
        "azathioprine",
        "reduce-dose",
        text="Start at 37 mg.",
        dose=Dose(maximum=37, unit="mg/d"),
        newer_version="2026-02",
        current_medication=True,
    )
    text = text_of(a_findings(recommendations=(old,)))
    assert "37" not in text
    assert "CPIC has published a newer version (2026-02)." in text


def test_a_dose_stands_exactly_as_in_the_recommendation() -> None:
    dosed = a_recommendation(
        "efavirenz", "reduce-dose", dose=Dose(text="400 mg daily"), current_medication=True
    )
    assert "Dose: 400 mg daily" in text_of(a_findings(recommendations=(dosed,)))


def test_silent_sources_are_named_and_never_a_zero() -> None:
    text = text_of(brca1_carrier())
    assert "2 of 4 configured sources answered in full." in text
    assert "Did not answer: Iberian node (no answer within 2 s)." in text
    assert "A missing answer is not a zero." in text
    assert "0.0150%" in text
    assert "0.00310%–0.0438%" in text
    for words in (
        "not seen",
        "Answered, not listed: not proof of absence",
        "Position not read there",
        "Answered, count withheld",
        "Not asked",
    ):
        assert words in text


def test_variants_of_many_sources_fall_into_tables_of_five() -> None:
    plain = everything()
    uncertain = VariantClassification(Classification.UNCERTAIN, 1, "points", ())
    variant = replace(brca1_carrier().variants[0], classification=uncertain)
    text = text_of(replace(plain, variants=(variant,), diagnoses=()))
    assert "Frequencies of one drug-gene or further variant" in text
    headings = re.sub(r"\s+", "", text)
    assert "VariantUnitedKingdomFinlandSpainItalyEstoniaBRCA1" in headings
    assert "VariantPortugalNorwayRegionalbiobankTogetherBRCA1" in headings
    assert "no answer" in text


def test_the_report_is_preliminary_and_unsigned_until_released() -> None:
    text = text_of(everything())
    assert "Preliminary version 1" in text
    assert "Not released: a named person has to sign first." in text
    signed = text_of(everything(), release=Release.FINAL, authorised_by=RELEASED)
    assert "B. Example" in signed
    assert "21 November 2026, 14:05 UTC+01:00" in signed
    assert "Not released" not in signed


def test_an_amended_report_says_what_changed() -> None:
    change = Amendment(2, "2026-11-22T09:00:00+01:00", "Second method added; no change to advice.")
    text = text_of(
        everything(), version=2, release=Release.AMENDED, authorised_by=RELEASED, amendments=(change,)
    )
    assert "Version 2, 22 November 2026, 09:00 UTC+01:00: Second method added; no change to advice." in text


@pytest.mark.parametrize("deployment", list(Deployment))
def test_only_research_mode_has_a_watermark(deployment: Deployment) -> None:
    document = rendered(everything(), deployment=deployment)
    assert ('class="watermark"' in document) is (deployment is Deployment.RESEARCH)
    assert "Intended use:" in Page(document).text


def test_laboratory_and_report_number_are_the_deployments() -> None:
    text = text_of(
        everything(), laboratory=Laboratory("North laboratory", "1 Street", "+00 1"), report_id="N-2026/17"
    )
    assert "North laboratory" in text
    assert "Report N-2026/17" in text


@pytest.mark.parametrize(
    "claim",
    [{"release": Release.FINAL}, {"release": Release.AMENDED, "authorised_by": RELEASED}],
)
def test_a_release_without_its_person_or_reason_is_refused(claim: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        ReportStatus(**claim)


def test_a_report_number_that_could_be_markup_is_refused() -> None:
    with pytest.raises(InvalidOption, match="report id"):
        ReportStatus(report_id='"><b>')


# ---- languages


def test_a_language_that_is_not_offered_gives_english_with_a_notice() -> None:
    document = render_html(everything(), language="fi", status=ReportStatus())
    assert '<html lang="en">' in document
    assert "A report in the language “fi” is not offered yet." in document
    assert "is not offered" not in render_html(everything(), language="en-GB", status=ReportStatus())


@pytest.mark.parametrize("language", ["", "../../etc", 'en"><b>', "e"])
def test_a_language_tag_that_is_none_is_refused(language: str) -> None:
    with pytest.raises(InvalidOption, match="language"):
        render_html(everything(), language=language, status=ReportStatus())


def test_a_compiled_catalogue_translates_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from babel.messages.mofile import write_mo

    messages = catalogue.extract()
    messages.locale = "fi"
    for message in messages:
        if message.id:
            message.string = (
                tuple(f"§{part}" for part in message.id)
                if isinstance(message.id, tuple)
                else f"§{message.id}"
            )
    place = tmp_path / "translations" / "fi" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "genomeward.mo").open("wb") as file:
        write_mo(file, messages)
    for name in ("templates", "style.css"):
        (tmp_path / name).symlink_to(html.HERE / name)
    monkeypatch.setattr(html, "HERE", tmp_path)
    html._environment.cache_clear()
    html._translations.cache_clear()
    try:
        assert offered_languages() == ("en", "fi")
        text = Page(render_html(everything(), language="fi", status=ReportStatus())).text
    finally:
        html._environment.cache_clear()
        html._translations.cache_clear()
    assert "§Genomic report" in text
    assert "§Avoid: choose another drug" in text
    assert "2. huhtikuuta 1961" in text
    # Decimals by locale; what stands unmarked is fact, code or name.
    assert "0,0150" in text


def test_every_text_is_in_the_catalogue_for_translators() -> None:
    assert catalogue.TEMPLATE.read_text(encoding="utf-8") == catalogue.as_template(catalogue.extract())


def test_importing_the_view_does_not_import_jinja() -> None:
    import subprocess
    import sys

    code = "import sys, service.report.html; assert not {'jinja2', 'babel'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_genes_of_which_nothing_was_read_share_one_row() -> None:
    """A file without the pharmacogene positions must not fill pages with the same sentence."""
    sites = (SiteResult("10", 94781859, "rs4244285", "missing"),)
    silent = tuple(
        PharmacogeneCall(gene, CallStatus.NOT_COVERED, phased=False, sites=sites)
        for gene in ("CYP2C19", "DPYD", "TPMT")
    )
    page = render_html(a_findings(pharmacogenes=silent), status=ReportStatus())
    assert page.count("No position of these genes was read") == 1
    two = render_html(a_findings(pharmacogenes=silent[:2]), status=ReportStatus())
    assert "No position of these genes was read" not in two
