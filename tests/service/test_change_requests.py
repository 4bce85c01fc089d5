"""Experts ask for a change of their data with evidence; the center accepts or refuses; nothing is overwritten."""

import asyncio
import hashlib
import re
from dataclasses import replace
from datetime import date
from itertools import count
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from registry import ChangeItem, ExpertField
from service import ledger
from service.access import Viewer
from service.actions.change_requests import (
    ChangeEntry,
    accept_change,
    ask_change,
    open_evidence,
    refuse_change,
    withdraw_change,
)
from service.actions.corrections import change_expert
from service.actions.experts import AboutExpert, WorkEntry, add_expert
from service.actions.organisations import NewOrganisationEntry
from service.jobs.tables import OutboxRow
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.attached import NewFile
from service.storage.change_requests import ChangeView, changes_of, list_changes, load_change
from service.storage.expert_page import ExpertView, load_expert, looks_at
from service.storage.home import waiting_for
from service.storage.occurrences import occurrences_of
from service.storage.rows.change_requests import ChangeRequestRow
from service.storage.session import Database, reading
from tests.service.admission import TODAY, a_number
from tests.service.conftest import SignedIn, a_unit, an_account
from tests.service.test_attachments import a_picture
from tests.service.test_cases import Desk, a_desk, codes, form, version_on

WHY = "与身份证原件核对一致，已留存"
EMAIL = ChangeEntry(email="he@example.cn")
_KEYS = count()


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return await a_desk(database, settings)


def a_file(kind: str = "identity") -> NewFile:
    content = a_picture("PNG")
    return NewFile(kind, "证件.png", "image/png", hashlib.sha256(content).hexdigest(), content)


async def asked(desk: Desk, entry: ChangeEntry = EMAIL, *files: NewFile, viewer: Viewer | None = None) -> UUID:
    async with desk.house.acts(viewer or desk.expert) as act:
        return await ask_change(act, desk.expert_id, entry, files, seen=await desk.version())


async def seen(desk: Desk, request_id: UUID, viewer: Viewer | None = None) -> ChangeView:
    async with reading(desk.house.database) as session:
        return await load_change(session, viewer or desk.house.center, request_id)


async def accepted(
    desk: Desk,
    request_id: UUID,
    *,
    work: WorkEntry | None = None,
    reason: str = "",
    anyway: bool = False,
    viewer: Viewer | None = None,
) -> None:
    version = (await seen(desk, request_id)).version
    async with desk.house.acts(viewer or desk.house.center) as act:
        await accept_change(act, request_id, work=work, reason=reason, anyway=anyway, seen=version)


async def expert(desk: Desk) -> ExpertView:
    async with reading(desk.house.database) as session:
        return await load_expert(session, desk.house.center, desk.expert_id, on=TODAY)


async def entries(desk: Desk) -> list[ledger.Entry]:
    async with reading(desk.house.database) as session:
        return list(await ledger.stream(session, f"expert:{desk.expert_id}"))


async def test_nothing_changes_before_the_center_accepts(desk: Desk) -> None:
    entry = ChangeEntry(
        email="he@example.cn", phone="13800138000", title="高级工程师", fields=(ExpertField("820", main=True),)
    )
    request = await asked(desk, entry, a_file("title"))
    before = await expert(desk)
    assert (before.email, before.phone_masked, before.title, before.main_field) == ("", "", "", "570")

    await accepted(desk, request)

    after = await expert(desk)
    assert (after.email, after.title, after.main_field) == ("he@example.cn", "高级工程师", "820")
    assert after.phone_masked.startswith("138")
    view = await seen(desk, request, desk.expert)
    assert (view.state, view.items) == (
        "accepted",
        (ChangeItem.PHONE, ChangeItem.EMAIL, ChangeItem.TITLE, ChangeItem.FIELDS),
    )
    assert [one.type for one in await entries(desk)][-3:] == ["change.asked", "expert.changed", "change.accepted"]


async def test_record_and_tables_hold_no_word_of_what_is_asked(desk: Desk) -> None:
    request = await asked(desk, ChangeEntry(email="he@example.cn", phone="13800138000", words="博士学位"))
    async with desk.house.acts(desk.house.center) as act:
        version = (await seen(desk, request)).version
        await refuse_change(act, request, reason="请附学位证书原件的照片", seen=version)

    data = b"".join(one.data for one in await entries(desk)).decode()
    async with reading(desk.house.database) as session:
        row = await session.scalar(select(ChangeRequestRow))
    assert row is not None
    for secret in ("he@example.cn", "13800138000", "博士学位", "请附学位证书"):
        assert secret not in data
        assert secret.encode() not in row.sealed


@pytest.mark.rule("R26b")
async def test_another_employer_is_entered_as_the_center_would_and_waits_for_a_judgement(desk: Desk) -> None:
    unit = await a_unit(desk.house.database, "县水务集团")
    request = await asked(desk, ChangeEntry(unit="水务集团", post="总经理", from_on=date(2026, 9, 1)))
    with pytest.raises(Invalid) as invalid:
        await accepted(desk, request)
    assert [(one.at, one.code) for one in invalid.value.faults] == [("unit", "FIELD_REQUIRED")]

    await accepted(desk, request, work=WorkEntry(unit))

    works = [(job.name, job.post, job.from_on, job.to_on) for job in (await expert(desk)).employments]
    assert works == [
        ("县水务集团", "总经理", date(2026, 9, 1), None),
        ("外地设计院0", "", date(2020, 1, 1), date(2026, 8, 31)),
    ]
    async with reading(desk.house.database) as session:
        (noted,) = await occurrences_of(session, desk.house.center, desk.expert_id)
    assert (noted.kind.value, noted.organisation, noted.state) == ("post-change", "县水务集团", "waiting")


@pytest.mark.rule("R26b")
async def test_another_post_at_the_same_unit_ends_the_one_before(desk: Desk) -> None:
    here = (await expert(desk)).employments[0].organisation_id
    request = await asked(desk, ChangeEntry(unit="外地设计院0", post="院长", from_on=TODAY))

    await accepted(desk, request, work=WorkEntry(here))

    works = [(job.post, job.from_on, job.to_on) for job in (await expert(desk)).employments]
    assert works == [("院长", TODAY, None), ("", date(2020, 1, 1), date(2026, 9, 13))]


@pytest.mark.rule("R26b")
async def test_who_retired_says_so_and_a_new_unit_is_added_on_the_way(desk: Desk) -> None:
    await accepted(desk, await asked(desk, ChangeEntry(left_on=date(2026, 8, 31))))
    (job,) = (await expert(desk)).employments
    assert (job.to_on, job.lasts(TODAY)) == (date(2026, 8, 31), False)
    with pytest.raises(Invalid) as invalid:
        await asked(desk, ChangeEntry(left_on=date(2026, 9, 1)))
    assert [one.code for one in invalid.value.faults] == ["NO_MAIN_WORK"]

    request = await asked(desk, ChangeEntry(unit="县老科协", from_on=date(2026, 9, 1)))
    await accepted(desk, request, work=WorkEntry(new=NewOrganisationEntry("示范县老科学技术工作者协会")))

    assert (await expert(desk)).employments[0].name == "示范县老科学技术工作者协会"


async def test_name_and_number_need_the_document_and_a_word_how_it_was_compared(desk: Desk) -> None:
    number = a_number()
    wanted = ChangeEntry(name="何壹", identity_number=number)
    with pytest.raises(Invalid) as invalid:
        await asked(desk, wanted, a_file("work"))
    assert [(one.at, one.code) for one in invalid.value.faults] == [("file_identity", "EVIDENCE_NEEDED")]
    request = await asked(desk, wanted, a_file())
    with pytest.raises(Invalid) as invalid:
        await accepted(desk, request)
    assert [one.at for one in invalid.value.faults] == ["reason"]

    await accepted(desk, request, reason=WHY)

    after = await expert(desk)
    assert (after.name, after.identity_masked[:3] + after.identity_masked[-2:]) == ("何壹", number[:3] + number[-2:])
    assert (await seen(desk, request, desk.expert)).reason == WHY


async def test_number_of_somebody_else_is_refused_and_not_told_to_the_asker(desk: Desk) -> None:
    other = a_number()
    about = AboutExpert("何一", other, title="高级工程师", fields=(ExpertField("570", main=True),))
    async with desk.house.acts(desk.house.center) as act:
        await add_expert(act, about)
    request = await asked(desk, ChangeEntry(identity_number=other), a_file())

    with pytest.raises(Refused) as refused:
        await accepted(desk, request, reason=WHY)

    assert codes(refused) == [("EXPERT_ALREADY_THERE", "")]
    assert (await seen(desk, request)).state == "open"


async def test_what_somebody_changed_meanwhile_is_shown_and_not_written_over_silently(desk: Desk) -> None:
    request = await asked(desk)
    old = (await seen(desk, request)).version
    about = AboutExpert("何一", email="center@example.cn", title_level="none", fields=(ExpertField("570", main=True),))
    async with desk.house.acts(desk.house.center) as act:
        await change_expert(act, desk.expert_id, about, seen=await desk.version())

    async with desk.house.acts(desk.house.center) as act:
        with pytest.raises(Stale):
            await accept_change(act, request, work=None, seen=old)
    with pytest.raises(Refused) as refused:
        await accepted(desk, request)
    assert (codes(refused), refused.value.refusals[0].facts) == ([("CHANGE_OVERTAKEN", "")], {"items": ["email"]})
    assert (await expert(desk)).email == "center@example.cn"
    await accepted(desk, request, anyway=True)
    assert (await expert(desk)).email == "he@example.cn"


async def test_change_of_something_else_meanwhile_stands_in_nobodys_way(desk: Desk) -> None:
    request = await asked(desk)
    about = AboutExpert("何一", title="高级工程师", fields=(ExpertField("570", main=True),))
    async with desk.house.acts(desk.house.center) as act:
        await change_expert(act, desk.expert_id, about, seen=await desk.version())

    await accepted(desk, request)

    after = await expert(desk)
    assert (after.email, after.title) == ("he@example.cn", "高级工程师")


async def test_one_thing_is_asked_once_until_it_is_decided_or_withdrawn(desk: Desk) -> None:
    request = await asked(desk)
    with pytest.raises(Refused) as refused:
        await asked(desk, replace(EMAIL, email="yi@example.cn"))
    assert codes(refused) == [("CHANGE_ASKED_ALREADY", "")]
    certificate = await asked(desk, ChangeEntry(words="取得注册土木工程师证书"), a_file("title"))
    assert len((await seen(desk, certificate)).files) == 1

    for one in (request, certificate):
        async with desk.house.acts(desk.expert) as act:
            await withdraw_change(act, one, seen=(await seen(desk, one)).version)
    assert (await seen(desk, certificate)).files == ()
    with pytest.raises(Refused) as refused:
        await accepted(desk, request)
    assert codes(refused) == [("CHANGE_DECIDED", "")]
    await asked(desk, replace(EMAIL, email="yi@example.cn"))


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        pytest.param(ChangeEntry(), [("", "NOTHING_ASKED")], id="nothing"),
        pytest.param(ChangeEntry(name="何一", email="", title=""), [("", "NOTHING_ASKED")], id="what is kept"),
        pytest.param(ChangeEntry(email="不是邮箱"), [("email", "EMAIL_INVALID")], id="no address"),
        pytest.param(ChangeEntry(phone="12"), [("phone", "PHONE_FORM")], id="no telephone"),
        pytest.param(ChangeEntry(unit="县水务集团"), [("from_on", "FIELD_REQUIRED")], id="since when"),
        pytest.param(ChangeEntry(post="院长"), [("unit", "FIELD_REQUIRED")], id="where"),
        pytest.param(
            ChangeEntry(unit="县水务集团", from_on=date(2026, 9, 15)), [("from_on", "DAY_IN_FUTURE")], id="tomorrow"
        ),
        pytest.param(
            ChangeEntry(unit="县水务集团", from_on=TODAY, left_on=TODAY), [("left_on", "WORK_OR_END")], id="both"
        ),
        pytest.param(ChangeEntry(words="长" * 501), [("words", "FIELD_TOO_LONG")], id="one sign too many"),
    ],
)
async def test_bad_input_is_told_at_its_place(desk: Desk, entry: ChangeEntry, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as invalid:
        await asked(desk, entry)

    assert [(one.at, one.code) for one in invalid.value.faults] == faults


async def test_only_the_expert_asks_and_only_the_center_decides(desk: Desk) -> None:
    other = await an_account(desk.house.database, "expert")
    for viewer in (other, desk.house.center):
        with pytest.raises(NotFound):
            await asked(desk, viewer=viewer)
    request = await asked(desk, EMAIL, a_file())
    (file,) = (await seen(desk, request)).files

    with pytest.raises(NotFound):
        await seen(desk, request, other)
    async with desk.house.acts(other) as act:
        with pytest.raises(NotFound):
            await open_evidence(act, request, file.id)
        with pytest.raises(NotFound):
            await withdraw_change(act, request, seen=2)
    for viewer in (desk.expert, desk.house.mayor, await an_account(desk.house.database, "audit")):
        with pytest.raises(Forbidden):
            await accepted(desk, request, viewer=viewer)
    async with reading(desk.house.database) as session:
        assert await changes_of(session, other, desk.expert_id) == ()
        assert (await list_changes(session, other)).lines == ()


async def test_clerk_who_is_an_expert_decides_about_nothing_of_the_own(desk: Desk) -> None:
    request = await asked(desk)
    clerk = await an_account(desk.house.database, "center", "expert", person_id=desk.expert.person_id)

    with pytest.raises(Refused) as refused:
        await accepted(desk, request, viewer=clerk)

    assert codes(refused) == [("OWN_AFFAIR", "")]


async def test_each_look_at_the_evidence_is_noted_for_the_expert_to_see(desk: Desk) -> None:
    request = await asked(desk, EMAIL, a_file())
    (file,) = (await seen(desk, request)).files

    for viewer in (desk.expert, desk.house.center):
        async with desk.house.acts(viewer) as act:
            assert (await open_evidence(act, request, file.id))[1] == a_picture("PNG")

    async with reading(desk.house.database) as session:
        assert [(one.what, one.reason) for one in await looks_at(session, desk.expert_id)] == [
            ("change-file", "BG2026-0001")
        ]


async def test_refusal_has_a_reason_that_the_expert_reads_and_both_are_told(desk: Desk) -> None:
    request = await asked(desk)
    async with reading(desk.house.database) as session:
        tasks = await waiting_for(session, desk.house.center, today=TODAY, valid_months=12)
    assert ("TASK_DECIDE_CHANGES", {"count": 1}) in [(one.code, one.facts) for one in tasks]
    version = (await seen(desk, request)).version
    async with desk.house.acts(desk.house.center) as act:
        with pytest.raises(Invalid):
            await refuse_change(act, request, reason="不行", seen=version)
    async with desk.house.acts(desk.house.center) as act:
        await refuse_change(act, request, reason="邮箱收不到邮件，请核对后再提", seen=version)

    view = await seen(desk, request, desk.expert)
    assert (view.state, view.reason, (await expert(desk)).email) == ("refused", "邮箱收不到邮件，请核对后再提", "")
    async with reading(desk.house.database) as session:
        told = (await session.scalars(select(OutboxRow).where(OutboxRow.template == "CHANGE_REFUSED"))).one()
    assert (told.recipient_person_id, told.params) == (
        desk.expert.person_id,
        {"number": "BG2026-0001", "path": "/my"},
    )


async def test_request_is_decided_once_even_by_two_at_the_same_time(
    engine: str, database: Database, settings: Settings
) -> None:
    desk = await a_desk(database, settings)
    request = await asked(desk)
    colleague = await an_account(database, "center")

    async def refused() -> None:
        version = (await seen(desk, request)).version
        async with desk.house.acts(colleague) as act:
            await refuse_change(act, request, reason="邮箱收不到邮件，请核对后再提", seen=version)

    done = await asyncio.gather(accepted(desk, request), refused(), return_exceptions=True)

    assert sum(one is None for one in done) == 1
    assert all(one is None or isinstance(one, (Stale, Refused)) for one in done)
    view = await seen(desk, request)
    assert (view.state == "accepted") == ((await expert(desk)).email == "he@example.cn")


# Pages and API


async def test_an_expert_asks_on_the_own_page_and_the_center_accepts(
    desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    client = await signed_in("expert", person_id=desk.expert.person_id)
    page = (await client.get("/my/data")).text
    kept = dict(re.findall(r'name="(name|email|main_field)" type="\w+" value="([^"]*)"', page))
    assert (kept["name"], kept["email"]) == ("何一", "")
    version = await version_on(client, "/my/data")
    wrong = await client.post(
        "/my/data",
        data=form(version=version, **(kept | {"email": "不是邮箱"}), title_level="none"),
        files={"file_work": ("a.exe", b"MZ", "application/pdf")},
    )
    assert (wrong.status_code, 'value="不是邮箱"' in wrong.text) == (400, True)
    for at in ("email", "file_work"):
        assert f'href="#f-{at}"' in wrong.text
    typed = kept | {"email": "he@example.cn", "unit": "县水务集团", "post": "总工", "from_on": "2026-9-1"}
    sent = await client.post(
        "/my/data",
        data=form(version=version, **typed, title_level="none"),
        files={"file_work": ("证明.png", a_picture("PNG"), "image/png")},
    )
    assert sent.status_code == 303, sent.text
    assert "电子邮箱、工作单位和职务" in (await client.get("/my")).text
    assert "1 份资料更改申请等待核对" in (await as_center.get("/")).text
    found = re.search(r'href="(/change-requests/[0-9a-f-]{36})"', (await as_center.get("/change-requests")).text)
    assert found is not None
    shown = (await as_center.get(found[1])).text
    assert "县水务集团 总工" in shown
    for place in ("", "/edit"):
        assert "本人申请更改资料，待核对" in (await as_center.get(f"/experts/{desk.expert_id}{place}")).text
    unfound = await as_center.post(f"{found[1]}/accept", data=form(version=await version_on(as_center, found[1])))
    assert (unfound.status_code, 'href="#f-unit"' in unfound.text) == (400, True)
    done = await as_center.post(
        f"{found[1]}/accept",
        data=form(version=await version_on(as_center, found[1]), unit="县水务集团", new_unit_name="示范县水务集团"),
    )
    assert done.status_code == 303, done.text

    assert "示范县水务集团" in (await as_center.get(f"/experts/{desk.expert_id}")).text
    assert "已采纳" in (await client.get("/my")).text


async def test_the_same_acts_by_api(desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn) -> None:
    def key(version: int) -> dict[str, str]:
        return {"Idempotency-Key": f"change-{next(_KEYS):06d}", "If-Match": f'"{version}"'}

    client = await signed_in("expert", person_id=desk.expert.person_id)
    place = f"/api/experts/{desk.expert_id}/change-requests"
    bad = {"email": "he@example.cn", "files": [{"kind": "work", "name": "a", "content": "TVo="}]}
    wrong = await client.post(place, json=bad, headers=key(await desk.version()))
    assert [(one["at"], one["code"]) for one in wrong.json()["faults"]] == [("file_work", "ATTACHMENT_OF_OTHER_KIND")]
    made = await client.post(place, json={"email": "he@example.cn"}, headers=key(await desk.version()))
    assert made.status_code == 201, made.text
    assert made.json()["items"] == [
        {"item": "email", "then": "", "now": "", "asked": "he@example.cn", "overtaken": False}
    ]
    request = made.headers["location"]
    forbidden = await client.post(f"{request}/accept", json={}, headers=key(made.json()["version"]))
    assert forbidden.status_code == 404
    taken = await client.post(f"{request}/withdraw", headers=key(made.json()["version"]))
    assert taken.json()["state"] == "withdrawn"
    again = await client.post(place, json={"email": "he@example.cn"}, headers=key(await desk.version()))
    done = await as_center.post(f"{again.headers['location']}/accept", json={}, headers=key(again.json()["version"]))
    assert (done.status_code, done.json()["state"]) == (200, "accepted")
    third = await client.post(place, json={"title": "高级工程师"}, headers=key(await desk.version()))
    refused = await as_center.post(
        f"{third.headers['location']}/refuse",
        json={"reason": "请附职称证书原件的照片"},
        headers=key(third.json()["version"]),
    )
    assert refused.json()["reason"] == "请附职称证书原件的照片"

    listed = (await as_center.get("/api/change-requests?state=accepted")).json()
    assert [one["items"] for one in listed["requests"]] == [["email"]]
    mine = (await client.get("/api/change-requests/mine")).json()
    assert [one["state"] for one in mine] == ["refused", "accepted", "withdrawn"]
