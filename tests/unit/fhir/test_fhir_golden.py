"""One whole Bundle, read by people and kept. `--update-golden` rewrites it: then read the difference."""

import json
from pathlib import Path

from service.fhir.bundle import bundle_bytes
from service.fhir.identity import ResourceIds
from tests.findings_builder import cyp2c19_poor_metabolizer_on_clopidogrel

GOLDEN = Path(__file__).parent / "golden" / "cyp2c19_poor_metabolizer_on_clopidogrel.json"


def test_the_bundle_of_a_poor_metabolizer(request):
    findings = cyp2c19_poor_metabolizer_on_clopidogrel()
    ids = ResourceIds(b"a key of at least sixteen bytes", findings.subject, findings.input_digest)
    actual = json.dumps(json.loads(bundle_bytes(findings, ids)), indent=1, ensure_ascii=False) + "\n"
    if request.config.getoption("--update-golden", default=False):
        GOLDEN.write_text(actual, encoding="utf-8")
    assert actual == GOLDEN.read_text(encoding="utf-8")
