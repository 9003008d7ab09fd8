"""What a disease may look like by its relatives: for diseases with few annotations of their own, or none.

Relatives are the diseases below the same MONDO term, and those of the same name but for a number ("Brugada
syndrome 1" and "Brugada syndrome 8"). A term that their profiles share is expected of the disease too.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

Profile = Mapping[int, float]
# A family larger than this is a class of diseases ("intellectual disability"), which says nothing.
LARGEST = 100
# Terms that the relatives have in a smaller share are not expected.
LEAST_SHARE = 0.1
_SHORTEST_NAME = 6
_NUMBERED = re.compile(r"(.*?),? (?:type )?(?:\d+[a-z]{0,2}|[ivx]+[a-z]?)\b.*")


def family_name(label: str) -> str:
    """The name that numbered diseases share, in lower case; empty where the label has no number.

    >>> family_name("Pulmonary hypertension, primary, 7"), family_name("Bethlem myopathy 1C")
    ('pulmonary hypertension, primary', 'bethlem myopathy')
    >>> family_name("Marfan syndrome")
    ''
    """
    found = _NUMBERED.fullmatch(re.sub(r"\(.*?\)", "", label.casefold()))
    name = found[1].strip(" ,") if found else ""
    return name if len(name) >= _SHORTEST_NAME else ""


def expected_terms(
    profiles: Mapping[str, Profile], labels: Mapping[str, str], groups: Mapping[str, Collection[str]]
) -> dict[str, dict[int, float]]:
    """Terms with their expected shares by disease, from its relatives alone; diseases without any are absent.

    `profiles` are the annotated diseases, `labels` the diseases asked about, `groups` the MONDO terms right
    above each. The share is the mean over a family; of several families the larger.
    """
    families: dict[str, set[str]] = defaultdict(set)
    keys_of: dict[str, list[str]] = {}
    for disease, label in labels.items():
        # Orphanet numbers no families.
        name = family_name(label) if disease.startswith("OMIM:") else ""
        keys_of[disease] = [*groups.get(disease, ()), *([name] if name else ())]
        if disease in profiles:
            for key in keys_of[disease]:
                families[key].add(disease)
    sums = {key: _sum([profiles[d] for d in sorted(members)]) for key, members in families.items()}
    expected: dict[str, dict[int, float]] = {}
    for disease, keys in keys_of.items():
        own = profiles.get(disease, {})
        found: dict[int, float] = {}
        for key in keys:
            relatives = len(families[key]) - (disease in profiles)
            if not 0 < relatives < LARGEST:
                continue
            for term, total in sums[key].items():
                share = (total - own.get(term, 0.0)) / relatives
                if share >= LEAST_SHARE and share > found.get(term, 0.0):
                    found[term] = share
        if found:
            expected[disease] = found
    return expected


def _sum(profiles: Sequence[Profile]) -> dict[int, float]:
    sums: dict[int, float] = defaultdict(float)
    for profile in profiles:
        for term, share in profile.items():
            sums[term] += share
    return sums
