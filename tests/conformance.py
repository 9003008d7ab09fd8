"""The conformance checker, once a session, for every Bundle that a test makes on its way."""

import importlib.util
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

# What differs between two Bundles that say the same of two people: ids and times.
_INDIVIDUAL = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)"
)


@cache
def _checker() -> Any:
    """Errors of a resource; None where the material or its interpreter of invariants is not installed."""
    folder = Path(os.environ.get("GENOMEWARD_SHARED", "../shared")) / "conformance"
    if not (folder / "check_gr.py").is_file() or importlib.util.find_spec("fhirpathpy") is None:
        return None
    spec = importlib.util.spec_from_file_location("check_gr", folder / "check_gr.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    answers = json.loads((Path(module.HERE) / "loinc_answers.json").read_text())
    return remembering(module.Checker)(module.PACKS, answers, True)


def remembering(checker: Any) -> Any:
    """The class of checkers that pass over a resource in a Bundle when one that says the same was right.

    Most resources of two Bundles are the same but for ids and times, and invariants are slow.
    """

    class Remembering(checker):  # type: ignore[misc]
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self._right: set[tuple[Any, ...]] = set()
            self._wrong = False

        def e(self, *error: Any) -> None:
            self._wrong = True
            super().e(*error)

        def resource(self, r: Any, path: str, extra: Any = ()) -> None:
            if not isinstance(r, dict) or r.get("resourceType") == "Bundle":
                return super().resource(r, path, extra)
            said = (_INDIVIDUAL.sub("", json.dumps(r)), tuple(extra), *_targets(r, self.pool))
            if said in self._right:
                return None
            before, self._wrong = self._wrong, False
            super().resource(r, path, extra)
            if not self._wrong:
                self._right.add(said)
            self._wrong = before or self._wrong
            return None

    return Remembering


def _targets(value: Any, pool: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Type and profiles of what each reference of a resource leads to, in order; they are checked with it."""
    if isinstance(value, list):
        for item in value:
            yield from _targets(item, pool)
    elif isinstance(value, dict):
        if isinstance(reference := value.get("reference"), str):
            target = pool.get(reference) or {}
            yield target.get("resourceType"), *(target.get("meta") or {}).get("profile", ())
        for item in value.values():
            yield from _targets(item, pool)


class ConformanceRecord:
    """Every Bundle, report and Observation seen; each kind of Bundle is checked once."""

    def __init__(self) -> None:
        self.checked: set[str] = set()
        self.failures: list[str] = []

    def see(self, content: bytes) -> None:
        """Check a document where it is a FHIR resource that was not seen before."""
        if b'"resourceType"' not in content[:400] and b'"resourceType"' not in content[-400:]:
            return
        try:
            document = json.loads(content)
        except ValueError:
            return
        if not isinstance(document, dict) or document.get("resourceType") not in (
            "Bundle",
            "DiagnosticReport",
        ):
            return
        numbers: dict[str, str] = {}
        # The same id stays the same: what refers to another resource says something else.
        shape = _INDIVIDUAL.sub(lambda m: numbers.setdefault(m[0], str(len(numbers))), json.dumps(document))
        checker = _checker()
        if shape in self.checked or checker is None:
            return
        self.checked.add(shape)
        errors, _ = checker.check(document)
        self.failures += [" ".join(map(str, error)) for error in errors]
