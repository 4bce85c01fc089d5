"""Archive time stamps are renewed: once, behind what was signed, by the worker and from the command line."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from litestar import Litestar
from sqlalchemy import update

from service.cli.doctor import command as doctor
from service.cli.signatures import command as signatures
from service.jobs.handlers import duties
from service.jobs.stamps import RENEW_AFTER, renew_stamps
from service.settings import Settings
from service.storage.rows.review import SignedDocumentRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.signatures import document_bytes
from tests.service.conftest import MONDAY
from tests.service.review.house import Review

JUST_DUE = MONDAY + RENEW_AFTER + timedelta(seconds=1)


async def an_opinion(review: Review) -> UUID:
    await review.phones[0].give_opinion()
    return UUID((await review.opinions())["opinions"][0]["document_id"])


def run(group: object, settings: Settings, *arguments: str) -> Result:
    environment = {"EXPERTPOOL_VAR": str(settings.var), "EXPERTPOOL_DATABASE_URL": settings.database_url}
    return CliRunner().invoke(group, list(arguments), env=environment)  # type: ignore[arg-type]


async def held(database: Database, document_id: UUID) -> bytes:
    async with reading(database) as session:
        return (await document_bytes(session, document_id))[1]


@pytest.mark.rule("R32d")
async def test_document_gets_a_further_stamp_after_two_years_and_only_once(
    working: Review, app: Litestar, database: Database
) -> None:
    document_id = await an_opinion(working)
    signed = await held(database, document_id)

    early = await renew_stamps(database, app.state.authority, at=MONDAY + RENEW_AFTER)
    # Five undertakings and one opinion are due.
    due = await renew_stamps(database, app.state.authority, at=JUST_DUE)
    again = await renew_stamps(database, app.state.authority, at=JUST_DUE + timedelta(days=1))

    assert (early.done, due.done, again.done) == (0, 6, 0)
    renewed = await held(database, document_id)
    assert renewed.startswith(signed)
    assert len(renewed) > len(signed)
    await working.later(app, JUST_DUE + timedelta(days=2))
    assert (await working.opinions())["opinions"][0]["document_sha256"]


async def test_worker_renews_what_is_due_and_goes_past_what_cannot_be_stamped(
    working: Review, app: Litestar, database: Database
) -> None:
    document_id = await an_opinion(working)
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(
            update(SignedDocumentRow)
            .where(SignedDocumentRow.id == document_id)
            .values(pdf=b"no document any more", stamped_at=MONDAY - timedelta(days=1))
        )
    await working.later(app, JUST_DUE)
    (renewing,) = (duty for duty in duties(app.state) if duty.name == "renew archive time stamps")

    await renewing.do()

    left = await renew_stamps(database, app.state.authority, at=JUST_DUE)
    assert (left.done, left.unfit) == (0, (document_id,))


async def test_command_line_renews_all_and_the_doctor_says_what_nobody_renewed(
    working: Review, database: Database, settings: Settings
) -> None:
    await an_opinion(working)
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(update(SignedDocumentRow).values(stamped_at=MONDAY - timedelta(days=4000)))
    await database.close()

    before = await asyncio.to_thread(run, doctor, settings)
    done = await asyncio.to_thread(run, signatures, settings, "renew")
    after = await asyncio.to_thread(run, doctor, settings)

    assert (before.exit_code, "6 documents wait for a further time stamp" in before.stderr) == (3, True)
    assert (done.exit_code, done.stdout) == (0, "6 documents got a further time stamp.\n")
    assert (after.exit_code, after.stderr) == (0, "")
