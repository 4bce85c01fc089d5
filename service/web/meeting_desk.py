"""What the pages and the JSON of a review meeting show: the form, the meeting, and who could come on which day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request

from service.access import may
from service.actions.meetings import study_over_on
from service.storage.matter_rows import state_of, texts_of
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.meetings import Clash, by_day, clashes_of
from service.storage.review import Participant, participants
from service.storage.session import reading
from service.web.entry import act_in, viewer_of
from service.work_days import work_calendar
from workflow import MatterState, Meeting, Part

DAYS: Final = 10


@dataclass(frozen=True, slots=True)
class MeetingDesk:
    """Everything the page of a review meeting shows.

    Attributes:
        matter, state: the matter.
        people: who takes part or was asked, in the order of the invitations.
        left: person -> who led the meeting, signed in or could have, and has left the panel since.
        texts: hash -> text.
        days: the next working days from the first on which the time for study has passed.
        clashes: person and day -> what stands against it.
        earliest_on: the first of these days.
        chooses, sets: whether the viewer may name the form, and set the meeting.
    """

    matter: MatterView
    state: MatterState
    people: Sequence[tuple[Participant, Part]]
    left: Mapping[UUID, Participant]
    texts: Mapping[str, str]
    days: Sequence[date]
    clashes: Mapping[tuple[UUID, date], Sequence[Clash]]
    earliest_on: date
    chooses: bool
    sets: bool

    @property
    def meeting(self) -> Meeting | None:
        """The meeting, if one is set, cancelled or held."""
        return self.state.review.meeting

    @property
    def taking_part(self) -> Sequence[Participant]:
        """Who takes part."""
        return [who for who, part in self.people if part.active]

    @property
    def could_sign_in(self) -> Sequence[tuple[Participant, bool]]:
        """Who took part on the day of the meeting, each with whether that person has left the panel since."""
        return [] if self.meeting is None else self.named(_there(self.state))

    def named(self, people: Iterable[str]) -> Sequence[tuple[Participant, bool]]:
        """Return people whom the meeting names, each with whether that person has left the panel since."""
        here = {who.person_id: who for who, _ in self.people}
        found = [(here.get(person) or self.left.get(person), person in self.left) for person in map(UUID, people)]
        return [(who, left) for who, left in found if who is not None]

    def against(self, person_id: UUID, day: date) -> Sequence[str]:
        """Return the kinds of clashes of a person on a day."""
        return sorted({one.kind for one in self.clashes.get((person_id, day), ())})

    def hindered(self) -> Sequence[tuple[Participant, str]]:
        """Return who cannot well come to the meeting as it is set, and why."""
        meeting = self.meeting
        if meeting is None or meeting.status != "set":
            return []
        return [
            (who, one.kind)
            for who, _ in self.people
            for one in self.clashes.get((who.person_id, meeting.starts_on), ())
            if one.hinders(meeting.starts_at, meeting.ends_at)
        ]


async def read_meeting(request: Request[Any, Any, Any], matter_id: UUID) -> MeetingDesk:
    """Read the meeting of a review for the staff.

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
        parts = {UUID(part.person_id): part for part in state.review.parts if part.open or part.active}
        meeting = state.review.meeting
        named = {UUID(who) for who in (*meeting.present, meeting.leader_id, *_there(state))} if meeting else set()
        people = await participants(session, [*parts, *(named - parts.keys())])
        earliest_on = max(study_over_on(act_in(request, session), state), today)
        calendar = work_calendar()
        days: list[date] = []
        day = earliest_on
        while len(days) < DAYS:
            if calendar.is_working_day(day):
                days.append(day)
            day += timedelta(days=1)
        first = min([days[0], *([meeting.starts_on] if meeting else [])])
        last = max([days[-1], *([meeting.starts_on] if meeting else [])])
        clashes = await clashes_of(session, matter_id, list(parts), first=first, last=last)
    live = state.status == "determined"
    return MeetingDesk(
        matter=matter,
        state=state,
        people=[(people[person_id], part) for person_id, part in parts.items()],
        left={person_id: who for person_id, who in people.items() if person_id not in parts},
        texts=texts,
        days=days,
        clashes=by_day(clashes),
        earliest_on=earliest_on,
        chooses=live and may(viewer, "review:choose-form", relations),
        sets=live and may(viewer, "review:set-meeting", relations),
    )


def _there(state: MatterState) -> Sequence[str]:
    """Return who took part on the day of the meeting."""
    meeting, parts = state.review.meeting, state.review.parts
    if meeting is None:
        return []
    # Who was let go and accepted anew has two parts.
    return list(dict.fromkeys(part.person_id for part in parts if part.took_part_on(meeting.starts_on)))
