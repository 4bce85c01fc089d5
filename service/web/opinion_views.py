"""The opinions of a review and the answers to their points, as pages and JSON show them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request

from service.access import may
from service.actions.matter_stream import stamped_edition, terms_of
from service.actions.opinions import Opinion, opinion_of
from service.storage.matter_rows import state_of, texts_of
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.opinions import opinions_of
from service.storage.organisations import present_names
from service.storage.ratings import Rated, ratings_of_unit, together
from service.storage.review import Participant, participants
from service.storage.session import Session, reading
from service.web.adoption_flow import Flow, flow_of
from service.web.entry import policy_of, viewer_of
from service.web.pages import instant_of
from workflow import MatterState, OralOpinion, Part, floor_for


@dataclass(frozen=True, slots=True)
class PointView:
    """One point with its answer; `adoption` empty while there is none."""

    number: int
    text: str
    reasonable: str
    adoption: str
    reason: str


@dataclass(frozen=True, slots=True)
class OpinionView:
    """The latest signed opinion of one expert.

    Attributes:
        who: the author.
        institution: for which institution the author signed, empty where for none.
        part: the author's part.
        document_id: the signed document.
        versions: how many versions were signed.
        opinion: what it says.
        points: with what becomes of each.
    """

    who: Participant
    institution: str
    part: Part
    document_id: UUID
    versions: int
    opinion: Opinion
    points: Sequence[PointView]


@dataclass(frozen=True, slots=True)
class SpokenView:
    """An oral opinion whose written one is still owed.

    Attributes:
        who: who gave it.
        oral: when, its conclusion, until when.
        said: what was said.
        witness: who else heard it.
        overdue: whether the hours are over.
    """

    who: Participant
    oral: OralOpinion
    said: str
    witness: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class OpinionDesk:
    """The staff's page of the opinions.

    Attributes:
        matter, state: the matter, and folded from its stream.
        opinions: the latest signed one of everybody.
        spoken: oral ones whose written ones are owed.
        floor, counted: how many are needed generally, and how many count.
        to_speak: who has given no opinion of either kind yet.
        papers: whose opinion on paper waits for the second person.
        rated, rated_unit: what experts say about the material of this matter, and of the unit in all its matters.
        rated_words: what they added, in no order of persons.
        judges, answers: whether the viewer may do the center's acts, and answer the points.
    """

    matter: MatterView
    state: MatterState
    opinions: Sequence[OpinionView]
    spoken: Sequence[SpokenView]
    floor: int
    counted: int
    to_speak: Sequence[Participant]
    papers: Sequence[Participant]
    rated: Rated
    rated_unit: Rated
    rated_words: Sequence[str]
    judges: bool
    answers: bool

    @property
    def flow(self) -> Flow:
        """What became of the points of every counting opinion, as a picture."""
        return flow_of(
            {
                one.who.name: Counter(point.adoption or "open" for point in one.points)
                for one in self.opinions
                if one.part.counts
            }
        )

    @property
    def open_points(self) -> int:
        """Points of counting opinions without an answer."""
        return sum(part.open_points for part in self.state.review.counting)


async def read_opinions(request: Request[Any, Any, Any], matter_id: UUID) -> OpinionDesk:
    """Read the signed opinions of a review for the staff; drafts are their authors' alone.

    Raises:
        NotFound: when the viewer may not know the matter.
    """
    app, viewer = request.app.state, viewer_of(request)
    async with reading(app.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        relations = await relations_to(session, viewer, matter_id)
        state = await state_of(session, matter_id)
        opinions = await opinion_views(session, matter_id, state)
        spoken = await spoken_views(session, matter_id, state, at=instant_of(request))
        silent = [UUID(part.person_id) for part in state.review.active if not (part.oral or part.opinion or part.paper)]
        papers = [UUID(part.person_id) for part in state.review.active if part.paper is not None]
        people = await participants(session, {*silent, *papers})
        rated_unit = await ratings_of_unit(session, viewer, matter.unit_id)
        words = await texts_of(session, matter_id)
    terms = terms_of(stamped_edition(state, app.edition, app.settings), policy_of(request))
    rated = together(part.rated for part in state.review.parts)
    return OpinionDesk(
        matter=matter,
        state=state,
        opinions=opinions,
        spoken=spoken,
        floor=floor_for(state.flags, terms=terms),
        counted=len(state.review.counting),
        to_speak=[people[person] for person in silent],
        papers=[people[person] for person in papers],
        rated=rated,
        rated_unit=rated_unit,
        rated_words=sorted(words[part.rated_sha256] for part in state.review.parts if part.rated_sha256 in words)
        if rated.means
        else [],
        judges=state.status == "determined" and may(viewer, "review:judge-opinions", relations),
        answers=state.status == "determined" and may(viewer, "review:answer-points", relations),
    )


async def spoken_views(session: Session, matter_id: UUID, state: MatterState, *, at: datetime) -> Sequence[SpokenView]:
    """Return the oral opinions whose written ones are owed, the most pressing first."""
    owed = {UUID(part.person_id): part.to_write for part in state.review.parts}
    people = await participants(session, [person for person, oral in owed.items() if oral is not None])
    texts = await texts_of(session, matter_id) if owed else {}
    views = [
        SpokenView(
            people[person],
            oral,
            texts.get(oral.said_sha256, ""),
            texts.get(oral.witness_sha256, ""),
            at > oral.written_by,
        )
        for person, oral in owed.items()
        if oral is not None
    ]
    return sorted(views, key=lambda view: (view.oral.written_by, view.who.number))


async def opinion_views(session: Session, matter_id: UUID, state: MatterState) -> Sequence[OpinionView]:
    """Return the latest signed opinion of everybody who signed one, in the order of the first signature."""
    texts = await texts_of(session, matter_id)
    held = await opinions_of(session, matter_id, state.round)
    people = await participants(session, {one.person_id for one in held})
    names = await present_names(session, {part.institution for part in state.review.parts})
    latest = {one.person_id: one for one in held}
    views = []
    for person_id in dict.fromkeys(one.person_id for one in held):
        part = state.review.part(str(person_id))
        if part is None:
            continue
        one = latest[person_id]
        opinion = opinion_of(one.content)
        points = []
        for number, text in enumerate(opinion.points, 1):
            answer = part.answers.get(number)
            points.append(
                PointView(
                    number,
                    text,
                    answer.reasonable if answer else "",
                    answer.adoption if answer else "",
                    texts.get(answer.reason_sha256, "") if answer else "",
                )
            )
        views.append(
            OpinionView(
                people[person_id], names.get(part.institution, ""), part, one.document_id, one.version, opinion, points
            )
        )
    return views
