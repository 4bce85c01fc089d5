"""The county's local policy: windows, caps, points and preferences. None of it is the wording of the regulation.

It stands beside the edition with a version of its own and follows the day of the check; what was found or determined
stores the version it was judged by.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import rfc8785

from registry import Approver, FitTable, LibraryPolicy
from service.regulation.reading import Table, TomlUnfit, read_toml

FOLDER: Final = Path(__file__).parent / "policy"
PANEL_MODES: Final = ("open", "composed", "designated", "drawn")


class PolicyUnknown(Exception):
    """There is no local policy of this id; the message names those that exist."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """When reminders go out.

    Attributes:
        answer: working days from the last day for the answer, before it negative, ascending; on the last the center
            takes over.
        work: the same for the opinion.
        from_hour: first hour of the day in which something is sent, China Standard Time, 0 to 23.
        until_hour: the hour from which nothing is sent any more, 1 to 24.
    """

    answer: tuple[int, ...]
    work: tuple[int, ...]
    from_hour: int
    until_hour: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the local policy.

    Attributes:
        id: permanent name of the version.
        title_zh: its title.
        title_en: the same in English.
        employer_cap: most members from one employer.
        service_months: months of past service that count.
        odd_preferred: whether an even number of members is remarked upon; it is never refused.
        reserves: reserves named unless the need says otherwise.
        reason_least: least characters of a recorded reason.
        panel_mode: how panels come about where the center lays down nothing else: `open`, or one of the modes.
        declaration_months: how long a yearly declaration of interest is valid.
        declaration_due: whether every member needs a valid one on the day of determination.
        names_in_room: whether names stand beside the numbers on the wall while a panel is drawn.
        ladder: when who is asked in a review is reminded.
        library: how the library is run.
        fit_table: points of fit.
        conflicts: rows for `conflicts.parse_policy`, as they stand in the file.
        sha256: hash of the content.
    """

    id: str
    title_zh: str
    title_en: str
    employer_cap: int
    service_months: int
    odd_preferred: bool
    reserves: int
    reason_least: int
    panel_mode: str
    declaration_months: int
    declaration_due: bool
    names_in_room: bool
    ladder: Ladder
    library: LibraryPolicy
    fit_table: FitTable
    conflicts: tuple[Mapping[str, Any], ...]
    sha256: str

    def codes(self) -> frozenset[str]:
        """Return the codes that the policy's rows bear."""
        return frozenset(str(row["code"]) for row in self.conflicts if "code" in row)


def policy_ids() -> tuple[str, ...]:
    """Return the ids of the shipped policies, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load_policy(policy_id: str) -> Policy:
    """Read a shipped local policy.

    Raises:
        PolicyUnknown: when there is none of that id.
        TomlUnfit: with every fault of the file and its place.
    """
    if policy_id not in policy_ids():
        raise PolicyUnknown(f"there is no local policy {policy_id!r}; there are: {', '.join(policy_ids())}")
    return read_policy(FOLDER / f"{policy_id}.toml")


def read_policy(path: Path) -> Policy:
    """Read a local policy from a file.

    Raises:
        TomlUnfit: with every fault of the file and its place.
    """
    content = read_toml(path)
    faults: list[str] = []
    top = Table(content, "", faults)
    policy_id = top.text("id")
    if policy_id != path.stem:
        top.fault("id", f"{policy_id!r} must be the name of the file, {path.stem!r}")
    panel = top.table("panel")
    declaration = top.table("declaration")
    policy = Policy(
        id=policy_id,
        title_zh=top.text("title_zh"),
        title_en=top.text("title_en"),
        employer_cap=panel.number("employer_cap", least=1),
        service_months=panel.number("service_months", least=1),
        odd_preferred=panel.truth("odd_preferred"),
        reserves=panel.number("reserves"),
        reason_least=panel.number("reason_least", least=1),
        panel_mode=panel.text("mode", allowed=PANEL_MODES),
        declaration_months=declaration.number("valid_months", least=1),
        declaration_due=declaration.truth("due_at_determination"),
        names_in_room=panel.truth("names_in_room"),
        ladder=_ladder(top.table("reminders")),
        library=_library(top.table("library")),
        fit_table=_fit(top.table("fit")),
        conflicts=tuple(row.raw() for row in top.rows("conflict")),
        sha256=hashlib.sha256(rfc8785.dumps(content)).hexdigest(),
    )
    panel.end()
    declaration.end()
    top.end()
    if faults:
        raise TomlUnfit(path.name, faults)
    return policy


def _ladder(table: Table) -> Ladder:
    ladder = Ladder(
        table.numbers("answer"), table.numbers("work"), table.number("from_hour"), table.number("until_hour", least=1)
    )
    for key, steps in (("answer", ladder.answer), ("work", ladder.work)):
        if not steps or list(steps) != sorted(set(steps)):
            table.fault(key, "needs at least one day, each once, ascending")
    if not ladder.from_hour < ladder.until_hour <= 24:
        table.fault("until_hour", "must be later than from_hour, at most 24")
    table.end()
    return ladder


def _library(table: Table) -> LibraryPolicy:
    ladder = table.numbers("reminder_days")
    if not ladder or any(days < 1 for days in ladder) or sorted(set(ladder), reverse=True) != list(ladder):
        table.fault("reminder_days", "must be days before the end of a term, most first, none twice")
    approvers = [approver.value for approver in Approver]
    reappointed_by = table.text("reappointed_by", allowed=approvers)
    library = LibraryPolicy(
        reappointed_by=Approver(reappointed_by) if reappointed_by in approvers else Approver.COUNTY_GOVERNMENT,
        renewal_days=table.number("renewal_days", least=1),
        reminder_days=ladder,
        statement_days=table.number("statement_days", least=1),
        assessment_events=table.number("assessment_events"),
        assessment_months=table.number("assessment_months", least=1),
        rejected_kept_months=table.number("rejected_kept_months", least=1),
        field_least=table.number("field_least", least=1),
    )
    table.end()
    return library


def _fit(table: Table) -> FitTable:
    fit = FitTable(_points(table, "main"), _points(table, "further"), table.number("each_more"))
    table.end()
    return fit


def _points(table: Table, key: str) -> tuple[int, int, int]:
    points = table.numbers(key)
    if len(points) != 3 or any(not 0 <= point <= 100 for point in points):
        table.fault(key, "needs three points from 0 to 100, for one, two and three levels that agree")
        return (0, 0, 0)
    return (points[0], points[1], points[2])
