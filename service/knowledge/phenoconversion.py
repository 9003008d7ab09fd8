"""The table of enzyme inhibitors and inducers: compile it, load it."""

from pathlib import Path

import msgspec

from service.domain.guidance import DrugName, EnzymeModulator, Phenoconversion
from service.errors import KnowledgeError
from service.knowledge.drug_names import codes_of, read_names, read_table

STRENGTHS = {"strong", "moderate", "weak", "not graded"}
_DECODER = msgspec.msgpack.Decoder(Phenoconversion)


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile `knowledgebase/pgx/phenoconversion.tsv`. Refuses a row without source or known grade."""
    path = content / "pgx" / "phenoconversion.tsv"
    rows = read_table(path)
    if not rows:
        raise KnowledgeError("the table of enzyme modulators is missing or empty", where=path.name)
    aliases = {name.name: name.aliases for name in read_names(content)}
    modulators = tuple(_modulator(row, aliases.get(row["drug"], ()), path.name) for row in rows)
    out.write_bytes(msgspec.msgpack.encode(Phenoconversion(modulators)))
    return {"modulators": len(modulators)}


def load(path: Path) -> Phenoconversion:
    """The compiled table, in file order."""
    return _DECODER.decode(path.read_bytes())


def _modulator(row: dict[str, str], aliases: tuple[str, ...], where: str) -> EnzymeModulator:
    name = f"{where}, {row['drug']} on {row['enzyme']}"
    if not row["source"] or row["evidence"] not in ("published", "expert"):
        raise KnowledgeError("a modulator needs a source and its kind of evidence", where=name)
    if row["strength"] not in STRENGTHS or row["effect"] not in ("inhibitor", "inducer"):
        raise KnowledgeError(f"unknown effect or strength {row['effect']}, {row['strength']}", where=name)
    return EnzymeModulator(
        drug=DrugName(row["drug"], row["rxnorm"] or None, codes_of(row["atc"]), aliases),
        enzyme=row["enzyme"],
        effect=row["effect"],
        strength=row["strength"],
        washout_days=int(row["washout_days"]),
        local_atc=codes_of(row["local_atc"]),
        dose_note=row["dose_note"],
        source=row["source"],
        evidence=row["evidence"],
    )
