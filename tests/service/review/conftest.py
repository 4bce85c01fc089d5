"""The county with its determined panel."""

from typing import Any

import pytest

from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit
from tests.service.library import Entry, a_library
from tests.service.review.house import Review, determined
from tests.service.test_panels import HYDRAULIC, LAWYERS, County


@pytest.fixture
async def review(signed_in: SignedIn, database: Database, settings: Settings) -> Review:
    """A review whose panel of five is determined and not yet invited."""
    unit_id = await a_unit(database)
    library = await a_library(
        database, [*HYDRAULIC, *LAWYERS, Entry("本局人", employer="县水利局")], units={"县水利局": unit_id}
    )
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    county = County(unit, center, library, unit_id, database, settings)
    return await determined(county, database, signed_in)


@pytest.fixture
async def invited(review: Review) -> Review:
    """The same after everybody was invited."""
    answer: Any = await review.invite()
    assert answer.status_code == 200, answer.text
    return review


@pytest.fixture
async def working(invited: Review) -> Review:
    """The same after everybody accepted, undertook and got the material."""
    for phone in invited.phones:
        assert (await phone.answer("accepted")).status_code == 200
        assert (await phone.undertake()).status_code == 200
    await invited.put_all()
    assert (await invited.send()).status_code == 200
    return invited
