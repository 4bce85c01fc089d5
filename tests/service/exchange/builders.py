"""Small files for the tests: workbooks by independent writers, and broken containers."""

import io
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

from registry import Terms, check_character, credit_check_character
from service.exchange import Answers, Finding, Roster, RosterRow, read_file, read_roster

TERMS = Terms(years=5)
HEADINGS = ("姓名", "身份证号", "工作单位", "职称", "专业领域", "手机", "聘任日期")


def id_number(sequence: int = 1, born: str = "19750301") -> str:
    body = f"139900{born}{sequence:03d}"
    return body + check_character(body)


def credit_code(serial: int = 1) -> str:
    body = f"12139900{serial:09d}"
    return body + credit_check_character(body)


def a_row(**values: object) -> list[object]:
    given = {
        "姓名": "张三",
        "身份证号": id_number(),
        "工作单位": "示范县水利局",
        "职称": "高级工程师",
        "专业领域": "水利",
        "手机": "13800138000",
        "聘任日期": "2022-03-01",
    } | values
    return [given[heading] for heading in HEADINGS]


def xlsx(
    rows: Sequence[Sequence[object]], *, change: Callable[[Worksheet], None] | None = None, title: str = "名单"
) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    return saved(workbook)


def saved(workbook: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def xls(write: Callable[[xlwt.Worksheet], None]) -> bytes:
    workbook = xlwt.Workbook()
    write(workbook.add_sheet("名单"))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def roster_of(content: bytes, answers: Answers | None = None) -> Roster:
    return read_roster(read_file(content), terms=TERMS, answers=answers)


def one_row(content: bytes, answers: Answers | None = None) -> RosterRow:
    rows = roster_of(content, answers).rows
    assert len(rows) == 1
    return rows[0]


def codes(findings: Sequence[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def repacked(content: bytes, changes: dict[str, bytes], *, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a workbook with parts replaced or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", compress) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    return file.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        return container.read(name)
