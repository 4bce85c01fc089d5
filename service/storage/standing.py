"""Who stood in the library on a day, past days included, and who came, stayed and left between two days.

The row of an expert says how things stand now. How they stood follows from the terms, from the days on which a case
ran, and from the decisions that ended a membership, until a later letter began another.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from registry import Measure, State, state_after
from service.storage.rows.admission import LetterRow
from service.storage.rows.cases import CaseRow
from service.storage.rows.library import AppointmentRow, ExpertRow
from service.storage.session import Session

_ENDS: Final = (State.WITHDRAWN, State.DISMISSED, State.STRUCK_OFF)
_LEAVING: Final[Mapping[str, State]] = {
    measure.value: state_after(measure) for measure in Measure if state_after(measure) in _ENDS
}


@dataclass(frozen=True, slots=True)
class Movement:
    """Who came, stayed and left between two days; experts are counted, each once.

    Attributes:
        came: their first term began.
        renewed: a further term began.
        lapsed: a term ended, its last day included, while nothing had ended it before and without another one begun
            by the end of these days or on the day after.
        left: state -> how many left by a decision.
    """

    came: int
    renewed: int
    lapsed: int
    left: Mapping[str, int]


def in_office_on(on: date) -> ColumnElement[bool]:
    """Return the condition under which an expert is in office on a day, under no review; later decisions do not count.

    Source: A24, A26, A70.
    """
    term, again, case = aliased(AppointmentRow), aliased(AppointmentRow), aliased(CaseRow)
    returned = exists().where(
        LetterRow.appointment_id == again.id,
        again.expert_id == case.expert_id,
        LetterRow.letter_on > case.decided_on,
        LetterRow.letter_on <= on,
    )
    ended = exists().where(
        case.expert_id == term.expert_id,
        case.measure.in_(_LEAVING),
        case.decided_on <= on,
        case.decided_on >= term.starts_on,
        ~returned,
    )
    covered = exists().where(term.expert_id == ExpertRow.id, term.starts_on <= on, term.ends_on >= on, ~ended)
    reviewed = exists().where(
        CaseRow.expert_id == ExpertRow.id,
        CaseRow.opened_on <= on,
        or_(CaseRow.closed_on.is_(None), CaseRow.closed_on > on),
    )
    not_yet_decided = or_(ExpertRow.state == State.ACTIVE.value, ExpertRow.state_since_on > on)
    return and_(not_yet_decided, covered, ~reviewed)


async def movement_between(session: Session, *, first: date, last: date) -> Movement:
    """Return who came, stayed and left between two days, both inclusive."""
    terms: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    rows = await session.execute(
        select(AppointmentRow.expert_id, AppointmentRow.starts_on, AppointmentRow.ends_on)
        .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
        .where(ExpertRow.merged_into.is_(None))
        .order_by(AppointmentRow.starts_on)
    )
    for expert_id, starts_on, ends_on in rows:
        terms[expert_id].append((starts_on, ends_on))
    endings = await _endings(session)
    left: dict[str, set[UUID]] = defaultdict(set)
    for expert_id, ends in endings.items():
        for day, state in ends:
            if first <= day <= last:
                left[state.value].add(expert_id)
    return Movement(
        came=sum(first <= held[0][0] <= last for held in terms.values()),
        renewed=sum(any(first <= starts_on <= last for starts_on, _ in held[1:]) for held in terms.values()),
        lapsed=sum(
            _lapsed(held, [day for day, _ in endings.get(expert_id, ())], first, last)
            for expert_id, held in terms.items()
        ),
        left={state: len(experts) for state, experts in left.items()},
    )


async def _endings(session: Session) -> dict[UUID, set[tuple[date, State]]]:
    """Return expert -> days on which a decision ended the membership; of entries without a case, the day of the row."""
    found: dict[UUID, set[tuple[date, State]]] = defaultdict(set)
    cases = await session.execute(
        select(CaseRow.expert_id, CaseRow.decided_on, CaseRow.measure).where(
            CaseRow.measure.in_(_LEAVING), CaseRow.decided_on.is_not(None)
        )
    )
    for expert_id, day, measure in cases:
        found[expert_id].add((day, _LEAVING[measure]))
    rows = await session.execute(
        select(ExpertRow.id, ExpertRow.state_since_on, ExpertRow.state).where(
            ExpertRow.state.in_([state.value for state in _ENDS]), ExpertRow.state_since_on.is_not(None)
        )
    )
    for expert_id, day, state in rows:
        found[expert_id].add((day, State(state)))
    return found


def _lapsed(terms: list[tuple[date, date]], endings: list[date], first: date, last: date) -> bool:
    """Return whether a term ran out between two days with nothing after it."""
    return any(
        first <= ends_on <= last
        and not any(starts_on <= day <= ends_on for day in endings)
        and not any(ends_on < other <= max(last, ends_on + timedelta(days=1)) for other, _ in terms)
        for starts_on, ends_on in terms
    )
