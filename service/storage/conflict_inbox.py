"""The inbox of conflicts: what stands against experts in open matters, and what is new since somebody looked.

The findings are resident, like the graph they come from: they carry the ledger's `seq` and the day they stand at, and
are brought up to date in the read they serve. A new tie costs one check for each open matter, a change of one
person one check of that person in each.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from conflicts import Finding, Outcome, Policy
from service.access import Viewer
from service.clock import day_begins, day_of
from service.ledger.tables import EventRow, HeadRow
from service.regulation import Policy as LocalPolicy
from service.storage.facts import matter_of
from service.storage.judgements import Decided, decided_in, last_look
from service.storage.matters import RUNNING, visible_to
from service.storage.pool import PoolExpert
from service.storage.residents import Residents
from service.storage.rows.library import ExpertRow, OrganisationRow
from service.storage.rows.matters import MatterRow, PanelMemberRow, PanelRow
from service.storage.session import Session

# Until the later steps of a matter's life are kept, a determined panel is taken to work for a year.
_AT_WORK: Final = timedelta(days=365)
_PLACE: Final = "conflicts"
_AGAINST: Final = (Outcome.EXCLUDED, Outcome.RESTRICTED, Outcome.DISCLOSED)


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """A matter whose panel is being made or is at work.

    Attributes:
        id, number, title, unit_name, state: of the matter.
        opened_at: what stands since then is as old as the matter.
        seats: person -> `member` or `reserve` of the panel proposed or determined.
    """

    id: UUID
    number: str
    title: str
    unit_name: str
    state: str
    opened_at: datetime
    seats: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One finding to look at.

    Attributes:
        expert: against whom.
        finding: what was found.
        role: `member`, `reserve`, or empty outside the panel.
        since: when it came to be, as far as the record knows.
        new: whether that is after the viewer's last look.
        recused: whether the person is recused from the matter already.
    """

    expert: PoolExpert
    finding: Finding
    role: str
    since: datetime
    new: bool
    recused: bool

    @property
    def since_on(self) -> date | None:
        """The day since when it is, where only a day is known: the ties say days, the record says instants."""
        day = day_of(self.since)
        return day if self.since == day_begins(day) else None


@dataclass(frozen=True, slots=True)
class InboxMatter:
    """A matter with its lines, those on the panel first; `counts` says how many experts have which outcome in all."""

    matter: OpenMatter
    lines: tuple[InboxLine, ...]
    counts: Mapping[Outcome, int]

    @property
    def pressing(self) -> int:
        """How many findings bar a member of the panel, so that somebody must judge; what is only disclosed does not."""
        barring = (Outcome.EXCLUDED, Outcome.RESTRICTED)
        return sum(
            line.role == "member" and line.finding.outcome in barring and not line.recused for line in self.lines
        )

    @property
    def new(self) -> int:
        """How many are new."""
        return sum(line.new for line in self.lines)


@dataclass(slots=True)
class OpenFindings:
    """Findings by open matter, as of the ledger's `seq`, a day and a policy."""

    seq: int = -1
    day: date = date.min
    policy: str = ""
    findings: dict[UUID, tuple[Finding, ...]] = field(default_factory=dict)
    decided: dict[UUID, Decided] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def catch_up(
        self, session: Session, residents: Residents, matters: Mapping[UUID, OpenMatter], *, policy: Policy, day: date
    ) -> None:
        """Bring the findings of some open matters to the ledger's present head.

        Args:
            session: a reading session.
            residents: pool and ties, caught up.
            matters: every open matter, whoever may see it.
            policy: rows of the local policy of the day.
            day: judged.
        """
        async with self._turn:
            await self._catch_up(session, residents, matters, policy=policy, day=day)

    async def _catch_up(
        self, session: Session, residents: Residents, matters: Mapping[UUID, OpenMatter], *, policy: Policy, day: date
    ) -> None:
        head = await session.scalar(select(HeadRow.size)) or 0
        moved = await _moved(session, self.seq, head) if self.seq >= 0 else {"everything": set()}
        everything = (
            (self.day, self.policy) != (day, policy.version)
            or head < self.seq
            or not moved.keys().isdisjoint({"everything", "fact", "fact-import", "organisation"})
        )
        people = moved.get("person", set()) | {
            residents.pool.experts[expert].person_id
            for expert in moved.get("expert", set()) & residents.pool.experts.keys()
        }
        changed = moved.get("matter", set()) | moved.get("conflicts", set())
        self.decided = await decided_in(session, matters)
        self.findings = {matter_id: held for matter_id, held in self.findings.items() if matter_id in matters}
        for matter in matters.values():
            whole = everything or matter.id in changed or matter.id not in self.findings
            if whole or people:
                held = await self._check(session, residents, matter, policy, day, None if whole else people)
                self.findings[matter.id] = held
                await asyncio.sleep(0)  # others may answer between two matters
        self.seq, self.day, self.policy = head, day, policy.version

    async def _check(
        self,
        session: Session,
        residents: Residents,
        matter: OpenMatter,
        policy: Policy,
        day: date,
        people: Collection[UUID] | None,
    ) -> tuple[Finding, ...]:
        """Return the findings of a matter: of everybody, or with those of some people made anew."""
        decided = self.decided.get(matter.id, Decided())
        kept: tuple[Finding, ...] = ()
        asked: set[str] | None = set(matter.seats) if matter.state == "determined" else None
        if people is not None:
            named = {str(person) for person in people if person in residents.pool.by_person}
            kept = tuple(finding for finding in self.findings[matter.id] if finding.person not in named)
            asked = named if asked is None else named & asked
        found = residents.ties.graph.check(
            await matter_of(session, matter.id), policy=policy, as_of=day, people=asked, judgements=decided.judgements
        )
        return (*kept, *(finding for finding in found if UUID(finding.person) in residents.pool.by_person))


async def inbox_of(
    session: Session, viewer: Viewer, residents: Residents, open_: OpenFindings, *, policy: LocalPolicy, day: date
) -> tuple[InboxMatter, ...]:
    """Return the open matters that the viewer may see with what is to be looked at, the most pressing first.

    To be looked at is what stands unjudged against somebody on a panel, and everything that is new since the viewer
    last looked; who never looked has nothing new yet. Who is out anyway and was so before is only counted.
    """
    current = await residents.current(session)
    matters = await open_matters(session, day=day)
    await open_.catch_up(session, current, matters, policy=policy.table, day=day)
    seen_at = await last_look(session, viewer.account_id, _PLACE)
    shown = set(await session.scalars(select(MatterRow.id).where(MatterRow.id.in_(matters), visible_to(viewer))))
    found = [_lines(current, open_, matters[matter_id], seen_at, policy) for matter_id in shown]
    return tuple(sorted(found, key=lambda one: (-one.pressing, -one.new, one.matter.opened_at, one.matter.number)))


async def open_matters(session: Session, *, day: date) -> dict[UUID, OpenMatter]:
    """Return every matter whose panel is being made or is at work, with who sits on it."""
    rows = await session.execute(
        select(MatterRow, OrganisationRow.name)
        .join(OrganisationRow, OrganisationRow.id == MatterRow.unit_id)
        .where(_open(day))
        .order_by(MatterRow.opened_at, MatterRow.id)
    )
    found = rows.all()
    seats: dict[UUID, dict[str, str]] = defaultdict(dict)
    members = await session.execute(
        select(PanelRow.matter_id, ExpertRow.person_id, PanelMemberRow.role)
        .join(PanelMemberRow, PanelMemberRow.panel_id == PanelRow.id)
        .join(ExpertRow, ExpertRow.id == PanelMemberRow.expert_id)
        .join(MatterRow, MatterRow.id == PanelRow.matter_id)
        .where(PanelRow.state.in_(("proposed", "determined")), _open(day))
    )
    for matter_id, person_id, role in members:
        seats[matter_id][str(person_id)] = role
    return {
        row.id: OpenMatter(row.id, row.number, row.title, unit, row.state, row.opened_at, seats.get(row.id, {}))
        for row, unit in found
    }


def _open(day: date) -> ColumnElement[bool]:
    at_work = select(PanelRow.matter_id).where(PanelRow.state == "determined", PanelRow.determined_on > day - _AT_WORK)
    return and_(
        MatterRow.edition != "",
        or_(MatterRow.state.in_(RUNNING), and_(MatterRow.state == "determined", MatterRow.id.in_(at_work))),
    )


def _lines(
    residents: Residents, open_: OpenFindings, matter: OpenMatter, seen_at: datetime | None, policy: LocalPolicy
) -> InboxMatter:
    recused = open_.decided.get(matter.id, Decided()).recused
    counts: dict[Outcome, int] = defaultdict(int)
    lines: list[InboxLine] = []
    counted: set[str] = set()
    for finding in open_.findings[matter.id]:
        expert_id = residents.pool.by_person.get(UUID(finding.person))
        if expert_id is None:
            continue
        if finding.person not in counted:  # findings come strongest first
            counted.add(finding.person)
            counts[finding.outcome] += 1
        role = matter.seats.get(finding.person, "")
        since = max([matter.opened_at, *_beginnings(finding, policy)])
        new = seen_at is not None and since > seen_at
        if finding.outcome in _AGAINST and (role or new):
            expert = residents.pool.experts[expert_id]
            lines.append(InboxLine(expert, finding, role, since, new, finding.person in recused))
    lines.sort(key=lambda line: (_ROLES[line.role], _AGAINST.index(line.finding.outcome), line.expert.name))
    return InboxMatter(matter, tuple(lines), counts)


_ROLES: Final = {"member": 0, "reserve": 1, "": 2}


def _beginnings(finding: Finding, policy: LocalPolicy) -> list[datetime]:
    """Return when a finding came to be: its youngest tie was known, its ties stand, its row of the policy changed."""
    found = [] if finding.known_at is None else [finding.known_at]
    if finding.since_on is not None:
        found.append(day_begins(finding.since_on))
    if (changed_on := policy.changed_on.get(finding.row_id)) is not None:
        found.append(day_begins(changed_on))
        if changed_on == policy.from_on and policy.published_at is not None:
            found.append(policy.published_at)
    return found


async def _moved(session: Session, seq: int, head: int) -> dict[str, set[UUID]]:
    """Return what the events since `seq` are about: subject -> ids."""
    streams: Any = await session.scalars(
        select(EventRow.stream).where(EventRow.seq > seq, EventRow.seq <= head).distinct()
    )
    moved: dict[str, set[UUID]] = defaultdict(set)
    for stream in streams:
        subject, _, text = stream.partition(":")
        if subject in ("person", "expert", "organisation", "fact", "fact-import", "matter", "conflicts"):
            moved[subject].add(UUID(text))
    return moved
