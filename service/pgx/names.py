"""The order of allele names, and the names of several alleles together."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_NUMBERS = re.compile(r"(\d+)")
_PARTIAL = re.compile(r"g\.\d")

SortKey = tuple[int, int, tuple[tuple[int, int, str], ...]]


@lru_cache(maxsize=8192)
def name_key(name: str) -> SortKey:
    """Sort key: `Reference`, then names with numbers in natural order, combinations, partial g. names last.

    >>> sorted(["*10", "g.5A>G", "[*2 + *10]", "*2", "Reference"], key=name_key)
    ['Reference', '*2', '*10', '[*2 + *10]', 'g.5A>G']
    """
    components = 1
    if name.startswith("[") and name.endswith("]"):
        components, rank = name.count(" + ") + 1, 2
    elif name == "Reference":
        rank = 0
    elif _PARTIAL.match(name):
        rank = 3
    else:
        rank = 1
    parts = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _NUMBERS.split(name) if part
    )
    return rank, components, parts


def sorted_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names in the order of `name_key`."""
    return tuple(sorted(names, key=name_key))


def diplotype_name(alleles: Sequence[str]) -> str:
    """Two alleles in name order joined by `/`, or the one of a hemizygous sample.

    >>> diplotype_name(["*17", "*2"]), diplotype_name(["A"])
    ('*2/*17', 'A')
    """
    return "/".join(sorted_names(alleles))


def combination_name(components: Iterable[str], partials: Iterable[str] = ()) -> str:
    """Components on one strand: the name itself when there is one, else `[A + B]`; partials come last.

    >>> combination_name(["c.2582A>G", "c.498G>A"]), combination_name(["*2"], ["g.10A>G"])
    ('[c.498G>A + c.2582A>G]', '[*2 + g.10A>G]')
    """
    parts = (*sorted_names(components), *sorted_names(partials))
    return parts[0] if len(parts) == 1 else f"[{' + '.join(parts)}]"
