"""Which of a gene's diseases an assertion means, where dominant and recessive ones are curated.

A carrier of a recessive disease must not be told that a dominant disease of the same gene was found. ClinVar
names diseases in the submitters' words, curations in their own, so names are compared by their telling words,
then by the mode of inheritance that they state or that the catalogue gives them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from service.domain.gene import RECESSIVE_DOSAGE, GeneDisease, GeneKnowledge, Inheritance

_DOMINANT = frozenset({Inheritance.DOMINANT, Inheritance.SEMIDOMINANT})
# ClinGen's score of sufficient evidence that one lost copy causes disease.
_HAPLOINSUFFICIENT = 3
_MODE_WORDS = {"dominant": Inheritance.DOMINANT, "recessive": Inheritance.RECESSIVE}
# Words that tell no disease from another.
_EMPTY = frozenset(
    {
        "and", "autosomal", "complex", "condition", "congenital", "deficiency", "disease", "disorder",
        "dominant", "due", "early", "familial", "form", "gene", "genetic", "hemoglobin", "hereditary",
        "inborn", "inherited", "late", "loss", "not", "obsolete", "onset", "other", "provided", "rare",
        "recessive", "related", "severe", "spectrum", "specified", "susceptibility", "syndrome",
        "syndromic", "nonsyndromic", "the", "type", "variant", "with", "without",
    }
)  # fmt: skip
# One word for what two vocabularies name differently.
_SAME = {"deafness": "hearing", "neoplasm": "cancer", "tumor": "cancer", "carcinoma": "cancer"}


def diseases_meant(
    gene: GeneKnowledge, curated: Sequence[GeneDisease], conditions: Iterable[str]
) -> list[GeneDisease]:
    """The curated pairs that an assertion's conditions mean; `curated` holds no pair that they name exactly.

    All of them where no dominant and recessive disease stand side by side, where one affected copy of the
    gene is known to cause disease, and where no condition is named. Where the names do not tell which is
    meant, and the gene is known for its recessive disease, the dominant ones are of undetermined inheritance:
    one copy then makes no positive statement.
    """
    modes = {pair.inheritance for pair in curated}
    if not modes & _DOMINANT or Inheritance.RECESSIVE not in modes or _one_copy_suffices(gene):
        return list(curated)
    named = [name for name in conditions if name and not name.startswith("MONDO:")]
    if not named:
        return list(curated)
    meant = [pair for name in named for pair in _meant(gene, curated, name)]
    if meant:
        return [pair for pair in curated if pair in meant]
    if not _known_as_recessive(gene):
        return list(curated)
    others = [pair for pair in curated if pair.inheritance not in _DOMINANT]
    return others + [
        replace(pair, inheritance=Inheritance.UNDETERMINED, inheritance_term=None)
        for pair in curated
        if pair.inheritance in _DOMINANT
    ]


def _one_copy_suffices(gene: GeneKnowledge) -> bool:
    listed = any(row.inheritance in _DOMINANT for row in gene.secondary)
    return listed or gene.haploinsufficiency == _HAPLOINSUFFICIENT


def _known_as_recessive(gene: GeneKnowledge) -> bool:
    screened = gene.carrier is not None and gene.carrier.inheritance is Inheritance.RECESSIVE
    return screened or gene.haploinsufficiency == RECESSIVE_DOSAGE


def _meant(gene: GeneKnowledge, curated: Sequence[GeneDisease], name: str) -> list[GeneDisease]:
    """The pairs that one condition means; empty where it could mean either mode."""
    modes = _modes(gene, name)
    words = _words(name, gene.gene)
    scores = [(_likeness(words, _words(pair.disease, gene.gene)), pair) for pair in curated]
    best = max(score for score, _ in scores)
    alike = [pair for score, pair in scores if score == best] if best else list(curated)
    # A name without a mode means the disease whose name needs none: beta thalassaemia, not the dominant one.
    if not _stated(name):
        alike = [pair for pair in alike if not _stated(pair.disease)] or alike
    fitting = [pair for pair in alike if _group(pair.inheritance) in modes] or [
        pair for pair in curated if _group(pair.inheritance) in modes
    ]
    if modes:
        return fitting
    return alike if len({_group(pair.inheritance) for pair in alike}) == 1 else []


def _modes(gene: GeneKnowledge, name: str) -> set[Inheritance]:
    """Modes that the name states, else those of the catalogue's diseases of that name."""
    plain = _plain(name)
    return _stated(name) or {
        _group(pair.inheritance)
        for pair in gene.diseases
        if _plain(pair.disease) == plain and pair.inheritance is not Inheritance.UNDETERMINED
    }


def _stated(name: str) -> set[Inheritance]:
    return {mode for word, mode in _MODE_WORDS.items() if word in name.lower()}


def _group(mode: Inheritance) -> Inheritance:
    return Inheritance.DOMINANT if mode in _DOMINANT else mode


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def _words(name: str, symbol: str) -> frozenset[str]:
    """The telling words of a disease's name.

    >>> sorted(_words("obsolete sickle cell disease and related diseases", "HBB"))
    ['cell', 'sickle']
    >>> _words("beta-thalassaemia", "HBB") == _words("beta-thalassemia HBB/LCRB", "HBB")
    True
    """
    bare = re.sub(rf"\b{re.escape(symbol.lower())}(/\w+)?\b", " ", name.lower().replace("ae", "e"))
    found = {word.removesuffix("s") for word in re.findall(r"[a-z]{3,}", bare)}
    return frozenset(_SAME.get(word, word) for word in found) - _EMPTY


def _likeness(one: frozenset[str], two: frozenset[str]) -> float:
    return len(one & two) / len(one | two) if one & two else 0.0
