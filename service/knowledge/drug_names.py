"""Every drug that texts or medication lists may name, with its codes and other names."""

from collections.abc import Iterable
from csv import DictReader
from dataclasses import replace
from pathlib import Path

from service.domain.guidance import DrugName, Guidance


def read_names(content: Path) -> tuple[DrugName, ...]:
    """Names of `pgx/drug_names.tsv` and of the modulators in `pgx/phenoconversion.tsv`, one per drug."""
    names: dict[str, DrugName] = {}
    for row in read_table(content / "pgx" / "drug_names.tsv"):
        names[row["name"]] = DrugName(
            row["name"], row["rxnorm"] or None, codes_of(row["atc"]), codes_of(row["aliases"])
        )
    for row in read_table(content / "pgx" / "phenoconversion.tsv"):
        atc = (*codes_of(row["atc"]), *codes_of(row["local_atc"]))
        known = names.get(row["drug"], DrugName(row["drug"]))
        names[row["drug"]] = replace(
            known, rxnorm=known.rxnorm or row["rxnorm"] or None, atc=known.atc or atc
        )
    return tuple(names.values())


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated file whose comment lines start with `#`; empty when there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        lines = [line for line in handle if not line.startswith("#")]
    return list(DictReader(lines, delimiter="\t"))


def codes_of(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated cell."""
    return tuple(part for part in text.split(",") if part)


def drug_names(guidance: Guidance, others: Iterable[DrugName] = ()) -> tuple[str, ...]:
    """Every drug name that a text might mention, sorted."""
    named = [*(g.drug for g in guidance.drugs), *guidance.names, *others]
    return tuple(sorted({drug.name for drug in named}))
