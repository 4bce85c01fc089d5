"""The one composition root: settings in, application out."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
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
    app = bare_app()
    furnish(app, settings, clock=clock, worker=worker)
    return app


def bare_app() -> Litestar:
    """Build what is the same for every installation: routes, catalogues, templates. This takes most of the time."""
    app = Litestar(
        route_handlers=ROUTES,
        before_request=before_request,
        after_request=after_request,
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[_running],
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
    app.state.catalogues = install(Catalogues.load())
    app.state.templates = environment()
    return app


def furnish(app: Litestar, settings: Settings, *, clock: Clock | None, worker: bool) -> None:
    """Give the application what belongs to one installation, in place of whatever it held; it must not be running."""
    configure_logging(settings)
    app.state = State(
        {
            "catalogues": app.state.catalogues,
            "templates": app.state.templates,
            "settings": settings,
            "database": Database(settings.database_url),
            "secrets": Keys.at(settings.var / "secrets.toml"),
            "edition": load_edition(settings.edition, issued_on=settings.edition_issued_on),
            "shipped_policy": load_policy(settings.policy),
            "residents": Residents(),
            "open_findings": OpenFindings(),
            "kept": Kept(),
            "clock": clock,
            "works": worker,
        }
    )


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Bring the database up to date, and work on jobs while requests are served."""
    state = app.state
    await migrate(state.database)
    state.clock = state.clock or await clock_of(state.database)
    state.authority = await authority_of(
        state.database, state.secrets, county=state.settings.county, at=state.clock.now()
    )
    work = task = None
    if state.works:
        work = Worker(
            database=state.database,
            settings=state.settings,
            clock=state.clock,
            handlers=handlers(state),
            duties=duties(state),
        )
        task = asyncio.create_task(work.run())
    try:
        yield
    finally:
        if work is not None and task is not None:
            work.stop()
            await task
        await state.database.close()


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
