"""Is it alive, is it ready."""

from fastapi import APIRouter, Request, Response

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="The process answers")
def live() -> dict[str, str]:
    """Always answers while the process runs."""
    return {"status": "live"}


@router.get("/ready", summary="Knowledge base and database can be used")
def ready(request: Request, response: Response) -> dict[str, str]:
    """503 until the knowledge base is loaded and the database answers."""
    state = request.app.state
    database = "ready" if state.store.answers_queries() else "unavailable"
    if database != "ready":
        response.status_code = 503
    return {
        "status": "ready" if database == "ready" else "not ready",
        "database": database,
        "knowledge_release": state.genomeward.knowledge_release,
    }
