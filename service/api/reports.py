"""The report as a page: drawn from the stored Findings, nothing is recomputed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from service.api.auth import actor
from service.api.negotiation import PAGES, answers_with
from service.findings_document import read_archive

router = APIRouter(tags=["reports"], dependencies=[Depends(answers_with(PAGES))])
CONTENT_POLICY = "sandbox; frame-ancestors 'none'"


@router.get("/reports/{report_id}", response_class=HTMLResponse, summary="The clinician's report")
def report(report_id: str, request: Request, who: Annotated[str, Depends(actor)]) -> HTMLResponse:
    """The report of a stored result, by the id of its DiagnosticReport."""
    state = request.app.state
    result = state.store.results.owner("DiagnosticReport", report_id)
    page = state.genomeward.project("report", read_archive(result.findings), state.store.desk.state(result))
    state.store.record(who, "read-report", result.id, "success")
    return HTMLResponse(
        page, headers={"Content-Security-Policy": CONTENT_POLICY, "Cache-Control": "no-store"}
    )
