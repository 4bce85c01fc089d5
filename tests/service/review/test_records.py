"""What a review came to stands in the record of every expert, and nobody types it."""

from datetime import UTC, datetime

import pytest
from litestar import Litestar

from service.storage.session import Database
from tests.service.differences import differences_of
from tests.service.review.house import REASON, Review

AFTER_THE_DAY = datetime(2026, 9, 23, 1, 0, tzinfo=UTC)  # the opinions are due on 20 September
TERMS_END_SOON = datetime(2028, 12, 1, 1, 0, tzinfo=UTC)  # those of the county end on 28 February 2029


@pytest.mark.rule("R28a")
async def test_record_counts_dates_kept_and_points_taken_up(working: Review, app: Litestar, database: Database) -> None:
    in_time, late, silent, *others = working.phones
    for phone in (in_time, *others):
        assert (await phone.give_opinion()).status_code == 200
    await working.later(app, AFTER_THE_DAY)
    before = await record(working, late.expert_id)
    assert (await late.give_opinion()).status_code == 200
    assert (await working.post("opinions/close", {"reason": REASON})).status_code == 200
    for phone in (in_time, late, *others):
        assert (await working.answer_point(phone, 1)).status_code == 200
        given = await working.answer_point(phone, 2, reasonable="no", adoption="not", reason=REASON)
        assert given.status_code == 200
    unfiled = await record(working, in_time.expert_id)
    assert (await working.post("opinions/file", by=working.unit)).status_code == 200

    kept = [await record(working, phone.expert_id) for phone in (in_time, late, silent)]

    assert (before["late"], before["missing"], unfiled["points"]) == (0, 1, {})
    assert [(one["on_time"], one["late"], one["missing"]) for one in kept] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert [one["points"] for one in kept] == [{"adopted": 1, "not": 1}, {"adopted": 1, "not": 1}, {}]
    assert await differences_of(database, working.matter) == []


async def test_refusals_without_cause_are_told_from_those_with_one(invited: Review) -> None:
    ill, busy, recused, *_ = invited.phones
    await ill.answer("declined", "ill")
    await busy.answer("declined", "no-time")
    await recused.answer("recused", "employer")

    kept = [await record(invited, phone.expert_id) for phone in (ill, busy, recused)]

    assert [(one["declined"], one["refused"], one["recused"]) for one in kept] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]


async def test_experts_see_their_own_record_and_the_center_everybodys(working: Review) -> None:
    phone = working.phones[0]
    await phone.give_opinion()

    own = await phone.client.get("/my")
    page = await working.center.get(f"/experts/{phone.expert_id}")

    assert all("应交 1 份，按时 1 份" in " ".join(one.text.split()) for one in (own, page))


@pytest.mark.rule("R24d")
@pytest.mark.parametrize(("language", "line"), [("zh-CN", "；按时 1/1"), ("en", "; in time 1/1")])
async def test_list_for_another_term_shows_the_record_and_leads_to_it(
    working: Review, app: Litestar, language: str, line: str
) -> None:
    in_time, silent = working.phones[:2]
    await in_time.give_opinion()
    await working.later(app, TERMS_END_SOON)
    working.center.headers["Accept-Language"] = language

    page = (await working.center.get("/renewals")).text
    due = {one["id"]: one["record"] for one in (await working.center.get("/api/renewals")).json()}

    rows = [row for row in page.split("<tr>") if "#record" in row]
    (shown,) = [row for row in rows if f'href="/experts/{in_time.expert_id}#record"' in row]
    assert (len(rows), line in shown) == (5, True)
    assert 'id="record"' in (await working.center.get(f"/experts/{in_time.expert_id}")).text
    assert [(due[one.expert_id]["on_time"], due[one.expert_id]["missing"]) for one in (in_time, silent)] == [
        (1, 0),
        (0, 1),
    ]


async def record(review: Review, expert_id: str) -> dict[str, object]:
    return (await review.center.get(f"/api/experts/{expert_id}")).json()["record"]
