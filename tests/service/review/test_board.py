"""The board of the first page: what presses in the running reviews, each row with its one next act."""

from datetime import UTC, datetime, timedelta

import pytest
from litestar import Litestar
from sqlalchemy import update

from service.storage.rows.declarations import DeclarationRow
from service.storage.session import Database, unit_of_work
from tests.service.conftest import MONDAY
from tests.service.review.house import REASON, Review

DAY = timedelta(days=1)
DUE = datetime(2026, 9, 20, 1, 0, tzinfo=UTC)  # a Sunday on which people work


async def board(review: Review, *, by: object = None) -> list[tuple[str, str, str]]:
    """Return group, code and address of what waits in the review, in order."""
    client = by or review.center
    home = f"/matters/{review.matter}"
    tasks = (await client.get("/api/today")).json()  # type: ignore[attr-defined]
    return [
        (task["group"], task["code"], task["href"].removeprefix(home))
        for task in tasks
        if review.matter in task["href"] and not task["code"].startswith("TASK_DECLARE")
    ]


async def test_determined_panel_waits_for_its_invitations(review: Review) -> None:
    assert await board(review) == [("other", "TASK_INVITE", "/review")]


async def test_panels_left_long_without_invitations_are_told_in_one_line(review: Review, app: Litestar) -> None:
    await review.later(app, MONDAY + 30 * DAY)
    on_the_last_day = await board(review)
    await review.later(app, MONDAY + 31 * DAY)

    assert on_the_last_day == [("other", "TASK_INVITE", "/review")]
    assert await board(review) == []
    told = [task for task in (await review.center.get("/api/today")).json() if task["code"] == "TASK_INVITE_RESTING"]
    assert [(task["says"], task["href"]) for task in told] == [
        ("1 个专家组确定已超过 30 天，还没有在这里邀请专家", "/matters?state=determined")
    ]


async def test_board_says_what_is_due_and_who_is_silent(invited: Review, app: Litestar) -> None:
    await invited.later(app, MONDAY + 3 * DAY)
    on_the_day = await board(invited)
    for phone in invited.phones[1:]:
        await phone.answer("accepted")
    await invited.later(app, MONDAY + 4 * DAY)
    after = await board(invited)

    several = f"/reminders?matter={invited.matter}"
    assert on_the_day == [("today", "TASK_ANSWERS_TODAY", several)]
    assert after == [
        ("unanswered", "TASK_UNANSWERED", f"/review/experts/{invited.phones[0].expert_id}"),
        ("unanswered", "TASK_UNDERTAKING_MISSING", several),
        ("other", "TASK_UNIT_SENDS_MATERIAL", "/review"),
    ]
    assert await board(invited, by=invited.unit) == [("other", "TASK_SEND_MATERIAL", "/review#material")]


@pytest.mark.rule("R31a")
async def test_panel_that_cannot_reach_its_floor_is_a_shortfall(invited: Review) -> None:
    leaver = invited.phones[0]
    await leaver.answer("recused", "kin")

    waiting = [row for row in await board(invited) if row[0] == "shortfall"]

    assert waiting == [("shortfall", "TASK_SHORTFALL", f"/review/experts/{leaver.expert_id}")]


@pytest.mark.rule("R28a")
async def test_overdue_opinions_come_first_and_the_last_one_leads_to_closing(working: Review, app: Litestar) -> None:
    late, *others = working.phones
    for phone in others:
        await phone.give_opinion()
    await working.later(app, DUE)
    on_the_day = await board(working)
    await working.later(app, DUE + DAY)
    overdue = await board(working)
    await late.give_opinion()
    complete = await board(working)
    await working.post("opinions/close", {"reason": REASON})

    card = f"/review/experts/{late.expert_id}"
    assert on_the_day == [("today", "TASK_OPINIONS_TODAY", card)]
    assert overdue == [("overdue", "TASK_OPINIONS_LATE", card)]
    assert complete == [("other", "TASK_CLOSE_OPINIONS", "/review/opinions")]
    assert await board(working) == [("other", "TASK_UNIT_ANSWERS_POINTS", "/review/opinions")]
    assert await board(working, by=working.unit) == [("other", "TASK_ANSWER_POINTS", "/review/opinions")]


async def test_expert_at_work_without_a_valid_yearly_declaration_is_told_of(
    working: Review, database: Database
) -> None:
    before = [task["code"] for task in (await working.center.get("/api/today")).json()]
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(update(DeclarationRow).values(made_on=datetime(2025, 1, 1, tzinfo=UTC).date()))

    after = {task["code"]: task for task in (await working.center.get("/api/today")).json()}

    assert "TASK_DECLARATIONS_STALE" not in before
    assert (after["TASK_DECLARATIONS_STALE"]["group"], after["TASK_DECLARATIONS_STALE"]["href"]) == (
        "stale",
        "/declarations",
    )
    assert "5 位专家" in after["TASK_DECLARATIONS_STALE"]["says"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_first_page_shows_the_groups(working: Review, app: Litestar, language: str) -> None:
    await working.later(app, DUE + DAY)
    working.center.headers["Accept-Language"] = language

    page = await working.center.get("/")

    assert ("逾期" if language == "zh-CN" else "Late") in page.text
    assert "〔" not in page.text
