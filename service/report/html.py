"""Findings -> one self-contained HTML page: no script, no request, the same bytes for the same input."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.domain.findings import Findings
from service.errors import InvalidOption
from service.report import figures, formats, wording
from service.report.disease import CLASSES
from service.report.identity import Identity
from service.report.status import Deployment, ReportStatus
from service.report.view import ClinicianView, clinician_view

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
SOURCE_LANGUAGE = "en"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_HEADER_LENGTH = 72
_BLANK_LINES = re.compile(r"[ \t]*\n\s*\n")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def render_html(findings: Findings, *, language: str = SOURCE_LANGUAGE, status: ReportStatus) -> str:
    """The report as one HTML document.

    A language that is not offered gives the English report with a notice in it; text is never mixed.
    Raises InvalidOption for a language tag that is none.
    """
    if not _LANGUAGE.fullmatch(language):
        raise InvalidOption("expected a language tag such as en or pt-BR", where="report language")
    offered = _offered(language)
    environment = _environment(offered)
    view = clinician_view(findings)
    style = stylesheet(view, status, offered)
    page = environment.get_template("report.html.j2").render(
        view=view,
        status=status,
        report_id=report_id(view, status),
        wanted=language if offered != language.split("-")[0] else None,
        style=_trusted(style),
        style_hash=style_hash(style),
    )
    return _visible(_BLANK_LINES.sub("\n", page))


def offered_languages() -> tuple[str, ...]:
    """Languages with a complete, compiled catalogue, English first."""
    catalogues = (HERE / "translations").glob("*/LC_MESSAGES/genomeward.mo")
    return (SOURCE_LANGUAGE, *sorted(path.parts[-3].replace("_", "-") for path in catalogues))


def report_id(view: ClinicianView, status: ReportStatus) -> str:
    """The report's number: the one given, else from the digest of the input; no personal data in it."""
    return status.report_id or f"GW-{view.input_digest[:10].upper() or 'UNNUMBERED'}"


def style_hash(style: str) -> str:
    """The CSP source expression of an inline style sheet."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def css_string(text: str) -> str:
    """A quoted CSS string in which everything but plain letters, digits and spaces is a hex escape.

    >>> css_string('a "b"')
    '"a \\\\000022 b\\\\000022 "'
    """
    # The space ends the escape and is part of it, so a space that follows in the text is kept.
    plain = (c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):06x} " for c in _visible(text))
    return f'"{"".join(plain)}"'


def stylesheet(view: ClinicianView, status: ReportStatus, language: str) -> str:
    """The page's whole style: the fixed sheet, and the margin boxes of print with this patient and report."""
    _ = _translations(language).gettext
    release = _(wording.RELEASE[status.release.value])
    page, of, end = re.split(r"\{x\}|\{y\}", _("Page {x} of {y}"))
    boxes = {
        "top-left": css_string(_shortened(_patient_line(view.identity, language))),
        "top-right": css_string(f"{report_id(view, status)} · v{status.version} · {release}"),
        "bottom-left": css_string(_(wording.DEPLOYMENT[status.deployment.value])),
        "bottom-right": f"{css_string(page)} counter(page) {css_string(of)} counter(pages) {css_string(end)}",
    }
    margins = "".join(f"@{box}{{content:{content}}}" for box, content in boxes.items())
    return f"{_fixed_style()}@page{{{margins}}}\n"


def _patient_line(identity: Identity, language: str) -> str:
    parts = [identity.name or identity.subject]
    if identity.born:
        parts.append(formats.day(identity.born, language))
    parts += identity.identifiers[:1] if identity.name else []
    return " · ".join(parts)


def _shortened(text: str) -> str:
    return text if len(text) <= _HEADER_LENGTH else text[: _HEADER_LENGTH - 1] + "…"


@lru_cache(maxsize=1)
def _fixed_style() -> str:
    # Without comments and blank lines: what stands between the tags is what the browser hashes.
    sheet = re.sub(r"/\*.*?\*/", "", (HERE / "style.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    return _BLANK_LINES.sub("\n", sheet).lstrip()


def _offered(language: str) -> str:
    """The offered language that serves the tag: itself, its main part, or English."""
    offered = offered_languages()
    return next((tag for tag in (language, language.split("-")[0]) if tag in offered), SOURCE_LANGUAGE)


def _trusted(text: str) -> Any:
    """Text of our own making, exempt from escaping: only for the style sheet."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - patient text in it is hex-escaped


def _visible(text: str) -> str:
    """The text with characters that are not seen but change what is read replaced by a visible sign.

    Control characters, direction overrides and marks, and half surrogates; joiners that scripts need stay.
    """
    return _UNSEEN.sub("\ufffd", text)


@lru_cache(maxsize=16)
def _environment(language: str) -> "Environment":
    """Jinja with escaping on, undefined names as errors, and every text through gettext."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    translations = _translations(language)
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        language=language,
        words=wording,
        figures=figures,
        class_labels=[translations.gettext(wording.CLASS[name]) for name in CLASSES],
        class_codes=[translations.gettext(wording.CLASS_CODE[name]) for name in CLASSES],
        research=Deployment.RESEARCH,
        say=_sayer(translations),
    )
    for name in ("percent", "axis", "share", "count", "day", "moment", "country"):
        environment.filters[name] = _in_language(getattr(formats, name), language)
    environment.filters["words"] = formats.words
    environment.filters["signed"] = formats.signed
    return environment


@lru_cache(maxsize=16)
def _translations(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    from babel.support import Translations

    catalogue = Translations.load(HERE / "translations", [language.replace("-", "_")], "genomeward")
    assert isinstance(catalogue, NullTranslations)
    return catalogue


def _in_language(format_: Callable[[Any, str], str], language: str) -> Callable[[Any], str]:
    return lambda value: format_(value, language)


def _sayer(translations: NullTranslations) -> Callable[[dict[str, str], str], str]:
    def say(table: dict[str, str], code: str) -> str:
        """The word for a code in the report's language; the code itself where the table has none."""
        return translations.gettext(table[code]) if code in table else code

    return say
