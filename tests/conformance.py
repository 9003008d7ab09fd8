"""The conformance checker, once a session, for every Bundle that a test makes on its way."""

import importlib.util
import json
import os
import re
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
    return module.Checker(module.PACKS, answers, True)


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
        shape = _INDIVIDUAL.sub("", json.dumps(document))
        checker = _checker()
        if shape in self.checked or checker is None:
            return
        self.checked.add(shape)
        errors, _ = checker.check(document)
        self.failures += [" ".join(map(str, error)) for error in errors]
