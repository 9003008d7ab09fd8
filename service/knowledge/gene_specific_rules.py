"""Where a gene departs from the general rules: thresholds and rules of ClinGen's panels, founder variants."""

from collections import defaultdict
from pathlib import Path

from service.domain.gene import Bound, FrequencyException, PanelRule, PanelThresholds
from service.knowledge.tables import read_table


def _bound(operator: str, value: str) -> Bound | None:
    return Bound(operator, float(value)) if operator and value else None


def _supporting_bound(text: str) -> Bound | None:
    """`>0.00163`, `>=0.0007` or a range such as `0.00002..0.0001`, whose floor is the bound."""
    floor = text.split("..")[0]
    operator = floor[: len(floor) - len(floor.lstrip("<>="))] or (">=" if floor else "")
    return _bound(operator, floor.lstrip("<>="))


def read_thresholds(folder: Path) -> dict[str, list[PanelThresholds]]:
    """Frequencies that expert panels set, by gene."""
    found: dict[str, list[PanelThresholds]] = defaultdict(list)
    for r in read_table(folder / "panel_thresholds.tsv"):
        modes = tuple(part.strip()[:2] for part in r["moi"].split(","))
        found[r["gene"]].append(
            PanelThresholds(
                r["gene"], r["disease"], modes, _bound(r["ba1_op"], r["ba1_value"]),
                _bound(r["bs1_op"], r["bs1_value"]), _supporting_bound(r["bs1_supporting"]),
                _bound(r["pm2_op"], r["pm2_value"]), r["pm2_text"], r["statistic"], r["panel"],
                f"{r['cspec_id']} v{r['cspec_version']}", r["note"],
            )
        )  # fmt: skip
    return found


# What was read of these criteria stands for all that a gene's panel says of them; of others, rules complete
# each other.
_READ_WHOLE = frozenset({"PM1", "PM4", "BP1", "BP7"})


def read_rules(folder: Path) -> dict[str, list[PanelRule]]:
    """Rules of expert panels by gene: those read by hand, then those derived from the specification."""
    found: dict[str, list[PanelRule]] = defaultdict(list)
    read = list(read_table(folder / "panel_rules_read.tsv"))
    whole = {(r["gene"], r["criterion"]) for r in read if r["criterion"] in _READ_WHOLE}
    derived = (
        r for r in read_table(folder / "panel_rules.tsv.zst") if (r["gene"], r["criterion"]) not in whole
    )
    for r in (*read, *derived):
        specification = f"{r['cspec_id']} v{r['cspec_version']}"
        found[r["gene"]].append(
            PanelRule(r["criterion"], r["status"], r["rule"], r["confidence"], specification)
        )
    return found


def read_exceptions(folder: Path) -> dict[str, list[FrequencyException]]:
    """Variants by gene whose frequency does not speak against them."""
    found: dict[str, list[FrequencyException]] = defaultdict(list)
    for r in read_table(folder / "frequency_exceptions.tsv"):
        found[r["gene"]].append(
            FrequencyException(
                r["hgvs"], r["chrom"], int(r["start"]), r["ref"], r["alt"], r["reason"], r["source"]
            )
        )
    return found
