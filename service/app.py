"""The one composition root: settings in, application out."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme
from structlog.tracebacks import ExceptionDictTransformer

from service.clock import Clock
from service.jobs import Worker
from service.jobs.handlers import duties, handlers
from service.keys import Keys
from service.locales import Catalogues, install
from service.regulation import load_edition, load_policy
from service.settings import Settings
from service.storage.conflict_inbox import OpenFindings
from service.storage.migrate import migrate
from service.storage.residents import Residents
from service.storage.session import Database
from service.storage.settings import clock_of
from service.storage.signing import authority_of
from service.web.gate import after_request, before_request
from service.web.kept import Kept
from service.web.pages import environment
from service.web.problem_details import EXCEPTION_HANDLERS
from service.web.routes import ROUTES

MAX_BODY = 40 * 1024 * 1024


def create_app(settings: Settings, *, clock: Clock | None = None, worker: bool = True) -> Litestar:
    """Build the application.

    Args:
        settings: what the environment says.
        clock: the time; None takes the machine's, or the demonstration county's when the database holds one.
        worker: whether this process also works on jobs.
    """
    database = Database(settings.database_url)

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        await migrate(database)
        app.state.clock = clock or await clock_of(database)
        app.state.authority = await authority_of(
            database, app.state.secrets, county=settings.county, at=app.state.clock.now()
        )
        task = None
        if worker:
            work = Worker(
                database=database,
                settings=settings,
                clock=app.state.clock,
                handlers=handlers(app.state),
                duties=duties(app.state),
            )
            app.state.worker = work
            task = asyncio.create_task(work.run())
        try:
            yield
        finally:
            if task is not None:
                app.state.worker.stop()
                await task
            await database.close()

    configure_logging(settings)
    app = Litestar(
        route_handlers=ROUTES,
        before_request=before_request,
        after_request=after_request,
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[running],
        openapi_config=OpenAPIConfig(
            title="expertpool",
            version="0.1.0",
            summary="Expert library and panels for a county government's major administrative decisions",
            license=License(name="MIT", identifier="MIT"),
            path="/schema",
            use_handler_docstrings=True,
            components=Components(
                security_schemes={
                    "session": SecurityScheme(type="apiKey", name="session", security_scheme_in="cookie"),
                    "bearer": SecurityScheme(type="http", scheme="bearer"),
                }
            ),
            security=[{"bearer": []}, {"session": []}],
            render_plugins=[],
        ),
        request_max_body_size=MAX_BODY,
        logging_config=None,
        compression_config=CompressionConfig(backend="gzip", minimum_size=1024, gzip_compress_level=5),
    )
    app.state.settings = settings
    app.state.database = database
    app.state.secrets = Keys.at(settings.var / "secrets.toml")
    app.state.catalogues = install(Catalogues.load())
    app.state.edition = load_edition(settings.edition, issued_on=settings.edition_issued_on)
    app.state.shipped_policy = load_policy(settings.policy)
    app.state.residents = Residents()
    app.state.open_findings = OpenFindings()
    app.state.kept = Kept()
    app.state.templates = environment()
    return app


def configure_logging(settings: Settings) -> None:
    """Log JSON lines to standard error; codes and ids only, no personal data."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without locals: they hold what people typed, passwords and identity numbers included.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
