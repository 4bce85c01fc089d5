"""A matter's stream as state, and its rows as a projection of that state.

The stream in the ledger is the truth. `write_projection` writes every row that follows from the state alone, in the
transaction of the events; `expertpool doctor` folds the stream again and compares.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select

from service import ledger
from service.clock import day_of
from service.ids import new_id
from service.problems import NotFound
from service.storage.draw_rows import write_draws
from service.storage.policies import policy_in_force, shipped_of
from service.storage.rows.library import ExpertRow
from service.storage.rows.matters import MatterPartyRow, MatterRow, MatterTextRow, PanelMemberRow, PanelRow
from service.storage.rows.meetings import ReviewMeetingRow
from service.storage.rows.review import ReviewPartRow, ReviewRow
from service.storage.session import Session
from workflow import Actor, Event, MatterState, encode_flags, encode_need, fold
from workflow.panel import Member, Panel, Proposal, Reserve

FORMER_UNIT: Final = "former-unit"
"""Role of the unit that had a matter before another took its place; it is nobody's to enter or remove."""


@dataclass(frozen=True, slots=True)
class NewMatter:
    """What a matter's row holds that its stream does not: texts and who looks after it.

    Attributes:
        number: such as `2026-014`.
        title: as typed.
        pinyin: full spelling, a blank, initials.
        unit_clerk_id: account at the undertaking unit.
        center_clerk_id: account at the center.
    """

    number: str
    title: str
    pinyin: str
    unit_clerk_id: UUID | None
    center_clerk_id: UUID | None


async def state_of(session: Session, matter_id: UUID) -> MatterState:
    """Return the state of a matter, folded from its stream.

    Raises:
        NotFound: when there is no such matter.
    """
    entries = await ledger.stream(session, f"matter:{matter_id}")
    if not entries:
        raise NotFound(subject="matter")
    return fold(event_of(entry) for entry in entries)


def event_of(entry: ledger.Entry) -> Event:
    """Return a ledger entry of a matter's stream as the event it was."""
    value = entry.value()
    return Event(
        type=entry.type,
        step=value["step"],
        cites=tuple(value["cites"]),
        body=value["body"],
        by=Actor(value["actor"]["person"], value["actor"]["role"], value["actor"].get("unit") or None),
        at=entry.at,
        on=day_of(entry.at),
    )


async def write_projection(
    session: Session, matter_id: UUID, state: MatterState, events: tuple[Event, ...], *, new: NewMatter | None = None
) -> None:
    """Write the rows that follow from a state: the matter, its parties, its panels and their members.

    Args:
        session: the unit of work of the events.
        matter_id: which.
        state: after the events.
        events: those that led here since the rows were last written; they date the panels.
        new: for a matter that has no row yet.
    """
    values: dict[str, Any] = {
        "unit_id": UUID(state.unit_id),
        "state": state.status,
        "step": state.step,
        "flags_proposed": encode_flags(state.flags_proposed),
        "flags_confirmed": None if state.flags_confirmed is None else encode_flags(state.flags_confirmed),
        "need": {} if state.need is None else encode_need(state.need),
        "closed_on": state.closed_on,
        "version": state.version,
    }
    row = await session.get(MatterRow, matter_id)
    if row is None:
        if new is None:
            raise RuntimeError("a matter without a row needs its title and number")
        session.add(
            MatterRow(
                id=matter_id,
                number=new.number,
                title=new.title,
                pinyin=new.pinyin,
                unit_clerk_id=new.unit_clerk_id,
                center_clerk_id=new.center_clerk_id,
                opened_at=events[0].at,
                opened_on=state.opened_on or events[0].on,
                edition=state.edition,
                **values,
            )
        )
    else:
        for name, value in values.items():
            setattr(row, name, value)
    await session.flush()
    await _write_parties(session, matter_id, state)
    await _write_panels(session, matter_id, state, events)
    await _write_parts(session, matter_id, state)
    await write_draws(session, matter_id, state, events)


async def keep_texts(session: Session, matter_id: UUID, texts: Mapping[str, tuple[bytes, str]]) -> None:
    """Keep free texts of an act beside the ledger: salted hash -> (salt, text)."""
    session.add_all(
        MatterTextRow(matter_id=matter_id, sha256=digest, salt=salt, text=text)
        for digest, (salt, text) in texts.items()
    )
    await session.flush()


async def texts_of(session: Session, matter_id: UUID) -> dict[str, str]:
    """Return salted hash -> text of a matter."""
    rows = await session.execute(
        select(MatterTextRow.sha256, MatterTextRow.text).where(MatterTextRow.matter_id == matter_id)
    )
    return dict(rows.tuples().all())


async def _write_parties(session: Session, matter_id: UUID, state: MatterState) -> None:
    held = {
        (str(row.organisation_id or ""), str(row.person_id or ""), row.role): row
        for row in await session.scalars(select(MatterPartyRow).where(MatterPartyRow.matter_id == matter_id))
    }
    wanted = {(party.organisation_id or "", party.person_id or "", party.role) for party in state.parties}
    wanted |= {(unit_id, "", FORMER_UNIT) for unit_id in state.former_units}
    if gone := [row.id for key, row in held.items() if key not in wanted]:
        await session.execute(delete(MatterPartyRow).where(MatterPartyRow.id.in_(gone)))
    session.add_all(
        MatterPartyRow(
            id=new_id(),
            matter_id=matter_id,
            organisation_id=UUID(organisation_id) if organisation_id else None,
            person_id=UUID(person_id) if person_id else None,
            role=role,
        )
        for organisation_id, person_id, role in sorted(wanted - held.keys())
    )
    await session.flush()


async def _write_panels(session: Session, matter_id: UUID, state: MatterState, events: tuple[Event, ...]) -> None:
    rows = {row.round: row for row in await session.scalars(select(PanelRow).where(PanelRow.matter_id == matter_id))}
    panels: list[tuple[Panel | Proposal, str]] = [(panel, "released") for panel in state.past_panels]
    if state.panel is not None:
        panels.append((state.panel, "determined"))
    # After the determination the proposal stays in the state, for what was changed; its row is the panel's.
    if state.proposal is not None and state.panel is None:
        panels.append((state.proposal, "proposed"))
    experts = await _experts_of(session, panels)
    for panel, status in panels:
        row = rows.get(panel.round)
        if row is None:
            row = PanelRow(
                id=new_id(), matter_id=matter_id, round=panel.round, edition=state.edition, policy=state.policy,
                mode="recorded", as_of=_as_of(panel), problem=None, problem_sha256="", result=None, state=status,
            )  # fmt: skip
            session.add(row)
        row.state = status if not (state.cancelled and status == "proposed") else "released"
        _date(row, panel, events)
        if (at := _judged_at(panel, events)) is not None and state.policy:
            # The matter was stamped with the policy of its opening; a panel is judged by that of its day.
            shipped = shipped_of(state.policy)
            row.policy = (await policy_in_force(session, shipped, on=day_of(at), known_at=at)).id
        await session.flush()
        await _write_members(session, row.id, panel, experts)
    live = {panel.round for panel, _ in panels}
    for number, row in rows.items():
        if number not in live:
            row.state = "released"
    await session.flush()


async def _write_parts(session: Session, matter_id: UUID, state: MatterState) -> None:
    """Write the parts of the review in force; those of earlier rounds stay as they were."""
    if not state.review.parts:
        return
    whole: dict[str, Any] = {
        "material": state.review.material,
        "floor": state.panel.floor if state.panel is not None else 0,
        "opened": state.review.opened,
        "closed": state.review.closed,
        "filed": state.review.filed,
    }
    await session.merge(ReviewRow(matter_id=matter_id, round=state.round, **whole))
    if (meeting := state.review.meeting) is not None:
        dates: dict[str, Any] = {"starts_at": meeting.starts_at, "ends_at": meeting.ends_at, "status": meeting.status}
        await session.merge(ReviewMeetingRow(matter_id=matter_id, round=state.round, **dates))
    held = {
        row.position: row
        for row in await session.scalars(
            select(ReviewPartRow).where(ReviewPartRow.matter_id == matter_id, ReviewPartRow.round == state.round)
        )
    }
    for position, part in enumerate(state.review.parts):
        values: dict[str, Any] = {
            "person_id": UUID(part.person_id),
            "invited_at": part.invited_at,
            "respond_by": part.respond_by,
            "seen_at": part.seen_at,
            "answer": part.answer,
            "code": part.code,
            "until_on": part.until_on,
            "answered_on": part.answered_on,
            "ended": part.ended,
            "undertaking_sha256": part.undertaking_sha256,
            "material": part.material,
            "delivered_on": part.delivered_on,
            "due_on": part.due_on,
            "provisional": part.provisional,
            "write_by": None if part.to_write is None else part.to_write.written_by,
            "version": part.version,
            "release_asked": part.release_asked,
            "signed_on": None if part.opinion is None else part.opinion.signed_on,
            "late": part.opinion is not None and part.opinion.late,
            "set_aside": part.set_aside,
            "rated": dict(part.rated),
            "points": Counter(answer.adoption for answer in part.answers.values()) if state.review.filed else {},
        }
        if position in held:
            for name, value in values.items():
                setattr(held[position], name, value)
        else:
            session.add(ReviewPartRow(matter_id=matter_id, round=state.round, position=position, **values))
    await session.flush()


def _as_of(panel: Panel | Proposal) -> date:
    return panel.as_of if isinstance(panel, Proposal) else panel.determined_on


def _date(row: PanelRow, panel: Panel | Proposal, events: tuple[Event, ...]) -> None:
    if isinstance(panel, Proposal):
        row.mode = panel.mode
        row.as_of = panel.as_of
        row.problem_sha256 = panel.problem_sha256
        row.proposed_by = UUID(panel.proposed_by)
    else:
        row.proposed_by = UUID(panel.proposed_by) if panel.proposed_by else None
        row.determined_by = UUID(panel.determined_by)
        row.determined_on = panel.determined_on
    row.approved_by = UUID(panel.approved_by) if panel.approved_by else None
    if row.approved_by is None:
        row.approved_at = None
    for event in events:
        if event.body.get("round", 0) != panel.round:
            continue
        if event.type == "panel.proposed":
            row.proposed_at = event.at
        elif event.type == "designation.approved":
            row.approved_at = event.at
        elif event.type in ("panel.determined", "matter.recorded"):
            row.determined_at = event.at


def _judged_at(panel: Panel | Proposal, events: tuple[Event, ...]) -> datetime | None:
    """Return when these events proposed or determined the panel; None where they did neither."""
    judged = ("panel.proposed", "panel.determined")
    return next(
        (event.at for event in reversed(events) if event.type in judged and event.body.get("round", 0) == panel.round),
        None,
    )


async def _experts_of(session: Session, panels: list[tuple[Panel | Proposal, str]]) -> dict[str, UUID]:
    people = {UUID(member.person_id) for panel, _ in panels for member in panel.members}
    people |= {UUID(reserve.person_id) for panel, _ in panels for reserve in panel.reserves}
    rows = await session.execute(
        select(ExpertRow.person_id, ExpertRow.id).where(ExpertRow.person_id.in_(sorted(people)))
    )
    return {str(person_id): expert_id for person_id, expert_id in rows}


async def _write_members(
    session: Session, panel_id: UUID, panel: Panel | Proposal, experts: Mapping[str, UUID]
) -> None:
    def row(role: str, position: int, seat: Member | Reserve) -> PanelMemberRow:
        replaces = [str(experts[person]) for person in seat.replaces] if isinstance(seat, Reserve) else None
        return PanelMemberRow(
            panel_id=panel_id,
            expert_id=experts[seat.person_id],
            role=role,
            position=position,
            seat=seat.seat,
            replaces=replaces,
        )

    await session.execute(delete(PanelMemberRow).where(PanelMemberRow.panel_id == panel_id))
    session.add_all(row("member", position, seat) for position, seat in enumerate(panel.members))
    session.add_all(row("reserve", position, seat) for position, seat in enumerate(panel.reserves))
    await session.flush()
