"""The form of a review, and the review meeting: clashes before a date is set, everybody told, minutes, papers."""

import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import pypdfium2
import pytest
from docx import Document
from icalendar import Calendar
from litestar import Litestar

from service.ids import new_id
from service.storage.meetings import clashes_of
from service.storage.rows.library import AwayRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn
from tests.service.differences import differences_of
from tests.service.outbox import notices
from tests.service.review.house import REASON, Review, key

# Material delivered on Monday 14 September; the time for study has passed on Sunday 20, a make-up working day.
TUESDAY = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
HOURS = timedelta(hours=2)


async def see(review: Review, by: httpx.AsyncClient | None = None) -> dict:
    answer = await (by or review.center).get(f"/api/matters/{review.matter}/review/meeting")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def act(review: Review, what: str, body: dict, *, by: httpx.AsyncClient | None = None) -> httpx.Response:
    version = (await see(review))["version"]
    return await review.post(what, body, version=version, by=by)


def plan(review: Review, at: datetime = TUESDAY, **changes: object) -> dict:
    return {
        "starts_at": at.isoformat(),
        "ends_at": (at + HOURS).isoformat(),
        "place": "县政府第二会议室",
        "agenda": "汇报方案\n专家质询\n形成结论",
        "leader": review.phones[0].expert_id,
    } | changes


async def meeting_set(review: Review, **changes: object) -> None:
    assert (await act(review, "form", {"form": "meeting"}, by=review.unit)).status_code == 200
    answer = await act(review, "meeting", plan(review, **changes), by=review.unit)
    assert answer.status_code == 200, answer.text


def record(review: Review, **changes: object) -> dict:
    present = [phone.expert_id for phone in review.phones]
    return {
        "present": present,
        "conclusion": "agree-with-changes",
        "minutes": "逐项讨论了方案。",
        "joint": "修改后可行。",
        "dissent": present[:1],
    } | changes


async def told(database: Database, template: str) -> int:
    async with reading(database) as session:
        return sum(notice.template == template for notice in await notices(session))


@pytest.mark.rule("R7g")
@pytest.mark.parametrize(
    ("form", "other", "code"),
    [
        ("meeting", "", ""),
        ("written", "", ""),
        ("commissioned", "", ""),
        ("other", "现场踏勘并座谈", ""),
        ("other", "", "MODE_REQUIRED"),
        ("", "", "MODE_REQUIRED"),
        ("vote", "", "MODE_REQUIRED"),
    ],
)
async def test_form_is_one_of_three_or_another_that_is_described(
    invited: Review, form: str, other: str, code: str
) -> None:
    answer = await act(invited, "form", {"form": form, "other": other}, by=invited.unit)

    held = await see(invited)
    assert [one["code"] for one in answer.json().get("refusals", [])] == ([code] if code else [])
    assert (held["form"], held["other"]) == (("written", "") if code else (form, other))


async def test_no_meeting_is_set_where_the_form_is_another(working: Review) -> None:
    answer = await act(working, "meeting", plan(working))

    assert answer.json()["refusals"][0]["code"] == "FORM_IS_NO_MEETING"


@pytest.mark.rule("R32b")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"starts_at": "2026-09-18T01:00:00Z", "ends_at": "2026-09-18T03:00:00Z"}, "STUDY_TIME_TOO_SHORT"),
        ({"starts_at": "2026-09-20T01:00:00Z", "ends_at": "2026-09-20T03:00:00Z"}, ""),
        ({"ends_at": "2026-09-22T01:00:00Z"}, "MEETING_INCOMPLETE"),
        ({"place": "  "}, "MEETING_INCOMPLETE"),
        ({"agenda": ""}, "MEETING_INCOMPLETE"),
    ],
    ids=["study not over", "the first day that is long enough", "no length", "no place", "no agenda"],
)
async def test_meeting_leaves_the_time_for_study_and_is_whole(working: Review, changes: dict, code: str) -> None:
    await act(working, "form", {"form": "meeting"})

    answer = await act(working, "meeting", plan(working) | changes)

    assert [one["code"] for one in answer.json().get("refusals", [])] == ([code] if code else [])


async def test_clashes_are_known_before_a_date_is_set(working: Review, database: Database) -> None:
    async with unit_of_work(database, at=MONDAY) as session:
        expert = UUID(working.phones[1].expert_id)
        day = TUESDAY.date()
        session.add(AwayRow(id=new_id(), expert_id=expert, from_on=day, to_on=day + timedelta(days=1)))

    held = await see(working)

    assert (held["earliest_on"], held["days"][:3]) == ("2026-09-20", ["2026-09-20", "2026-09-21", "2026-09-22"])
    assert held["clashes"] == [
        {"expert_id": str(expert), "on": "2026-09-22", "kinds": ["away"]},
        {"expert_id": str(expert), "on": "2026-09-23", "kinds": ["away"]},
    ]


async def test_setting_and_moving_tell_everybody_and_moving_needs_a_reason(working: Review, database: Database) -> None:
    await meeting_set(working)
    first = await told(database, "MEETING_SET")
    later = TUESDAY + timedelta(days=1)
    silent = await act(working, "meeting", plan(working, later))
    moved = await act(working, "meeting", plan(working, later, reason=REASON))
    cancelled = await act(working, "meeting/cancel", {"reason": REASON})

    held = (await see(working))["meeting"]
    assert (first, silent.status_code, moved.status_code, cancelled.status_code) == (5, 400, 200, 200)
    assert [await told(database, template) for template in ("MEETING_MOVED", "MEETING_CANCELLED")] == [5, 5]
    assert (held["status"], held["moves"], held["place"]) == ("cancelled", 1, "县政府第二会议室")


async def test_notice_of_a_meeting_is_sent_again_only_while_the_meeting_stands_so(working: Review) -> None:
    async def again(template: str) -> tuple[int, int]:
        """Return the status of sending the latest again, and how many there are then."""
        told = (await working.center.get("/api/notices")).json()["notices"]
        latest = next(one["id"] for one in told if one["template"] == template)
        answer = await working.center.post(f"/api/notices/{latest}/resend", headers=key())
        told = (await working.center.get("/api/notices")).json()["notices"]
        return answer.status_code, sum(one["template"] == template for one in told)

    await meeting_set(working)
    whole = await again("MEETING_SET")
    await act(working, "meeting", plan(working, TUESDAY + timedelta(days=1), reason=REASON))
    moved = [await again(template) for template in ("MEETING_SET", "MEETING_MOVED")]
    await act(working, "meeting/cancel", {"reason": REASON})
    cancelled = [await again(template) for template in ("MEETING_MOVED", "MEETING_CANCELLED")]

    assert (whole, moved, cancelled) == ((200, 6), [(409, 6), (200, 6)], [(409, 6), (200, 6)])


async def test_only_running_duties_stand_against_a_day(working: Review, database: Database) -> None:
    await meeting_set(working)
    people = [working.county.library.people[name] for name in working.county.library.experts]

    async def duties() -> set[str]:
        """Return what another matter would see of this one."""
        async with reading(database) as session:
            found = await clashes_of(session, new_id(), people, first=date(2026, 9, 14), last=date(2026, 9, 25))
        return {one.kind for one in found}

    async def stop(what: str) -> None:
        version = (await see(working))["version"]
        headers = key() | {"If-Match": f'"{version}"'}
        answer = await working.center.post(
            f"/api/matters/{working.matter}/{what}", json={"reason": REASON}, headers=headers
        )
        assert answer.status_code == 200, answer.text

    running = await duties()
    await stop("suspend")
    resting = await duties()
    await stop("resume")
    for phone in working.phones:
        await phone.give_opinion()
    signed = await duties()
    await working.post("opinions/close", {})
    closed = await duties()
    await stop("reopen")

    assert (running, resting, signed, closed, await duties()) == (
        {"opinion", "meeting"},
        set(),
        {"meeting"},
        {"meeting"},
        set(),
    )


async def test_expert_sees_time_and_place_and_gets_the_date(working: Review) -> None:
    await meeting_set(working)
    phone = working.phones[0]

    page = await phone.client.get(f"/reviews/{working.matter}")
    calendar = Calendar.from_ical((await phone.client.get(f"/reviews/{working.matter}/dates.ics")).content)

    event = next(one for one in calendar.walk("VEVENT") if str(one["UID"]).startswith("meeting-"))
    assert ("09:00-11:00" in page.text, "县政府第二会议室" in page.text) == (True, True)
    assert (event.decoded("dtstart"), str(event["LOCATION"])) == (TUESDAY, "县政府第二会议室")


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"conclusion": "maybe"}, ["MEETING_RECORD_UNFIT"]),
        ({"minutes": " "}, ["MEETING_RECORD_UNFIT"]),
        ({"present": "without the leader"}, ["LEADER_UNFIT"]),
        ({"dissent": "absent"}, ["MEETING_RECORD_UNFIT"]),
    ],
    ids=["whole", "no known conclusion", "no minutes", "without its leader", "dissent of who was absent"],
)
async def test_what_came_of_the_meeting_is_whole(
    working: Review, app: Litestar, changes: dict, codes: list[str]
) -> None:
    await meeting_set(working)
    await working.later(app, TUESDAY)
    people = [phone.expert_id for phone in working.phones]
    body = record(working) | changes
    if body["present"] == "without the leader":
        body |= {"present": people[1:], "dissent": []}
    if body["dissent"] == "absent":
        body |= {"present": people[:4], "dissent": people[4:]}

    answer = await act(working, "meeting/held", body)

    assert [one["code"] for one in answer.json().get("refusals", [])] == codes


@pytest.mark.rule("R31a")
async def test_fewer_than_five_signing_in_is_flagged_and_nothing_is_entered_before_the_day(
    working: Review, app: Litestar, database: Database
) -> None:
    await meeting_set(working)
    early = await act(working, "meeting/held", record(working))
    await working.later(app, TUESDAY)
    few = record(working, present=[phone.expert_id for phone in working.phones[:4]])
    held = await act(working, "meeting/held", few)
    again = await act(working, "meeting/held", few)

    assert early.json()["refusals"][0]["facts"] == {"wrong": ["day"]}
    assert (held.status_code, again.json()["refusals"][0]["code"]) == (200, "MEETING_IS_HELD")
    assert (await see(working))["meeting"]["small"] is True
    assert await differences_of(database, working.matter) == []


async def test_form_is_changed_only_after_the_meeting_that_is_set_was_cancelled(working: Review) -> None:
    await meeting_set(working)
    here = f"/matters/{working.matter}/review/meeting"
    page = (await working.center.get(here)).text

    refused = await act(working, "form", {"form": "written"})
    same = await act(working, "form", {"form": "meeting"})
    await act(working, "meeting/cancel", {"reason": REASON})
    free = await act(working, "form", {"form": "written"})

    assert [one["code"] for one in refused.json()["refusals"]] == ["MEETING_IS_SET"]
    assert (same.status_code, free.status_code, (await see(working))["form"]) == (200, 200, "written")
    change = f'action="/matters/{working.matter}/review/form"'
    assert (change in page, 'href="#cancel"' in page, change in (await working.center.get(here)).text) == (
        False,
        True,
        True,
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_who_left_between_the_meeting_and_its_entry_is_entered_as_present_and_marked(
    working: Review, app: Litestar, database: Database, language: str
) -> None:
    await meeting_set(working)
    before, since, withdrawn = working.phones[:3]
    names = [(await working.line(phone))["name"] for phone in (before, since, withdrawn)]
    assert (await working.on(before, "release", {"reason": REASON})).status_code == 200
    await working.later(app, TUESDAY)
    assert (await working.on(since, "release", {"reason": REASON})).status_code == 200
    assert (await withdrawn.answer("recused", "kin")).status_code == 200
    working.center.headers["Accept-Language"] = language

    form = (await working.center.get(f"/matters/{working.matter}/review/meeting")).text.partition('id="held"')[2]
    people = [phone.expert_id for phone in working.phones]
    whole = record(working, leader=people[1], dissent=[])
    refused = await act(working, "meeting/held", whole)
    held = await act(working, "meeting/held", whole | {"present": people[1:]})

    marked = "%s（会后退出专家组）" if language == "zh-CN" else "%s (has left the panel since)"
    assert [(name in form, marked % name in form) for name in names] == [(False, False), (True, True), (True, True)]
    assert refused.json()["refusals"][0]["facts"] == {"wrong": ["present"]}
    assert held.status_code == 200, held.text
    assert sorted((await see(working))["meeting"]["left"]) == sorted([since.expert_id, withdrawn.expert_id])
    assert await differences_of(database, working.matter) == []


async def test_who_left_after_the_meeting_stays_in_its_minutes_and_is_marked(working: Review, app: Litestar) -> None:
    await meeting_set(working)
    await working.later(app, TUESDAY)
    await act(working, "meeting/held", record(working))
    gone = working.phones[0]  # who led it and does not share the conclusion
    name = (await working.line(gone))["name"]
    before = (await see(working))["meeting"]
    assert (await working.on(gone, "release", {"reason": REASON})).status_code == 200

    after = (await see(working))["meeting"]
    page = (await working.center.get(f"/matters/{working.matter}/review/meeting")).text
    minutes = await working.center.get(f"/matters/{working.matter}/review/meeting/papers/minutes?format=docx")

    assert (before["left"], after["left"]) == ([], [gone.expert_id])
    assert [after[what] for what in ("present", "leader", "dissent")] == [
        before[what] for what in ("present", "leader", "dissent")
    ]
    assert (name in page, "会后退出专家组" in page) == (True, True)
    document = Document(io.BytesIO(minutes.content))
    said = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert said.count(f"{name}（会后退出专家组）") >= 2


async def test_experts_neither_see_nor_set_the_meeting_of_the_staff(working: Review, signed_in: SignedIn) -> None:
    audit = await signed_in("audit")

    answers = [
        (await client.post(f"/api/matters/{working.matter}/review/form", json={"form": "meeting"})).status_code
        for client in (working.phones[0].client, audit)
    ]

    assert (await working.phones[0].client.get(f"/api/matters/{working.matter}/review/meeting")).status_code == 404
    assert set(answers) <= {403, 404, 428}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_pages_and_papers_lead_through_the_meeting(working: Review, app: Litestar, language: str) -> None:
    unit = working.unit
    unit.headers["Accept-Language"] = language
    home = f"/matters/{working.matter}/review"

    async def form(where: str, **values: object) -> httpx.Response:
        version = (await see(working, unit))["version"]
        return await unit.post(f"{home}/{where}", data={"idempotency_key": str(new_id()), "version": version} | values)

    leader = working.phones[0].expert_id
    pages = [await unit.get(f"{home}/meeting")]
    steps = [await form("form", form="meeting")]
    pages.append(await unit.get(f"{home}/meeting"))
    bad = await form("meeting", on="2026-09-22", starts="九点", ends="11:00", place="", agenda="", leader=leader)
    good = {
        "on": "2026-09-22",
        "starts": "9:00",
        "ends": "11:00",
        "place": "会议室",
        "agenda": "汇报",
        "leader": leader,
    }
    steps.append(await form("meeting", **good | {"starts": "09:00"}))
    pages.append(await unit.get(f"{home}/meeting"))
    await working.later(app, TUESDAY)
    steps.append(
        await form(
            "meeting/held",
            present=[phone.expert_id for phone in working.phones],
            conclusion="agree",
            minutes="讨论了方案",
            joint="可行",
        )
    )
    pages.append(await unit.get(f"{home}/meeting"))
    kinds = ("notice", "sign-in", "minutes")
    papers = {kind: await unit.get(f"{home}/meeting/papers/{kind}?format=docx") for kind in kinds}
    printed = {kind: await unit.get(f"{home}/meeting/papers/{kind}") for kind in kinds}
    calendar = await unit.get(f"{home}/meeting.ics")

    assert [one.status_code for one in (*pages, *steps)] == [200] * 4 + [303] * 3
    assert bad.status_code == 400
    assert not any("〔" in one.text for one in (*pages, bad))
    texts = {
        kind: "\n".join(
            [one.text for one in Document(io.BytesIO(paper.content)).paragraphs]
            + [
                cell.text
                for table in Document(io.BytesIO(paper.content)).tables
                for row in table.rows
                for cell in row.cells
            ]
        )
        for kind, paper in papers.items()
    }
    assert all("滦河支流综合治理工程" in text and "会议室" in text for text in texts.values())
    assert ("签名" in texts["sign-in"], "论证结论：可行" in texts["minutes"]) == (True, True)
    assert b"BEGIN:VEVENT" in calendar.content
    for kind, paper in printed.items():
        assert (paper.headers["content-type"], b"pdfaid:part" in paper.content) == ("application/pdf", True)
        pages = pypdfium2.PdfDocument(io.BytesIO(paper.content))
        said = "".join(sheet.get_textpage().get_text_bounded() for sheet in pages)
        assert ("滦河支流综合治理工程" in said, "会议室" in said, "论证结论：可行" in said) == (
            True,
            True,
            kind == "minutes",
        )
    assert [
        (await unit.get(f"{home}/meeting/papers/{odd}")).status_code for odd in ("other", "minutes?format=odt")
    ] == [
        404,
        404,
    ]


async def test_whoever_led_on_the_day_is_named_and_signed_in(working: Review, app: Litestar) -> None:
    await meeting_set(working)
    await working.later(app, TUESDAY)
    led = working.phones[1].expert_id
    rest = [phone.expert_id for phone in working.phones if phone.expert_id != working.phones[0].expert_id]

    absent = await act(working, "meeting/held", record(working, present=rest, dissent=[]))
    other = await act(working, "meeting/held", record(working, present=rest, dissent=[], leader=led))

    refused = [one["code"] for one in absent.json()["refusals"]]
    assert (absent.status_code, refused, other.status_code) == (409, ["LEADER_UNFIT"], 200)
    assert (await see(working))["meeting"]["leader"] == led
