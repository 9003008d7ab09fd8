"""Numbers, dates and country names in the reader's language. Babel is imported when first used."""

import math
from datetime import date, datetime
from functools import lru_cache
from typing import Any

NO_BREAK = "\u00a0"


@lru_cache(maxsize=16)
def _locale(language: str) -> Any:
    from babel import Locale

    # English as written in Europe: the day before the month.
    return Locale.parse("en-GB" if language == "en" else language, sep="-")


@lru_cache(maxsize=64)
def _percent_pattern(language: str, decimals: int) -> Any:
    from babel.numbers import parse_pattern

    pattern = _locale(language).percent_formats[None].pattern
    places = "." + "0" * decimals if decimals else ""
    return parse_pattern(pattern.replace("#,##0", f"#,##0{places}"))


@lru_cache(maxsize=4096)
def percent(fraction: float, language: str) -> str:
    """A fraction as a percentage with three significant digits; zero is a plain 0.

    >>> percent(0.129983, "en"), percent(0.00155, "en"), percent(0.0, "en"), percent(1.0, "en")
    ('13.0%', '0.155%', '0%', '100%')
    """
    if fraction <= 0:
        return str(_percent_pattern(language, 0).apply(0, _locale(language)))
    magnitude = math.floor(math.log10(fraction * 100))
    decimals = min(max(2 - magnitude, 0), 7)
    return str(_percent_pattern(language, decimals).apply(fraction, _locale(language)))


def axis(fraction: float, language: str) -> str:
    """The label of an axis's end (1, 2 or 5 times a power of ten) without idle zeros.

    >>> axis(0.0005, "en"), axis(0.2, "en"), axis(0.0, "en")
    ('0.05%', '20%', '0%')
    """
    decimals = max(-math.floor(math.log10(fraction * 100) + 1e-9), 0) if fraction > 0 else 0
    return str(_percent_pattern(language, decimals).apply(fraction, _locale(language)))


def share(fraction: float, language: str) -> str:
    """A share of something read, never rounded up to all of it or down to nothing.

    >>> share(0.9996, "en"), share(1.0, "en"), share(0.97, "en"), share(0.0001, "en")
    ('99.9%', '100.0%', '97.0%', '0.1%')
    """
    tenths = round(fraction * 1000)
    if fraction < 1:
        tenths = min(tenths, 999)
    if fraction > 0:
        tenths = max(tenths, 1)
    return str(_percent_pattern(language, 1).apply(tenths / 1000, _locale(language)))


@lru_cache(maxsize=1024)
def count(number: int, language: str) -> str:
    """A whole number with the language's digit groups.

    >>> count(12240, "en")
    '12,240'
    """
    from babel.numbers import format_decimal

    return str(format_decimal(number, locale=_locale(language)))


@lru_cache(maxsize=256)
def day(text: str, language: str) -> str:
    """An ISO 8601 date or time as a date with the month's name; as partial as it came; else as written.

    >>> day("1974-03-18", "en"), day("1974-03", "en"), day("1974", "en"), day("spring", "en")
    ('18 March 1974', 'March 1974', '1974', 'spring')
    """
    from babel.dates import format_date, format_skeleton

    locale = _locale(language)
    if len(text) == len("1974-03"):
        month = _date(f"{text}-01")
        return str(format_skeleton("yMMMM", month, locale=locale)) if month else text
    value = _date(text[:10])
    # Medium forms have no month's name in every language: the long one has.
    return str(format_date(value, "long", locale=locale)) if value else text


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def moment(text: str, language: str) -> str:
    """An ISO 8601 time as date, clock time and offset; as written when it is not one.

    >>> moment("2026-11-20T08:31:02+00:00", "en"), moment("2026-11-20T08:31:02+01:00", "en")
    ('20 November 2026, 08:31 UTC', '20 November 2026, 08:31 UTC+01:00')
    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = value.strftime("%z")
    offset = "" if zone in ("", "+0000") else f"{zone[:3]}:{zone[3:5]}"
    return f"{day(text[:10], language)}, {value:%H:%M}{' UTC' if zone else ''}{offset}"


@lru_cache(maxsize=256)
def country(code: str | None, language: str) -> str | None:
    """The name of an ISO 3166 country; the code itself when it is not one; None for None."""
    return code and str(_locale(language).territories.get(code.upper(), code))


def words(identifier: str) -> str:
    """A controlled term in reading form.

    >>> words("splice_region_variant")
    'splice region variant'
    """
    return identifier.replace("_", " ")


def signed(number: int) -> str:
    """A number with its sign, as points are added up.

    >>> signed(8), signed(-4)
    ('+8', '−4')
    """
    return f"{number:+d}".replace("-", "−")
