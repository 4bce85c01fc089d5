"""Applying without an account: sending, following, confirming by a link; the center's inbox; open calls."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import select

from registry import ApplicationStage, ExpertField, Stage, State
from service.actions.application_data import Recommender, code_of, unseal
from service.actions.application_desk import (
    LINK_FOR,
    give_link,
    invite_to_apply,
    open_file,
    reject_application,
    take_application,
    unmask_application,
)
from service.actions.applications import (
    ApplicationEntry,
    Receipt,
    asked_by_link,
    confirm_application,
    decline_application,
    follow_application,
    send_application,
)
from service.actions.calls import CallEntry, correct_call, publish_call
from service.actions.candidates import reject_candidate
from service.actions.experts import AboutExpert, add_expert
from service.actions.record_mergers import Merging, merge_records
from service.actions.visit import Visit
from service.keys import Keys
from service.ledger import stream
from service.problems import Forbidden, Invalid, KeyReused, NotFound, Refused, Stale
from service.regulation import load_edition
from service.settings import Settings
from service.storage.applications import id_of_number, load_application
from service.storage.attached import NewFile
from service.storage.calls import list_calls
from service.storage.expert_writing import put_state
from service.storage.rows.acts import ReadRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import House, a_house, a_number, an_entry
from tests.service.conftest import MONDAY, an_account

_KEYS = count()
FILE = NewFile("title", "职称证书.pdf", "application/pdf", "0" * 64, b"%PDF-1.7")


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    return await a_house(database, settings)


def typed(source: str = "self", **changes: object) -> ApplicationEntry:
    """Return an application of somebody with a senior title."""
    about = AboutExpert(
        name="谢安之",
        identity_number=a_number(),
        phone="13800138000",
        title="高级工程师",
        source=source,
        fields=(ExpertField("570", main=True),),
    )
    known = {name: changes.pop(name) for name in list(changes) if hasattr(about, name)}
    entry = ApplicationEntry(replace(about, **known), "示范县水利局", "总工", "主持过两座水库除险加固", True, True)
    return replace(entry, **changes)


RECOMMENDED = Recommender("示范县水利局", "韩其", "0335-7654321")


@asynccontextmanager
async def visiting(house: House, at: datetime = MONDAY):
    """Open a unit of work in which somebody without an account acts."""
    edition = load_edition(house.settings.edition, issued_on=house.settings.edition_issued_on)
    async with unit_of_work(house.database, at=at) as session:
        yield Visit(session, at, Keys.at(house.settings.var / "secrets.toml"), edition)


async def sent(
    house: House,
    entry: ApplicationEntry | None = None,
    *,
    files: Sequence[NewFile] = (),
    key: str = "",
    digest: str = "d",
    at: datetime = MONDAY,
) -> Receipt:
    async with visiting(house, at) as visit:
        key = key or f"application-{next(_KEYS)}"
        return await send_application(visit, entry or typed(), files, key=key, digest=digest)


async def looked_up(house: House, receipt: Receipt):
    async with reading(house.database) as session:
        application_id = await id_of_number(session, receipt.number)
        assert application_id is not None
        return await load_application(session, house.center, application_id, at=MONDAY)


async def followed(house: House, receipt: Receipt, *, code: str = ""):
    async with visiting(house) as visit:
        return await follow_application(visit, receipt.number, code or receipt.code)


async def taken(house: House, receipt: Receipt) -> UUID:
    view = await looked_up(house, receipt)
    async with house.acts(house.center) as act:
        return await take_application(act, view.line.id, work=None, seen=view.version)


async def linked(house: House, receipt: Receipt, *, at: datetime = MONDAY) -> str:
    view = await looked_up(house, receipt)
    async with house.acts(house.center, at) as act:
        return (await give_link(act, view.line.id, seen=view.version)).token


async def called(house: House, opens_on: date, closes_on: date, *fields: str) -> str:
    async with house.acts(house.center) as act:
        await publish_call(act, CallEntry("征集水利专家", "面向全省", fields, opens_on, closes_on))
    async with reading(house.database) as session:
        return (await list_calls(session))[0].number


def codes(problem: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.code for one in problem.value.refusals]


def faults(problem: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(one.at, one.code) for one in problem.value.faults}


@pytest.mark.rule("R24a", "R25f")
async def test_own_application_becomes_a_candidate_with_the_own_declarations_on_the_card(engine, house: House) -> None:
    receipt = await sent(house, files=[FILE])
    assert (receipt.number, receipt.stage) == ("WS2026-0001", ApplicationStage.SUBMITTED)

    candidate_id = await taken(house, receipt)

    view = await house.candidate(candidate_id)
    declared = {one.item.value for one in view.findings if one.answered}
    assert (view.line.name, view.line.source, view.line.stage) == ("谢安之", "self", Stage.RECEIVED)
    assert declared == {"consent", "health"}
    assert (await followed(house, receipt)).progress is Stage.RECEIVED
    assert [one.name for one in (await looked_up(house, receipt)).files] == ["职称证书.pdf"]


@pytest.mark.rule("R25f")
async def test_own_application_lacking_what_only_the_person_can_say_names_all_of_it(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        await sent(house, typed(identity_number="", phone="", willing=False, able=False, fields=()))

    assert faults(refused) == {
        ("identity_number", "FIELD_REQUIRED"),
        ("phone", "FIELD_REQUIRED"),
        ("willing", "WILLING_NOT_DECLARED"),
        ("able", "ABLE_NOT_DECLARED"),
        ("main_field", "FIELD_REQUIRED"),
    }


async def test_sending_twice_applies_once_and_another_content_under_the_key_is_refused(engine, house: House) -> None:
    first = await sent(house, key="the-same-key")
    again = await sent(house, key="the-same-key")

    assert again == first
    with pytest.raises(KeyReused):
        await sent(house, key="the-same-key", digest="other")
    assert (await sent(house)).number == "WS2026-0002"


async def test_what_an_application_says_is_sealed_and_stands_in_no_event(house: House) -> None:
    entry = typed()
    receipt = await sent(house, entry)

    view = await looked_up(house, receipt)
    keys = Keys.at(house.settings.var / "secrets.toml")
    assert entry.about.identity_number.encode() not in view.sealed
    assert unseal(keys, view.line.id, view.sealed).phone == "13800138000"
    async with reading(house.database) as session:
        written = "".join(str(one.value()) for one in await stream(session, f"application:{view.line.id}"))
    assert "application.sent" in written
    for private in (entry.about.identity_number, entry.about.name, "13800138000", "水库"):
        assert private not in written


async def test_an_application_is_followed_with_its_own_code_only(house: House) -> None:
    mine, others = await sent(house), await sent(house, typed(name="另一人"))

    typed_loosely = f"{mine.code[:4]}-{mine.code[4:8]} {mine.code[8:]}".lower()
    assert (await followed(house, mine, code=typed_loosely)).number == mine.number
    for number, code in ((mine.number, others.code), ("WS2026-9999", mine.code), (mine.number, "")):
        with pytest.raises(Invalid) as refused:
            async with visiting(house) as visit:
                await follow_application(visit, number, code)
        assert faults(refused) == {("code", "APPLICATION_NOT_FOUND")}


@pytest.mark.rule("R24a")
async def test_applicant_reads_why_it_was_turned_down_before_and_after_it_was_taken(house: House) -> None:
    early, late = await sent(house), await sent(house)
    view = await looked_up(house, early)
    async with house.acts(house.center) as act:
        await reject_application(act, view.line.id, reason="材料不全，请补充职称证书", seen=view.version)
    candidate_id = await taken(house, late)
    seen = (await house.candidate(candidate_id)).version
    async with house.acts(house.center) as act:
        await reject_candidate(act, candidate_id, reason="专业与本县目前的需要不符", seen=seen)

    first, second = await followed(house, early), await followed(house, late)
    assert (first.stage, first.reason) == (ApplicationStage.REJECTED, "材料不全，请补充职称证书")
    assert (second.progress, second.reason) == (Stage.REJECTED, "专业与本县目前的需要不符")


async def test_an_application_is_decided_once_and_by_the_center(house: House) -> None:
    receipt = await sent(house)
    view = await looked_up(house, receipt)
    with pytest.raises(Invalid) as refused:
        async with house.acts(house.center) as act:
            await reject_application(act, view.line.id, reason="不行", seen=view.version)
    assert faults(refused) == {("reason", "REASON_TOO_SHORT")}
    with pytest.raises(Forbidden):
        async with house.acts(house.office) as act:
            await take_application(act, view.line.id, work=None, seen=view.version)

    await taken(house, receipt)

    with pytest.raises(Stale):
        async with house.acts(house.center) as act:
            await reject_application(act, view.line.id, reason="打开页面之后别人已受理", seen=view.version)
    now = await looked_up(house, receipt)
    with pytest.raises(Refused) as again:
        async with house.acts(house.center) as act:
            await take_application(act, view.line.id, work=None, seen=now.version)
    assert codes(again) == ["APPLICATION_DECIDED"]


@pytest.mark.rule("R24a", "R25f")
async def test_a_recommendation_waits_until_the_person_confirms_it_by_the_link(engine, house: House) -> None:
    receipt = await sent(house, typed("organisation", identity_number="", phone="", recommender=RECOMMENDED))
    assert receipt.stage is ApplicationStage.UNCONFIRMED
    with pytest.raises(Refused) as refused:
        await taken(house, receipt)
    assert codes(refused) == ["APPLICATION_DECIDED"]

    token = await linked(house, receipt)
    before = await looked_up(house, receipt)
    async with visiting(house) as visit:
        asked = await asked_by_link(visit, token)
    assert (await looked_up(house, receipt)).version == before.version
    assert (asked.name, asked.source_note, asked.said.willing) == ("谢安之", "示范县水利局", False)
    async with visiting(house) as visit:
        confirmed = await confirm_application(visit, token, typed(title="正高级工程师"), [FILE])

    view = await looked_up(house, receipt)
    said = unseal(Keys.at(house.settings.var / "secrets.toml"), view.line.id, view.sealed)
    assert confirmed.code == receipt.code
    assert (view.line.stage, view.confirmed_on) == (ApplicationStage.SUBMITTED, date(2026, 9, 14))
    assert (said.title, said.willing, said.recommender_name) == ("正高级工程师", True, "韩其")
    assert (await house.candidate(await taken(house, receipt))).line.source == "organisation"


async def test_a_link_is_used_once_ends_after_a_week_and_another_one_leads_nowhere(house: House) -> None:
    entry = typed("organisation", recommender=RECOMMENDED)
    receipt = await sent(house, entry)
    first = await linked(house, receipt)
    second = await linked(house, receipt)

    async with visiting(house) as visit:
        with pytest.raises(NotFound):
            await asked_by_link(visit, "x" * 43)
        with pytest.raises(Refused) as replaced:
            await asked_by_link(visit, first)
    async with visiting(house, MONDAY + LINK_FOR) as visit:
        with pytest.raises(Refused) as late:
            await asked_by_link(visit, second)
    async with visiting(house, MONDAY + LINK_FOR - timedelta(seconds=1)) as visit:
        await confirm_application(visit, second, replace(entry, recommender=None))
    async with visiting(house) as visit:
        with pytest.raises(Refused) as twice:
            await confirm_application(visit, second, entry)
    assert (codes(replaced), codes(late), codes(twice)) == (["LINK_OVER"], ["LINK_OVER"], ["LINK_USED"])


async def test_the_person_confirms_with_the_number_that_was_named(house: House) -> None:
    receipt = await sent(house, typed("organisation", recommender=RECOMMENDED))
    token = await linked(house, receipt)

    with pytest.raises(Invalid) as refused:
        async with visiting(house) as visit:
            await confirm_application(visit, token, typed())

    assert faults(refused) == {("identity_number", "IDENTITY_NOT_AS_NAMED")}
    assert (await looked_up(house, receipt)).line.stage is ApplicationStage.UNCONFIRMED


async def test_the_person_may_say_no(house: House) -> None:
    receipt = await sent(house, typed("organisation", recommender=RECOMMENDED))
    token = await linked(house, receipt)

    async with visiting(house) as visit:
        await decline_application(visit, token, reason="近两年在外地工作")

    found = await followed(house, receipt)
    assert (found.stage, found.reason) == (ApplicationStage.DECLINED, "近两年在外地工作")


@pytest.mark.rule("R24a")
async def test_the_center_invites_with_what_it_knows_and_says_who_invites(house: House) -> None:
    little = ApplicationEntry(AboutExpert(name="谢安之", source="invited"))
    with pytest.raises(Invalid) as refused:
        async with house.acts(house.center) as act:
            await invite_to_apply(act, little, note="")
    assert faults(refused) == {("source_note", "FIELD_REQUIRED")}

    async with house.acts(house.center) as act:
        given = await invite_to_apply(act, little, note="县政府常务会议")
    async with visiting(house) as visit:
        asked = await asked_by_link(visit, given.token)
        await confirm_application(visit, given.token, typed())

    assert (asked.source, asked.source_note) == ("invited", "县政府常务会议")
    async with reading(house.database) as session:
        view = await load_application(session, house.center, given.application_id, at=MONDAY)
    assert (view.line.source, view.line.stage) == ("invited", ApplicationStage.SUBMITTED)


@pytest.mark.rule("R24a")
@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        pytest.param(0, 0, id="one day, today"),
        pytest.param(-30, 0, id="the last day counts"),
        pytest.param(0, 30, id="the first day counts"),
    ],
)
async def test_applications_to_a_call_are_taken_inside_its_period(house: House, opens: int, closes: int) -> None:
    today = date(2026, 9, 14)
    number = await called(house, today + timedelta(days=opens), today + timedelta(days=closes))

    receipt = await sent(house, typed("open-call", call_number=number))

    assert (await looked_up(house, receipt)).line.source_note == f"{number} 征集水利专家"


@pytest.mark.rule("R24a")
async def test_a_call_that_opens_tomorrow_takes_nothing_today(house: House) -> None:
    number = await called(house, date(2026, 9, 15), date(2026, 9, 30))

    with pytest.raises(Refused) as refused:
        await sent(house, typed("open-call", call_number=number))
    assert codes(refused) == ["CALL_NOT_OPEN"]


@pytest.mark.rule("R24a")
async def test_a_call_that_was_ended_early_takes_nothing_from_the_next_day_on(house: House) -> None:
    today = date(2026, 9, 14)
    number = await called(house, today, today + timedelta(days=30))
    async with reading(house.database) as session:
        call = (await list_calls(session))[0]
    ended = CallEntry("征集水利专家", "面向全省", (), today, today)
    async with house.acts(house.center) as act:
        await correct_call(act, call.id, ended, reason="人数已满，所以提前结束", seen=call.version)

    await sent(house, typed("open-call", call_number=number))
    with pytest.raises(Refused) as refused:
        await sent(house, typed("open-call", call_number=number), at=MONDAY + timedelta(days=1))
    assert codes(refused) == ["CALL_NOT_OPEN"]
    with pytest.raises(Invalid) as unknown:
        await sent(house, typed("open-call", call_number="ZJ2026-99"))
    assert faults(unknown) == {("call", "CALL_UNKNOWN")}


async def test_faults_of_a_call_are_named_together(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        async with house.acts(house.center) as act:
            await publish_call(act, CallEntry("", "x" * 4001, ("999",), date(2026, 9, 1), date(2026, 9, 13)))

    assert faults(refused) == {
        ("title", "FIELD_REQUIRED"),
        ("text", "FIELD_TOO_LONG"),
        ("fields", "FIELD_CODE_UNKNOWN"),
        ("closes_on", "DAY_IN_PAST"),
    }


@pytest.mark.rule("R70b")
@pytest.mark.parametrize("source", ["self", "organisation", "open-call"])
async def test_who_was_struck_off_is_recognised_by_the_number_whatever_the_channel_and_only_staff_see_it(
    house: House, database: Database, source: str
) -> None:
    number = a_number()
    candidate_id = await house.checked(replace(an_entry(), about=replace(an_entry().about, identity_number=number)))
    batch = await house.proposed([candidate_id])
    await house.decided(batch, house.office)
    await house.lettered(batch)
    expert_id = (await house.candidate(candidate_id)).line.expert_id
    assert expert_id is not None
    async with unit_of_work(database, at=MONDAY) as session:
        await put_state(session, expert_id, State.STRUCK_OFF, since_on=date(2026, 9, 14))
    call = await called(house, date(2026, 9, 14), date(2026, 9, 30)) if source == "open-call" else ""
    recommender = RECOMMENDED if source == "organisation" else None
    entry = typed(source, identity_number=number, call_number=call, recommender=recommender)

    receipt = await sent(house, entry)
    if source == "organisation":
        token = await linked(house, receipt)
        async with visiting(house) as visit:
            await confirm_application(visit, token, entry)

    assert (await looked_up(house, receipt)).known.struck_off
    with pytest.raises(Refused) as refused:
        await taken(house, receipt)
    assert codes(refused) == ["STRUCK_OFF"]
    assert (await followed(house, receipt)).stage is ApplicationStage.SUBMITTED


@pytest.mark.rule("R70b")
async def test_number_of_a_record_that_went_into_another_leads_to_the_one_that_stayed(
    house: House, database: Database
) -> None:
    number = a_number()
    async with house.acts(house.center) as act:
        gone_id = await add_expert(act, replace(typed().about, identity_number=number))
        kept_id = await add_expert(act, replace(typed().about, identity_number=a_number()))
    async with house.acts(house.center) as act:
        await merge_records(act, kept_id, Merging(gone_id, 1, reason="证件号码录错一位，经核对确认"), seen=1)
    async with unit_of_work(database, at=MONDAY) as session:
        await put_state(session, kept_id, State.STRUCK_OFF, since_on=date(2026, 9, 14))

    known = (await looked_up(house, await sent(house, typed(identity_number=number)))).known

    assert (known.expert_id, known.struck_off) == (kept_id, True)


@pytest.mark.rule("R24a")
async def test_two_applications_of_one_person_are_seen_as_such_and_only_one_becomes_a_candidate(house: House) -> None:
    entry = typed()
    first, second = await sent(house, entry), await sent(house, entry)

    assert [number for _, number in (await looked_up(house, first)).known.others] == [second.number]
    candidate_id = await taken(house, first)
    assert (await looked_up(house, second)).known.candidate_id == candidate_id
    with pytest.raises(Refused) as refused:
        await taken(house, second)
    assert codes(refused) == ["APPLICATION_RUNNING"]


async def test_strangers_cannot_make_the_center_keep_more_than_so_much(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.actions.applications.WAITING_MOST", 1)
    await sent(house)

    with pytest.raises(Refused) as refused:
        await sent(house)
    assert codes(refused) == ["INBOX_FULL"]
    with pytest.raises(Invalid) as many:
        await sent(house, files=[FILE] * 4)
    assert ("files", "CHOICES_OVER_LIMIT") in faults(many)


async def test_looking_at_files_and_numbers_is_noted_and_not_for_everybody(house: House, database: Database) -> None:
    receipt = await sent(house, files=[FILE])
    view = await looked_up(house, receipt)
    async with house.acts(house.center) as act:
        _, content = await open_file(act, view.line.id, view.files[0].id)
        phone = await unmask_application(act, view.line.id, "phone", reason="电话通知本人补充材料")

    assert (content, phone) == (b"%PDF-1.7", "13800138000")
    async with reading(database) as session:
        noted = (await session.execute(select(ReadRow.what, ReadRow.reason).order_by(ReadRow.what))).tuples().all()
    assert noted == [("application-file", ""), ("application-phone", "电话通知本人补充材料")]
    for viewer in (house.office, await an_account(database, "audit"), await an_account(database, "expert")):
        with pytest.raises(Forbidden):
            async with house.acts(viewer) as act:
                await open_file(act, view.line.id, view.files[0].id)


def test_a_code_belongs_to_one_application_of_one_installation(keys: Keys) -> None:
    one, other = UUID(int=1), UUID(int=2)

    assert code_of(keys, one) == code_of(keys, one)
    assert len({code_of(keys, one), code_of(keys, other)}) == 2
    assert len(code_of(keys, one)) == 12
