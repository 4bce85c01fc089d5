"""What the center says about what happened to an expert: with a reason wherever it departs from what was coded."""

import pytest

from registry import (
    Ground,
    Judgement,
    OccurrenceKind,
    RefusalReason,
    why_not_judged,
    why_not_opened,
    why_not_reviewed,
)


@pytest.mark.rule("R26b", "R26d", "R26g", "R28e")
@pytest.mark.parametrize(
    ("kind", "refusal", "judgement", "codes"),
    [
        (OccurrenceKind.REFUSAL, RefusalReason.ILLNESS, Judgement(False), []),
        (OccurrenceKind.REFUSAL, RefusalReason.ILLNESS, Judgement(True), ["CLASSIFICATION_WITHOUT_REASON"]),
        (OccurrenceKind.REFUSAL, RefusalReason.ILLNESS, Judgement(True, "当日在外讲课，并未生病"), []),
        (OccurrenceKind.REFUSAL, RefusalReason.UNWILLING, Judgement(False), ["CLASSIFICATION_WITHOUT_REASON"]),
        (OccurrenceKind.REFUSAL, RefusalReason.UNWILLING, Judgement(True), ["CLASSIFICATION_WITHOUT_REASON"]),
        (OccurrenceKind.REFUSAL, RefusalReason.UNWILLING, Judgement(True, "明确表示不愿参加"), []),
        (OccurrenceKind.POST_CHANGE, None, Judgement(False), ["CLASSIFICATION_WITHOUT_REASON"]),
        (OccurrenceKind.LOST_PROOF, None, Judgement(False, "已提交延续后的证书"), []),
        (OccurrenceKind.REPORT, None, Judgement(True, "  "), ["CLASSIFICATION_WITHOUT_REASON"]),
    ],
    ids=[
        "what was coded as objective passes without a word",
        "calling it otherwise needs a reason",
        "with a reason it is called otherwise",
        "what was coded otherwise passes only with a reason",
        "a case needs a reason",
        "one refusal without an objective reason opens a case",
        "a change of work is judged with a reason",
        "a proof that ran out may be renewed",
        "blanks are no reason",
    ],
)
def test_judgement_departs_from_what_was_coded_only_with_a_reason(
    kind: OccurrenceKind, refusal: RefusalReason | None, judgement: Judgement, codes: list[str]
) -> None:
    assert [one.code for one in why_not_judged(kind, judgement, refusal=refusal)] == codes


@pytest.mark.rule("R26d")
def test_objective_reason_opens_a_case_only_when_the_center_found_it_was_none() -> None:
    asked = {"refusal": RefusalReason.DUTY_ELSEWHERE, "evidence": "单位证明当日没有公务"}

    assert [one.code for one in why_not_opened(Ground.REFUSED, **asked)] == ["REFUSAL_OBJECTIVE"]
    assert why_not_opened(Ground.REFUSED, **asked, classified=True) == ()


@pytest.mark.rule("R26d")
def test_who_judged_does_not_review() -> None:
    assert [one.code for one in why_not_reviewed(judged_by="a", reviewed_by="a")] == ["SAME_PERSON_CLASSIFIED"]
    assert why_not_reviewed(judged_by="a", reviewed_by="b") == ()
