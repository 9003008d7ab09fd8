"""HPO ids as people write them -> terms of the current release."""

import re
from collections.abc import Iterable, Iterator

from service.domain.ontology import PhenotypeOntology
from service.domain.phenotype import PhenotypeQuery, PhenotypeTerms

_ID = re.compile(r"(?:https?://\S+/)?HP[:_](\d{7})", re.IGNORECASE)


def hpo_number(text: str) -> int | None:
    """The number in an HPO id or its address; None when it is neither.

    >>> hpo_number("HP:0001250"), hpo_number("http://purl.obolibrary.org/obo/HP_0001250"), hpo_number("HP:12")
    (1250, 1250, None)
    """
    found = _ID.fullmatch(text.strip())
    return int(found[1]) if found else None


def hpo_id(number: int) -> str:
    """The CURIE of an HPO number."""
    return f"HP:{number:07d}"


def read_terms(query: PhenotypeQuery, ontology: PhenotypeOntology) -> PhenotypeTerms:
    """The query's terms, retired ids replaced; what cannot be used is said with its reason.

    Only terms below Phenotypic abnormality are used: modes of inheritance, onsets and modifiers describe no
    finding. A term that is both observed and excluded is used as neither.
    """
    replaced: dict[str, str] = {}
    ignored: dict[str, str] = {}

    def indices(ids: Iterable[str]) -> Iterator[int]:
        for text in ids:
            found = _current(text, ontology)
            if isinstance(found, str):
                ignored[text] = found
                continue
            index, retired = found
            if not ontology.abnormalities[index]:
                ignored[text] = "not a phenotypic abnormality"
                continue
            if ontology.information[index] <= 0:
                ignored[text] = "every disease has it"
                continue
            if retired:
                replaced[text] = hpo_id(ontology.term_numbers[index])
            yield index

    observed, excluded = set(indices(query.observed)), set(indices(query.excluded))
    for index in observed & excluded:
        ignored[hpo_id(ontology.term_numbers[index])] = "stated both as observed and as excluded"
    return PhenotypeTerms(
        observed=tuple(sorted(observed - excluded)),
        excluded=tuple(sorted(excluded - observed)),
        replaced=tuple(sorted(replaced.items())),
        ignored=tuple(sorted(ignored.items())),
    )


def _current(text: str, ontology: PhenotypeOntology) -> tuple[int, bool] | str:
    """Index of the current term and whether the id was retired; else the reason why there is none."""
    number = hpo_number(text)
    if number is None:
        return "not an HPO id"
    index = ontology.term_index(number)
    if index is not None:
        return index, False
    replacement = ontology.replacement(number)
    if replacement is None:
        return f"not in HPO {ontology.version}"
    index = ontology.term_index(replacement) if replacement >= 0 else None
    return (index, True) if index is not None else "obsolete, and nothing replaces it"
