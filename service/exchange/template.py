"""The roster that people may fill in: right headings, lists to choose from, and how to fill each column."""

from collections.abc import Callable
from typing import Final

from registry import DISCIPLINES, DOMAINS, expand, field_name
from service.exchange.headings import Column
from service.exchange.sheets import book, sheet_name

_ROWS = 2_000
_WIDE = 60

# Column, heading, whether it is needed, how to fill it, example. Texts are message ids.
TEMPLATE: Final[tuple[tuple[Column, str, bool, str, str], ...]] = (
    (Column.NAME, "姓名", True, "与身份证一致。", "赵明远"),
    (
        Column.IDENTITY,
        "身份证号",
        True,
        "18 位，按文本填写；没有号码的人可以入库，但不能被选入专家组。",
        "11010519491231002X",
    ),
    (Column.UNIT, "工作单位", True, "单位全称。", "某县水利局"),
    (Column.CREDIT_CODE, "统一社会信用代码", False, "工作单位的 18 位代码；同名单位靠它区分。", ""),
    (Column.POST, "职务", False, "", "总工程师"),
    (Column.TITLE, "职称", False, "写全称，例如高级工程师、教授、一级律师。", "高级工程师"),
    (
        Column.MAIN_FIELD,
        "主要领域",
        True,
        "一项。写名称或代码，见“专业领域”表；可以写到 5 位或 7 位代码。",
        "水利工程",
    ),
    (Column.FURTHER_FIELDS, "其他领域", False, "可以多项，用顿号隔开。", "环境保护、820"),
    (Column.PHONE, "手机号码", False, "手机，或区号加座机。", "13800138000"),
    (Column.EMAIL, "电子邮箱", False, "", ""),
    (Column.STARTS_ON, "聘期开始", True, "聘书上的日期，例如 2026-03-01。", "2026-03-01"),
    (Column.ENDS_ON, "聘期结束", False, "不填时按规定的聘期计算，当天仍在聘期内。", "2031-02-28"),
    (Column.LETTER_NUMBER, "聘书编号", False, "", ""),
    (Column.SOURCE, "来源", False, "从列表选择。", "组织推荐"),
)
SOURCE_CHOICES: Final = ("个人申请", "组织推荐", "定向邀请", "公开征集")
_TEXTS: Final = ("专家名册", "填写说明", "专业领域", "列", "怎么填", "示例", "必填", "代码", "名称", "对应学科代码")


def template_workbook(say: Callable[[str], str], *, language: str = "zh") -> bytes:
    """Return the template as an .xlsx file: an empty table, how to fill it, and the list of fields.

    Args:
        say: turns a message id into the reader's language.
        language: `zh` or `en`, for the names of fields.
    """
    roster, notes, fields, column_, how, example, needed_, code, name, stands_for = map(say, _TEXTS)
    with book() as (opened, file):
        sheet = opened.workbook.add_worksheet(sheet_name(roster))
        for column, (kind, heading, needed, hint, _) in enumerate(TEMPLATE):
            opened.write(sheet, 0, column, say(heading), opened.needed if needed else opened.heading)
            sheet.set_column(
                column, column, 22 if kind in (Column.IDENTITY, Column.UNIT, Column.CREDIT_CODE) else 16, opened.text
            )
            if hint:
                sheet.write_comment(0, column, say(hint), {"visible": False, "x_scale": 2})
        sheet.freeze_panes(1, 1)
        source = next(place for place, row in enumerate(TEMPLATE) if row[0] is Column.SOURCE)
        sheet.data_validation(
            1, source, _ROWS, source, {"validate": "list", "source": list(SOURCE_CHOICES), "error_type": "warning"}
        )
        main = next(place for place, row in enumerate(TEMPLATE) if row[0] is Column.MAIN_FIELD)
        last = len(DOMAINS) + len(DISCIPLINES) + 1
        sheet.data_validation(
            1,
            main,
            _ROWS,
            main,
            {"validate": "list", "source": f"='{sheet_name(fields)}'!$B$2:$B${last}", "error_type": "information"},
        )
        guide = opened.workbook.add_worksheet(sheet_name(notes))
        for place, text in enumerate((column_, needed_, how, example)):
            opened.write(guide, 0, place, text, opened.heading)
        for number, (_, heading, needed, hint, sample) in enumerate(TEMPLATE, start=1):
            for place, text in enumerate((say(heading), "✓" if needed else "", say(hint) if hint else "", sample)):
                opened.write(guide, number, place, text, opened.wrapped)
        guide.set_column(0, 0, 20)
        guide.set_column(2, 2, _WIDE)
        guide.set_column(3, 3, 24)
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
