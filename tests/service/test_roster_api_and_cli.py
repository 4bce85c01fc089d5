"""The same import as JSON and on the command line, and the export of the list."""

import base64
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import openpyxl
import pytest
from sqlalchemy import func, select

from service.ids import new_id
from service.settings import Settings
from service.storage.rows.library import ExpertRow
from service.storage.session import Database, reading
from tests.service.conftest import an_account
from tests.service.exchange.builders import HEADINGS, a_row, id_number, xlsx
from tests.service.roster_house import House

GOOD = xlsx([HEADINGS, a_row(), a_row(姓名="李四", 身份证号=id_number(2))])
MIXED = xlsx(
    [
        (*HEADINGS, "归口"),
        [*a_row(专业领域="水利水电规划设计"), "农办"],
        [*a_row(姓名="李四", 身份证号="1.39900E+17"), ""],
    ]
)


@pytest.fixture
def house(database, settings, as_center: httpx.AsyncClient) -> House:
    return House(database, settings, as_center.viewer)  # type: ignore[attr-defined]


def body_of(content: bytes, **values: str) -> dict[str, str]:
    return {"name": "名单.xlsx", "content_base64": base64.b64encode(content).decode(), "basis": "consent"} | values


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(new_id())}


async def experts(database: Database) -> int:
    async with reading(database) as session:
        return await session.scalar(select(func.count()).select_from(ExpertRow)) or 0


async def test_import_as_json(as_center: httpx.AsyncClient, house: House) -> None:
    sent = await as_center.post("/api/roster", json=body_of(GOOD), headers=key())
    assert (sent.status_code, sent.json()["state"]) == (201, "checking")
    run = sent.headers["location"]

    await house.work()
    got = await as_center.get(run)
    assert (got.json()["state"], got.json()["counts"]["new"]) == ("checked", 2)
    lines = (await as_center.get(f"{run}/lines", params={"outcome": "new"})).json()
    assert (lines["total"], [line["name"] for line in lines["lines"]]) == (2, ["张三", "李四"])
    assert id_number(2) not in json.dumps(lines)

    confirmed = await as_center.post(f"{run}/confirm", headers=key() | {"If-Match": got.headers["etag"]})
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirming")
    await house.work()
    assert (await as_center.get(run)).json()["state"] == "confirmed"
    assert await experts(house.database) == 2
    assert [one["state"] for one in (await as_center.get("/api/roster")).json()] == ["confirmed"]


async def test_questions_and_errors_as_json(as_center: httpx.AsyncClient, house: House) -> None:
    run = (await as_center.post("/api/roster", json=body_of(MIXED), headers=key())).headers["location"]
    await house.work()
    asked = await as_center.get(run)
    assert [column["key"] for column in asked.json()["questions"]["columns"]] == ["归口"]
    assert [word["suggestions"][0] for word in asked.json()["questions"]["words"]] == ["570"]

    answers = {"columns": {"归口": ""}, "words": {"水利水电规划设计": "570"}}
    headers = key() | {"If-Match": asked.headers["etag"]}
    assert (await as_center.post(f"{run}/answers", json=answers, headers=headers)).status_code == 200
    await house.work()

    error = (await as_center.get(f"{run}/lines", params={"outcome": "error"})).json()["lines"][0]["findings"][0]
    assert (error["code"], error["cell"], error["severity"]) == ("ID_NUMBER_SCIENTIFIC", "B3", "error")
    assert "科学计数法" in error["says"]
    marked = await as_center.get(f"{run}/errors")
    assert openpyxl.load_workbook(io.BytesIO(marked.content)).active is not None


@pytest.mark.parametrize(
    ("values", "at"),
    [({"content_base64": "§"}, "/content_base64"), ({"content_base64": ""}, "file"), ({"basis": "why"}, "basis")],
)
async def test_faulty_upload_names_its_fault(as_center: httpx.AsyncClient, values: dict[str, str], at: str) -> None:
    answer = await as_center.post("/api/roster", json=body_of(GOOD) | values, headers=key())

    assert answer.status_code == 400
    assert [fault["at"] for fault in answer.json()["faults"]] == [at]


async def test_act_without_version_is_refused(as_center: httpx.AsyncClient, house: House) -> None:
    run = (await as_center.post("/api/roster", json=body_of(GOOD), headers=key())).headers["location"]

    assert (await as_center.post(f"{run}/discard", headers=key())).status_code == 428
    assert (await as_center.get(f"/api/roster/{new_id()}")).status_code == 404


async def test_a_unit_sees_nothing(as_unit: httpx.AsyncClient) -> None:
    assert (await as_unit.get("/api/roster")).status_code == 403


def expertpool(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "EXPERTPOOL_VAR": str(settings.var),
        "EXPERTPOOL_DATABASE_URL": settings.database_url,
        "PYTHONWARNINGS": "error",
    }
    program = "from service.cli.main import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)


async def test_command_line_imports_and_exports(database: Database, settings: Settings, tmp_path: Path) -> None:
    await an_account(database, "center", login="wang")
    roster, marked, listed = tmp_path / "名单.xlsx", tmp_path / "errors.xlsx", tmp_path / "list.xlsx"
    roster.write_bytes(MIXED)
    words = ("--word", "水利水电规划设计=570")

    dry = expertpool(settings, "import", str(roster), "--as", "wang", "--errors", str(marked), *words)
    assert (dry.returncode, dry.stderr) == (0, "")
    assert "名单!B3" in dry.stdout
    assert "new 1  changed 0  identical 0  hint 0  error 1" in dry.stdout
    assert await experts(database) == 0
    assert openpyxl.load_workbook(marked)["名单"]["B3"].value == "1.39900E+17"

    done = expertpool(settings, "import", str(roster), "--as", "wang", "--confirm", "--json", *words)
    assert json.loads(done.stdout)["confirmed"] is True
    assert await experts(database) == 1

    again = expertpool(settings, "import", str(roster), "--as", "wang", "--confirm", *words)
    assert again.returncode == 3
    assert await experts(database) == 1

    out = expertpool(settings, "export", str(listed), "--as", "wang")
    assert (out.returncode, out.stderr) == (0, "")
    row = [cell.value for cell in openpyxl.load_workbook(listed).worksheets[0][2]]
    assert row[:4] == ["ZJ0001", "张三", "139*************15", "示范县水利局"]
    assert row[7] == "水利工程"
    assert row[9] == "138****8000"


async def test_command_line_names_the_fault_of_a_file(database: Database, settings: Settings, tmp_path: Path) -> None:
    await an_account(database, "center", login="wang")
    await an_account(database, "unit", login="li")
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"%PDF-1.7")

    refused = expertpool(settings, "import", str(file), "--as", "wang", "--language", "en")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "This is a PDF" in refused.stderr
    assert expertpool(settings, "import", str(file), "--as", "li").returncode == 3
    assert expertpool(settings, "import", str(file), "--as", "nobody").returncode == 2
