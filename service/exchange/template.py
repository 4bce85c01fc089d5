"""The roster that people may fill in: right headings, lists to choose from, and how to fill each column."""

from collections.abc import Callable
from typing import Final

from registry import DISCIPLINES, DOMAINS, expand, field_name
from service.exchange.fill_in import FillIn, choose_in, empty_table, guide_sheet
from service.exchange.headings import Column
from service.exchange.sheets import book, sheet_name

_ROWS = 2_000
_WIDE: Final = (Column.IDENTITY, Column.UNIT, Column.CREDIT_CODE)

TEMPLATE: Final = (
    FillIn(Column.NAME, "姓名", True, "与身份证一致。", "赵明远"),
    FillIn(
        Column.IDENTITY,
        "身份证号",
        True,
        "18 位，按文本填写；没有号码的人可以入库，但不能被选入专家组。",
        "11010519491231002X",
    ),
    FillIn(Column.UNIT, "工作单位", True, "单位全称。", "某县水利局"),
    FillIn(Column.CREDIT_CODE, "统一社会信用代码", False, "工作单位的 18 位代码；同名单位靠它区分。", ""),
    FillIn(Column.POST, "职务", False, "", "总工程师"),
    FillIn(Column.TITLE, "职称", False, "写全称，例如高级工程师、教授、一级律师。", "高级工程师"),
    FillIn(
        Column.MAIN_FIELD,
        "主要领域",
        True,
        "一项。写名称或代码，见“专业领域”表；可以写到 5 位或 7 位代码。",
        "水利工程",
    ),
    FillIn(Column.FURTHER_FIELDS, "其他领域", False, "可以多项，用顿号隔开。", "环境保护、820"),
    FillIn(Column.PHONE, "手机号码", False, "手机，或区号加座机。", "13800138000"),
    FillIn(Column.EMAIL, "电子邮箱", False, "", ""),
    FillIn(Column.STARTS_ON, "聘期开始", True, "聘书上的日期，例如 2026-03-01。", "2026-03-01"),
    FillIn(Column.ENDS_ON, "聘期结束", False, "不填时按规定的聘期计算，当天仍在聘期内。", "2031-02-28"),
    FillIn(Column.LETTER_NUMBER, "聘书编号", False, "", ""),
    FillIn(Column.SOURCE, "来源", False, "从列表选择。", "组织推荐"),
)
SOURCE_CHOICES: Final = ("个人申请", "组织推荐", "定向邀请", "公开征集")
_TEXTS: Final = ("专家名册", "专业领域", "代码", "名称", "对应学科代码")


def template_workbook(say: Callable[[str], str], *, language: str = "zh") -> bytes:
    """Return the template as an .xlsx file: an empty table, how to fill it, and the list of fields.

    Args:
        say: turns a message id into the reader's language.
        language: `zh` or `en`, for the names of fields.
    """
    roster, fields, code, name, stands_for = map(say, _TEXTS)
    with book() as (opened, file):
        sheet = empty_table(opened, roster, TEMPLATE, say, widths=lambda one: 22 if one.column in _WIDE else 16)
        sheet.freeze_panes(1, 1)
        choose_in(sheet, TEMPLATE, Column.SOURCE, SOURCE_CHOICES, rows=_ROWS)
        last = len(DOMAINS) + len(DISCIPLINES) + 1
        named = f"='{sheet_name(fields)}'!$B$2:$B${last}"
        choose_in(sheet, TEMPLATE, Column.MAIN_FIELD, named, rows=_ROWS, error="information")
        guide_sheet(opened, TEMPLATE, say)
        codes = opened.workbook.add_worksheet(sheet_name(fields))
        for place, text in enumerate((code, name, stands_for)):
            opened.write(codes, 0, place, text, opened.heading)
        for number, known in enumerate((*DOMAINS, *DISCIPLINES), start=1):
            opened.write(codes, number, 0, known)
            opened.write(codes, number, 1, field_name(known, language=language))
            opened.write(codes, number, 2, "、".join(expand(known)) if known in DOMAINS else None)
        codes.set_column(1, 2, 40)
        codes.freeze_panes(1, 0)
    return file.getvalue()
