"""Reminders: the ladder climbs by itself, once a step, then the center takes over; and many at once after a preview."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from litestar import Litestar

from service.clock import FixedClock
from service.jobs.reminders import ladder_duty
from service.storage.session import Database, reading
from tests.service.conftest import MONDAY, SignedIn
from tests.service.outbox import notices
from tests.service.review.house import Review, key

# Answers are due on Thursday 17 September 2026, opinions on Sunday 20, a make-up working day.
DAY = timedelta(days=1)
WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (MONDAY + DAY * days for days in (2, 3, 4, 5))
DUE = datetime(2026, 9, 20, 1, 0, tzinfo=UTC)  # a Sunday on which people work


async def climb(app: Litestar, at: datetime) -> None:
    """Let the duty do its round at an instant."""
    state = SimpleNamespace(
        secrets=app.state.secrets,
        settings=app.state.settings,
        database=app.state.database,
        clock=FixedClock(at),
    )
    await ladder_duty(state).do()


async def told(database: Database, template: str) -> list[str]:
    async with reading(database) as session:
        return sorted(notice.recipient for notice in await notices(session) if notice.template == template)


@pytest.mark.rule("R28a")
async def test_silence_is_reminded_of_once_a_step_and_then_the_center_is_told(
    invited: Review, app: Litestar, database: Database
) -> None:
    silent, *others = invited.phones
    for phone in others:
        await phone.answer("accepted")
        await phone.undertake()
    name = (await invited.line(silent))["name"]

    counts = []
    for at in (MONDAY, WEDNESDAY, WEDNESDAY + timedelta(hours=3), THURSDAY, FRIDAY, FRIDAY + timedelta(hours=3)):
        await climb(app, at)
        counts.append((len(await told(database, "REMINDER_ANSWER")), len(await told(database, "SILENT_ANSWER"))))

    assert counts == [(0, 0), (1, 0), (1, 0), (2, 0), (2, 1), (2, 1)]
    assert await told(database, "REMINDER_ANSWER") == [name, name]
    card = await invited.center.get(f"/matters/{invited.matter}/review/experts/{silent.expert_id}")
    assert ("提醒过 3 次" in card.text, "不再提醒，转中心办理" in card.text) == (True, True)


@pytest.mark.rule("R28a")
async def test_opinions_are_reminded_of_before_and_on_their_day(
    working: Review, app: Litestar, database: Database
) -> None:
    await working.phones[0].give_opinion()

    counts = []
    for at in (WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, DUE, DUE + DAY):
        await climb(app, at)
        counts.append((len(await told(database, "REMINDER_WORK")), len(await told(database, "SILENT_WORK"))))

    assert counts == [(0, 0), (4, 0), (8, 0), (8, 0), (12, 0), (12, 4)]


async def test_accepting_without_the_undertaking_is_reminded_of(
    invited: Review, app: Litestar, database: Database
) -> None:
    for phone in invited.phones[1:]:
        await phone.answer("declined", "ill")
    await invited.phones[0].answer("accepted")

    await climb(app, WEDNESDAY)

    assert (len(await told(database, "REMINDER_UNDERTAKING")), await told(database, "REMINDER_ANSWER")) == (1, [])


@pytest.mark.parametrize(
    ("hour", "sent"), [(7, 0), (8, 5), (19, 5), (20, 0)], ids=["before eight", "at eight", "evening", "at eight p.m."]
)
async def test_nothing_is_sent_outside_of_the_hours(
    invited: Review, app: Litestar, database: Database, hour: int, sent: int
) -> None:
    await climb(app, datetime(2026, 9, 16, hour, 0, tzinfo=UTC) - timedelta(hours=8))

    assert len(await told(database, "REMINDER_ANSWER")) == sent


async def test_two_processes_at_once_send_one_reminder(invited: Review, app: Litestar, database: Database) -> None:
    await asyncio.gather(climb(app, WEDNESDAY), climb(app, WEDNESDAY))

    assert len(await told(database, "REMINDER_ANSWER")) == 5


async def test_who_was_reminded_by_a_clerk_today_is_left_alone_until_tomorrow(
    invited: Review, app: Litestar, database: Database
) -> None:
    await invited.later(app, WEDNESDAY)
    assert (await invited.on(invited.phones[0], "remind")).status_code == 204
    assert len(await told(database, "REMINDER_ANSWER")) == 1

    await climb(app, WEDNESDAY)

    assert len(await told(database, "REMINDER_ANSWER")) == 5


async def test_nobody_is_reminded_in_a_matter_that_rests_or_has_ended(
    invited: Review, app: Litestar, database: Database
) -> None:
    matter = (await invited.center.get(f"/api/matters/{invited.matter}")).json()
    rested = await invited.center.post(
        f"/api/matters/{invited.matter}/suspend",
        json={"reason": "等待上级批复后再继续办理"},
        headers=key() | {"If-Match": f'"{matter["version"]}"'},
    )
    assert rested.status_code == 200, rested.text

    await climb(app, WEDNESDAY)

    assert await told(database, "REMINDER_ANSWER") == []


async def test_preview_says_who_gets_what_and_sends_nothing(invited: Review, database: Database) -> None:
    asked = (await invited.center.get("/api/reminders")).json()
    body = {"who": [asked[0]["who"], asked[1]["who"]]}

    before = await invited.center.post("/api/reminders", json=body | {"preview": True}, headers=key())
    none_yet = await told(database, "REMINDER_ANSWER")
    sent = await invited.center.post("/api/reminders", json=body, headers=key())

    assert [one["kind"] for one in asked] == ["answer"] * 5
    assert (before.json()["sent"], none_yet, sent.json()["sent"]) == (False, [], True)
    assert [one["name"] for one in before.json()["notices"]] == [asked[0]["name"], asked[1]["name"]]
    assert "9月17日" in before.json()["notices"][0]["body"]
    assert await told(database, "REMINDER_ANSWER") == sorted(one["name"] for one in asked[:2])


async def test_preview_shows_each_notice_in_the_language_that_its_recipient_gets(
    invited: Review, database: Database
) -> None:
    asked = (await invited.center.get("/api/reminders")).json()
    english = next(one for one in invited.phones if one.expert_id == asked[0]["expert_id"])
    chosen = await english.client.post("/account/language", data=key_field() | {"language": "en"})
    invited.center.headers["Accept-Language"] = "en"
    who = {"who": [one["who"] for one in asked[:2]]}

    before = (await invited.center.post("/api/reminders", json=who | {"preview": True}, headers=key())).json()
    page = await invited.center.post("/reminders/preview", data=key_field() | who)
    await invited.center.post("/api/reminders", json=who, headers=key())

    assert chosen.status_code == 303
    assert [one["language"] for one in before["notices"]] == ["en", "zh"]
    assert ("17 Sep" in before["notices"][0]["body"], "9月17日" in before["notices"][1]["body"]) == (True, True)
    assert all(text in page.text for text in ("recipient's language: English", "language: 中文", "9月17日"))


async def test_all_are_reminded_or_nobody(invited: Review, database: Database) -> None:
    asked = (await invited.center.get("/api/reminders")).json()
    await invited.phones[0].answer("accepted")
    await invited.phones[0].undertake()

    late = await invited.center.post("/api/reminders", json={"who": [one["who"] for one in asked]}, headers=key())

    assert (late.status_code, late.json()["faults"][0]["code"]) == (400, "NOT_ASKED_ANY_MORE")
    assert await told(database, "REMINDER_ANSWER") == []


async def test_only_the_center_reminds(invited: Review, signed_in: SignedIn) -> None:
    audit = await signed_in("audit")

    answers = [
        (await client.post("/api/reminders", json={"who": ["x"]}, headers=key())).status_code
        for client in (invited.unit, invited.phones[0].client, audit)
    ]

    assert answers == [403, 403, 403]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_pages_lead_from_the_list_over_the_preview_to_sending(
    invited: Review, database: Database, language: str
) -> None:
    invited.center.headers["Accept-Language"] = language
    asked = (await invited.center.get("/api/reminders")).json()

    listed = await invited.center.get(f"/reminders?matter={invited.matter}")
    nobody = await invited.center.post("/reminders/preview", data=key_field())
    preview = await invited.center.post("/reminders/preview", data=key_field() | {"who": [asked[0]["who"]]})
    sent = await invited.center.post("/reminders", data=key_field() | {"who": [asked[0]["who"]]})

    assert (listed.status_code, nobody.status_code, preview.status_code, sent.status_code) == (200, 400, 200, 303)
    assert asked[0]["name"] in preview.text
    assert not any("〔" in page.text for page in (listed, nobody, preview))
    assert len(await told(database, "REMINDER_ANSWER")) == 1


def key_field() -> dict[str, object]:
    return {"idempotency_key": key()["Idempotency-Key"]}
