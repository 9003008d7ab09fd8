"""Diseases of several catalogues that MONDO holds for the same, and those that only MONDO lists."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from service.knowledge.phenotype_annotations import PhenotypeAnnotations, share_or_unstated


def equivalences(
    terms: Iterable[Mapping[str, str]], source: PhenotypeAnnotations
) -> tuple[dict[str, str], dict[str, str]]:
    """MONDO id by disease, and the one OMIM entry that equals an Orphanet entry.

    MONDO names an Orphanet entry at several terms at times, its subtypes for one: then only the term of the
    same name counts, and none where no name is the same.
    """
    claims: dict[str, list[tuple[str, str, tuple[str, ...]]]] = defaultdict(list)
    for term in terms:
        listed = term["xrefs"].split("|")
        references = [x for x in listed if x in source.annotated]
        omim = tuple(x for x in references if x.startswith("OMIM:")) or tuple(
            x for x in listed if x.startswith("OMIM:")
        )
        for reference in references:
            claims[reference].append((f"MONDO:{term['id']}", term["label"], omim))
    mondo: dict[str, str] = {}
    folded: dict[str, str] = {}
    for reference, found in claims.items():
        name = source.names[reference].casefold()
        chosen = found if len(found) == 1 else [c for c in found if c[1].casefold() == name]
        if len(chosen) == 1:
            mondo[reference] = chosen[0][0]
            if reference.startswith("ORPHA:") and len(chosen[0][2]) == 1:
                (into,) = chosen[0][2]
                folded[reference] = into
                # An OMIM entry that HPO has not annotated: what Orphanet says of the same disease is its own.
                mondo.setdefault(into, chosen[0][0])
                source.names.setdefault(into, chosen[0][1])
    return mondo, folded


def fold(source: PhenotypeAnnotations, folded: Mapping[str, str]) -> dict[str, list[str]]:
    """Take the annotations and genes of Orphanet entries into their OMIM equivalents; which went where."""
    equivalents: dict[str, list[str]] = defaultdict(list)
    for entry, into in sorted(folded.items()):
        own = source.annotated[into]
        for term, share in source.annotated.pop(entry).items():
            stated = own.get(term)
            # The larger share: a term that one source finds frequent is not made rare by another's silence.
            own[term] = share if term not in own else max((stated, share), key=share_or_unstated)
        source.denied[into] |= source.denied[entry]
        source.modes[into] |= source.modes[entry] if not source.modes[into] else set()
        source.genes[into] |= source.genes[entry] if not source.genes[into] else set()
        equivalents[into].append(entry)
    return equivalents


def unannotated(
    terms: Iterable[Mapping[str, str]],
    source: PhenotypeAnnotations,
    own: Collection[str],
    mondo: dict[str, str],
) -> list[str]:
    """OMIM entries that MONDO lists and HPO has not annotated, with their names and MONDO ids taken down."""
    found = []
    for term in terms:
        for reference in term["xrefs"].split("|"):
            if reference.startswith("OMIM:") and reference not in own and reference not in mondo:
                mondo[reference] = f"MONDO:{term['id']}"
                source.names.setdefault(reference, term["label"])
                found.append(reference)
    return found


def groups_of(terms: Iterable[Mapping[str, str]], mondo: Mapping[str, str]) -> dict[str, list[str]]:
    """The MONDO terms right above each disease."""
    above = {f"MONDO:{t['id']}": [f"MONDO:{p}" for p in t["parents"].split("|") if p] for t in terms}
    return {disease: above.get(identifier, []) for disease, identifier in mondo.items()}
