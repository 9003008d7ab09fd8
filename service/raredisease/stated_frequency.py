"""Population frequencies that a VCF states in INFO, as annotators write them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.variant import VariantCall

# gnomAD_AF, gnomADe_AF_popmax, AF_grpmax, MAX_AF, 1000G_AF, ExAC_AF, TOPMED_AF ...
_POPULATION = re.compile(
    r"(?=.*(?:^|_)(?:a|ma|fa)f(?:\d\d)?(?:_|$))(?=.*(?:gnomad|popmax|grpmax|max|1000g|kg|exac|topmed|esp|pop))"
    r"|(?:gnomad|exac|topmed|1000g|kg)[a-z]*af",
    re.IGNORECASE,
)
# A caller's own AF is the sample's (or the call set's) allele fraction: in one sample never below this.
_SAMPLE_FRACTION = 0.25
_RARE_SHARE = 0.02
_ENOUGH, _SILENT_SHARE = 200, 0.4


@dataclass(frozen=True, slots=True)
class StatedFrequencies:
    """What a file says of its variants' frequencies.

    `keys` are the INFO keys that hold them. `silence_tells`: most variants have a frequency (or, in a file
    without any, an rsID), so that a variant without one was not seen by those who annotated the file.
    """

    keys: frozenset[str] = frozenset()
    silence_tells: bool = False

    @classmethod
    def of(cls, calls: Sequence[VariantCall]) -> "StatedFrequencies":
        """How this file states frequencies."""
        keys = population_keys(calls)
        if keys:
            silent = sum(not any(key in keys for key, _ in call.info) for call in calls)
        else:
            silent = sum(call.rsid is None for call in calls)
        return cls(keys, len(calls) >= _ENOUGH and silent <= _SILENT_SHARE * len(calls))

    def frequency(self, call: VariantCall) -> float | None:
        """The highest population frequency stated for a call; None where none is."""
        return stated_frequency(call.info, self.keys) if self.keys else None

    def is_unseen(self, call: VariantCall) -> bool:
        """Whether silence says that the variant is in no catalogue."""
        if not self.silence_tells:
            return False
        return self.frequency(call) is None if self.keys else call.rsid is None


def population_keys(calls: Sequence[VariantCall]) -> frozenset[str]:
    """INFO keys of these calls that hold population frequencies.

    Plain `AF` counts where a fiftieth of its values is lower than any genotype of one sample allows.
    """
    keys: set[str] = set()
    plain = low = 0
    for call in calls:
        for key, value in call.info:
            if key == "AF":
                plain += 1
                low += any(0 <= v < _SAMPLE_FRACTION for v in _numbers(value))
            elif key not in keys and _POPULATION.search(key):
                keys.add(key)
    if plain and low >= _RARE_SHARE * plain:
        keys.add("AF")
    return frozenset(keys)


def stated_frequency(
    info: Sequence[tuple[str, str]] | Mapping[str, str], keys: frozenset[str]
) -> float | None:
    """The highest population frequency stated, 0..1; None where none is.

    Of several alleles in one record the rarest counts: which is whose is no longer known, and a variant is
    not to be lost for its neighbour's sake.
    """
    pairs = info.items() if isinstance(info, Mapping) else info
    stated = [min(numbers) for key, value in pairs if key in keys and (numbers := _numbers(value))]
    return max(stated, default=None)


def _numbers(text: str) -> list[float]:
    found = []
    for part in text.split(","):
        try:
            number = float(part)
        except ValueError:
            continue
        if 0 <= number <= 1:
            found.append(number)
    return found
