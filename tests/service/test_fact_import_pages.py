"""Importing ties on its pages, as JSON and on the command line."""

import base64
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import openpyxl
import pytest
from sqlalchemy import func, select

from service.ids import new_id
from service.settings import Settings
from service.storage.rows.facts import FactRow
from service.storage.session import Database, reading
from tests.service.conftest import a_unit, an_account
from tests.service.exchange.builders import credit_code, id_number
from tests.service.fact_house import FactHouse, a_row, a_table
from tests.service.library import Entry, Inserted, a_library

FIRM = "清源水务有限公司"
MIXED = a_table(a_row(), a_row(姓名="钱芳", 身份证号=None), a_row(关系类型="老乡"))


@pytest.fixture
def house(database: Database, settings: Settings, as_center: httpx.AsyncClient) -> FactHouse:
    return FactHouse(database, settings, as_center.viewer)  # type: ignore[attr-defined]


@pytest.fixture
async def library(database: Database, house: FactHouse) -> Inserted:
    units = {FIRM: await a_unit(database, FIRM)}
    inserted = await a_library(database, [Entry("赵明"), Entry("钱芳")], units=units)
    await house.known(inserted, {"赵明": id_number(1)}, {FIRM: credit_code(1)})
    return inserted


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(new_id())}


def hidden(page: str, action: str) -> dict[str, str]:
    form = page[page.find(f'action="{action}"') :]
    return dict(re.findall(r'<input type="hidden" name="(idempotency_key|version)" value="([^"]*)"', form)[:2])


async def facts(database: Database) -> int:
    async with reading(database) as session:
        return await session.scalar(select(func.count()).select_from(FactRow)) or 0


async def test_ties_are_imported_on_the_pages_from_upload_to_taking_back(
    as_center: httpx.AsyncClient, house: FactHouse, library: Inserted
) -> None:
    start = (await as_center.get("/fact-imports")).text
    sent = await as_center.post(
        "/fact-imports",
        data=hidden(start, "/fact-imports") | {"source": "企业公示", "confidence": "sure", "basis": "statutory-duty"},
        files={"file": ("关系.xlsx", MIXED)},
    )
    run = sent.headers["location"]
    assert (sent.status_code, "正在" in (await as_center.get(run)).text) == (303, True)
    await house.work()

    page = (await as_center.get(run)).text
    assert "将新增 1 条关系、更改 0 条" in page
    assert "待确认的名称" in page
    assert "E0001" in page  # what tells the namesake on record
    error = (await as_center.get(f"{run}?tab=error")).text
    assert ">C4</span> 不认识的关系类型“老乡”" in error
    marked = openpyxl.load_workbook(io.BytesIO((await as_center.get(f"{run}/errors.xlsx")).content))
    assert marked["关系"]["C4"].value == "老乡"

    said = {"meant:关系!3:subject": str(library.people["钱芳"])}
    await as_center.post(f"{run}/names", data=hidden(page, f"{run}/names") | said)
    await house.work()
    page = (await as_center.get(run)).text
    assert "将新增 2 条关系" in page
    await as_center.post(f"{run}/confirm", data=hidden(page, f"{run}/confirm"))
    await house.work()
    page = (await as_center.get(run)).text
    assert "新增 2 条关系" in page
    assert await facts(house.database) == 2

    refused = await as_center.post(f"{run}/withdraw", data=hidden(page, f"{run}/withdraw") | {"reason": "错"})
    assert refused.status_code == 400
    gone = await as_center.post(f"{run}/withdraw", data=hidden(page, f"{run}/withdraw") | {"reason": "文件作废"})
    assert gone.status_code == 303
    assert "撤销 2 条，恢复原样 0 条" in (await as_center.get(run)).text
    assert "/facts/" not in (await as_center.get(f"/experts/{library.experts['赵明']}/ties")).text


async def test_upload_without_source_keeps_what_was_typed(as_center: httpx.AsyncClient, house: FactHouse) -> None:
    start = (await as_center.get("/fact-imports")).text
    typed = {"source": "", "basis": "other", "basis_text": "县政府令", "confidence": "likely"}

    answer = await as_center.post("/fact-imports", data=hidden(start, "/fact-imports") | typed)

    assert answer.status_code == 400
    assert "县政府令" in answer.text
    assert "#f-source" in answer.text


async def test_english_page_says_everything_in_english(
    as_center: httpx.AsyncClient, house: FactHouse, library: Inserted
) -> None:
    run_id = await house.upload(MIXED)

    for tab in ("", "?tab=error", "?tab=new", "?tab=sheet"):
        page = (await as_center.get(f"/fact-imports/{run_id}{tab}", headers={"Accept-Language": "en"})).text
        assert "Names to settle" in page


async def test_a_roster_and_an_import_of_ties_have_pages_of_their_own(
    as_center: httpx.AsyncClient, house: FactHouse, library: Inserted
) -> None:
    run_id = await house.upload(MIXED)

    assert (await as_center.get(f"/roster/{run_id}")).status_code == 404
    assert (await as_center.get(f"/api/roster/{run_id}")).status_code == 404
    assert "关系.xlsx" not in (await as_center.get("/roster")).text


async def test_ties_are_imported_as_json(as_center: httpx.AsyncClient, house: FactHouse, library: Inserted) -> None:
    body = {
        "name": "关系.xlsx",
        "content_base64": base64.b64encode(MIXED).decode(),
        "source": "企业公示",
        "basis": "statutory-duty",
    }
    sent = await as_center.post("/api/fact-imports", json=body, headers=key())
    run = sent.headers["location"]
    assert (sent.status_code, sent.json()["state"]) == (201, "checking")
    await house.work()

    got = await as_center.get(run)
    assert {name: got.json()["counts"][name] for name in ("new", "hint", "error")} == {"new": 1, "hint": 1, "error": 1}
    (line,) = (await as_center.get(f"{run}/lines", params={"outcome": "error"})).json()["lines"]
    assert [(f["code"], f["cell"], f["severity"]) for f in line["findings"]] == [("TIE_KIND_UNKNOWN", "C4", "error")]
    (name,) = (await as_center.get(f"{run}/names")).json()
    assert (name["key"], name["name"], name["ties"]) == ("关系!3:subject", "钱芳", 1)
    assert id_number(1) not in json.dumps((await as_center.get(f"{run}/lines")).json())

    headers = key() | {"If-Match": got.headers["etag"]}
    settled = await as_center.post(f"{run}/names", json={"meant": {name["key"]: "new"}}, headers=headers)
    assert settled.status_code == 200
    await house.work()
    etag = (await as_center.get(run)).headers["etag"]
    await as_center.post(f"{run}/confirm", headers=key() | {"If-Match": etag})
    await house.work()
    got = await as_center.get(run)
    assert (got.json()["state"], await facts(house.database)) == ("confirmed", 2)
    back = await as_center.post(
        f"{run}/withdraw", json={"reason": "文件作废"}, headers=key() | {"If-Match": got.headers["etag"]}
    )
    assert back.json()["counts"]["withdrawn"] == 2
    assert (await as_center.post(f"{run}/discard", headers=key())).status_code == 428


async def test_a_unit_sees_nothing(as_unit: httpx.AsyncClient) -> None:
    assert (await as_unit.get("/api/fact-imports")).status_code == 403


def expertpool(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "EXPERTPOOL_VAR": str(settings.var),
        "EXPERTPOOL_DATABASE_URL": settings.database_url,
        "PYTHONWARNINGS": "error",
    }
    program = "from service.cli.main import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)


async def test_command_line_reads_the_format_for_programs_and_says_what_is_the_same(
    database: Database, settings: Settings, library: Inserted, tmp_path: Path
) -> None:
    await an_account(database, "center", login="wang")
    file = tmp_path / "ties.json"
    body = {
        "format": "conflict-facts/1",
        "people": [{"id": "p", "name": "赵明", "x-number": "E0000"}],
        "organisations": [{"id": "o", "name": FIRM, "credit_code": credit_code(1)}],
        "facts": [
            {"id": "f", "subject": "p", "kind": "directorship", "object": "o", "from_on": "2024-02-29"},
            {"id": "g", "subject": "p", "kind": "contract", "object": "o", "from_on": "2023-02-29"},
        ],
    }
    file.write_text(json.dumps(body), encoding="utf-8")
    given = ("import", "facts", str(file), "--as", "wang", "--source", "register")

    dry = expertpool(settings, *given, "--language", "en")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert "/facts/1/from_on" in dry.stdout
    assert "must be a day that exists" in dry.stdout
    assert "new 1  changed 0  identical 0  hint 0  error 1" in dry.stdout
    assert await facts(database) == 0

    assert json.loads(expertpool(settings, *given, "--confirm", "--json").stdout)["confirmed"] is True
    again = expertpool(settings, *given, "--confirm")
    assert again.returncode == 3
    assert await facts(database) == 1
