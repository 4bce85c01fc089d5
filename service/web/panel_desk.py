"""What the assemble page shows: read, posed, composed and checked for one viewer; nothing here writes."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request

from registry import DISCIPLINES, DOMAINS
from selection import PanelCheck, problem_sha256
from service.access import Viewer, may
from service.actions.assembly import Assembly, Band, Problem, Reason, Standing, balance_of, compose
from service.actions.declarations import undeclared
from service.actions.panels import Chosen, check_list, choose_from, prepare
from service.problems import NotFound
from service.storage.matter_rows import texts_of
from service.storage.matters import MatterView, load_matter, past_needs, relations_to
from service.storage.panels import StoredPanel, panels_of
from service.storage.session import Session, reading
from service.web.entry import policy_of, viewer_of
from service.web.pages import say_field
from service.web.panel_sentences import breach_of, sentence_of
from workflow import DESIGNATED, MatterState, Need

AnyRequest = Request[Any, Any, Any]
SHOWN_AT_MOST = 80
ZONES = ("free", "warned", "blocked")


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the page shows.

    Attributes:
        matter: title, unit, number, people.
        state: the matter by its stream.
        problem: the panel problem as of today.
        assembly: the engine's panel with everyone's role and reason; for a unit without private facts.
        panel: the proposed or determined panel, None before.
        problem_sha256: hash of the problem that is shown.
        relations: how the viewer stands to the matter.
        acts: what the viewer may do now: need, lock, mode, propose, approve, change, determine, return.
        private: whether the viewer may know why somebody is kept out.
        mine: whether the viewer's person proposed (and so may not determine, A32.1).
        seconded: whether the viewer's person seconded a list made by hand (and so may not determine it either).
        own_hand: whether the viewer's person made it by hand, wholly or in part (and so may not second it).
        texts: salted hash -> free text of the matter.
        past: matters whose need can be copied: id, title.
        undeclared: members of the panel without a valid yearly declaration; a unit is not told.
    """

    matter: MatterView
    state: MatterState
    problem: Problem
    assembly: Assembly
    panel: StoredPanel | None
    problem_sha256: str
    relations: tuple[str, ...]
    acts: frozenset[str]
    private: bool
    mine: bool
    seconded: bool
    own_hand: bool
    texts: Mapping[str, str]
    past: tuple[tuple[UUID, str], ...]
    undeclared: frozenset[UUID]

    def standing(self, expert_id: UUID) -> Standing:
        """Return how one expert stands.

        Raises:
            NotFound: when the library has no such expert.
        """
        for standing in self.assembly.standings:
            if standing.id == expert_id:
                return standing
        raise NotFound(subject="expert")


@dataclass(frozen=True, slots=True)
class Change:
    """What the center changed: who left, who came, why, by whom, when."""

    out: str
    in_: str
    reason: str
    by: str
    at: datetime

    def __getitem__(self, name: str) -> str:
        """Return `in` for templates, where it is a word of the language."""
        return self.in_ if name == "in" else str(getattr(self, name))


@dataclass(frozen=True, slots=True)
class Proposed:
    """The unit's proposal as the page shows it."""

    members: tuple[Standing, ...]
    reserves: tuple[Standing, ...]
    proposer: str
    proposed_at: datetime | None
    designated: bool
    by_hand: bool
    designation: str
    approver: str
    approved_at: datetime | None
    balance: tuple[Band, ...]
    broken: tuple[tuple[str, str], ...]
    stopped: bool  # a broken rule to which no recorded reason helps: it cannot be determined as it is
    undeclared: tuple[str, ...]
    smaller_reason: str
    changes: tuple[Change, ...]
    differences: tuple[tuple[Standing | None, Standing | None], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list made by hand, checked."""

    text: str
    unknown: tuple[str, ...]
    members: tuple[Standing, ...]
    rules: tuple[tuple[bool, str, str], ...]
    exchanges: tuple[tuple[Standing | None, Standing | None], ...] | None
    repaired: tuple[Standing, ...]
    problem_sha256: str


async def read_desk(request: AnyRequest, matter_id: UUID, *, need: Need | None = None) -> Desk:
    """Read and compose everything the page shows; writes nothing.

    Args:
        request: of the viewer.
        matter_id: the matter.
        need: another need than the matter's, to try out.

    Raises:
        NotFound: when the matter is not there, or not the viewer's to know.
    """
    viewer = viewer_of(request)
    app = request.app.state
    async with reading(app.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        relations = await relations_to(session, viewer, matter_id)
        if not may(viewer, "panel:see", relations):
            raise NotFound(subject="matter")
        state, problem = await _prepared(request, session, matter_id, need=need)
        panels = await panels_of(session, matter_id)
        texts = await texts_of(session, matter_id)
        past = await past_needs(session, viewer, most=20) if state.status in ("opened", "need-set") else ()
        panel = next((panel for panel in reversed(panels) if panel.state in ("proposed", "determined")), None)
        private = may(viewer, "panel:see-reasons", relations)
        lacking: frozenset[UUID] = frozenset()
        if private and panel is not None:
            members = [seat.expert_id for seat in panel.members]
            lacking = await undeclared(session, members, policy=policy_of(request), on=app.clock.today())
    assembly = await asyncio.to_thread(compose, problem, seed=str(matter_id))
    digest = await asyncio.to_thread(problem_sha256, problem.request)
    return Desk(
        matter=matter,
        state=state,
        problem=problem,
        assembly=assembly if private else _for_unit(assembly),
        panel=panel,
        problem_sha256=digest,
        relations=tuple(relations),
        acts=_acts(viewer, relations, state),
        private=private,
        mine=state.proposal is not None and state.proposal.proposed_by == str(viewer.person_id),
        seconded=state.proposal is not None and state.proposal.approved_by == str(viewer.person_id),
        own_hand=state.proposal is not None
        and str(viewer.person_id) in (state.proposal.proposed_by, *state.proposal.hands),
        texts=texts,
        past=tuple((one.id, one.title) for one in past if one.id != matter_id),
        undeclared=lacking,
    )


async def is_suitable(request: AnyRequest, matter_id: UUID, expert_id: UUID) -> bool:
    """Return whether an expert could sit on the panel of a matter today; nothing is written, nobody is told.

    Raises:
        NotFound: when the matter is not there, or not the viewer's to know, or the library has no such expert.
    """
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        await load_matter(session, viewer, matter_id)
        if not may(viewer, "panel:see", await relations_to(session, viewer, matter_id)):
            raise NotFound(subject="matter")
        _, problem = await _prepared(request, session, matter_id)
    standing = problem.standings.get(expert_id)
    if standing is None:
        raise NotFound(subject="expert")
    return standing.zone != "blocked"


async def choose(request: AnyRequest, matter_id: UUID, members: tuple[UUID, ...]) -> Chosen:
    """Check a list of members against the problem of today, and name reserves for it."""
    async with reading(request.app.state.database) as session:
        _, problem = await _prepared(request, session, matter_id)
    return await asyncio.to_thread(choose_from, problem, members, seed=str(matter_id))


async def proposed_members(request: AnyRequest, matter_id: UUID) -> tuple[UUID, ...]:
    """Return the experts of the open proposal, in order; empty when there is none."""
    async with reading(request.app.state.database) as session:
        panels = await panels_of(session, matter_id)
    proposed = next((panel for panel in reversed(panels) if panel.state == "proposed"), None)
    return tuple(seat.expert_id for seat in proposed.members) if proposed else ()


def show_proposal(desk: Desk, check: PanelCheck | None) -> Proposed | None:
    """Return the open proposal with what it breaks today and how it differs from the composed panel."""
    panel = desk.panel
    if panel is None or panel.state != "proposed":
        return None
    members = seated(desk, panel)
    asked = desk.state.proposal.waiver_asked_sha256 if desk.state.proposal else ""
    named = desk.state.proposal.designation_sha256 if desk.state.proposal else ""
    names = {standing.id: standing.entry.name for standing in desk.assembly.standings}
    return Proposed(
        members=members,
        reserves=tuple(desk.standing(seat.expert_id) for seat in panel.reserves),
        proposer=panel.proposer,
        proposed_at=panel.proposed_at,
        designated=panel.mode == DESIGNATED,
        by_hand=desk.state.proposal is not None and desk.state.proposal.by_hand,
        designation=desk.texts.get(named, ""),
        approver=panel.approver,
        approved_at=panel.approved_at,
        balance=balance_of(desk.problem, members),
        broken=()
        if check is None
        else tuple(breach_of(desk, rule.code, rule.cite, rule.facts) for rule in check.rules if not rule.kept),
        stopped=check is not None and any(not rule.kept and rule.code != "PANEL_TOO_SMALL" for rule in check.rules),
        undeclared=tuple(member.entry.name for member in members if member.id in desk.undeclared),
        smaller_reason=desk.texts.get(asked, ""),
        changes=changes_of(panel, names),
        differences=_differences(members, desk.assembly.members) if desk.assembly.possible else (),
    )


def seated(desk: Desk, panel: StoredPanel) -> tuple[Standing, ...]:
    """Return the members of a stored panel with their standing today and the seats they have there."""
    members = []
    for seat in panel.members:
        standing = desk.standing(seat.expert_id)
        why = (
            standing.why
            if standing.role == "member"
            else Reason("WHY_BY_HAND" if panel.mode == DESIGNATED else "WHY_AS_PROPOSED")
        )
        members.append(replace(standing, role="member", seat=seat.seat, why=why))
    return tuple(members)


def changes_of(panel: StoredPanel, names: Mapping[UUID, str]) -> tuple[Change, ...]:
    """Return what the center changed, with names."""
    return tuple(
        Change(
            names.get(change.out_id, "") if change.out_id else "",
            names.get(change.in_id, "") if change.in_id else "",
            change.reason,
            change.by,
            change.at,
        )
        for change in panel.changes
    )


async def show_list(desk: Desk, text: str) -> Listed:
    """Check a list typed by hand: names or library numbers, parted by lines, commas or blanks."""
    members, unknown = _read_list(text, desk.assembly)
    check = await asyncio.to_thread(check_list, desk.problem, members, seed=str(desk.matter.id))
    seats = {member.id: member.seat for member in check.members}

    def one(expert_id: str | None) -> Standing | None:
        return None if expert_id is None else desk.standing(UUID(expert_id))

    return Listed(
        text=text,
        unknown=tuple(unknown),
        members=tuple(replace(desk.standing(member), seat=seats.get(str(member))) for member in members),
        rules=tuple(
            (True, sentence_of(desk, rule.code, rule.facts), rule.cite)
            if rule.kept
            else (False, *breach_of(desk, rule.code, rule.cite, rule.facts))
            for rule in check.rules
        ),
        exchanges=None
        if check.exchanges is None
        else tuple((one(exchange.leaves), one(exchange.joins)) for exchange in check.exchanges),
        repaired=tuple(desk.standing(UUID(member.id)) for member in check.repaired),
        problem_sha256=desk.problem_sha256,
    )


def zones_of(desk: Desk, find: str) -> list[tuple[str, int, list[Standing]]]:
    """Return zone, how many, and those shown; members and reserves are not repeated here."""
    words = find.lower().split()
    found: dict[str, list[Standing]] = {zone: [] for zone in ZONES}
    shown_above = {seat.expert_id for seat in desk.panel.seats} if desk.panel else set()
    for standing in desk.assembly.standings:
        if standing.id in shown_above or (not shown_above and standing.role != "out"):
            continue
        entry = standing.entry
        text = f"{entry.name} {entry.pinyin} {entry.number} {entry.title} {standing.employer} ".lower()
        text += " ".join(say_field(field.code) for field in entry.expert.fields).lower()
        if all(word in text for word in words):
            found[standing.zone].append(standing)
    if desk.problem.request.seats:
        for standings in found.values():
            standings.sort(key=lambda one: not one.seats)  # who could fill a seat comes first; stable
    return [(zone, len(found[zone]), found[zone][:SHOWN_AT_MOST]) for zone in ZONES]


def field_choices() -> list[tuple[str, str]]:
    """Return every field a seat can ask for, local domains first."""
    return [(code, say_field(code)) for code in (*DOMAINS, *DISCIPLINES)]


async def _prepared(
    request: AnyRequest, session: Session, matter_id: UUID, *, need: Need | None = None
) -> tuple[MatterState, Problem]:
    app = request.app.state
    return await prepare(
        session,
        app.residents,
        matter_id,
        settings=app.settings,
        edition=app.edition,
        policy=policy_of(request),
        on=app.clock.today(),
        need=need,
    )


def _acts(viewer: Viewer, relations: Iterable[str], state: MatterState) -> frozenset[str]:
    drawing = state.live_draw is not None
    running = state.status in ("opened", "need-set", "proposed") and not drawing
    may_now = {
        "need": running and may(viewer, "matter:set-need", relations),
        "lock": running and may(viewer, "panel:lock", relations),
        "propose": state.status == "need-set" and not drawing and may(viewer, "panel:propose", relations),
        "mode": running and may(viewer, "panel:choose-mode", relations),
        "approve": state.status == "proposed" and may(viewer, "panel:approve", relations),
        "change": state.status == "proposed" and may(viewer, "panel:change", relations),
        "return": state.status == "proposed" and may(viewer, "panel:change", relations),
        "determine": state.status == "proposed" and may(viewer, "panel:determine", relations),
    }
    return frozenset(act for act, allowed in may_now.items() if allowed)


def _for_unit(assembly: Assembly) -> Assembly:
    """Take private facts out: a unit learns who is suitable and who is not, but not why (no ties, no states)."""
    hidden = []
    for standing in assembly.standings:
        blocked = standing.zone == "blocked"
        hidden.append(
            replace(
                standing,
                reasons=(Reason("NOT_SUITABLE"),) if blocked else (),
                zone="blocked" if blocked else "free",
                clashes=(),
                why=Reason("WHY_NOT_SUITABLE") if blocked else standing.why,
            )
        )
    return replace(assembly, standings=tuple(hidden))


def _differences(
    before: Sequence[Standing], after: Sequence[Standing]
) -> tuple[tuple[Standing | None, Standing | None], ...]:
    """Pair who leaves with who comes, same seat first, so that each change can be reasoned about."""
    held, wanted = {one.id for one in before}, {one.id for one in after}
    leaves = [one for one in before if one.id not in wanted]
    comes = [one for one in after if one.id not in held]
    pairs: list[tuple[Standing | None, Standing | None]] = []
    for leaving in leaves:
        match = next((one for one in comes if one.seat == leaving.seat), comes[0] if comes else None)
        if match is not None:
            comes.remove(match)
        pairs.append((leaving, match))
    return (*pairs, *((None, one) for one in comes))


def _read_list(text: str, assembly: Assembly) -> tuple[list[UUID], list[str]]:
    by_word: dict[str, list[UUID]] = {}
    for standing in assembly.standings:
        for word in (standing.entry.name, standing.entry.number, str(standing.id)):
            by_word.setdefault(word, []).append(standing.id)
    members: list[UUID] = []
    unknown = []
    for mark in "，、,；;":
        text = text.replace(mark, " ")
    for word in text.split():
        found = by_word.get(word, [])
        if len(found) != 1:
            unknown.append(word)
        elif found[0] not in members:
            members.append(found[0])
    return members, unknown
