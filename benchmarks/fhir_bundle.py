"""How long a Bundle of 5,000 resources takes, and reading it back. Run: python -m benchmarks.fhir_bundle."""

import sys
import time
from dataclasses import replace

import orjson

from service.domain.findings import Findings
from service.fhir.bundle import bundle, bundle_bytes
from service.fhir.identity import ResourceIds
from tests.findings_builder import BRCA1_185DELAG, CLOPIDOGREL_CPIC, CYP2C19_2, CYP2C19_POOR, HBOC, a_findings

RESOURCES = 5000
LIMIT_SECONDS = 0.5
RUNS = 5


def large_findings(resources: int = RESOURCES) -> Findings:
    """Findings whose Bundle has at least that many resources, a fifth of them pharmacogenomic."""
    variants = []
    for number in range(resources // 4):
        one = CYP2C19_2 if number % 3 else BRCA1_185DELAG
        spdi = f"NC_000017.11:{43_000_000 + number}:A:T"
        variants.append(replace(one, description=replace(one.description, spdi=spdi)))
    diagnoses = tuple(
        replace(HBOC, variants=(finding.description.spdi,)) for finding in variants if finding.classification
    )
    recommendations = tuple(replace(CLOPIDOGREL_CPIC, drug=f"drug {n}") for n in range(resources // 10))
    return a_findings(
        variants=tuple(variants),
        diagnoses=diagnoses,
        pharmacogenes=(CYP2C19_POOR,),
        recommendations=recommendations,
    )


def ids_of(findings: Findings) -> ResourceIds:
    """Fresh ids, as every request has."""
    return ResourceIds(b"a key for the benchmark", findings.subject, findings.input_digest)


def main() -> int:
    """Print the best of several runs beside the limit; 1 when the limit is exceeded."""
    findings = large_findings()
    built = bundle(findings, ids_of(findings))
    count = len(built["entry"])
    cpu = []
    for _ in range(RUNS):
        start = time.process_time()
        content = bundle_bytes(findings, ids_of(findings))
        cpu.append(time.process_time() - start)
    best = min(cpu)
    start = time.process_time()
    orjson.dumps(built)
    dump = time.process_time() - start
    print(
        f"bundle of {count} resources, {len(content) / 1e6:.1f} MB: {best:.3f} s CPU "
        f"(limit {LIMIT_SECONDS} s; {best / dump:.1f} times orjson alone)"
    )
    return int(count < RESOURCES or best > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
