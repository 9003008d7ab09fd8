"""Guidelines: compile the reviewable files into one table, load it, merge a hospital's own imports."""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from service.domain.guidance import DrugGuidance, DrugName, Guidance, LookupTable, Statement
from service.domain.pgx import Dose
from service.errors import KnowledgeError
from service.knowledge.drug_names import read_names
from service.knowledge.wording import figures_of

ACTIONS = frozenset(
    {
        "avoid",
        "use-alternative",
        "reduce-dose",
        "increase-dose",
        "monitor",
        "standard",
        "no-recommendation",
    }
)
_DECODER = msgspec.msgpack.Decoder(Guidance)
# Overlays are JSON, so that a hospital can read what it imported.
_OVERLAY_DECODER = msgspec.json.Decoder(Guidance)


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile `knowledgebase/pgx/guidelines`. Refuses what is unsourced, unknown or contradictory."""
    names = read_names(content)
    aliases = {name.name: name.aliases for name in names}
    drugs = []
    for path in sorted((content / "pgx" / "guidelines").glob("*/*/*.toml")):
        guidance = read_guideline(path)
        drug = replace(guidance.drug, aliases=aliases.get(guidance.drug.name, ()))
        drugs.append(replace(guidance, drug=drug))
    drugs.sort(key=lambda g: (g.drug.name, g.source, g.guideline_id))
    out.write_bytes(msgspec.msgpack.encode(Guidance(tuple(drugs), names)))
    rows = sum(len(table.rows) for g in drugs for table in g.tables)
    return {"drugs": len(drugs), "rows": rows, "statements": sum(len(g.statements) for g in drugs)}


def load(path: Path, overlays: Sequence[Path] = ()) -> Guidance:
    """The compiled guidance, with hospital-side imports beside it: sources are never mixed or replaced."""
    guidance = _DECODER.decode(path.read_bytes())
    for overlay in overlays:
        guidance = merge(guidance, read_overlay(overlay))
    return guidance


def read_overlay(overlay: Path) -> Guidance:
    """One file of imported guidance."""
    try:
        return _OVERLAY_DECODER.decode(overlay.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise KnowledgeError(f"cannot read imported guidance: {error}", where=overlay.name) from error


def overlays_in(state: Path) -> tuple[Path, ...]:
    """What `kb import guidance` left in a state folder, in the order in which it is merged."""
    return tuple(sorted((state / "guidance").glob("*.json")))


def release_with(release: str, overlays: Sequence[Path]) -> str:
    """The name of the release that answers rest on: imported guidance makes it another one."""
    if not overlays:
        return release
    digest = hashlib.sha256(b"".join(hashlib.sha256(overlay.read_bytes()).digest() for overlay in overlays))
    return f"{release}+guidance-{digest.hexdigest()[:8]}"


def merge(guidance: Guidance, added: Guidance) -> Guidance:
    """Both, ordered by drug; an import of the same source and drug replaces the older rows of that source.

    FDA speaks of a drug in its label and in its table of associations: each replaces itself alone.
    """

    def place(g: DrugGuidance) -> tuple[str, str, str]:
        return g.source, g.drug.name, g.guideline_id if g.source == "FDA" else ""

    places = {place(g) for g in added.drugs}
    known = {g.drug.name: g.drug for g in guidance.drugs}
    kept = [g for g in guidance.drugs if place(g) not in places]
    new = [_with_known_codes(g, known.get(g.drug.name)) for g in added.drugs]
    drugs = sorted([*kept, *new], key=lambda g: (g.drug.name, g.source, g.guideline_id))
    return replace(guidance, drugs=tuple(drugs), names=(*guidance.names, *added.names))


def _with_known_codes(guidance: DrugGuidance, known: DrugName | None) -> DrugGuidance:
    if known is None or guidance.drug.rxnorm or guidance.drug.atc:
        return guidance
    return replace(guidance, drug=known)


def read_guideline(path: Path) -> DrugGuidance:
    """One guideline and drug, checked.

    Where the source has replaced its recommendations (`newer_version`), no statement may carry a dose or a
    figure: the old ones are not current, and the new ones are not held here.
    """
    where = "/".join(path.parts[-3:])
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise KnowledgeError(f"cannot read: {error}", where=where) from error
    needed = ("source", "guideline_id", "title", "url", "version", "facts", "licence", "genes", "drug")
    if lacking := [key for key in needed if not document.get(key)]:
        raise KnowledgeError(f"lacks {', '.join(lacking)}", where=where)
    statements: list[Statement] = []
    rows: dict[str, list[tuple[str, int]]] = {}
    genes = tuple(document["genes"])
    for row in document.get("statement", ()):
        statement = _statement(row, where)
        if document.get("newer_version") and (statement.dose or figures_of(statement.text)):
            raise KnowledgeError(f"a replaced recommendation shows a figure: {statement.text}", where=where)
        for row_id, *keys in row["rows"]:
            if len(keys) != len(genes):
                raise KnowledgeError(
                    f"row {row_id} needs one key for each of {', '.join(genes)}", where=where
                )
            rows.setdefault("\t".join(keys), []).append((row_id, len(statements)))
        statements.append(statement)
    return DrugGuidance(
        source=document["source"],
        guideline_id=document["guideline_id"],
        title=document["title"],
        url=document["url"],
        pmids=tuple(document.get("pmids", ())),
        version=document["version"],
        drug=DrugName(
            document["drug"]["name"], document["drug"]["rxnorm"] or None, tuple(document["drug"]["atc"])
        ),
        genes=genes,
        statements=tuple(statements),
        tables=(LookupTable(genes, {k: tuple(v) for k, v in rows.items()}),) if rows else (),
        newer_version=document.get("newer_version"),
        presented=tuple(document.get("presented", ())),
        converts_on_medication=document.get("converts_on_medication", False),
        note=document.get("note"),
        licence=document["licence"],
    )


def _statement(row: dict[str, Any], where: str) -> Statement:
    if row["action"] not in ACTIONS:
        raise KnowledgeError(f"unknown action {row['action']}", where=where)
    if not row["text"] or not row["strength"] or not row["population"]:
        raise KnowledgeError("a statement needs text, strength and population", where=where)
    dose = row.get("dose")
    return Statement(
        action=row["action"],
        strength=row["strength"],
        population=row["population"],
        text=row["text"],
        why=row["why"],
        dose=None if dose is None else _dose(dose),
        figures=tuple(row["figures"]),
        names=tuple(row["names"]),
    )


def _dose(row: dict[str, Any]) -> Dose:
    change = row.get("change_percent")
    return Dose(
        change_percent=None if change is None else (change[0], change[1]),
        maximum=row.get("maximum"),
        unit=row.get("unit"),
        text=row.get("text"),
    )
