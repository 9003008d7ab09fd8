"""Import MONDO, as OBO or OBO graph (JSON): ids, labels, parents, equivalent OMIM and ORPHA ids."""

import re
from pathlib import Path

from service.errors import InvalidInput
from service.knowledge.importers.obo import read_ontology
from service.knowledge.importers.registry import Context, Outcome, only
from service.knowledge.tables import write_table

HEADER = ("id", "label", "parents", "xrefs")
_EQUIVALENT = (
    (re.compile(r"(?:OMIM:|https?://omim\.org/entry/)(\d{6})$"), "OMIM:"),
    (re.compile(r"(?:Orphanet:|http://www\.orpha\.net/ORDO/Orphanet_)(\d+)$"), "ORPHA:"),
)


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `mondo.tsv.zst`: one row per term in use. Raises InvalidInput for another layout."""
    file = only(files)
    version, terms = read_ontology(file, "MONDO", context.advance)
    release = context.release or version
    if release is None:
        raise InvalidInput("does not say its version; name it with --release", where=file.name)
    rows = [
        (
            term.identifier,
            term.label,
            "|".join(dict.fromkeys(term.parents)),
            "|".join(dict.fromkeys(filter(None, map(equivalent, term.references)))),
        )
        for term in terms
        if not term.obsolete and term.label
    ]
    return Outcome(release, release[:10], {"terms": write_table(out / "mondo.tsv.zst", HEADER, rows)})


def equivalent(reference: str) -> str:
    """The OMIM or ORPHA id that a reference names; empty for any other catalogue.

    >>> equivalent("Orphanet:144"), equivalent("https://omim.org/entry/614350"), equivalent("OMIMPS:120435")
    ('ORPHA:144', 'OMIM:614350', '')
    """
    return next((f"{prefix}{m[1]}" for pattern, prefix in _EQUIVALENT if (m := pattern.match(reference))), "")
