"""The application: routers, handlers, and what they share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service import __version__
from service.api import errors, health, interpret, read, release, reports
from service.api.head import HeadAsGet
from service.api.memory import Memory
from service.api.request_log import RequestLog
from service.bootstrap import open_genomeward
from service.fhir.capability import capability_bytes
from service.settings import Settings
from service.store.database import open_engine, sqlite_url

DESCRIPTION = """Clinical decision support for personalised medicine: a patient's variants in, HL7 FHIR
Genomics Reporting resources and a readable report out. Errors are OperationOutcomes."""


def create_app(settings: Settings) -> FastAPI:
    """The service; knowledge base and database open when it starts and close when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = open_engine(settings.database_url or sqlite_url(settings.state))
        with open_genomeward(settings) as genomeward:
            app.state.genomeward = genomeward
            app.state.store = Memory(engine)
            app.state.capability = capability_bytes(
                genomeward.knowledge_release, resources=dict.fromkeys(read.READABLE, ("read",))
            )
            genomeward.watch_sources()
            yield
        engine.dispose()

    # No browsable documentation: those pages load scripts from elsewhere. `openapi/` holds the document.
    app = FastAPI(
        title="genomeward",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.add_middleware(HeadAsGet)
    errors.install(app)
    app.add_middleware(RequestLog)
    for module in (interpret, read, release, reports, health):
        app.include_router(module.router)
    return app
