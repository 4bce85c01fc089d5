"""The import wizard in the browser's terms: forms in, pages out, on a real database."""

import io
import re

import httpx
import openpyxl
import pytest
from sqlalchemy import func, select

from service.ids import new_id
from service.storage.rows.library import ExpertRow
from service.storage.session import reading
from tests.service.exchange.builders import HEADINGS, a_row, id_number, xlsx
from tests.service.roster_house import House

GOOD = xlsx([HEADINGS, a_row(), a_row(姓名="李四", 身份证号=id_number(2))])
FAULTY = xlsx([HEADINGS, a_row(), a_row(姓名="李四", 身份证号="1.39900E+17", 手机="123")])


@pytest.fixture
def house(database, settings, as_center: httpx.AsyncClient) -> House:
    return House(database, settings, as_center.viewer)  # type: ignore[attr-defined]


async def upload(client: httpx.AsyncClient, content: bytes, **fields: str) -> httpx.Response:
    data = {"idempotency_key": str(new_id()), "basis": "statutory-duty"} | fields
    return await client.post("/roster", data=data, files={"file": ("名单.xlsx", content)})


async def post(client: httpx.AsyncClient, page: str, act: str, **fields: str) -> httpx.Response:
    """Send one of the forms of a page, with the version that the page shows."""
    html = (await client.get(page)).text
    version = re.search(r'name="version" value="(\d+)"', html)
    assert version is not None
    data = {"idempotency_key": str(new_id()), "version": version[1]} | fields
    return await client.post(act, data=data)


async def experts(house: House) -> int:
    async with reading(house.database) as session:
        return await session.scalar(select(func.count()).select_from(ExpertRow)) or 0


async def test_from_upload_to_confirmation(as_center: httpx.AsyncClient, house: House) -> None:
    assert "还没有导入过" in (await as_center.get("/roster")).text

    sent = await upload(as_center, GOOD)
    assert sent.status_code == 303
    run = sent.headers["location"]
    assert "正在读取" in (await as_center.get(run)).text
    assert 'id="progress"' in (await as_center.get(f"{run}/progress")).text

    await house.work()
    assert (await as_center.get(f"{run}/progress")).headers["HX-Refresh"] == "true"
    page = (await as_center.get(run)).text
    assert "将新增 2 人、更改 0 人" in page
    assert "李四" in page
    assert id_number(2) not in page
    assert await experts(house) == 0

    assert (await post(as_center, run, f"{run}/confirm")).status_code == 303
    await house.work()
    assert "新增 2 人，更改 0 人。上传的文件已删除。" in (await as_center.get(run)).text
    assert await experts(house) == 2


async def test_same_form_sent_twice_makes_one_import(as_center: httpx.AsyncClient, house: House) -> None:
    key = str(new_id())
    request = as_center.build_request(
        "POST", "/roster", data={"idempotency_key": key, "basis": "consent"}, files={"file": ("a.xlsx", GOOD)}
    )
    body = request.read()
    again = httpx.Request("POST", request.url, headers=request.headers, content=body)

    first = await as_center.send(request)
    second = await as_center.send(again)

    assert first.headers["location"] == second.headers["location"]


async def test_upload_without_file_or_basis_keeps_what_was_typed(as_center: httpx.AsyncClient) -> None:
    data = {"idempotency_key": str(new_id()), "basis": "other", "basis_text": "", "starts_on": "2026-13-01"}
    answer = await as_center.post("/roster", data=data, files={"x": ("a", b"")})

    assert answer.status_code == 400
    assert 'href="#f-file"' in answer.text
    assert "2026-13-01" in answer.text


async def test_questions_are_asked_with_samples_and_a_guess(as_center: httpx.AsyncClient, house: House) -> None:
    content = xlsx([(*HEADINGS, "归口", "E"), [*a_row(专业领域="水利水电规划设计"), "农办", "a@b.cn"]])
    run = (await upload(as_center, content)).headers["location"]
    await house.work()

    page = (await as_center.get(run)).text
    assert "表头“归口”（H 列）" in page
    assert "例如：农办" in page
    assert re.search(r'<option value="email" selected>', page)
    assert re.search(r'<option value="570" selected>', page)

    answers = {"column:归口": "", "column:e": "email", "word:水利水电规划设计": "570"}
    assert (await post(as_center, run, f"{run}/answers", **answers)).status_code == 303
    await house.work()
    assert "水利工程" in (await as_center.get(f"{run}?tab=new")).text


async def test_changed_rows_are_shown_field_by_field_with_phones_masked(
    as_center: httpx.AsyncClient, house: House
) -> None:
    await house.confirm(await house.upload(GOOD))
    run = (await upload(as_center, xlsx([HEADINGS, a_row(职称="教授", 手机="13900139000")]))).headers["location"]
    await house.work()

    page = (await as_center.get(f"{run}?tab=changed")).text

    assert "<del>高级工程师</del>" in page
    assert "<ins>教授</ins>" in page
    assert "<ins>139****9000</ins>" in page
    assert "13900139000" not in page


async def test_errors_are_listed_and_handed_out_as_a_marked_workbook(
    as_center: httpx.AsyncClient, house: House
) -> None:
    run = (await upload(as_center, FAULTY)).headers["location"]
    await house.work()

    page = (await as_center.get(f"{run}?tab=error")).text
    assert "B3" in page
    assert "科学计数法" in page

    marked = await as_center.get(f"{run}/errors.xlsx")
    assert marked.headers["content-disposition"] == 'attachment; filename="roster-errors.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(marked.content))["名单"]
    assert sheet["B3"].value == "1.39900E+17"
    assert sheet["B3"].comment is not None
    assert "科学计数法" in sheet["B3"].comment.text


async def test_hint_is_decided_on_the_page(as_center: httpx.AsyncClient, house: House) -> None:
    await house.confirm(await house.upload(xlsx([HEADINGS, a_row(身份证号=None)])))
    run = (await upload(as_center, xlsx([HEADINGS, a_row()]))).headers["location"]
    await house.work()
    page = (await as_center.get(f"{run}?tab=hint")).text
    assert "库中有同名的人" in page
    assert "就是库中这个人" in page

    assert (await post(as_center, run, f"{run}/decisions", **{"decision:名单!2": "same"})).status_code == 303
    await house.work()

    assert "将新增 0 人、更改 1 人" in (await as_center.get(run)).text


async def test_refused_file_says_why(as_center: httpx.AsyncClient, house: House) -> None:
    run = (await upload(as_center, b"MZ\x90\x00")).headers["location"]
    await house.work()

    assert "这是程序，不是表格，没有打开。" in (await as_center.get(run)).text


async def test_headings_without_people_say_what_to_do(as_center: httpx.AsyncClient, house: House) -> None:
    run = (await upload(as_center, xlsx([HEADINGS]))).headers["location"]
    await house.work()

    page = (await as_center.get(run)).text

    assert "认出了表头，但下面没有人。" in page
    assert "没有要新增或更改的人" not in page


async def test_discarded_run_is_closed(as_center: httpx.AsyncClient, house: House) -> None:
    run = (await upload(as_center, GOOD)).headers["location"]
    await house.work()

    assert (await post(as_center, run, f"{run}/discard")).headers["location"] == "/roster"
    assert "已放弃" in (await as_center.get(run)).text
    assert (await as_center.get(f"{run}/errors.xlsx")).status_code == 404


async def test_stale_confirmation_is_refused(as_center: httpx.AsyncClient, house: House) -> None:
    run = (await upload(as_center, GOOD)).headers["location"]
    await house.work()

    data = {"idempotency_key": str(new_id()), "version": "1"}
    assert (await as_center.post(f"{run}/confirm", data=data)).status_code == 412


async def test_nothing_to_confirm_is_refused_with_its_reason(as_center: httpx.AsyncClient, house: House) -> None:
    await house.confirm(await house.upload(GOOD))
    run = (await upload(as_center, GOOD)).headers["location"]
    await house.work()

    answer = await post(as_center, run, f"{run}/confirm")

    assert answer.status_code == 409
    assert "没有要新增或更改的内容" in answer.text


@pytest.mark.parametrize("path", ["/roster", "/roster/template"])
async def test_a_unit_does_not_import(as_unit: httpx.AsyncClient, path: str) -> None:
    assert (await as_unit.get(path)).status_code == 403


@pytest.mark.parametrize(("tongue", "heading"), [("zh-CN", "姓名"), ("en", "Name")])
async def test_template_is_handed_out_in_the_readers_language(
    as_center: httpx.AsyncClient, tongue: str, heading: str
) -> None:
    answer = await as_center.get("/roster/template", headers={"Accept-Language": tongue})

    assert openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]["A1"].value == heading


async def test_pages_read_in_english(as_center: httpx.AsyncClient, house: House) -> None:
    run = (await upload(as_center, FAULTY)).headers["location"]
    await house.work()

    for path in ("/roster", run, f"{run}?tab=error", f"{run}?tab=sheet"):
        html = (await as_center.get(path, headers={"Accept-Language": "en"})).text
        main = html[html.index("<main") : html.index("</main>")]
        shown = re.sub(
            r"名单(\.xlsx)?|李四|张三|王试|示范县水利局|高级工程师|[年月日]", "", re.sub(r"<[^>]+>", "", main)
        )
        assert re.findall("[\u4e00-\u9fff]+", shown) == []
