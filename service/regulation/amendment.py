"""Changing rows of the local policy: what a change may touch, and what differs afterwards.

A row whose basis is an article is the regulation's own: no policy weakens it, and none speaks in its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from conflicts import LOCAL, Severity
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.regulation.policy import OFF, Policy, version_of

SEVERITIES: Final = (*(severity.value for severity in Severity), OFF)
_WINDOW_WORDS: Final = ("current", "forever")
_MONTHS_MOST: Final = 1200


@dataclass(frozen=True, slots=True)
class RowChange:
    """A change of one row of local policy.

    Attributes:
        row: id of the row.
        severity: one of `SEVERITIES`; `off` no longer applies the row.
        window: `current`, `forever` or a number of months; empty leaves it as it is. Rows about evaluators have none.
    """

    row: str
    severity: str
    window: str = ""


@dataclass(frozen=True, slots=True)
class RowDifference:
    """What a change makes of one key of a row; windows are `current`, `forever` or months."""

    row: str
    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """The next version of a policy.

    Attributes:
        policy: with the changed rows and the next number.
        differences: from the version before, in the order of the rows.
    """

    policy: Policy
    differences: tuple[RowDifference, ...]


def is_of_law(row: Mapping[str, Any]) -> bool:
    """Return whether a row is the regulation's own and not the county's policy."""
    return bool(row.get("basis", LOCAL) != LOCAL)


def amend(latest: Policy, changes: Sequence[RowChange], *, shipped: Policy, from_on: date, at: str = "") -> Amendment:
    """Return the version after `latest` with some rows changed.

    Args:
        latest: the newest version, in force or to come.
        changes: one for each row.
        shipped: the policy that all versions go on from.
        from_on: first day of the new version.
        at: put before the number of the change in the place of a fault (`changes.0.row`); without it a fault names the
            field alone.

    Raises:
        Invalid: a row that is not there or named twice, a word or window there is not.
        Refused: POLICY_ROW_OF_LAW for a row of the regulation, with its article.
    """
    rows = {str(row["id"]): row for row in latest.rows}
    windowed = {str(row["id"]) for row in latest.conflicts}
    faults: list[Fault] = []
    of_law: list[Refusal] = []
    seen: set[str] = set()
    for place, change in enumerate(changes):
        prefix = f"{at}{place}." if at else ""
        row = rows.get(change.row)
        if row is None:
            faults.append(Fault(f"{prefix}row", "FIELD_NOT_A_CHOICE"))
            continue
        if change.row in seen:
            faults.append(Fault(f"{prefix}row", "POLICY_ROW_TWICE"))
        seen.add(change.row)
        if is_of_law(row):
            of_law.append(_of_law(row))
        if change.severity not in SEVERITIES:
            faults.append(Fault(f"{prefix}severity", "FIELD_NOT_A_CHOICE"))
        if change.window and (change.row not in windowed or not _is_window(change.window)):
            faults.append(Fault(f"{prefix}window", "WINDOW_UNKNOWN", {"most": _MONTHS_MOST}))
    if of_law:
        raise Refused(of_law)
    if faults:
        raise Invalid(faults)
    differences = [one for change in changes for one in _differences(rows[change.row], change)]
    after = {change.row: change for change in changes}
    conflicts, evaluators = (
        [_changed(row, after.get(str(row["id"]))) for row in part] for part in (latest.conflicts, latest.evaluators)
    )
    policy = version_of(
        shipped,
        number=latest.number + 1,
        from_on=from_on,
        conflicts=conflicts,
        evaluators=evaluators,
        changed_on={**latest.changed_on, **{one.row: from_on for one in differences}},
    )
    order = list(rows)
    return Amendment(policy, tuple(sorted(differences, key=lambda one: order.index(one.row))))


def window_of(row: Mapping[str, Any]) -> str:
    """Return the window of a row as it is typed: `current`, `forever` or months."""
    return str(row.get("window", "current"))


def _is_window(text: str) -> bool:
    return text in _WINDOW_WORDS or (
        text.isascii() and text.isdecimal() and len(text) < 6 and int(text) <= _MONTHS_MOST
    )


def _differences(row: Mapping[str, Any], change: RowChange) -> list[RowDifference]:
    found = []
    if row["severity"] != change.severity:
        found.append(RowDifference(change.row, "severity", str(row["severity"]), change.severity))
    if change.window and window_of(row) != _canonical(change.window):
        found.append(RowDifference(change.row, "window", window_of(row), _canonical(change.window)))
    return found


def _canonical(window: str) -> str:
    """Return a window in its one spelling: no month after the end is the same as only while it lasts."""
    if window in _WINDOW_WORDS:
        return window
    return str(int(window)) if int(window) else "current"


def _changed(row: Mapping[str, Any], change: RowChange | None) -> Mapping[str, Any]:
    if change is None:
        return row
    changed = {**row, "severity": change.severity}
    if change.window:
        window = _canonical(change.window)
        changed["window"] = window if window in _WINDOW_WORDS else int(window)
    return changed


def _of_law(row: Mapping[str, Any]) -> Refusal:
    return Refusal(
        "POLICY_ROW_OF_LAW", cite=str(row["basis"]), facts={"row": row["id"]}, remedies=(Remedy("CHANGE_LOCAL_ROW"),)
    )
