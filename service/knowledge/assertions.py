"""The part `assertions`: ClinVar and founder variants as shipped, and an imported ClinVar laid over them."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np

from service.knowledge.assertion_release import Release
from service.knowledge.assertion_table import FOUNDERS, MISSENSE, trimmed, write_rows
from service.knowledge.clinvar import ClinVar
from service.knowledge.joined_release import join
from service.knowledge.tables import read_table

SHIPPED = "shipped"
# The share of shipped record numbers from which an imported file counts as a whole ClinVar.
WHOLE_FROM = 0.9
LAYERS = "layers.json"


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile ClinVar and the founder variants that it lacks, or has without a review status.

    Raises KnowledgeError for a class without a known review status or release.
    """
    folder = content / "raredisease"
    rows = list(read_table(folder / "clinvar.tsv.zst"))
    numbered = {_place(row) for row in rows if row["variation"]}
    # An early extract has no record numbers: its rows only add variants that no numbered row places.
    founders = [row for row in _founders(folder) if _place(row) not in numbered]
    better = numbered | {_place(row) for row in founders}
    rows = [row for row in rows if row["variation"] or _place(row) not in better]
    count = write_rows(chain(rows, founders), out, {"release": SHIPPED})
    return {"assertions": count, "founders": len(founders)}


def _place(row: dict[str, str]) -> tuple[object, ...]:
    if row["start"]:
        return row["chrom"], *trimmed(int(row["start"]), row["ref"], row["alt"])
    parts = row["spdi"].split(":")
    return (row["chrom"], *trimmed(int(parts[1]), parts[2], parts[3])) if len(parts) == 4 else ()


def _founders(folder: Path) -> Iterator[dict[str, str]]:
    for row in read_table(folder / "founder_variants.tsv"):
        yield (
            dict.fromkeys(("spdi", "variation", "condition_ids", "conflict"), "")
            | {name: row[name] for name in ("chrom", "start", "ref", "alt", "classification")}
            | {
                "rs": row["rsid"].removeprefix("rs"),
                "genes": row["gene"],
                "review": "curated founder variant, not a ClinVar record",
                "conditions": row["disease"],
                "protein": _missense(row),
                "release": "2026-11",
                "source": FOUNDERS,
            }
        )


def _missense(row: dict[str, str]) -> str:
    change = row["hgvs_p"].removeprefix("p.").strip("()")
    return f"{row['gene']}:{change}" if MISSENSE.fullmatch(change) and not change.endswith("Ter") else ""


def overlay(shipped: Path, imported: Mapping[str, Path], out: Path) -> dict[str, int]:
    """Lay imported ClinVar over the shipped one; row counts.

    A file that knows nearly every shipped record is a whole ClinVar and replaces it. With any other, shipped
    records that it does not speak of stay: a slice says nothing about what it left out.
    """
    folder = imported.get("clinvar") or imported["clinvar-summary"]
    out.mkdir(parents=True)
    if len(imported) > 1:
        join(Release(imported["clinvar"]), Release(imported["clinvar-summary"]), out / "joined")
        folder = out / "joined"
    upper, lower = Release(folder), Release(shipped)
    known, asked = upper.column("by_variation.keys"), lower.column("by_variation.keys")
    covered = np.isin(np.frombuffer(asked, np.int64), np.frombuffer(known, np.int64)).mean()
    place = "joined" if len(imported) > 1 else str(folder.resolve())
    layers = _Layers((place, str(shipped.resolve())), bool(covered >= WHOLE_FROM))
    (out / LAYERS).write_bytes(msgspec.json.encode(layers))
    stay = sum(1 for _ in _layered(layers, out).rows()) - len(upper)
    return {"assertions": len(upper) + stay, "imported": len(upper), "of the shipped": stay}


class _Layers(msgspec.Struct):
    """Folders of releases, the upper first, relative to this one; whether the upper is a whole ClinVar."""

    folders: tuple[str, ...]
    replaces: bool


def _layered(layers: _Layers, at: Path) -> ClinVar:
    return ClinVar(*(Release(at / folder) for folder in layers.folders), replaces=layers.replaces)


def load(path: Path) -> ClinVar:
    """The compiled assertions at `path`. Raises KnowledgeError when they are missing."""
    if (path / LAYERS).is_file():
        return _layered(msgspec.json.decode((path / LAYERS).read_bytes(), type=_Layers), path)
    return ClinVar(Release(path))
