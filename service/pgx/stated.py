"""What an outside call states beside its alleles: phenotype, allele statuses, activity score."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from service.domain.pgx import OutsideCall
from service.errors import InvalidOption
from service.pgx.phenotype import INDETERMINATE, Phenotypes
from service.pgx.scores import normalized_score

# What callers write where they made no call, in lower case.
NO_CALLS = frozenset(
    (
        *("", ".", "./.", ".|.", "?", "?/?", "*?/*?", "-", "-/-", "none", "none/none", "n/a", "na"),
        *("unknown", "unknown/unknown", "no call", "no_call", "nocall", "no result", "indeterminate"),
    )
)
Reader = Callable[[str, Phenotypes], str]
_ABBREVIATIONS = {
    "pm": "poor metabolizer",
    "im": "intermediate metabolizer",
    "nm": "normal metabolizer",
    "em": "normal metabolizer",
    "rm": "rapid metabolizer",
    "um": "ultrarapid metabolizer",
    "pf": "poor function",
    "df": "decreased function",
    "nf": "normal function",
    "if": "increased function",
}
# Earlier and other terms. Extensive: renamed Normal by CPIC's consensus terms 2016 (doi:10.1038/gim.2016.87).
_OTHER_TERMS = (
    ("metaboliser", "metabolizer"),
    ("ultra rapid", "ultrarapid"),
    ("extensive metabolizer", "normal metabolizer"),
    ("slow acetylator", "poor metabolizer"),
    ("acetylator", "metabolizer"),
    ("transporter function", "function"),
)
_SIGNS = re.compile(r"[\s_-]+")
_LABEL = re.compile(r"\s*\([^()]*\)\Z")
_KINDS = ("", " metabolizer", " function")
# `1.5` with what people write around it: `AS 1.5`, `1,5`.
_WRITTEN_SCORE = re.compile(r"(?:AS|activity score)?\s*[:=]?\s*(?P<score>(?:≥|>=)?\s*\d+(?:[.,]\d+)?)", re.I)
_SCORE_IN_LABEL = re.compile(
    r"\((?:AS|activity score)\s*[:=]?\s*(?P<score>(?:≥|>=)?\s*\d+(?:[.,]\d+)?)\)\Z", re.I
)

_HLA = r"(?:hla[- _]?)?(?P<locus>[ab])?\s*\*?\s*(?P<allele>\d{2,3}:\d{2,3})(?::\d+)*[GP]?"
_POSITIVE = r"positive|pos|present|detected|carrier|\+"
_NEGATIVE = r"negative|neg|absent|not[ _]detected|not[ _]present|non[ -]?carrier|-"
_WORD = rf"(?:(?P<negative>{_NEGATIVE})|(?P<positive>{_POSITIVE}))"
_STATUSES = (
    re.compile(rf"{_HLA}\s*[:=]?\s*(?:is\s+)?{_WORD}", re.IGNORECASE),
    re.compile(rf"{_WORD}\s+(?:for\s+)?{_HLA}", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Stated:
    """In the tables' words; `unread` says what was expected in place of something else."""

    phenotype: str | None
    activity_score: str | None
    unread: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing that could be looked up."""
        return self.phenotype is None and self.activity_score is None


def stated(call: OutsideCall, tables: Phenotypes) -> Stated:
    """What a call states beside its alleles. A result nobody can look up must not read as "no guidance"."""
    found: dict[Reader, str] = {}
    unread: list[str] = []
    score = call.activity_score or _score_beside(call.phenotype, tables)
    for text, read in ((call.phenotype, _phenotype), (score, _score)):
        try:
            if text is not None and not _says_nothing(text):
                found[read] = read(text.strip(), tables)
        except InvalidOption as error:
            unread.append(error.message)
    return Stated(found.get(_phenotype), found.get(_score), tuple(unread))


def in_its_place(call: OutsideCall, tables: Phenotypes) -> OutsideCall:
    """The call with a phenotype or allele status moved out of the column of diplotypes."""
    text = (call.diplotype or "").strip()
    if call.phenotype or "/" in text or text.casefold() in NO_CALLS or not tables.known_phenotypes:
        return call
    try:
        return replace(call, diplotype=None, phenotype=_phenotype(text, tables))
    except InvalidOption:
        return call


def _score_beside(phenotype: str | None, tables: Phenotypes) -> str | None:
    """The score in `Intermediate Metabolizer (AS 1.5)`: which row applies may hang on it."""
    match = _SCORE_IN_LABEL.search(phenotype or "")
    return match["score"] if match and tables.definition.activity_score else None


def _says_nothing(text: str) -> bool:
    words = text.strip().casefold()
    return words in NO_CALLS and words != INDETERMINATE.casefold()


def _score(text: str, tables: Phenotypes) -> str:
    gene = tables.definition.gene
    if not tables.definition.activity_score:
        raise InvalidOption(f"{gene} is not judged by activity score")
    match = _WRITTEN_SCORE.fullmatch(text)
    score = normalized_score(match["score"].replace(",", ".")) if match else None
    if score is None:
        raise InvalidOption(f"expected an activity score of {gene} such as 1.5 or ≥3.0")
    return score


def _phenotype(text: str, tables: Phenotypes) -> str:
    """In the tables' words; genes without phenotypes there take any text."""
    gene = tables.definition.gene
    if tables.definition.presence_alleles:
        return _statuses(text, gene)
    own = tables.known_phenotypes
    if not own:
        return text
    by_words = {_words(name): name for name in (*own, INDETERMINATE)}
    for words in _readings(text, gene):
        if words in by_words:
            return by_words[words]
    raise InvalidOption(f"expected a phenotype of {gene}: {', '.join(own)}")


def _words(text: str) -> str:
    return _SIGNS.sub(" ", text.casefold()).strip()


def _readings(text: str, gene: str) -> Iterable[str]:
    """What a text may stand for, plainest first."""
    words = _words(_LABEL.sub("", text)).removeprefix(_words(gene)).strip(" :")
    yield words
    for term, ours in _OTHER_TERMS:
        words = words.replace(term, ours)
    # `gPM` is a phenotype predicted from the genotype.
    words = _ABBREVIATIONS.get(words) or _ABBREVIATIONS.get(words.removeprefix("g")) or words
    yield from (words + kind for kind in _KINDS)


def _statuses(text: str, gene: str) -> str:
    found: dict[str, str] = {}
    for part in re.split(r"[;,]", text):
        match = next((m for pattern in _STATUSES if (m := pattern.fullmatch(part.strip()))), None)
        locus = match["locus"] if match else None
        if match is None or (locus and not gene.endswith(locus.upper())):
            raise InvalidOption(f"expected statuses of {gene} such as *57:01 positive or *57:01 negative")
        allele, status = f"*{match['allele']}", "positive" if match["positive"] else "negative"
        if found.setdefault(allele, status) != status:
            raise InvalidOption(f"expected one status per allele of {gene}")
    return ", ".join(f"{allele} {found[allele]}" for allele in sorted(found))
