"""The opinions of a review and the answers to their points, as pages and JSON show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request

from service.access import may
from service.actions.matter_stream import stamped_edition, terms_of
from service.actions.opinions import Opinion, opinion_of
from service.storage.matter_rows import state_of, texts_of
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.opinions import opinions_of
from service.storage.review import Participant, participants
from service.storage.session import Session, reading
from service.web.entry import viewer_of
from workflow import MatterState, Part, floor_for


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
        part: the author's part.
        document_id: the signed document.
        versions: how many versions were signed.
        opinion: what it says.
        points: with what becomes of each.
    """

    who: Participant
    part: Part
    document_id: UUID
    versions: int
    opinion: Opinion
    points: Sequence[PointView]


@dataclass(frozen=True, slots=True)
class OpinionDesk:
    """The staff's page of the opinions."""

    matter: MatterView
    state: MatterState
    opinions: Sequence[OpinionView]
    floor: int
    counted: int
    judges: bool
    answers: bool

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
    terms = terms_of(stamped_edition(state, app.edition, app.settings), app.policy)
    return OpinionDesk(
        matter=matter,
        state=state,
        opinions=opinions,
        floor=floor_for(state.flags, terms=terms),
        counted=len(state.review.counting),
        judges=state.status == "determined" and may(viewer, "review:judge-opinions", relations),
        answers=state.status == "determined" and may(viewer, "review:answer-points", relations),
    )


async def opinion_views(session: Session, matter_id: UUID, state: MatterState) -> Sequence[OpinionView]:
    """Return the latest signed opinion of everybody who signed one, in the order of the first signature."""
    texts = await texts_of(session, matter_id)
    held = await opinions_of(session, matter_id, state.round)
    people = await participants(session, {one.person_id for one in held})
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
        views.append(OpinionView(people[person_id], part, one.document_id, one.version, opinion, points))
    return views
