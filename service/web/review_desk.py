"""What the pages and the JSON of a review show to staff: who stands where, the material, what can be done next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request

from service.access import may
from service.actions.material import study_days_until
from service.actions.matter_stream import stamped_edition
from service.problems import NotFound
from service.storage.material import MaterialFile, files_of, receipts_of
from service.storage.matter_rows import state_of, texts_of
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.organisations import present_names
from service.storage.review import Participant, participants
from service.storage.session import reading
from service.web.entry import viewer_of
from service.work_days import work_calendar
from workflow import ITEMS, Due, MatterState, Part, Reserve, stands_as_drawn

_ANSWER_DAYS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a panel in the list of the review.

    Attributes:
        who: the person.
        part: what the person was asked and did; None for a member who has not been asked.
        standing: one word of `workflow.STANDINGS`, or `not-invited`.
        member: whether the person sits on the panel now.
        opened: how many files of the material the person has opened.
        reserves: who may come in for the person.
    """

    who: Participant
    part: Part | None
    standing: str
    member: bool
    opened: int
    reserves: Sequence[Participant]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the staff's page of a review shows.

    Attributes:
        matter: the matter.
        state: folded from its stream.
        lines: members first, then who left.
        abstract: what is told before acceptance.
        files: item -> files of the version that is being put together.
        sent: files of the version that was sent.
        study: first day on which the time for study has passed when the material is sent today.
        respond_by: proposed last day for answers.
        can: act -> whether the viewer may do it now.
        institutions: id -> name of the institutions for which somebody writes.
    """

    matter: MatterView
    state: MatterState
    lines: Sequence[Line]
    abstract: str
    files: Mapping[str, Sequence[MaterialFile]]
    sent: Sequence[MaterialFile]
    study: Due
    respond_by: date
    can: Mapping[str, bool]
    institutions: Mapping[str, str]

    @property
    def to_invite(self) -> Sequence[Line]:
        """Members who have not been asked, or whose last invitation has ended."""
        return [line for line in self.lines if line.member and (line.part is None or not _runs(line.part))]

    def line_of(self, expert_id: UUID) -> Line:
        """Return the line of an expert who was asked.

        Raises:
            NotFound: when the expert was not.
        """
        for line in self.lines:
            if line.who.expert_id == expert_id and line.part is not None:
                return line
        raise NotFound(subject="expert")

    @property
    def drawn(self) -> bool:
        """Whether the panel is as it was drawn, so that the draw says who comes in for whom."""
        return stands_as_drawn(self.state)

    def moves(self, line: Line) -> int:
        """Return by how many days the last opinion comes later when somebody comes in for a person today.

        Who comes in has a time for study of their own (A32.2); before anybody has a day for the opinion nothing moves.
        """
        days = [part.due_on for part in self.state.review.active if part is not line.part and part.due_on]
        return max(0, (self.study.on - max(days)).days) if days else 0

    @property
    def changed(self) -> bool:
        """Whether the version being put together differs from the one that was sent."""
        return {file.id for files in self.files.values() for file in files} != {file.id for file in self.sent}


async def read_desk(request: Request[Any, Any, Any], matter_id: UUID) -> Desk:
    """Read a review for the staff.

    Raises:
        NotFound: when the viewer may not know the matter.
    """
    app, viewer = request.app.state, viewer_of(request)
    today: date = app.clock.today()
    async with reading(app.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        relations = await relations_to(session, viewer, matter_id)
        state = await state_of(session, matter_id)
        texts = await texts_of(session, matter_id)
        files = await files_of(session, matter_id, version=state.review.material + 1)
        sent = await files_of(session, matter_id, version=state.review.material) if state.review.material else []
        receipts = await receipts_of(session, matter_id)
        members = [] if state.panel is None else [UUID(member.person_id) for member in state.panel.members]
        reserves = () if state.panel is None else state.panel.reserves
        left = [UUID(part.person_id) for part in state.review.parts]
        people = await participants(session, {*members, *left, *(UUID(one.person_id) for one in reserves)})
        institutions = await present_names(session, {part.institution for part in state.review.parts})
    ordered = list(dict.fromkeys([*members, *reversed(left)]))
    live = state.status == "determined"
    return Desk(
        matter=matter,
        state=state,
        lines=[_line(state, people, person, members, reserves, receipts, today) for person in ordered],
        abstract=texts.get(state.review.abstract_sha256, ""),
        files={item: [file for file in files if file.item == item] for item in ITEMS},
        sent=sent,
        study=study_days_until(stamped_edition(state, app.edition, app.settings), state, today),
        respond_by=answer_day(today),
        institutions=institutions,
        can={
            name: live and may(viewer, f"review:{name}", relations)
            for name in ("invite", "release", "enter-answer", "remind", "put-material", "shorten-study")
        },
    )


def answer_day(today: date) -> date:
    """Return the last day for answers that a page proposes."""
    return work_calendar().deadline(today, _ANSWER_DAYS).on


def _line(
    state: MatterState,
    people: Mapping[UUID, Participant],
    person: UUID,
    members: Sequence[UUID],
    reserves: Sequence[Reserve],
    receipts: Mapping[UUID, int],
    today: date,
) -> Line:
    part = state.review.part(str(person))
    return Line(
        who=people[person],
        part=part,
        standing="not-invited" if part is None else part.standing(today),
        member=person in members,
        opened=receipts.get(person, 0),
        reserves=[people[UUID(one.person_id)] for one in reserves if str(person) in one.replaces],
    )


def _runs(part: Part) -> bool:
    return part.open or part.active
