"""Faults of an input in words, each with what to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conflicts.fault import Fault

FAULT_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "zh": {
            "DEPTH_NEEDS_THROUGH": "深度为 1 时不得有 through，大于 1 时须写明 through；现为 {depth}",
            "DIRECT_INTEREST_RELAXED": "直接利害关系必须一律排除：severity 须为 block，basis 须为条文（如 A30）",
            "END_BEFORE_START": "结束日期早于开始日期；请核对两个日期",
            "ENDS_MISMATCHED": "关系 {kind} 的这一端只能是：{allowed}",
            "FORMAT_UNKNOWN": "不认识的格式“{format}”；应为 {allowed}",
            "ID_REPEATED": "编号 {id} 重复；同一事实的前一版本须有 retired_at，且不晚于后一版本的 known_at",
            "ID_UNKNOWN": "编号 {id} 没有列出，或类型不符；请补入 people、organisations 或 matters",
            "INSTANT_NAIVE": "时刻须带时区，例如 2026-11-23T08:00:00Z",
            "KEY_MISSING": "缺少“{key}”",
            "KEY_REPEATED": "同一键出现两次；请删去一个",
            "KEY_UNKNOWN": "不认识的键；可用：{allowed}",
            "KIND_BEGINS_NO_PATH": "规则不能以 {kind} 开头：它不是个人的利害关系",
            "KIND_LEADS_NOWHERE": "through 中不能有 {kind}",
            "NESTED_TOO_DEEP": "嵌套过深",
            "NOT_AN_INSTANT": "应为带时区的时刻，例如 {example}",
            "NOT_AN_OBJECT": "应为对象 {{…}}",
            "NOT_A_DAY": "应为存在的日期，写作 {example}",
            "NOT_A_LIST": "应为列表 […]",
            "NOT_A_PAIR": "应为两个整数，例如 {example}",
            "NOT_A_TEXT": "应为不含控制字符的文字，且长度合适",
            "NOT_JSON": "不是 JSON：第 {line} 行第 {column} 列",
            "NOT_TRUE_OR_FALSE": "应为 true 或 false",
            "NOT_UTF8": "文件不是 UTF-8 编码；请另存为 UTF-8",
            "NUMBER_OUTSIDE": "应为 {least} 至 {most} 的整数",
            "RELATION_MISPLACED": "只有亲属关系（kinship）才写 relation",
            "RELATION_MISSING": "亲属关系须写明 relation",
            "RETIRED_BEFORE_KNOWN": "retired_at 须晚于 known_at",
            "SELF_HAS_NO_DEPTH": "kind 为 self 的规则深度为 0，且没有 through",
            "SHARE_IMPOSSIBLE": "份额须大于 0 且不超过 1，写作两个整数，例如 [3, 10]",
            "SHARE_MISPLACED": "只有持股（shareholding）才写 share",
            "STANCE_MISPLACED": "只有公开表态（statement）才写 stance",
            "STANCE_MISSING": "公开表态须写明 stance",
            "TIE_TO_ITSELF": "两端不能相同",
            "WINDOW_UNKNOWN": "应为 0 至 {most} 的月数、current 或 forever",
            "WORD_UNKNOWN": "不认识的词“{word}”；可用：{allowed}",
        },
        "en": {
            "DEPTH_NEEDS_THROUGH": "depth 1 has no through and a greater depth needs one; it is {depth}",
            "DIRECT_INTEREST_RELAXED": "direct interest blocks: severity must be block, and basis an article (A30)",
            "END_BEFORE_START": "the end lies before the start; check both days",
            "ENDS_MISMATCHED": "this end of {kind} can only be: {allowed}",
            "FORMAT_UNKNOWN": 'unknown format "{format}"; it must be {allowed}',
            "ID_REPEATED": "the id {id} is there twice; the earlier version of a fact needs a retired_at no later than "
            "the known_at of the next",
            "ID_UNKNOWN": "the id {id} is not listed or of another type; add it to people, organisations or matters",
            "INSTANT_NAIVE": "an instant needs its offset from UTC, for example 2026-11-23T08:00:00Z",
            "KEY_MISSING": '"{key}" is missing',
            "KEY_REPEATED": "the key is there twice; remove one",
            "KEY_UNKNOWN": "unknown key; possible are: {allowed}",
            "KIND_BEGINS_NO_PATH": "no row begins with {kind}: it is no interest of a person",
            "KIND_LEADS_NOWHERE": "{kind} cannot stand in through",
            "NESTED_TOO_DEEP": "nested too deep",
            "NOT_AN_INSTANT": "must be an instant with its offset from UTC, for example {example}",
            "NOT_AN_OBJECT": "must be an object {{...}}",
            "NOT_A_DAY": "must be a day that exists, spelt {example}",
            "NOT_A_LIST": "must be a list [...]",
            "NOT_A_PAIR": "must be two whole numbers, for example {example}",
            "NOT_A_TEXT": "must be a text of fitting length without control characters",
            "NOT_JSON": "not JSON: line {line}, column {column}",
            "NOT_TRUE_OR_FALSE": "must be true or false",
            "NOT_UTF8": "the file is not UTF-8; save it as UTF-8",
            "NUMBER_OUTSIDE": "must be a whole number from {least} to {most}",
            "RELATION_MISPLACED": "only a kinship has a relation",
            "RELATION_MISSING": "a kinship needs its relation",
            "RETIRED_BEFORE_KNOWN": "retired_at must be later than known_at",
            "SELF_HAS_NO_DEPTH": "a row of kind self has depth 0 and no through",
            "SHARE_IMPOSSIBLE": "a share is above 0 and at most 1, as two whole numbers, for example [3, 10]",
            "SHARE_MISPLACED": "only a shareholding has a share",
            "STANCE_MISPLACED": "only a public statement has a stance",
            "STANCE_MISSING": "a public statement needs its stance",
            "TIE_TO_ITSELF": "the two ends must differ",
            "WINDOW_UNKNOWN": "must be months from 0 to {most}, current or forever",
            "WORD_UNKNOWN": 'unknown word "{word}"; possible are: {allowed}',
        },
    }
)
"""Language -> code of a fault -> sentence with the fault's facts as parameters."""


def say_fault(fault: Fault, *, language: str) -> str:
    """Return a fault with its place in words. `language` is "zh" or "en"."""
    facts = {
        key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in fault.facts.items()
    }
    sentence = FAULT_SENTENCES[language][fault.code].format(**facts)
    colon = "：" if language == "zh" else ": "
    return f"{fault.at or '/'}{colon}{sentence}"
