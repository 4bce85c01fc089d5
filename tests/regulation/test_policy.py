from pathlib import Path

import pytest

from conflicts import parse_policy
from registry import Approver, FitTable, LibraryPolicy
from service.regulation import PolicyUnknown, TomlUnfit, load_policy
from service.regulation.policy import Ladder, read_policy

SMALL = """
id = "small"
title_zh = "小办法"
title_en = "Small"

[panel]
employer_cap = 1
service_months = 24
odd_preferred = true
reserves = 2
reason_least = 10
mode = "open"
names_in_room = true

[declaration]
valid_months = 12
remind_days = 20
due_at_determination = false

[reminders]
answer = [-1, 1]
work = [-2, 0, 3]
from_hour = 8
until_hour = 20

[library]
reappointed_by = "director"
renewal_days = 120
reminder_days = [120, 30]
statement_days = 7
assessment_events = 2
assessment_months = 6
rejected_kept_months = 24
unconfirmed_kept_months = 2
evidence_kept_months = 9
field_least = 9

[fit]
main = [70, 85, 95]
further = [40, 55, 65]
each_more = 5

[[conflict]]
id = "self"
code = "DIRECT_INTEREST"
kind = "self"
severity = "block"
basis = "A30"
depth = 0
"""


def read(tmp_path: Path, text: str):
    path = tmp_path / "small.toml"
    path.write_text(text, encoding="utf-8")
    return read_policy(path)


def test_policy_is_read_whole(tmp_path: Path) -> None:
    policy = read(tmp_path, SMALL)

    assert (policy.declaration_months, policy.declaration_remind_days, policy.declaration_due) == (12, 20, False)
    assert (policy.employer_cap, policy.service_months, policy.odd_preferred, policy.reserves, policy.reason_least) == (
        1,
        24,
        True,
        2,
        10,
    )
    assert policy.ladder == Ladder((-1, 1), (-2, 0, 3), 8, 20)
    assert policy.library == LibraryPolicy(Approver.DIRECTOR, 120, (120, 30), 7, 2, 6, 24, 2, 9, 9)
    assert policy.fit_table == FitTable((70, 85, 95), (40, 55, 65), 5)
    assert policy.codes() == {"DIRECT_INTEREST"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("employer_cap = 1", "employer_cap = 0", "panel.employer_cap: 0 is below 1"),
        ("odd_preferred = true", "odd_preferred = 1", "panel.odd_preferred: must be true or false"),
        ("[120, 30]", "[30, 120]", "library.reminder_days: must be days before the end of a term, most first"),
        ("[120, 30]", "[]", "library.reminder_days: must be days before the end of a term, most first"),
        ('"director"', '"center"', "library.reappointed_by: 'center' is not one of county-government, director"),
        ("main = [70, 85, 95]", "main = [70, 85]", "fit.main: needs three points from 0 to 100"),
        ("main = [70, 85, 95]", "main = [70, 85, 101]", "fit.main: needs three points from 0 to 100"),
        ("main = [70, 85, 95]", 'main = [70, "85", 95]', "fit.main: must be a list of whole numbers"),
        ("each_more = 5", "each_more = 5\nextra = 1", "fit.extra: is unknown"),
        ('title_en = "Small"', 'title_en = "Small"\ncap = 3', "cap: is unknown"),
    ],
)
def test_fault_of_the_policy_is_named_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(TomlUnfit) as unfit:
        read(tmp_path, SMALL.replace(old, new))

    assert [fault for fault in unfit.value.faults if fault.startswith(says)], unfit.value.faults


@pytest.mark.rule("R28d", "R30a")
def test_shipped_policy_never_relaxes_a_direct_interest() -> None:
    policy = load_policy("changli-local-1")
    rows = parse_policy(policy.id, policy.conflicts).rows
    direct = [row for row in rows if row.code == "DIRECT_INTEREST"]

    assert {row.id for row in direct} == {"self", "employer", "side-post", "director", "shareholder", "controller"}
    assert all(row.never_relax and row.cite in ("A28.4", "A30") for row in direct)
    assert all(row.basis == "policy" for row in rows if row.code != "DIRECT_INTEREST")


def test_shipped_policy_keeps_the_windows_of_local_practice() -> None:
    policy = load_policy("changli-local-1")
    rows = {row.id: row for row in parse_policy(policy.id, policy.conflicts).rows}

    assert {rows[name].window.months for name in ("former-employer", "former-director", "dispute", "paid-work")} == {36}
    assert {rows[name].window.months for name in ("drafted", "assessed", "advised", "kin-party")} == {None}
    assert rows["unit-hierarchy"].depth - 1 == 2
    assert policy.service_months == 24


def test_unknown_policy_names_those_there_are() -> None:
    with pytest.raises(PolicyUnknown, match="there are: changli-local-1"):
        load_policy("nowhere-1")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("answer = [-1, 1]", "answer = []", "reminders.answer"),
        ("work = [-2, 0, 3]", "work = [3, 0]", "reminders.work"),
        ("work = [-2, 0, 3]", "work = [0, 0]", "reminders.work"),
        ("until_hour = 20", "until_hour = 8", "reminders.until_hour"),
        ("until_hour = 20", "until_hour = 25", "reminders.until_hour"),
    ],
    ids=["no day", "descending", "twice", "ends when it begins", "past midnight"],
)
def test_ladder_that_cannot_be_climbed_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, place: str
) -> None:
    with pytest.raises(TomlUnfit) as refused:
        read(tmp_path, SMALL.replace(old, new))

    assert place in str(refused.value)
