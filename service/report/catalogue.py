"""The catalogue of texts for translators. `python -m service.report.catalogue` rewrites it.

A language is offered once `translations/<language>/LC_MESSAGES/genomeward.mo` exists; `pybabel init` and
`pybabel compile` make it from the template written here.
"""

import io
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TEMPLATE = HERE / "translations" / "genomeward.pot"
_METHODS = (("**.py", "python"), ("templates/**.j2", "jinja2"))
_OPTIONS = {"templates/**.j2": {"silent": "false"}}


def extract() -> Any:
    """A Babel catalogue of every text in templates and wording tables, by file and text."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

    catalogue = Catalog(project="genomeward", charset="utf-8")
    found = extract_from_dir(
        HERE, list(_METHODS), _OPTIONS, keywords={**DEFAULT_KEYWORDS, "N_": None}, comment_tags=("NOTE:",)
    )
    for path, _line, message, comments, context in found:
        catalogue.add(message, None, [(path, 0)], auto_comments=comments, context=context)
    return catalogue


def as_template(catalogue: Any) -> str:
    """The catalogue as a PO template: sorted by file, without dates or line numbers."""
    from babel.messages.pofile import write_po

    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, omit_header=True, sort_by_file=True, include_lineno=False)
    return buffer.getvalue().decode()


def main() -> None:
    """Write the template."""
    TEMPLATE.write_text(as_template(extract()), encoding="utf-8")


if __name__ == "__main__":
    main()
