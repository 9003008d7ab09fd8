"""Results are ASCII, and say what they said."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from service.cli.output import ascii_json


@given(st.text())
@example("\U00010000\U0010ffff\U00020bb7 \u00e9 \ud7ff\ue000 \\u0041")
def test_every_text_comes_back(text: str) -> None:
    written = ascii_json(json.dumps({"text": text}, ensure_ascii=False).encode())
    assert json.loads(written.decode("ascii")) == {"text": text}
