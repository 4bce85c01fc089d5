import re
from datetime import date

import pytest

from conflicts import SENTENCES, Confidence, Kind, Matter, Outcome, Party, phrases, say_outcome, say_path
from tests.conflicts.builders import MATTER, TODAY, a_fact, a_graph, a_policy, a_row

NAMES = {"ann": "安", "bob": "鲍", "unit": "水务局", "firm": "清源公司", "mother": "市局", "m": "供水方案"}


def said(*facts, row=None, matter=MATTER) -> list[tuple[str, str]]:
    found = a_graph(*facts).check(matter, policy=a_policy(row or a_row()), as_of=TODAY)
    return [
        tuple(say_path(finding, name=NAMES.get, language=language) for language in ("zh", "en")) for finding in found
    ]


@pytest.mark.parametrize(
    ("fact", "kind", "chinese", "english"),
    [
        (
            a_fact("ann", "shareholding", "firm", share=(3, 10), to_on=date(2026, 12, 31)),
            "shareholding",
            "安持有清源公司的3/10股份（至2026-12-31）；清源公司是本事项当事方。",
            "安, holder of 3/10 of the shares of 清源公司 (until 2026-12-31); 清源公司, a party to the matter.",
        ),
        (
            a_fact("firm", "contract", "ann", from_on=date(2026, 1, 1), to_on=TODAY),
            "contract",
            "安委托清源公司并支付报酬（2026-01-01至2026-11-23）；清源公司是本事项当事方。",
            "安, paying 清源公司 under a contract (2026-01-01 to 2026-11-23); 清源公司, a party to the matter.",
        ),
        (
            a_fact("ann", "drafting", "m", confidence=Confidence.LIKELY),
            "drafting",
            "安参与起草了供水方案，有待核实。",
            "安, who took part in drafting 供水方案, to be verified.",
        ),
    ],
    ids=["share", "contract from the other end", "the matter itself, unsure"],
)
def test_a_path_of_one_tie_reads_in_both_languages(fact, kind: str, chinese: str, english: str) -> None:
    assert said(fact, row=a_row(kind=kind)) == [(chinese, english)]


def test_a_mutual_tie_reads_from_the_persons_end() -> None:
    matter = Matter("m", (Party("bob"),))
    row = a_row(kind="teacher_student", window="forever")

    assert said(a_fact("bob", "teacher_student", "ann"), row=row, matter=matter) == [
        ("安是鲍的学生；鲍是本事项当事方。", "安, student of 鲍; 鲍, a party to the matter.")
    ]


def test_a_chain_reads_tie_by_tie_and_an_unknown_name_is_its_id() -> None:
    facts = a_fact("ann", "employment", "mother"), a_fact("unit", "superior", "mother", from_on=date(2002, 1, 1))
    row = a_row(through=["superior"])

    assert said(*facts, row=row) == [
        (
            "安任职于市局；市局是水务局的上级单位（2002-01-01起至今）；水务局是决策承办单位。",
            "安, employee of 市局; 市局, superior unit of 水务局 (since 2002-01-01); 水务局, the undertaking unit.",
        )
    ]
    (finding,) = a_graph(*facts).check(MATTER, policy=a_policy(row), as_of=TODAY)
    assert say_path(finding, name={}.get, language="zh").startswith("ann任职于mother；")


def test_a_phrase_says_whether_its_tie_has_expired() -> None:
    facts = (
        a_fact("ann", "employment", "unit", id="yesterday", to_on=date(2026, 11, 22)),
        a_fact("bob", "employment", "unit", id="today", to_on=TODAY),
    )
    found = a_graph(*facts).check(MATTER, policy=a_policy(a_row(window=36)), as_of=TODAY)

    assert [(phrase.code, phrase.span, phrase.expired) for finding in found for phrase in phrases(finding)] == [
        ("TIE_EMPLOYMENT", "SPAN_UNTIL", True),
        ("TIE_EMPLOYMENT", "SPAN_UNTIL", False),
    ]


def test_somebody_unidentified_is_said_to_be_so() -> None:
    (finding,) = a_graph().check(MATTER, policy=a_policy(), as_of=TODAY, people=["nobody"])

    assert say_path(finding, name=NAMES.get, language="zh") == "nobody没有登记身份证件号码，无法核对。"


def test_both_languages_have_the_same_sentences_with_the_same_parameters() -> None:
    chinese, english = SENTENCES["zh"], SENTENCES["en"]

    assert set(chinese) == set(english)
    assert {
        code
        for code, text in chinese.items()
        if set(re.findall(r"{\w+}", text)) != set(re.findall(r"{\w+}", english[code]))
    } == set()
    assert {f"TIE_{kind.name}" for kind in Kind if kind is not Kind.STATEMENT} <= set(chinese)
    assert all(say_outcome(outcome, language=language) for outcome in Outcome for language in ("zh", "en"))
