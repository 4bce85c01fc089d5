"""Changing rows of the local policy: what differs, what is refused, what the regulation keeps to itself."""

from datetime import date

import pytest

from conflicts import Severity, Window
from service.problems import Invalid, Refused
from service.regulation import Policy, RowChange, RowDifference, amend, load_policy

SHIPPED = load_policy("changli-local-1")
FROM = date(2026, 10, 1)


def amended(*changes: RowChange, latest: Policy = SHIPPED):
    return amend(latest, changes, shipped=SHIPPED, from_on=FROM, at="changes.")


def test_changed_rows_make_the_next_version_and_say_what_differs() -> None:
    first = amended(RowChange("paid-work", "block", "12"), RowChange("co-project", "off"))

    assert first.differences == (
        RowDifference("co-project", "severity", "disclose", "off"),
        RowDifference("paid-work", "severity", "waiver", "block"),
        RowDifference("paid-work", "window", "36", "12"),
    )
    policy = first.policy
    rows = {row.id: row for row in policy.table.rows}
    assert (policy.id, policy.number, policy.from_on, policy.shipped) == ("changli-local-1.1", 1, FROM, SHIPPED.id)
    assert (rows["paid-work"].severity, rows["paid-work"].window) == (Severity.BLOCK, Window(12))
    assert "co-project" not in rows
    assert len(rows) == len(SHIPPED.table.rows) - 1
    assert policy.changed_on == {"paid-work": FROM, "co-project": FROM}
    assert policy.sha256 != SHIPPED.sha256


def test_a_row_that_is_off_is_put_on_again_by_a_later_version() -> None:
    first = amended(RowChange("co-project", "off"))

    second = amended(RowChange("co-project", "disclose"), latest=first.policy)

    assert second.policy.id == "changli-local-1.2"
    assert second.policy.table.rows == SHIPPED.table.rows
    assert second.differences == (RowDifference("co-project", "severity", "off", "disclose"),)


@pytest.mark.rule("R28d", "R30a", "R64a")
@pytest.mark.parametrize(
    ("row", "cite"), [("self", "A30"), ("employer", "A28.4"), ("shareholder", "A30"), ("body-assessed", "A64p1")]
)
@pytest.mark.parametrize("severity", ["off", "disclose", "waiver", "block"])
def test_what_the_regulation_says_is_refused_with_its_article(row: str, cite: str, severity: str) -> None:
    with pytest.raises(Refused) as refused:
        amended(RowChange(row, severity), RowChange("paid-work", "off"))

    assert [(one.code, one.cite) for one in refused.value.refusals] == [("POLICY_ROW_OF_LAW", cite)]


def test_what_a_part_means_for_evaluators_is_changed_the_same_way() -> None:
    changed = amended(RowChange("person-on-panel", "block"), RowChange("body-drafted", "off")).policy

    rows = {row.id: row.severity for row in changed.evaluator_rows}
    assert rows["person-on-panel"] is Severity.BLOCK
    assert "body-drafted" not in rows
    assert rows["body-assessed"] is Severity.BLOCK


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ([RowChange("nothing", "off")], [("changes.0.row", "FIELD_NOT_A_CHOICE")]),
        ([RowChange("paid-work", "sometimes")], [("changes.0.severity", "FIELD_NOT_A_CHOICE")]),
        ([RowChange("paid-work", "block", "soon")], [("changes.0.window", "WINDOW_UNKNOWN")]),
        ([RowChange("paid-work", "block", "1201")], [("changes.0.window", "WINDOW_UNKNOWN")]),
        ([RowChange("paid-work", "block", "-1")], [("changes.0.window", "WINDOW_UNKNOWN")]),
        ([RowChange("person-on-panel", "off", "12")], [("changes.0.window", "WINDOW_UNKNOWN")]),
        (
            [RowChange("paid-work", "off"), RowChange("paid-work", "block", "x")],
            [("changes.1.row", "POLICY_ROW_TWICE"), ("changes.1.window", "WINDOW_UNKNOWN")],
        ),
    ],
)
def test_every_fault_of_a_change_is_named_with_its_place(
    changes: list[RowChange], faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as invalid:
        amended(*changes)

    assert [(fault.at, fault.code) for fault in invalid.value.faults] == faults


@pytest.mark.parametrize(("window", "differs"), [("36", 0), ("", 0), ("0", 1), ("1200", 1)], ids=str)
def test_the_same_window_in_another_spelling_is_no_change(window: str, differs: int) -> None:
    assert len(amended(RowChange("paid-work", "waiver", window)).differences) == differs
