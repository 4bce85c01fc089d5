"""Findings, columns and outcomes in the reader's language."""

from collections.abc import Mapping
from typing import Any, Final

from conflicts import FAULT_SENTENCES, Fault, say_fault
from registry import field_name, is_field_code
from service.exchange.finding import SEVERITIES
from service.exchange.headings import Column
from service.exchange.tie_headings import TieColumn
from service.locales import gettext, language, mark, translate

COLUMN_NAMES: Final[Mapping[Column, str]] = {
    Column.NUMBER: mark("序号"),
    Column.NAME: mark("姓名"),
    Column.SEX: mark("性别"),
    Column.BORN_ON: mark("出生日期"),
    Column.IDENTITY_KIND: mark("证件类型"),
    Column.IDENTITY: mark("证件号码"),
    Column.UNIT: mark("工作单位"),
    Column.CREDIT_CODE: mark("统一社会信用代码"),
    Column.POST: mark("职务"),
    Column.TITLE: mark("职称"),
    Column.TITLE_LEVEL: mark("职称级别"),
    Column.FIELDS: mark("领域"),
    Column.MAIN_FIELD: mark("主要领域"),
    Column.FURTHER_FIELDS: mark("其他领域"),
    Column.PHONE: mark("电话"),
    Column.EMAIL: mark("电子邮箱"),
    Column.TERM: mark("聘期"),
    Column.STARTS_ON: mark("聘期开始"),
    Column.ENDS_ON: mark("聘期结束"),
    Column.LETTER_NUMBER: mark("聘书编号"),
    Column.SOURCE: mark("来源"),
}
TIE_COLUMN_NAMES: Final[Mapping[TieColumn, str]] = {
    TieColumn.SUBJECT: mark("一方名称"),
    TieColumn.SUBJECT_KEY: mark("一方编号"),
    TieColumn.KIND: mark("关系类型"),
    TieColumn.OBJECT: mark("对方名称"),
    TieColumn.OBJECT_KEY: mark("对方编号"),
    TieColumn.FROM_ON: mark("开始日期"),
    TieColumn.TO_ON: mark("结束日期"),
    TieColumn.SHARE: mark("持股比例"),
    TieColumn.RELATION: mark("亲属关系"),
    TieColumn.STANCE: mark("看法"),
    TieColumn.CONFIDENCE: mark("确定程度"),
    TieColumn.SOURCE: mark("来源"),
    TieColumn.EVIDENCE: mark("依据材料"),
    TieColumn.NOT_KEPT: mark("不读取"),
}
LEVEL_NAMES: Final[Mapping[str, str]] = {
    "senior": mark("正高级"),
    "deputy_senior": mark("副高级"),
    "intermediate": mark("中级"),
    "assistant": mark("助理级"),
    "junior": mark("员级"),
    "none": mark("无职称"),
}


def say_finding(code: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence of a finding, which ends in what to do, in the reader's language."""
    told = dict(facts)
    if suggestions := told.get("suggestions"):
        told["suggestion"] = say_code(str(suggestions[0]))
    if code == "TITLE_SUGGESTED":
        told["level"] = say_level(str(told["level"]))
    return translate(code, language(), **told)


def say_column(column: str) -> str:
    """Return what a column holds, in the reader's language."""
    return gettext(COLUMN_NAMES[Column(column)]) if column != Column.NOT_KEPT else gettext("不读取")


def say_level(level: str) -> str:
    """Return the name of a title level in the reader's language."""
    return gettext(LEVEL_NAMES.get(level or "none", LEVEL_NAMES["none"]))


def say_code(code: str) -> str:
    """Return the name of a field in the reader's language; what is no code stays as it is."""
    return field_name(code, language=language()) if is_field_code(code) else code


def say_tie_finding(code: str, facts: Mapping[str, Any], cell: str) -> str:
    """Return the sentence of a finding about a tie; a fault of a format is told by its pointer."""
    if cell.startswith("/") and code in FAULT_SENTENCES["zh"] and code not in SEVERITIES:
        return say_fault(Fault("", code, facts), language=language()).partition("：" if language() == "zh" else ": ")[2]
    return translate(code, language(), **facts)
