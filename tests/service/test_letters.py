"""Letters of appointment: what stands on the PDF, printing again, and the public check."""

import re
import subprocess
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from registry import State
from service import ledger
from service.actions.corrections import withdraw_term
from service.documents.letters import LetterSheet, letters_pdf, unsettable
from service.documents.typesetting import NotSettable
from service.problems import Refused
from service.settings import Settings
from service.storage.expert_page import load_expert
from service.storage.expert_writing import put_state
from service.storage.letters import letters_on
from service.storage.rows.library import ExpertRow
from service.storage.session import Database, reading
from tests.service.admission import TODAY, House, a_house, an_entry
from tests.service.conftest import SignedIn, acting

SHEET = LetterSheet(
    number="示决聘〔2026〕001号",
    name="沈嘉禾",
    starts_on=date(2026, 9, 14),
    ends_on=date(2031, 9, 13),
    years=5,
    letter_on=date(2026, 9, 14),
    code="ABCD2345EFGH",
)
_KEYS = count()


def text_of(pdf: bytes, folder: Path) -> str:
    """Return the words of a PDF as another program reads them, without blanks."""
    path = folder / "letter.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True)
    return re.sub(r"\s", "", told.stdout)


def made(*sheets: LetterSheet) -> bytes:
    return letters_pdf(sheets, county="示范县", base_url="http://localhost:8000", on=TODAY)


def form(**fields: str) -> dict[str, str]:
    return {"idempotency_key": f"letter-{next(_KEYS):06d}"} | fields


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    return await a_house(database, settings)


async def a_list(house: House, *names: str) -> UUID:
    batch_id = await house.proposed([await house.checked(an_entry(name)) for name in names])
    await house.decided(batch_id, house.office)
    await house.lettered(batch_id)
    return batch_id


@pytest.mark.rule("R24b", "R24c")
def test_letter_says_name_number_term_and_code_and_is_archival(tmp_path: Path) -> None:
    pdf = made(SHEET)

    text = text_of(pdf, tmp_path)
    for said in (
        "聘书",
        "沈嘉禾",
        "示决聘〔2026〕001号",
        "聘期五年",
        "自2026年9月14日起至2031年9月13日止",
        "ABCD-2345-EFGH",
        "示范县",
    ):
        assert said in text, said
    assert b"pdfaid" in pdf
    assert "补印" not in text


def test_letter_printed_again_says_so_and_each_has_its_page(tmp_path: Path) -> None:
    text = text_of(made(SHEET, replace(SHEET, name="何一", prints=1)), tmp_path)

    assert ("补印（第2次）" in text, "何一" in text, "沈嘉禾" in text) == (True, True, True)


def test_name_that_no_font_has_is_never_printed_as_a_box() -> None:
    assert (unsettable("沈嘉禾"), unsettable("沈𠮷禾")) == ("", "𠮷")
    with pytest.raises(NotSettable):
        made(replace(SHEET, name="沈𠮷禾"))


def test_what_is_typed_is_never_read_as_markup(tmp_path: Path) -> None:
    assert "#emoji.face*" in text_of(made(replace(SHEET, name="#emoji.face *")), tmp_path)


async def test_center_prints_a_list_and_each_printing_is_noted(
    house: House, as_center: httpx.AsyncClient, tmp_path: Path
) -> None:
    batch_id = await a_list(house, "何一", "何二")

    first = await as_center.post(f"/batches/{batch_id}/print", data=form())
    assert first.headers["content-type"] == "application/pdf"
    assert ("何一" in text_of(first.content, tmp_path), "补印" in text_of(first.content, tmp_path)) == (True, False)
    async with reading(house.database) as session:
        letters = await letters_on(session, batch_id)
    one = await as_center.post(f"/batches/{batch_id}/print", data=form(candidate=str(letters[0].candidate_id)))
    text = text_of(one.content, tmp_path)
    assert ("何一" in text, "何二" in text, "补印（第2次）" in text) == (True, False, True)
    api = await as_center.post(f"/api/batches/{batch_id}/print", headers={"Idempotency-Key": "letters-api-1"})
    assert api.content.startswith(b"%PDF")

    async with reading(house.database) as session:
        assert [one.printed for one in await letters_on(session, batch_id)] == [3, 2]
        entries = await ledger.stream(session, f"expert:{letters[0].expert_id}")
    again = [entry.value()["body"]["again"] for entry in entries if entry.type == "letter.printed"]
    assert again == [False, True, True]


async def test_list_without_letters_prints_nothing(house: House, as_center: httpx.AsyncClient) -> None:
    batch_id = await house.proposed([await house.checked()])

    assert (await as_center.post(f"/batches/{batch_id}/print", data=form())).status_code == 404


@pytest.mark.parametrize("role", ["office", "mayor", "audit", "expert", "unit"])
async def test_only_the_center_prints(house: House, signed_in: SignedIn, role: str) -> None:
    batch_id = await a_list(house, "何一")

    client = await signed_in(role)
    assert (await client.post(f"/batches/{batch_id}/print", data=form())).status_code in (403, 404)


async def test_anyone_checks_a_letter_and_learns_no_more_than_needed(house: House, client: httpx.AsyncClient) -> None:
    batch_id = await a_list(house, "何一明")
    async with reading(house.database) as session:
        (letter,) = await letters_on(session, batch_id)

    typed = f"{letter.code[:4]}-{letter.code[4:8].lower()} {letter.code[8:]}"
    asked = await client.get("/letters", params={"code": typed})
    assert asked.headers["location"] == f"/letters/{letter.code}"
    shown = await client.get(f"/letters/{letter.code}")
    assert (shown.status_code, "何**" in shown.text, "何一明" in shown.text) == (200, True, False)
    assert "聘书真实" in shown.text
    unknown = await client.get("/letters/AAAA2345BBBB")
    assert (unknown.status_code, "没有这个验证码的聘书" in unknown.text) == (404, True)
    assert (await client.get("/api/letters/AAAA2345BBBB")).status_code == 404


@pytest.mark.parametrize(
    ("state", "valid", "ended"),
    [
        (None, True, False),
        (State.SUSPENDED, True, False),
        (State.STRUCK_OFF, False, True),
        (State.WITHDRAWN, False, True),
    ],
)
async def test_check_says_whether_the_letter_still_holds(
    house: House, client: httpx.AsyncClient, state: State | None, valid: bool, ended: bool
) -> None:
    batch_id = await a_list(house, "何一")
    async with reading(house.database) as session:
        (letter,) = await letters_on(session, batch_id)
    if state is not None:
        async with house.acts(house.center) as act:
            await put_state(act.session, letter.expert_id, state, since_on=act.on)

    found = (await client.get(f"/api/letters/{letter.code}")).json()

    assert (found["valid"], found["ended"], found["name"]) == (valid, ended, "何*")


async def test_name_that_cannot_be_set_is_told_before_and_refused_when_printing(
    house: House, as_center: httpx.AsyncClient
) -> None:
    candidate_id = await house.checked(an_entry("沈𠮷禾"))
    assert "现有字体没有“𠮷”这个字" in (await as_center.get(f"/candidates/{candidate_id}")).text
    batch_id = await house.proposed([candidate_id])
    await house.decided(batch_id, house.office)
    await house.lettered(batch_id)

    answer = await as_center.post(f"/batches/{batch_id}/print", data=form())

    assert (answer.status_code, "NAME_NOT_IN_FONT" in answer.text) == (409, True)
    async with reading(house.database) as session:
        assert [one.printed for one in await letters_on(session, batch_id)] == [0]


async def test_a_term_with_a_letter_is_not_withdrawn_as_a_mistake(house: House) -> None:
    await a_list(house, "沈嘉禾")
    async with reading(house.database) as session:
        expert_id = await session.scalar(select(ExpertRow.id))
        assert expert_id is not None
        expert = await load_expert(session, house.center, expert_id, on=TODAY)

    async with acting(house.database, house.settings, house.center) as act:
        with pytest.raises(Refused) as refused:
            await withdraw_term(
                act, expert_id, expert.terms[0].id, reason="录入时把聘期的年份算错了", seen=expert.version
            )
    assert refused.value.refusals[0].code == "TERM_HAS_LETTER"
