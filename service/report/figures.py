"""Six SVG primitives: numbers in, a small drawing out. Colours are attributes, coordinates have one decimal.

Drawings are decoration beside text that says the same (`aria-hidden`), except the class scale, which is an
image with a label.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

INK, MUTED, LINE, BLUE = "#16202c", "#4a5563", "#c9d1da", "#0b4f8a"
FONT = "Noto Sans, Segoe UI, Arial, sans-serif"

# Shape and colour per action state: octagon, triangle, circle with tick, arrow, dashed square.
_ICONS = {
    "avoid": (
        '<path d="M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z" fill="#a3190a"/>'
        '<path d="M8 8l8 8M16 8l-8 8" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>'
    ),
    "change": (
        '<path d="M12 1.5l11.2 20a1 1 0 0 1-.9 1.5H1.7a1 1 0 0 1-.9-1.5z" fill="#7a4300"/>'
        '<path d="M12 9v6.5" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>'
        '<circle cx="12" cy="19.2" r="1.5" fill="#fff"/>'
    ),
    "usual": (
        '<circle cx="12" cy="12" r="11" fill="#0b4f8a"/><path d="M6.8 12.4l3.6 3.6 7-7.6" stroke="#fff" '
        'stroke-width="2.6" fill="none" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "refer": (
        '<path d="M1 4.5h13L23 12l-9 7.5H1z" fill="#4b2e83"/><path d="M5 12h9M10.5 8.2l4 3.8-4 3.8" '
        'stroke="#fff" stroke-width="2.3" fill="none" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "no-answer": (
        '<rect x="2" y="2" width="20" height="20" rx="2" fill="#fff" stroke="#4a5563" stroke-width="2" '
        'stroke-dasharray="4 2.6"/><path d="M9 9.2a3.1 3.1 0 1 1 4.5 2.7c-.9.5-1.4 1-1.4 2.2" '
        'stroke="#4a5563" stroke-width="2.2" fill="none" stroke-linecap="round"/>'
        '<circle cx="12.1" cy="17.6" r="1.4" fill="#4a5563"/>'
    ),
}


def _svg(width: float, height: float, body: str, *, name: str = "", view: str = "") -> Markup:
    css = f' class="{name}"' if name else ""
    return Markup(  # noqa: S704 - every part is a number or a constant of this module
        f'<svg{css} width="{width:g}" height="{height:g}" viewBox="{view or f"0 0 {width:g} {height:g}"}" '
        f'aria-hidden="true" focusable="false">{body}</svg>'
    )


def icon(state: str, size: int = 20) -> Markup:
    """The shape of an action state, `size` pixels square."""
    return _svg(size, size, _ICONS[state], name="ic", view="0 0 24 24")


def meter(step: int) -> Markup:
    """Five rising bars with bar `step` (1..5) filled: poor, intermediate, normal, rapid, ultrarapid."""
    bars = "".join(
        f'<rect x="{12 * n - 11}" y="{14 - 2 * n}" width="9" height="{4 + 2 * n}" '
        f'fill="{INK if n == step else "#fff"}" stroke="{INK}" stroke-width="1.3"/>'
        for n in range(1, 6)
    )
    return _svg(62, 20, bars, name="ic")


def dot_array(filled: int, total: int) -> Markup:
    """`total` dots in one row, the first `filled` of them solid."""
    dots = "".join(
        f'<circle cx="{11 * n + 6}" cy="6" r="4" fill="{INK if n < filled else "#fff"}" '
        f'stroke="{INK}" stroke-width="1.2"/>'
        for n in range(total)
    )
    return _svg(11 * total + 1, 12, dots, name="dots")


def dot_and_whisker(
    value: float, interval: tuple[float, float] | None, top: float, *, seen: bool = True
) -> Markup:
    """One estimate with its interval on an axis from 0 to `top`; an open dot when nothing was seen.

    Whiskers that would leave the axis end in it. Fractions in, 176 x 22 pixels out.
    """

    def x(fraction: float) -> float:
        return 8 + 160 * min(max(fraction / top, 0.0), 1.0) if top > 0 else 8.0

    grid = "".join(f'<path d="M{at}.0 0V22" stroke="{LINE}" stroke-width="1"/>' for at in (8, 88, 168))
    whisker = ""
    if interval is not None:
        low, high = x(interval[0]), x(interval[1])
        whisker = (
            f'<path d="M{low:.1f} 11H{high:.1f}M{low:.1f} 7V15M{high:.1f} 7V15" '
            f'stroke="{BLUE}" stroke-width="1.8"/>'
        )
    dot = (
        f'<circle cx="{x(value):.1f}" cy="11" r="4.6" fill="{BLUE if seen else "#fff"}" '
        f'stroke="{BLUE}" stroke-width="1.8"/>'
    )
    return _svg(176, 22, grid + whisker + dot, name="whisker")


def silence(spacing: int) -> Markup:
    """A hatched, dashed field for an answer without a count: the denser, the more is known."""
    lines = "".join(f"M{at} 17l8-12" for at in range(10, 159, spacing))
    return _svg(
        176,
        22,
        f'<path d="{lines}" stroke="#8893a0" stroke-width="1.1"/><rect x="8" y="4" width="160" height="14" '
        'fill="none" stroke="#69747f" stroke-width="1.2" stroke-dasharray="3 2.5"/>',
        name="whisker",
    )


def coverage_strip(fraction: float | None) -> Markup:
    """A bar, filled as far as was read (0..1); dashed and empty when the input does not say."""
    if fraction is None:
        body = (
            f'<rect x="1" y="2" width="158" height="12" fill="#fff" stroke="{MUTED}" stroke-width="1.3" '
            'stroke-dasharray="4 3"/>'
        )
        return _svg(160, 16, body, name="strip")
    filled = 158 * min(max(fraction, 0.0), 1.0)
    body = (
        f'<rect x="1" y="2" width="158" height="12" fill="#fff" stroke="{MUTED}" stroke-width="1.3"/>'
        f'<rect x="1" y="2" width="{filled:.1f}" height="12" fill="{BLUE}"/>'
    )
    return _svg(160, 16, body, name="strip")


# Stroke, and fill when chosen, of the five classes from benign to pathogenic.
_CLASS_COLOURS = ("#0b4f8a", "#3f78ad", "#5d6874", "#9a4a10", "#a3190a")
_CLASS_FILLS = ("#0b4f8a", "#2f679c", "#4a5563", "#7a4300", "#a3190a")


def class_scale(
    chosen: int, classes: Sequence[str], ranges: Sequence[str], mark: str, label: str, *, box: int = 124
) -> Markup:
    """Five classes in a row, box `chosen` (0..4) filled, `mark` above it; `label` says it in words.

    `ranges` stand below the boxes, one for each class or none at all. `box` is the width of one class in
    pixels: below 100 there is room for abbreviations only.
    """
    parts = []
    for n, (name, span) in enumerate(zip(classes, ranges or ("",) * len(classes), strict=True)):
        left, middle, on = 1 + box * n, box // 2 + box * n, n == chosen
        fill = _CLASS_FILLS[n] if on else "#fff"
        parts.append(
            f'<rect x="{left}" y="16" width="{box - 2}" height="30" rx="3" fill="{fill}" '
            f'stroke="{_CLASS_COLOURS[n]}" stroke-width="{2 if on else 1.2}"/>'
            f'<text x="{middle}" y="35.5" font-size="12.5" font-weight="{700 if on else 400}" '
            f'text-anchor="middle" fill="{"#fff" if on else INK}" font-family="{FONT}">{escape(name)}</text>'
        )
        if span:
            parts.append(
                f'<text x="{middle}" y="60" font-size="11" text-anchor="middle" fill="{MUTED}" '
                f'font-family="{FONT}">{escape(span)}</text>'
            )
    at = box // 2 + box * chosen
    side, anchor = (at + 13, "start") if chosen < 2 else (at - 13, "end")
    parts.append(
        f'<path d="M{at - 7} 2h14l-7 11z" fill="{INK}"/><text x="{side}" y="12" font-size="11.5" '
        f'font-weight="700" text-anchor="{anchor}" fill="{INK}" font-family="{FONT}">{escape(mark)}</text>'
    )
    return Markup(  # noqa: S704 - numbers, constants and escaped words
        f'<svg class="scale" viewBox="0 0 {5 * box} {64 if ranges else 48}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
