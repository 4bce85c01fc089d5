"""A path in words: codes with parameters for a service that keeps its own sentences, and plain Chinese and English.

The sentences here are what the command line prints. Names come from the caller: this package knows ids. They are worded
without tense, because their days say whether a tie lasts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from conflicts.fact import MUTUAL, Confidence, Fact, Kind, Relation
from conflicts.finding import Finding, Outcome, Step
from conflicts.node import Role

Name = Callable[[str], str | None]
"""Id -> name to show; None where there is none, and the id is shown."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One tie of a path, ready to be put into words.

    Attributes:
        code: `TIE_<KIND>`, with `_BACK` where the walk goes from object to subject and that reads differently.
        span: `SPAN_OPEN`, `SPAN_SINCE`, `SPAN_UNTIL` or `SPAN_FROM_TO`.
        start: id of the node nearer to the person.
        end: id of the node nearer to the party.
        from_on: first day, None when unknown.
        to_on: last day, inclusive; None when open.
        relation: of a kinship.
        share: of a shareholding, when known.
        expired: whether the tie has ended before the day judged and counts only by its window.
        confidence: how sure the tie is.
    """

    code: str
    span: str
    start: str
    end: str
    from_on: date | None
    to_on: date | None
    relation: Relation | None
    share: tuple[int, int] | None
    expired: bool
    confidence: Confidence


def phrases(finding: Finding) -> tuple[Phrase, ...]:
    """Return the path of a finding tie by tie, from the person to the party."""
    return tuple(_phrase(step, as_of=finding.as_of) for step in finding.path)


def span_code(fact: Fact) -> str:
    """Return how the days of a fact are said: `SPAN_OPEN`, `SPAN_SINCE`, `SPAN_UNTIL` or `SPAN_FROM_TO`."""
    if fact.from_on is None:
        return "SPAN_OPEN" if fact.to_on is None else "SPAN_UNTIL"
    return "SPAN_SINCE" if fact.to_on is None else "SPAN_FROM_TO"


def _phrase(step: Step, *, as_of: date) -> Phrase:
    fact = step.fact
    back = not step.forward and (fact.kind not in MUTUAL or fact.kind in _TOLD_FROM_BOTH_ENDS)
    return Phrase(
        code=f"TIE_{fact.kind.name}{'_BACK' if back else ''}",
        span=span_code(fact),
        start=step.start,
        end=step.end,
        from_on=fact.from_on,
        to_on=fact.to_on,
        relation=fact.relation,
        share=fact.share,
        expired=fact.to_on is not None and fact.to_on < as_of and fact.kind is not Kind.SUCCESSION,
        confidence=fact.confidence,
    )


_TOLD_FROM_BOTH_ENDS: Final = frozenset({Kind.TEACHER_STUDENT, Kind.CONTRACT})

_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "TIE_EMPLOYMENT": "{start}任职于{end}",
        "TIE_SIDE_POST": "{start}在{end}兼职",
        "TIE_DIRECTORSHIP": "{start}在{end}担任董事、监事或高级管理人员",
        "TIE_SHAREHOLDING": "{start}持有{end}的{share}",
        "TIE_SHAREHOLDING_BACK": "{start}的{share}由{end}持有",
        "TIE_CONTROL": "{start}实际控制{end}",
        "TIE_CONTROL_BACK": "{start}由{end}实际控制",
        "TIE_KINSHIP": "{start}与{end}是{relation}",
        "TIE_TEACHER_STUDENT": "{start}是{end}的老师",
        "TIE_TEACHER_STUDENT_BACK": "{start}是{end}的学生",
        "TIE_CO_PROJECT": "{start}与{end}合作项目",
        "TIE_CONTRACT": "{start}受{end}委托并取得报酬",
        "TIE_CONTRACT_BACK": "{start}委托{end}并支付报酬",
        "TIE_DISPUTE": "{start}与{end}有诉讼或仲裁",
        "TIE_DRAFTING": "{start}参与起草了{end}",
        "TIE_ASSESSMENT": "{start}参与评估了{end}",
        "TIE_CONSULTING": "{start}曾就{end}提供咨询",
        "TIE_SUPERIOR": "{start}的上级单位是{end}",
        "TIE_SUPERIOR_BACK": "{start}是{end}的上级单位",
        "TIE_SUCCESSION": "{start}并入或改组为{end}",
        "TIE_SUCCESSION_BACK": "{start}承接了{end}",
        "SPAN_OPEN": "",
        "SPAN_SINCE": "（{from_on}起至今）",
        "SPAN_UNTIL": "（至{to_on}）",
        "SPAN_FROM_TO": "（{from_on}至{to_on}）",
        "RELATION_SPOUSE": "配偶",
        "RELATION_DIRECT_BLOOD": "直系血亲",
        "RELATION_COLLATERAL_BLOOD": "三代以内旁系血亲",
        "RELATION_IN_LAW": "近姻亲",
        "SHARE": "{part}/{whole}股份",
        "SHARE_UNKNOWN": "股份",
        "LIKELY": "，有待核实",
        "ROLE_UNIT": "{name}是决策承办单位",
        "ROLE_PARTY": "{name}是本事项当事方",
        "ROLE_MATTER": "",
        "UNIDENTIFIED": "{name}没有登记身份证件号码，无法核对",
        "BETWEEN": "；",
        "END": "。",
    }
)
_EN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "TIE_EMPLOYMENT": "{start}, employee of {end}",
        "TIE_SIDE_POST": "{start}, holder of a side post at {end}",
        "TIE_DIRECTORSHIP": "{start}, director, supervisor or senior manager of {end}",
        "TIE_SHAREHOLDING": "{start}, holder of {share} of {end}",
        "TIE_SHAREHOLDING_BACK": "{start}, {share} of which belong to {end}",
        "TIE_CONTROL": "{start}, in control of {end}",
        "TIE_CONTROL_BACK": "{start}, controlled by {end}",
        "TIE_KINSHIP": "{start}, {relation} of {end}",
        "TIE_TEACHER_STUDENT": "{start}, teacher of {end}",
        "TIE_TEACHER_STUDENT_BACK": "{start}, student of {end}",
        "TIE_CO_PROJECT": "{start}, in one project with {end}",
        "TIE_CONTRACT": "{start}, paid by {end} under a contract",
        "TIE_CONTRACT_BACK": "{start}, paying {end} under a contract",
        "TIE_DISPUTE": "{start}, in a lawsuit or arbitration with {end}",
        "TIE_DRAFTING": "{start}, who took part in drafting {end}",
        "TIE_ASSESSMENT": "{start}, who took part in assessing {end}",
        "TIE_CONSULTING": "{start}, who gave advice on {end}",
        "TIE_SUPERIOR": "{start}, subordinate to {end}",
        "TIE_SUPERIOR_BACK": "{start}, superior unit of {end}",
        "TIE_SUCCESSION": "{start}, merged into or made into {end}",
        "TIE_SUCCESSION_BACK": "{start}, which took the place of {end}",
        "SPAN_OPEN": "",
        "SPAN_SINCE": " (since {from_on})",
        "SPAN_UNTIL": " (until {to_on})",
        "SPAN_FROM_TO": " ({from_on} to {to_on})",
        "RELATION_SPOUSE": "spouse",
        "RELATION_DIRECT_BLOOD": "relative in direct line",
        "RELATION_COLLATERAL_BLOOD": "collateral relative within three generations",
        "RELATION_IN_LAW": "close in-law",
        "SHARE": "{part}/{whole} of the shares",
        "SHARE_UNKNOWN": "shares",
        "LIKELY": ", to be verified",
        "ROLE_UNIT": "{name}, the undertaking unit",
        "ROLE_PARTY": "{name}, a party to the matter",
        "ROLE_MATTER": "",
        "UNIDENTIFIED": "no ID number is recorded for {name}, who cannot be checked",
        "BETWEEN": "; ",
        "END": ".",
    }
)
SENTENCES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"zh": _ZH, "en": _EN})
"""Language -> code -> sentence, with `{start}`, `{end}` and the other parameters of a phrase."""


def say_phrase(phrase: Phrase, *, name: Name, language: str) -> str:
    """Return one tie in words.

    Args:
        phrase: the tie.
        name: id -> name to show.
        language: "zh" or "en".
    """
    words = SENTENCES[language]
    share = (
        words["SHARE_UNKNOWN"]
        if phrase.share is None
        else words["SHARE"].format(part=phrase.share[0], whole=phrase.share[1])
    )
    relation = "" if phrase.relation is None else words[f"RELATION_{phrase.relation.name}"]
    said = words[phrase.code].format(
        start=name(phrase.start) or phrase.start, end=name(phrase.end) or phrase.end, share=share, relation=relation
    )
    span = words[phrase.span].format(from_on=phrase.from_on, to_on=phrase.to_on)
    return said + span + (words["LIKELY"] if phrase.confidence is not Confidence.SURE else "")


def say_path(finding: Finding, *, name: Name, language: str) -> str:
    """Return a finding's path as one sentence: every tie with its days, then what the last node is to the matter.

    Args:
        finding: whose path is said.
        name: id -> name to show; where it gives nothing the id is shown.
        language: "zh" or "en".

    Example:
        >>> from datetime import date
        >>> from conflicts import ConflictGraph, Fact, Kind, Matter, Organisation, Party, Person, Role, parse_policy
        >>> job = Fact("f", "p", Kind.EMPLOYMENT, "o", from_on=date(2020, 1, 1))
        >>> graph = ConflictGraph([Person("p")], [Organisation("o")], [job])
        >>> policy = parse_policy("v", [{"id": "r", "code": "TIE", "kind": "employment", "severity": "block"}])
        >>> matter = Matter("m", (Party("o", Role.UNIT),))
        >>> (finding,) = graph.check(matter, policy=policy, as_of=date(2026, 1, 1))
        >>> say_path(finding, name={"p": "Zhang San", "o": "Water Bureau"}.get, language="en")
        'Zhang San, employee of Water Bureau (since 2020-01-01); Water Bureau, the undertaking unit.'

    """
    words = SENTENCES[language]
    if finding.row is None or finding.role is None:
        return words["UNIDENTIFIED"].format(name=name(finding.person) or finding.person) + words["END"]
    parts = [say_phrase(phrase, name=name, language=language) for phrase in phrases(finding)]
    if finding.role is not Role.MATTER:
        parts.append(words[f"ROLE_{finding.role.name}"].format(name=name(finding.party) or finding.party))
    return words["BETWEEN"].join(parts) + words["END"]


_OUTCOMES: Final[Mapping[str, Mapping[Outcome, str]]] = MappingProxyType(
    {
        "zh": {
            Outcome.CLEAR: "无需回避",
            Outcome.DISMISSED: "误报",
            Outcome.WAIVED: "已豁免",
            Outcome.DISCLOSED: "需披露",
            Outcome.RESTRICTED: "需豁免方可参加",
            Outcome.EXCLUDED: "应当回避",
        },
        "en": {
            Outcome.CLEAR: "clear",
            Outcome.DISMISSED: "false alarm",
            Outcome.WAIVED: "waived",
            Outcome.DISCLOSED: "to disclose",
            Outcome.RESTRICTED: "needs a waiver",
            Outcome.EXCLUDED: "excluded",
        },
    }
)


def say_outcome(outcome: Outcome, *, language: str) -> str:
    """Return an outcome in a word or two. `language` is "zh" or "en"."""
    return _OUTCOMES[language][outcome]
