"""How different two amino acids are: Grantham 1974, doi:10.1126/science.185.4154.862.

The distance is computed from the paper's three properties of side chains; its table differs by 1 at most.
"""

import math

# Composition, polarity, volume. Source: table 1 of the paper.
_PROPERTIES = {
    "Ser": (1.42, 9.2, 32.0), "Arg": (0.65, 10.5, 124.0), "Leu": (0.0, 4.9, 111.0),
    "Pro": (0.39, 8.0, 32.5), "Thr": (0.71, 8.6, 61.0), "Ala": (0.0, 8.1, 31.0),
    "Val": (0.0, 5.9, 84.0), "Gly": (0.74, 9.0, 3.0), "Ile": (0.0, 5.2, 111.0),
    "Phe": (0.0, 5.2, 132.0), "Tyr": (0.20, 6.2, 136.0), "Cys": (2.75, 5.5, 55.0),
    "His": (0.58, 10.4, 96.0), "Gln": (0.89, 10.5, 85.0), "Asn": (1.33, 11.6, 56.0),
    "Lys": (0.33, 11.3, 119.0), "Asp": (1.38, 13.0, 54.0), "Glu": (0.92, 12.3, 83.0),
    "Met": (0.0, 5.7, 105.0), "Trp": (0.13, 5.4, 170.0),
}  # fmt: skip
# Weights of the squared differences, and the factor that makes the mean distance 100.
_WEIGHTS, _SCALE = (1.833, 0.1018, 0.000399), 50.723


def distance(one: str, other: str) -> int | None:
    """The distance of two amino acids in three letters; None where one of them is none of the twenty.

    >>> distance("Cys", "Trp"), distance("Leu", "Ile"), distance("Arg", "Ter")
    (214, 5, None)
    """
    first, second = _PROPERTIES.get(one), _PROPERTIES.get(other)
    if first is None or second is None:
        return None
    squares = (w * (a - b) ** 2 for w, a, b in zip(_WEIGHTS, first, second, strict=True))
    return round(_SCALE * math.sqrt(sum(squares)))


def no_milder(change: str, known: str | None) -> bool:
    """Whether a change such as `Arg175Cys` is at least as far as a known one of the same residue.

    >>> no_milder("Arg175Cys", "Arg175His"), no_milder("Arg175His", "Arg175Cys")
    (True, False)
    """
    if known is None:
        return False
    ours, theirs = distance(change[:3], change[-3:]), distance(known[:3], known[-3:])
    return ours is not None and theirs is not None and ours >= theirs
