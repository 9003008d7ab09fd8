"""What copying and typesetting added to a text, taken off."""

import re
from html import unescape

# What people paste: typographic dashes, arrows, entities, invisible and non-breaking spaces.
_PASTED = str.maketrans(
    # Full-width forms of all printable ASCII characters.
    {code + 0xFEE0: chr(code) for code in range(0x21, 0x7F)}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-")
    | dict.fromkeys("\u203a\u2192\u27f6\u02c3", ">")
    | dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\t\r\n", " ")
    | dict.fromkeys("\u2018\u2019\u201c\u201d\u00ab\u00bb", "'")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "")
    | {0x2217: "*"}
)


def clean(text: str) -> str:
    """The text without what copying and typesetting added; single spaces remain where words were apart.

    >>> clean(" NM_000059.4 : c.76A&gt;T ")
    'NM_000059.4 : c.76A>T'
    """
    if "&" in text:
        text = unescape(unescape(text))  # once more for what was escaped twice
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_PASTED)
    text = text.strip(" \"'`\n\r,;")
    return re.sub(" {2,}", " ", text) if "  " in text else text
