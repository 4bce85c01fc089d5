"""Sample rosters to try the import with: one as the template asks for it, one as offices really keep it.

Both hold the same people, of whom most are new to the demonstration county's library, some are in it unchanged and
some with other particulars. The messy one adds what makes a roster hard to read, and a handful of real faults.
"""

import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from random import Random
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from registry import DISCIPLINES
from service.demo.county import SEED, County, demo_county
from service.demo.experts import DemoExpert, DemoTerm, demo_experts

_NEW, _UNCHANGED, _CHANGED = 36, 5, 6
# Lines of the messy roster that something is wrong with, counted from 0.
_SCIENTIFIC, _NEW_UNIT, _NO_SUCH_DAY, _MISTYPED, _UNKNOWN_FIELD, _FIFTEEN_DIGITS, _NUMBERLESS = 6, 9, 14, 17, 20, 22, 28
_TERM = DemoTerm(date(2026, 9, 1), date(2031, 8, 31), "")
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_TEMPLATE_HEADINGS: Final = (
    *("姓名", "性别", "身份证号", "工作单位", "职务", "职称", "主要专业领域", "其他专业领域", "手机号码"),
    *("聘期开始", "聘期结束"),
)
_MESSY_HEADINGS: Final = (
    *("序号", "专家姓名", "工作单位", "职　务", "专业技术职务", "研究方向/擅长专业", "身份证号码", "性别", "出生年月"),
    *("联系电话", "聘期起", "聘期止", "组别", "备注"),
)
_WORDS: Final = {
    "570": "水利",
    "560": "土木",
    "580": "交通",
    "610": "环保",
    "210": "农业",
    "820": "法律",
    "790": "财政",
    "880": "教育",
}


_GROUPS: Final = ("综合组", "一组", "二组", "三组", "四组")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a roster: the expert, and the name of the employer as the line gives it."""

    expert: DemoExpert
    employer: str


def roster_workbook(*, messy: bool, seed: int = SEED) -> bytes:
    """Return a sample roster as an .xlsx file; the same seed gives the same cells.

    Args:
        messy: whether to write it as offices keep their lists, with faults, instead of as the template asks.
        seed: of the demonstration county that the roster belongs to.
    """
    county = demo_county(seed)
    random = Random(seed + 1)  # noqa: S311 -- a demonstration, not a secret
    entries = _entries(county, random)
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        # A fixed day of creation, so that the same seed gives the same file.
        workbook.set_properties({"created": datetime(2026, 9, 10, tzinfo=UTC)})
        if messy:
            _write_messy(workbook, entries, random)
        else:
            _write_clean(workbook, entries)
    return file.getvalue()


def _entries(county: County, random: Random) -> list[_Entry]:
    names = {organisation.key: organisation.name for organisation in county.organisations}
    held = {expert.id_number for expert in county.experts}
    known = {expert.name for expert in county.experts}
    strangers = [
        replace(expert, terms=(_TERM,))
        for expert in demo_experts(random, county.organisations)
        if expert.id_number and expert.id_number not in held and expert.name not in known
    ]
    serving = [expert for expert in county.experts if expert.serves_on(county.today) and not expert.standing]
    chosen = random.sample(serving, k=_UNCHANGED + _CHANGED)
    changed = [
        replace(expert, phone=f"{expert.phone[:7]}{random.randrange(10_000):04d}") for expert in chosen[_UNCHANGED:]
    ]
    people = random.sample(strangers, k=_NEW) + chosen[:_UNCHANGED] + changed
    random.shuffle(people)
    # The line without a number is somebody whom the library knows under the same name and employer.
    known_at = next(index for index, person in enumerate(people) if person.id_number in held)
    people[_NUMBERLESS], people[known_at] = people[known_at], people[_NUMBERLESS]
    return [_Entry(person, names[_present(person)]) for person in people]


def _present(expert: DemoExpert) -> str:
    """Return the key of the last main employer."""
    return [work for work in expert.employments if work.main][-1].organisation


def _post(expert: DemoExpert) -> str:
    return [work for work in expert.employments if work.main][-1].post


def _write_clean(workbook: Workbook, entries: list[_Entry]) -> None:
    sheet = workbook.add_worksheet("专家名册")
    sheet.write_row(0, 0, _TEMPLATE_HEADINGS, workbook.add_format({"bold": True}))
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for row, entry in enumerate(entries, start=1):
        expert = entry.expert
        texts = (
            expert.name,
            "女" if expert.female else "男",
            expert.id_number,
            entry.employer,
            _post(expert),
            expert.title,
            expert.main_field,
            "、".join(expert.further_fields),
            expert.phone,
        )
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text)
        sheet.write_datetime(row, len(texts), expert.terms[-1].starts_on, day)
        sheet.write_datetime(row, len(texts) + 1, expert.terms[-1].ends_on, day)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(_TEMPLATE_HEADINGS) - 1, 16)


def _write_messy(workbook: Workbook, entries: list[_Entry], random: Random) -> None:
    sheet = workbook.add_worksheet("专家库（报送版）")
    title = workbook.add_format({"bold": True, "align": "center", "font_size": 16})
    sheet.merge_range(0, 0, 0, len(_MESSY_HEADINGS) - 1, "示范县决策咨询专家库专家信息汇总表", title)
    sheet.write_string(1, 0, "填报单位：（盖章）")
    sheet.write_string(1, 9, "填报日期：2026年9月10日")
    row = 2
    for position, entry in enumerate(entries):
        if position in (0, 25):
            # A page break of the printed list, with its headings once more.
            sheet.write_row(row, 0, _MESSY_HEADINGS)
            row += 1
        if position in (12, 31):
            row += 1
        _write_messy_line(workbook, sheet, row, position, entry, random)
        row += 1
    row += 1
    sheet.write_string(row, 0, "注：1.身份证号码请务必核对；2.“研究方向”可填多项；3.本表由各单位人事部门审核后报送。")
    sheet.write_string(row + 1, 0, "审核人：　　　　　　填表人：　　　　　　联系电话：0000-0000000")
    sheet.set_column(2, 2, 32)
    sheet.set_column(5, 6, 24)


def _write_messy_line(
    workbook: Workbook, sheet: Worksheet, row: int, position: int, entry: _Entry, random: Random
) -> None:
    expert = entry.expert
    separator = ("、", "，", "；", "/", "\n")[position % 5]
    words = _field_words(expert)
    if position == _UNKNOWN_FIELD:
        words.append("数智赋能")
    sheet.write_number(row, 0, position + 1)
    sheet.write_string(row, 1, _spaced(expert.name) if position % 7 == 3 else expert.name)
    employer = "示范县兴农葡萄专业合作社" if position == _NEW_UNIT else entry.employer
    sheet.write_string(row, 2, f" {employer}" if position % 6 == 4 else employer)
    sheet.write_string(row, 3, _post(expert))
    sheet.write_string(row, 4, expert.title)
    sheet.write_string(row, 5, separator.join(words))
    _write_identity(sheet, row, 6, position, expert.id_number)
    sheet.write_string(row, 7, "女" if expert.female else "男")
    _write_day(workbook, sheet, row, 8, position, expert.born_on)
    sheet.write_string(row, 9, _phone_as_written(expert.phone, position))
    _write_day(workbook, sheet, row, 10, position + 1, expert.terms[-1].starts_on)
    if position == _NO_SUCH_DAY:
        sheet.write_string(row, 11, "2031年9月31日")
    else:
        _write_day(workbook, sheet, row, 11, position + 1, expert.terms[-1].ends_on)
    sheet.write_string(row, 12, _GROUPS[int(expert.main_field[0]) % len(_GROUPS)])
    if random.random() < 0.15:
        sheet.write_string(row, 13, random.choice(("县政协委员", "已退休返聘", "省级评标专家", "博士后")))


def _spaced(name: str) -> str:
    """Return a name of two characters as printed lists align it with names of three."""
    return "　".join(name) if len(name) == 2 else name


def _field_words(expert: DemoExpert) -> list[str]:
    words = []
    for code in (expert.main_field, *expert.further_fields):
        if code[:3] in DISCIPLINES:
            word = _WORDS.get(code[:3], DISCIPLINES[code[:3]].zh)
            if word not in words:
                words.append(word)
    return words


def _write_identity(sheet: Worksheet, row: int, column: int, position: int, number: str) -> None:
    if position == _SCIENTIFIC:
        # What a spreadsheet makes of eighteen digits typed as a number: the last three are lost for good.
        sheet.write_number(row, column, float(number[:15] + "000"))
    elif position == _MISTYPED:
        sheet.write_string(row, column, number[:17] + ("0" if number[17] != "0" else "1"))
    elif position == _FIFTEEN_DIGITS:
        sheet.write_string(row, column, number[:6] + number[8:17])
    elif position == _NUMBERLESS:
        sheet.write_blank(row, column, None)
    elif position % 8 == 2:
        sheet.write_string(row, column, number.translate(_FULL_WIDTH))
    elif position % 9 == 4:
        sheet.write_string(row, column, f"{number[:6]} {number[6:14]} {number[14:].lower()}")
    else:
        sheet.write_string(row, column, number)


def _write_day(workbook: Workbook, sheet: Worksheet, row: int, column: int, position: int, day: date) -> None:
    spelling = position % 4
    if spelling == 0:
        sheet.write_string(row, column, f"{day:%Y.%m}" if column == 8 else f"{day:%Y.%m.%d}")
    elif spelling == 1:
        sheet.write_string(row, column, f"{day.year}年{day.month}月{day.day}日")
    elif spelling == 2:
        sheet.write_string(row, column, f"{day.year}-{day.month}-{day.day}")
    else:
        sheet.write_datetime(row, column, day, workbook.add_format({"num_format": "yyyy/m/d"}))


def _phone_as_written(phone: str, position: int) -> str:
    spelling = position % 5
    if spelling == 1:
        return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
    if spelling == 2:
        return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    if spelling == 3:
        return phone.translate(_FULL_WIDTH)
    return phone
