"""A dry run over a roster of 20,000 rows, every check included, against plain openpyxl reading the same file."""

import io
import time
from collections.abc import Callable
from datetime import date
from typing import TypeVar

import openpyxl
import xlsxwriter

from registry import Terms, check_character
from service.exchange import KnownExpert, KnownOrganisation, Library, Outcome, compare, read_file, read_roster

T = TypeVar("T")
_ROWS, _SHORT = 20_000, 1_000
_HEADINGS = ("序号", "专家姓名", "身份证号码", "工作单位", "职称", "研究方向", "联系电话", "聘任日期", "邮箱")
_FAMILIES, _GIVEN = "赵钱孙李周吴郑王冯陈", "明华强伟芳娜敏静丽勇"
_FIELDS = ("水利", "法律、行政法", "农业、林业", "环保；安全生产", "财政", "城乡规划/建筑", "57025", "教育")
_TITLES = ("高级工程师", "教授", "工程师")


def run(short: bool = False) -> None:
    """Print the seconds of each part and the ratio to the peer."""
    rows = _SHORT if short else _ROWS
    content = roster(rows)
    peer, sheet = _timed(lambda: openpyxl.load_workbook(io.BytesIO(content)).worksheets[0])
    if sheet.max_row != rows + 1:
        raise RuntimeError("the peer read another number of rows")
    reading, grids = _timed(lambda: read_file(content))
    checking, read = _timed(lambda: read_roster(grids, terms=Terms(years=5)))
    library = _library(rows)
    comparing, compared = _timed(lambda: compare(read.rows, library, key_of=lambda identity: identity.key_text))
    outcomes = {outcome: sum(one.outcome is outcome for one in compared) for outcome in Outcome}
    if (outcomes[Outcome.NEW], outcomes[Outcome.CHANGED]) != (rows - rows // 2, rows // 2):
        raise RuntimeError(f"the dry run found {outcomes}")
    ours = reading + checking + comparing
    print(f"roster import, {rows:,} rows x {len(_HEADINGS)} columns, half of them in the library already")
    print(f"  openpyxl reads the cells (peer)       {peer:7.2f} s")
    print(f"  child process reads and scans         {reading:7.2f} s")
    print(f"  every cell checked                    {checking:7.2f} s")
    print(f"  compared with the library             {comparing:7.2f} s")
    print(f"  whole dry run {ours:.2f} s: {peer / ours:.2f} x as fast as the peer's bare reading")


def roster(rows: int) -> bytes:
    """Return a workbook with so many different people; the same number gives the same cells."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True})
    sheet = workbook.add_worksheet("专家名单")
    sheet.write_row(0, 0, _HEADINGS)
    for place in range(rows):
        sheet.write_row(place + 1, 0, (place + 1, *_person(place)))
    workbook.close()
    return file.getvalue()


def _person(place: int) -> tuple[str, ...]:
    name = _FAMILIES[place % 10] + _GIVEN[place // 10 % 10] + _GIVEN[place // 100 % 10]
    return (
        name,
        _number(place),
        f"示范县第{place // 50}局",
        _TITLES[place % 3],
        _FIELDS[place % 8],
        f"138{place:08d}",
        "2024-03-01",
        f"a{place}@example.cn",
    )


def _number(place: int) -> str:
    day = date(1950 + place // 100 % 45, 1 + place // 4500 % 12, 1)
    body = f"1399{place % 100:02d}{day:%Y%m%d}{place // 54_000 % 1000:03d}"
    return body + check_character(body)


def _library(rows: int) -> Library:
    units = tuple(KnownOrganisation(f"o{number}", f"示范县第{number}局") for number in range(400))
    experts = tuple(
        KnownExpert(f"e{place}", f"resident:{_number(place)}", "1.1", _person(place)[0], unit_id=f"o{place // 50}")
        for place in range(rows // 2)
    )
    return Library(experts, units)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    run()
