"""The list of ties that people may fill in: right headings, words to choose from, and how to fill each column."""

from collections.abc import Callable
from typing import Final

from service.exchange.sheets import book, sheet_name
from service.exchange.tie_headings import TieColumn

_ROWS = 12_000
_WIDE = 60

# Column, heading, whether it is needed, how to fill it, example. Texts are message ids.
TIE_TEMPLATE: Final[tuple[tuple[TieColumn, str, bool, str, str], ...]] = (
    (TieColumn.SUBJECT, "一方名称", False, "人员姓名或单位名称，只用来核对，不用来认定。", "赵明远"),
    (
        TieColumn.SUBJECT_KEY,
        "一方编号",
        True,
        "身份证号、专家编号或统一社会信用代码，按文本填写；没有编号的行由您逐个确认是谁。",
        "11010519491231002X",
    ),
    (TieColumn.KIND, "关系类型", True, "从列表选择。任职、持股等：一方是人员或股东，对方是单位。", "董事"),
    (TieColumn.OBJECT, "对方名称", False, "", "某水务有限公司"),
    (TieColumn.OBJECT_KEY, "对方编号", True, "统一社会信用代码、身份证号、专家编号；参与起草等填事项编号。", ""),
    (TieColumn.FROM_ON, "开始日期", False, "例如 2022-03-01；不清楚可以不填，按一直如此处理。", "2022-03-01"),
    (TieColumn.TO_ON, "结束日期", False, "当天仍算；仍在持续的不填。", ""),
    (TieColumn.SHARE, "持股比例", False, "只有持股要填，例如 30% 或 3/10。", ""),
    (TieColumn.RELATION, "亲属关系", False, "只有亲属要填：配偶、直系血亲、三代以内旁系血亲、近姻亲。", ""),
    (TieColumn.STANCE, "看法", False, "只有公开表态要填：支持、反对、其他。", ""),
    (TieColumn.CONFIDENCE, "确定程度", False, "可以确定、很可能、线索；不填按整份文件的选择。", ""),
    (TieColumn.SOURCE, "来源", False, "谁说的；不填按整份文件的来源。", ""),
    (TieColumn.EVIDENCE, "依据材料", False, "文号或材料名称。", ""),
)
KIND_CHOICES: Final = (
    "任职",
    "兼职",
    "董事",
    "持股",
    "实际控制",
    "亲属",
    "师生",
    "合作项目",
    "合同",
    "诉讼仲裁",
    "参与起草",
    "参与评估",
    "提供咨询",
    "公开表态",
    "上级单位",
)
_TEXTS: Final = ("利害关系", "填写说明", "列", "怎么填", "示例", "必填")


def tie_template_workbook(say: Callable[[str], str]) -> bytes:
    """Return the template as an .xlsx file: an empty table and how to fill it.

    Args:
        say: turns a message id into the reader's language.
    """
    title, notes, column_, how, example, needed_ = map(say, _TEXTS)
    with book() as (opened, file):
        sheet = opened.workbook.add_worksheet(sheet_name(title))
        for column, (_, heading, needed, hint, _) in enumerate(TIE_TEMPLATE):
            opened.write(sheet, 0, column, say(heading), opened.needed if needed else opened.heading)
            sheet.set_column(column, column, 24 if needed else 16, opened.text)
            if hint:
                sheet.write_comment(0, column, say(hint), {"visible": False, "x_scale": 2})
        sheet.freeze_panes(1, 0)
        kind = next(place for place, row in enumerate(TIE_TEMPLATE) if row[0] is TieColumn.KIND)
        sheet.data_validation(
            1, kind, _ROWS, kind, {"validate": "list", "source": list(KIND_CHOICES), "error_type": "warning"}
        )
        guide = opened.workbook.add_worksheet(sheet_name(notes))
        for place, text in enumerate((column_, needed_, how, example)):
            opened.write(guide, 0, place, text, opened.heading)
        for number, (_, heading, needed, hint, sample) in enumerate(TIE_TEMPLATE, start=1):
            for place, text in enumerate((say(heading), "✓" if needed else "", say(hint) if hint else "", sample)):
                opened.write(guide, number, place, text, opened.wrapped)
        guide.set_column(0, 0, 20)
        guide.set_column(2, 2, _WIDE)
        guide.set_column(3, 3, 24)
    return file.getvalue()
