"""One line of `genomeward classify`, read: what is asked, in the shapes that callers use."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.domain.assembly import Assembly
from service.domain.disease import Criterion
from service.domain.gene import Inheritance, parse_inheritance
from service.errors import InvalidInput
from service.raredisease.classify import Mode
from service.raredisease.evidence import DiseaseParameters
from service.raredisease.population import PopulationEvidence, parse_frequencies
from service.raredisease.scores import parse_scores
from service.raredisease.supplied import read_supplied

_ASSEMBLIES = {
    "grch38": Assembly.GRCH38, "hg38": Assembly.GRCH38, "38": Assembly.GRCH38, "b38": Assembly.GRCH38,
    "grch37": Assembly.GRCH37, "hg19": Assembly.GRCH37, "37": Assembly.GRCH37, "b37": Assembly.GRCH37,
}  # fmt: skip
KEYS = frozenset(
    (
        "variant",
        "assembly",
        "gene",
        "disease",
        "inheritance",
        "frequencies",
        "scores",
        "criteria",
        "criteria_mode",
        "mask_assertions",
        "disease_parameters",
    )
)
_PARAMETERS = ("prevalence", "penetrance", "allelic_heterogeneity", "genetic_heterogeneity")


@dataclass(frozen=True, slots=True)
class ClassifyRequest:
    """What one line asks. `criteria` is None where the key is absent, empty where it is present and empty."""

    variant: str
    assembly: Assembly = Assembly.GRCH38
    gene: str | None = None
    disease: str | None = None
    inheritance: Inheritance | None = None
    population: PopulationEvidence = field(default_factory=PopulationEvidence)
    scores: Mapping[str, float] = field(default_factory=dict)
    criteria: Mapping[str, Criterion] | None = None
    mode: Mode | None = None
    mask_assertions: bool = False
    disease_parameters: DiseaseParameters | None = None
    notes: tuple[str, ...] = ()
    # Sentences on supplied evidence that could not be used.
    lost: tuple[str, ...] = ()


def parse_request(line: str) -> ClassifyRequest:
    """The request of a JSON line, or of a bare variant notation.

    Raises:
        InvalidInput: no JSON object, no variant, or a criterion, mode or assembly that cannot be read.
    """
    text = line.strip()
    if not text.startswith(("{", "[", '"')):
        return ClassifyRequest(text)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"no JSON: {error.msg} at character {error.pos}") from None
    if isinstance(document, str):
        return ClassifyRequest(document)
    if not isinstance(document, dict):
        raise InvalidInput("a line is a JSON object with the key variant")
    return request_of(document)


def request_of(document: Mapping[str, Any]) -> ClassifyRequest:
    """The request that an object states. Raises InvalidInput as `parse_request`."""
    variant = document.get("variant")
    if not isinstance(variant, str) or not variant.strip():
        raise InvalidInput("a line needs the key variant, such as 12-102917130-T-C")
    notes: list[str] = []
    unknown = sorted(str(key)[:40] for key in document if key not in KEYS)
    if unknown:
        notes.append(f"not understood and not used: {', '.join(unknown)}")
    scores = parse_scores(document.get("scores"))
    population = parse_frequencies(document.get("frequencies"))
    stated = document.get("criteria")
    supplied = read_supplied(stated)
    return ClassifyRequest(
        variant=variant.strip(),
        assembly=_assembly(document.get("assembly")),
        gene=_text(document.get("gene"), ("symbol", "name", "label")),
        disease=_text(document.get("disease"), ("id", "mondo", "label", "name")),
        inheritance=_inheritance(document.get("inheritance"), notes),
        population=population,
        scores=scores.values,
        criteria=None if stated is None else supplied.criteria,
        mode=_mode(document.get("criteria_mode")),
        mask_assertions=_truth(document.get("mask_assertions")),
        disease_parameters=_parameters(document.get("disease_parameters"), notes),
        notes=(*notes, *supplied.lost, *supplied.notes, *scores.lost, *scores.notes, *population.notes),
        lost=(*supplied.lost, *scores.lost),
    )


def _assembly(stated: Any) -> Assembly:
    if stated in (None, ""):
        return Assembly.GRCH38
    found = _ASSEMBLIES.get(str(stated).strip().lower().split(".")[0])
    if found is None:
        raise InvalidInput(f"read the assembly {str(stated)[:20]!r}; expected GRCh38 or GRCh37")
    return found


def _text(stated: Any, keys: tuple[str, ...]) -> str | None:
    if isinstance(stated, Mapping):
        stated = next((stated[key] for key in keys if stated.get(key)), None)
    return stated.strip() or None if isinstance(stated, str) else None


def _inheritance(stated: Any, notes: list[str]) -> Inheritance | None:
    """The mode; None for none, several, or one that is not understood (which is noted)."""
    if isinstance(stated, Mapping):
        stated = stated.get("id") or stated.get("label")
    entries = stated if isinstance(stated, list | tuple) else [stated]
    words = [str(entry).strip() for entry in entries if entry not in (None, "")]
    modes = set()
    for word in words:
        mode = parse_inheritance(word)
        if mode is None or mode is Inheritance.UNDETERMINED:
            if word.lower() not in ("unknown", "undetermined", "ud", "other"):
                notes.append(f"the inheritance {word[:40]!r} was not understood")
        else:
            modes.add(mode)
    return modes.pop() if len(modes) == 1 else None


def _mode(stated: Any) -> Mode | None:
    if stated in (None, ""):
        return None
    try:
        return Mode(str(stated).strip().lower())
    except ValueError:
        raise InvalidInput(f"read the criteria_mode {str(stated)[:20]!r}; expected only or add") from None


def _truth(stated: Any) -> bool:
    return stated is True or (isinstance(stated, str) and stated.strip().lower() in ("true", "yes", "1"))


def _parameters(stated: Any, notes: list[str]) -> DiseaseParameters | None:
    if stated is None:
        return None
    try:
        values = {name: float(stated[name]) for name in _PARAMETERS if stated.get(name) is not None}
        if not all(0 < value <= 1 for value in values.values()):
            raise ValueError("fractions above 0 and up to 1")
        return DiseaseParameters(**values)
    except (AttributeError, TypeError, ValueError):
        notes.append("disease_parameters need prevalence and penetrance as fractions; they were not used")
        return None
