"""One row per sample for the people who look over a run."""

import csv
import io
from collections.abc import Iterable, Mapping

from service.domain.disease import Diagnosis
from service.domain.findings import Findings
from service.domain.pgx import CallStatus, PharmacogeneCall, Recommendation

COLUMNS = (
    "sample_id",
    "status",
    "assembly",
    "pharmacogenes",
    "ambiguous",
    "not_called",
    "actions",
    "variants",
    "statements",
    "silent_sources",
    "warnings",
    "knowledge_release",
)
FAILURE_COLUMNS = ("sample_id", "line", "error")
ACTIONABLE = ("avoid", "use-alternative", "reduce-dose", "increase-dose", "monitor")


def call_text(call: PharmacogeneCall) -> str:
    """What was found of one gene, on one line: all diplotypes that fit, or the haplotypes."""
    if call.diplotypes:
        return " or ".join(diplotype.name for diplotype in call.diplotypes)
    return " + ".join(call.haplotypes) if call.haplotypes else call.status.value


def _action(recommendation: Recommendation) -> str:
    possible = " (possible)" if recommendation.possible else ""
    return f"{recommendation.drug}: {recommendation.action}{possible}"


def _statement(diagnosis: Diagnosis, read: float | None) -> str:
    """The statement in a word; a negative one never without how much of the gene was read."""
    said = f"{diagnosis.gene}: {diagnosis.statement}"
    if diagnosis.statement != "negative":
        return said
    return f"{said} ({'what was read is not stated' if read is None else f'{read:.1%} read'})"


def summary_row(sample_id: str, findings: Findings) -> dict[str, str]:
    """The summary of one sample's Findings; consent has been applied before."""
    calls = findings.pharmacogenes
    answered = (CallStatus.CALLED, CallStatus.AMBIGUOUS, CallStatus.OUTSIDE_CALL)
    genes = {call.gene for call in calls}
    read = {gene.gene: gene.fraction for gene in findings.scope.genes_assessed}
    warnings = [
        f"{issue.where}: {issue.text}" if issue.where in genes else issue.text
        for issue in findings.issues
        if issue.severity != "information"
    ]
    return {
        "sample_id": sample_id,
        "status": "done",
        "assembly": findings.assembly,
        "pharmacogenes": "; ".join(f"{c.gene} {call_text(c)}" for c in calls if c.status in answered),
        "ambiguous": "; ".join(c.gene for c in calls if c.status is CallStatus.AMBIGUOUS),
        "not_called": "; ".join(f"{c.gene} {c.status.value}" for c in calls if c.status not in answered),
        "actions": "; ".join(
            sorted({_action(r) for r in findings.recommendations if r.action in ACTIONABLE})
        ),
        "variants": str(len(findings.variants)),
        "statements": "; ".join(_statement(d, read.get(d.gene)) for d in findings.diagnoses),
        "silent_sources": "; ".join(s.name for s in findings.sources if s.outcome in ("failed", "partial")),
        "warnings": "; ".join(warnings),
        "knowledge_release": findings.knowledge_release,
    }


def table(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Tab-separated rows under a header; tabs and line ends inside cells become spaces."""
    names = list(columns)
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, escapechar="\\")
    writer.writerow(names)
    for row in rows:
        writer.writerow([" ".join(row.get(name, "").split()) for name in names])
    return out.getvalue().encode()
