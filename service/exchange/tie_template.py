"""The list of ties that people may fill in: right headings, words to choose from, and how to fill each column."""

from collections.abc import Callable
from typing import Final

from service.exchange.fill_in import FillIn, choose_in, empty_table, guide_sheet
from service.exchange.sheets import book
from service.exchange.tie_headings import TieColumn

_ROWS = 12_000

TIE_TEMPLATE: Final = (
    FillIn(TieColumn.SUBJECT, "一方名称", False, "人员姓名或单位名称，只用来核对，不用来认定。", "赵明远"),
    FillIn(
        TieColumn.SUBJECT_KEY,
        "一方编号",
        True,
        "身份证号、专家编号或统一社会信用代码，按文本填写；没有编号的行由您逐个确认是谁。",
        "11010519491231002X",
    ),
    FillIn(TieColumn.KIND, "关系类型", True, "从列表选择。任职、持股等：一方是人员或股东，对方是单位。", "董事"),
    FillIn(TieColumn.OBJECT, "对方名称", False, "", "某水务有限公司"),
    FillIn(TieColumn.OBJECT_KEY, "对方编号", True, "统一社会信用代码、身份证号、专家编号；参与起草等填事项编号。", ""),
    FillIn(TieColumn.FROM_ON, "开始日期", False, "例如 2022-03-01；不清楚可以不填，按一直如此处理。", "2022-03-01"),
    FillIn(TieColumn.TO_ON, "结束日期", False, "当天仍算；仍在持续的不填。", ""),
    FillIn(TieColumn.SHARE, "持股比例", False, "只有持股要填，例如 30% 或 3/10。", ""),
    FillIn(TieColumn.RELATION, "亲属关系", False, "只有亲属要填：配偶、直系血亲、三代以内旁系血亲、近姻亲。", ""),
    FillIn(TieColumn.STANCE, "看法", False, "只有公开表态要填：支持、反对、其他。", ""),
    FillIn(TieColumn.CONFIDENCE, "确定程度", False, "可以确定、很可能、线索；不填按整份文件的选择。", ""),
    FillIn(TieColumn.SOURCE, "来源", False, "谁说的；不填按整份文件的来源。", ""),
    FillIn(TieColumn.EVIDENCE, "依据材料", False, "文号或材料名称。", ""),
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


def tie_template_workbook(say: Callable[[str], str]) -> bytes:
    """Return the template as an .xlsx file: an empty table and how to fill it.

    Args:
        say: turns a message id into the reader's language.
    """
    with book() as (opened, file):
        sheet = empty_table(opened, say("利害关系"), TIE_TEMPLATE, say, widths=lambda one: 24 if one.needed else 16)
        sheet.freeze_panes(1, 0)
        choose_in(sheet, TIE_TEMPLATE, TieColumn.KIND, KIND_CHOICES, rows=_ROWS)
        guide_sheet(opened, TIE_TEMPLATE, say)
    return file.getvalue()
