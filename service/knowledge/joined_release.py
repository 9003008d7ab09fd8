"""Two files of one ClinVar release as one: the VCF has the records, the summary their protein changes."""

from pathlib import Path

import numpy as np

from service.knowledge.assertion_release import Release


def join(records: Release, summary: Release, out: Path) -> int:
    """Write records with the protein changes and evaluation dates of a summary where they have none.

    Returns how many records the summary knows.
    """
    variation = np.asarray(records.column("variation"))
    keys, rows = (np.asarray(summary.column(f"by_variation.{part}")) for part in ("keys", "rows"))
    found = np.minimum(np.searchsorted(keys, variation), max(0, len(keys) - 1))
    known = np.flatnonzero((keys[found] == variation) & (variation > 0)) if len(keys) else np.array([], int)
    at = rows[found[known]]
    symbols = list(records.texts_of("symbol"))
    codes = {symbol: code for code, symbol in enumerate(symbols)}
    recoded = np.array([codes.setdefault(s, len(codes)) for s in summary.texts_of("symbol")], np.int32)
    column = {
        name: np.array(records.column(name)) for name in ("evaluated", "residue", "before", "after", "symbol")
    }
    undated = known[column["evaluated"][known] == 0]
    column["evaluated"][undated] = np.asarray(summary.column("evaluated"))[
        at[column["evaluated"][known] == 0]
    ]
    unnamed = column["residue"][known] == 0
    for name in ("residue", "before", "after"):
        column[name][known[unnamed]] = np.asarray(summary.column(name))[at[unnamed]]
    column["symbol"][known[unnamed]] = recoded[np.asarray(summary.column("symbol"))[at[unnamed]]]
    records.write_with(column, {"symbol": list(codes)}, out)
    return len(known)
