"""The county's local policy: windows, caps, points and preferences. None of it is the wording of the regulation.

It stands beside the edition with a version of its own and follows the day of the check; what was found or determined
stores the version it was judged by.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import rfc8785

from conflicts import LOCAL, EvaluatorRow, InputRefused, Part, Severity, Who, parse_policy, say_fault
from conflicts import Policy as ConflictPolicy
from registry import Approver, FitTable, LibraryPolicy
from service.regulation.reading import Table, TomlUnfit, read_toml

FOLDER: Final = Path(__file__).parent / "policy"
PANEL_MODES: Final = ("open", "composed", "designated", "drawn")
OFF: Final = "off"
"""The severity of a row that a published version no longer applies; it stays among the rows, to be put on again."""


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
        declaration_remind_days: days before it runs out from which an expert is asked for the next one.
        declaration_due: whether every member needs a valid one on the day of determination.
        names_in_room: whether names stand beside the numbers on the wall while a panel is drawn.
        ladder: when who is asked in a review is reminded.
        library: how the library is run.
        fit_table: points of fit.
        conflicts: rows for `conflicts.parse_policy`, as they stand in the file or the published version.
        evaluators: rows about who may evaluate a decision, as they stand there.
        table: the conflict rows that apply, ready for the graph.
        evaluator_rows: the rows about evaluators that apply.
        sha256: hash of the content.
        shipped: id of the shipped policy, which a published version goes on from.
        number: of the published version, 1 and up without gaps; 0 is the shipped policy itself.
        from_on: first day of a published version.
        published_at: when it was published.
        changed_on: row -> since when it is as it is, for rows that a published version changed.
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
    declaration_remind_days: int
    declaration_due: bool
    names_in_room: bool
    ladder: Ladder
    library: LibraryPolicy
    fit_table: FitTable
    conflicts: tuple[Mapping[str, Any], ...]
    evaluators: tuple[Mapping[str, Any], ...]
    table: ConflictPolicy
    evaluator_rows: tuple[EvaluatorRow, ...]
    sha256: str
    shipped: str
    number: int = 0
    from_on: date | None = None
    published_at: datetime | None = None
    changed_on: Mapping[str, date] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[Mapping[str, Any], ...]:
        """Every row that a version can change, of the conflict check first."""
        return (*self.conflicts, *self.evaluators)

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
    conflicts = tuple(row.raw() for row in top.rows("conflict"))
    evaluators = tuple(row.raw() for row in top.rows("evaluator"))
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
        declaration_remind_days=declaration.number("remind_days", least=1),
        declaration_due=declaration.truth("due_at_determination"),
        names_in_room=panel.truth("names_in_room"),
        ladder=_ladder(top.table("reminders")),
        library=_library(top.table("library")),
        fit_table=_fit(top.table("fit")),
        conflicts=conflicts,
        evaluators=evaluators,
        table=_conflict_table(policy_id, conflicts, faults),
        evaluator_rows=_evaluator_table(evaluators, faults),
        sha256=hashlib.sha256(rfc8785.dumps(content)).hexdigest(),
        shipped=policy_id,
    )
    panel.end()
    declaration.end()
    top.end()
    if faults:
        raise TomlUnfit(path.name, faults)
    return policy


def version_of(
    shipped: Policy,
    *,
    number: int,
    from_on: date,
    conflicts: Sequence[Mapping[str, Any]],
    evaluators: Sequence[Mapping[str, Any]],
    changed_on: Mapping[str, date],
) -> Policy:
    """Return a version that goes on from a shipped policy with other rows.

    Raises:
        TomlUnfit: with every fault of the rows.
    """
    faults: list[str] = []
    version_id = f"{shipped.id}.{number}"
    content: dict[str, Any] = {"id": version_id, "from_on": from_on.isoformat(), "conflict": list(conflicts)}
    content |= {"evaluator": list(evaluators), "shipped_sha256": shipped.sha256}
    version = replace(
        shipped,
        id=version_id,
        conflicts=tuple(conflicts),
        evaluators=tuple(evaluators),
        table=_conflict_table(version_id, conflicts, faults),
        evaluator_rows=_evaluator_table(evaluators, faults),
        sha256=hashlib.sha256(rfc8785.dumps(content)).hexdigest(),
        number=number,
        from_on=from_on,
        changed_on=changed_on,
    )
    if faults:
        raise TomlUnfit(version_id, faults)
    return version


def _applied(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row.get("severity") != OFF]


def _conflict_table(version: str, rows: Sequence[Mapping[str, Any]], faults: list[str]) -> ConflictPolicy:
    try:
        return parse_policy(version, _applied(rows))
    except InputRefused as refused:
        faults += [f"conflict{say_fault(fault, language='en')}" for fault in refused.faults]
        return ConflictPolicy(version, ())


def _evaluator_table(rows: Sequence[Mapping[str, Any]], faults: list[str]) -> tuple[EvaluatorRow, ...]:
    """Return the rows about evaluators; for each part of bodies and of persons there is at most one."""
    tables = [Table(row, f"evaluator[{place}]", faults) for place, row in enumerate(_applied(rows))]
    found: list[EvaluatorRow] = []
    for table in tables:
        id_, basis = table.text("id"), table.text("basis", LOCAL)
        who = table.text("who", allowed=list(Who))
        part = table.text("part", allowed=list(Part))
        severity = table.text("severity", allowed=list(Severity))
        table.end()
        if who not in list(Who) or part not in list(Part) or severity not in list(Severity):
            continue
        row = EvaluatorRow(id_, Who(who), Part(part), Severity(severity), basis)
        if any(row.id == other.id or (row.who, row.part) == (other.who, other.part) for other in found):
            table.fault("part", f"there is a row for {row.id}, or for {row.who} and {row.part}, already")
        if (row.who, row.part) == (Who.BODY, Part.ASSESSOR) and (row.severity, row.basis) != (Severity.BLOCK, "A64p1"):
            table.fault("severity", "bodies that did the main work are out: block, on the basis of A64p1")
        found.append(row)
    return tuple(found)


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
        unconfirmed_kept_months=table.number("unconfirmed_kept_months", least=1),
        evidence_kept_months=table.number("evidence_kept_months", least=1),
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
