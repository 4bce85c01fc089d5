"""The county with its determined panel, and how far its review has come."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit
from tests.service.library import Entry, a_library
from tests.service.review.house import Review, determined
from tests.service.review.kept import Kept, embedded, keep
from tests.service.test_panels import HYDRAULIC, LAWYERS, County

STAGES = ("review", "invited", "accepted", "working", "signed", "closed")
"""How far a review can have come; a test asks for the last that it needs."""


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kept]:
    """What was kept so far in this run."""
    return {}


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> str:
    """The last stage that this test asks for."""
    return next((name for name in reversed(STAGES) if name in request.fixturenames), "")


@pytest.fixture
def settings(settings: Settings, stage: str, stages: dict[str, Kept]) -> Settings:
    """An installation in which the review has come as far as an earlier test brought it."""
    if stage in stages and embedded(settings):
        stages[stage].put_back(settings)
    return settings


Brought = Callable[[str, Callable[[], Awaitable[Review]]], Awaitable[Review]]


@pytest.fixture
async def brought(
    app: Litestar,
    database: Database,
    settings: Settings,
    stage: str,
    stages: dict[str, Kept],
    tmp_path_factory: pytest.TempPathFactory,
) -> Brought:
    """Return what brings a review to a stage: from what was kept, or by doing it."""
    held = stages.get(stage) if embedded(settings) else None
    back = held.on(app, database, settings) if held else None

    async def bring(name: str, do: Callable[[], Awaitable[Review]]) -> Review:
        if back is not None:
            return back
        review = await do()
        if name == stage and embedded(settings):
            folder: Path = tmp_path_factory.mktemp(name)
            stages[name] = keep(review, settings, folder)
        return review

    return bring


@pytest.fixture
async def review(brought: Brought, signed_in: SignedIn, database: Database, settings: Settings) -> Review:
    """A review whose panel of five is determined and not yet invited."""

    async def do() -> Review:
        unit_id = await a_unit(database)
        library = await a_library(
            database, [*HYDRAULIC, *LAWYERS, Entry("本局人", employer="县水利局")], units={"县水利局": unit_id}
        )
        unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
        county = County(unit, center, library, unit_id, database, settings)
        return await determined(county, database, signed_in)

    return await brought("review", do)


@pytest.fixture
async def invited(brought: Brought, review: Review) -> Review:
    """The same after everybody was invited."""

    async def do() -> Review:
        answer: Any = await review.invite()
        assert answer.status_code == 200, answer.text
        return review

    return await brought("invited", do)


@pytest.fixture
async def accepted(brought: Brought, invited: Review) -> Review:
    """The same after everybody accepted."""

    async def do() -> Review:
        for phone in invited.phones:
            assert (await phone.answer("accepted")).status_code == 200
        return invited

    return await brought("accepted", do)


@pytest.fixture
async def working(brought: Brought, accepted: Review) -> Review:
    """The same after everybody undertook and got the material."""

    async def do() -> Review:
        for phone in accepted.phones:
            assert (await phone.undertake()).status_code == 200
        await accepted.put_all()
        assert (await accepted.send()).status_code == 200
        return accepted

    return await brought("working", do)


@pytest.fixture
async def signed(brought: Brought, working: Review) -> Review:
    """The same after everybody signed an opinion of two points."""

    async def do() -> Review:
        for phone in working.phones:
            answer = await phone.give_opinion()
            assert answer.status_code == 200, answer.text
        return working

    return await brought("signed", do)


@pytest.fixture
async def closed(brought: Brought, signed: Review) -> Review:
    """The same after the center stated that the opinions are in."""

    async def do() -> Review:
        answer = await signed.post("opinions/close", {})
        assert answer.status_code == 200, answer.text
        return signed

    return await brought("closed", do)
