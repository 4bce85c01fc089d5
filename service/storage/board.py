"""What waits in the running reviews: for the center, and for the undertaking units.

The rows come from the projections in three queries, however many matters run; what they mean is decided by plain
functions below.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select

from service.access import Viewer
from service.clock import CHINA, day_of
from service.storage.declarations import without_valid
from service.storage.matters import visible_to
from service.storage.notices import notice_states
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.rows.matters import MatterRow, PanelMemberRow, PanelRow
from service.storage.rows.review import ReviewPartRow, ReviewRow
from service.storage.session import Session
from service.storage.signing import count_waiting
from service.storage.tasks import Task

_NAMED = 3
_RESTING_AFTER = 30
"""Days after which panels whose members nobody invited are told together: many of them were reviewed on paper, and a
line for each would hide what presses."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a panel, or somebody who left it, with the last part in the review; None before an invitation."""

    expert_id: UUID
    person_id: UUID
    name: str
    member: bool
    part: ReviewPartRow | None

    @property
    def open(self) -> bool:
        """Whether the person was asked and can still answer."""
        return self.part is not None and not self.part.answer and not self.part.ended

    @property
    def active(self) -> bool:
        """Whether the person takes part."""
        return self.part is not None and self.part.answer == "accepted" and not self.part.ended

    @property
    def counts(self) -> bool:
        """Whether a signed written opinion of the person counts (U4)."""
        return self.active and self.part is not None and self.part.signed_on is not None and not self.part.set_aside

    @property
    def writing(self) -> bool:
        """Whether an opinion is still to come."""
        return self.active and self.part is not None and self.part.signed_on is None


@dataclass(frozen=True, slots=True)
class RunningReview:
    """A review that is not filed.

    Attributes:
        matter_id, title: where.
        determined_on: day of the panel.
        floor: least number of signed written opinions.
        material: version last sent, 0 before.
        closed: whether the opinions are in.
        people: members first, in the order of the panel.
    """

    matter_id: UUID
    title: str
    determined_on: date | None
    floor: int
    material: int
    closed: bool
    people: Sequence[Person]

    @property
    def home(self) -> str:
        """Address of the review's page."""
        return f"/matters/{self.matter_id}/review"

    def rests(self, today: date) -> bool:
        """Whether nobody was invited long after the panel was determined."""
        asked = any(one.part is not None for one in self.people)
        determined_on = self.determined_on or today
        return not asked and not self.closed and (today - determined_on).days > _RESTING_AFTER


async def running_reviews(session: Session, viewer: Viewer) -> Sequence[RunningReview]:
    """Return the reviews of determined panels that the viewer may know and whose answers are not filed yet."""
    rows = (
        await session.execute(
            select(MatterRow, PanelRow, ReviewRow)
            .join(PanelRow, and_(PanelRow.matter_id == MatterRow.id, PanelRow.state == "determined"))
            .outerjoin(ReviewRow, and_(ReviewRow.matter_id == MatterRow.id, ReviewRow.round == PanelRow.round))
            .where(
                MatterRow.state == "determined",
                MatterRow.edition != "",
                (ReviewRow.filed.is_(None)) | (ReviewRow.filed.is_(False)),
                visible_to(viewer),
            )
            .order_by(PanelRow.determined_on, MatterRow.number)
        )
    ).all()
    people = await _people_of(session, [panel for _, panel, _ in rows])
    return [
        RunningReview(
            matter_id=matter.id,
            title=matter.title,
            determined_on=panel.determined_on,
            floor=review.floor if review is not None else 0,
            material=review.material if review is not None else 0,
            closed=review is not None and review.closed,
            people=people[panel.id],
        )
        for matter, panel, review in rows
    ]


async def center_tasks(session: Session, viewer: Viewer, *, today: date, valid_months: int) -> list[Task]:
    """Return what waits in the running reviews for the center.

    Args:
        session: a reading session.
        viewer: who looks.
        today: the day.
        valid_months: how long a yearly declaration of interest is valid.
    """
    reviews = await running_reviews(session, viewer)
    tasks = [task for review in reviews if not review.rests(today) for task in tasks_for_center(review, today)]
    if resting := sum(review.rests(today) for review in reviews):
        about = {"count": resting, "days": _RESTING_AFTER}
        tasks.append(Task("TASK_INVITE_RESTING", "", "/matters?state=determined", facts=about))
    at_work = {
        one.person_id: one.name
        for review in reviews
        for one in review.people
        if not review.closed and (one.open or one.active)
    }
    if failed := (await notice_states(session, viewer)).get("failed", 0):
        tasks.append(Task("TASK_NOTICES_FAILED", "", "/notices?state=failed", "warn", facts={"count": failed}))
    if brought := await count_waiting(session):
        tasks.append(Task("TASK_CERTIFICATES", "", "/certificates", facts={"count": brought}))
    without = await without_valid(session, list(at_work), on=today, months=valid_months)
    if stale := [name for person_id, name in at_work.items() if person_id in without]:
        facts = {"count": len(stale), "names": stale[:_NAMED]}
        tasks.append(Task("TASK_DECLARATIONS_STALE", "", "/declarations", "warn", facts=facts, group="stale"))
    return tasks


async def unit_tasks(session: Session, viewer: Viewer, *, today: date) -> list[Task]:
    """Return what waits in the running reviews of a unit."""
    return [task for review in await running_reviews(session, viewer) for task in tasks_for_unit(review, today)]


def tasks_for_center(review: RunningReview, today: date) -> list[Task]:
    """Return what waits in one review for the center, most pressing first; each with its one next act."""
    if review.closed:
        return [Task("TASK_UNIT_ANSWERS_POINTS", review.title, f"{review.home}/opinions", mine=False)]
    asked = [one for one in review.people if one.part is not None]
    if not asked:
        return [Task("TASK_INVITE", review.title, review.home, "warn", review.determined_on)]
    tasks = [
        *_about(review, asked, "TASK_OPINIONS_LATE", "overdue", _late(today), _due),
        *_about(review, asked, "TASK_RELEASE_ASKED", "overdue", _wants_out, None),
        *_hours(review),
        *_about(review, asked, "TASK_OPINIONS_TODAY", "today", lambda one: one.writing and _due(one) == today, _due),
        *_about(review, asked, "TASK_ANSWERS_TODAY", "today", lambda one: one.open and _by(one) == today, _by),
        *_about(review, asked, "TASK_UNANSWERED", "unanswered", lambda one: one.open and _by(one) < today, _by),
        *_about(review, asked, "TASK_UNDERTAKING_MISSING", "unanswered", _without_undertaking(today), _by),
        *_shortfall(review),
    ]
    counted = sum(one.counts for one in review.people)
    if counted >= review.floor and not any(one.open or one.writing for one in review.people):
        tasks.append(
            Task("TASK_CLOSE_OPINIONS", review.title, f"{review.home}/opinions", "warn", None, {"count": counted})
        )
    elif not review.material and any(one.active for one in review.people):
        tasks.append(Task("TASK_UNIT_SENDS_MATERIAL", review.title, review.home, mine=False))
    return tasks


def tasks_for_unit(review: RunningReview, today: date) -> list[Task]:
    """Return what waits in one review for the undertaking unit."""
    if review.closed:
        return [Task("TASK_ANSWER_POINTS", review.title, f"{review.home}/opinions", "warn")]
    if not review.material and any(one.active for one in review.people):
        return [Task("TASK_SEND_MATERIAL", review.title, f"{review.home}#material", "warn")]
    late = [one for one in review.people if _late(today)(one)]
    return (
        [Task("TASK_EXPERTS_LATE", review.title, review.home, facts={"count": len(late)}, mine=False)] if late else []
    )


def _hours(review: RunningReview) -> list[Task]:
    """Return a task for every oral opinion whose written one is still to come, soonest first (A32.3)."""
    waiting = [(one.part.write_by, one) for one in review.people if one.part is not None and one.part.write_by]
    return [
        Task(
            "TASK_WRITTEN_TO_COME",
            review.title,
            f"{review.home}/experts/{one.expert_id}",
            "warn",
            day_of(until),
            {"person": one.name, "time": f"{until.astimezone(CHINA):%H:%M}"},
            group="hours",
        )
        for until, one in sorted(waiting, key=lambda pair: (pair[0], pair[1].name))
    ]


def _shortfall(review: RunningReview) -> list[Task]:
    """Return the task of a panel that cannot reach its floor any more, else of a place that somebody left."""
    possible = sum(one.counts or one.open or one.writing for one in review.people)
    left = [one for one in review.people if one.member and one.part is not None and not (one.open or one.active)]
    if possible < review.floor:
        href = f"{review.home}/experts/{left[0].expert_id}" if left else review.home
        facts = {"possible": possible, "floor": review.floor}
        return [Task("TASK_SHORTFALL", review.title, href, "warn", None, facts, group="shortfall")]
    return list(_about(review, left, "TASK_PLACE_EMPTY", "shortfall", lambda _: True, None))


def _about(
    review: RunningReview,
    people: Iterable[Person],
    code: str,
    group: str,
    concerns: Callable[[Person], bool],
    day: Callable[[Person], date] | None,
) -> list[Task]:
    """Return one task about everybody concerned: one person leads to the card, several to the list of reminders."""
    found = [one for one in people if concerns(one)]
    if not found:
        return []
    card = f"{review.home}/experts/{found[0].expert_id}"
    several = f"/reminders?matter={review.matter_id}" if day is not None else card
    facts = {"count": len(found), "names": [one.name for one in found[:_NAMED]]}
    since_on = min(day(one) for one in found) if day is not None else None
    return [Task(code, review.title, card if len(found) == 1 else several, "warn", since_on, facts, group=group)]


def _due(one: Person) -> date:
    return one.part.due_on if one.part is not None and one.part.due_on is not None else date.max


def _by(one: Person) -> date:
    return one.part.respond_by if one.part is not None else date.max


def _late(today: date) -> Callable[[Person], bool]:
    return lambda one: one.writing and _due(one) < today


def _without_undertaking(today: date) -> Callable[[Person], bool]:
    return lambda one: one.active and one.part is not None and not one.part.undertaking_sha256 and _by(one) <= today


def _wants_out(one: Person) -> bool:
    return one.active and one.part is not None and one.part.release_asked


async def _people_of(session: Session, panels: Sequence[PanelRow]) -> Mapping[UUID, Sequence[Person]]:
    """Return panel -> members in their order, then who left."""
    ids = {(panel.matter_id, panel.round): panel.id for panel in panels}
    parts: dict[UUID, dict[UUID, ReviewPartRow]] = defaultdict(dict)
    rows = await session.scalars(
        select(ReviewPartRow)
        .where(ReviewPartRow.matter_id.in_({panel.matter_id for panel in panels}))
        .order_by(ReviewPartRow.position)
    )
    for row in rows:
        if (panel_id := ids.get((row.matter_id, row.round))) is not None:
            parts[panel_id][row.person_id] = row
    members: dict[UUID, list[Person]] = defaultdict(list)
    found = await session.execute(
        select(PanelMemberRow.panel_id, ExpertRow.id, PersonRow.id, PersonRow.name)
        .join(ExpertRow, ExpertRow.id == PanelMemberRow.expert_id)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(PanelMemberRow.panel_id.in_(ids.values()), PanelMemberRow.role == "member")
        .order_by(PanelMemberRow.position)
    )
    for panel_id, expert_id, person_id, name in found:
        members[panel_id].append(Person(expert_id, person_id, name, True, parts[panel_id].pop(person_id, None)))
    left = {row.person_id for held in parts.values() for row in held.values()}
    names = {
        person_id: (expert_id, person_id, name)
        for expert_id, person_id, name in await session.execute(
            select(ExpertRow.id, PersonRow.id, PersonRow.name)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .where(PersonRow.id.in_(left))
        )
    }
    for panel_id, held in parts.items():
        members[panel_id] += [Person(*names[person_id], False, row) for person_id, row in held.items()]
    return members
