"""An expert's own part in a review: what it shows, whether one came by a link or by signing in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request

from service.access import Viewer
from service.actions.certificates import challenge_for
from service.actions.meetings import say_time
from service.actions.opinions import Opinion, opinion_of
from service.problems import NotFound
from service.storage.material import MaterialFile, files_of, read_by
from service.storage.matter_rows import state_of, texts_of
from service.storage.opinions import Draft, draft_of
from service.storage.review import MatterBrief, brief_of, relations_in_review
from service.storage.session import Session, reading
from service.storage.signing import certificates_of
from service.web.opinion_views import OpinionView, opinion_views
from service.web.pages import instant_of
from workflow import ITEMS, MatterState, OralOpinion, Part


@dataclass(frozen=True, slots=True)
class OwnPart:
    """Everything an expert's page of a review shows.

    Attributes:
        brief: the matter, as far as it may be told before acceptance.
        state: folded from the matter's stream; the page shows nothing of it but dates.
        part: the viewer's own.
        standing: in one word.
        files: item -> files delivered to the viewer; empty before the undertaking.
        opened: files the viewer has opened.
        serials: the viewer's certificates that count now.
        challenge: what a further key must sign.
        draft: what the viewer has saved of the opinion.
        signed: the viewer's own signed opinion with the answers to its points, None before.
        others: what the others signed, once the viewer has signed and the center has opened them.
        said: what the center took down of the viewer's oral opinion, empty where there is none.
        left: seconds left for the written opinion after an oral one, below 0 when they are over.
        meeting_place: where the review meeting is, empty without one.
    """

    brief: MatterBrief
    state: MatterState
    part: Part
    standing: str
    files: Mapping[str, Sequence[MaterialFile]]
    opened: frozenset[UUID]
    serials: Sequence[str]
    challenge: str
    draft: Draft
    signed: OpinionView | None
    others: Sequence[OpinionView]
    said: str
    left: int
    meeting_place: str

    @property
    def meeting_time(self) -> str:
        """From when to when the meeting lasts, empty without one."""
        meeting = self.state.review.meeting
        return "" if meeting is None else say_time(meeting)

    @property
    def stage(self) -> str:
        """What the page asks for next: `answer`, `undertake`, `wait`, `work`, `done` or `over`."""
        if self.brief.cancelled or not (self.part.open or self.part.active):
            return "over"
        if self.part.open:
            return "answer"
        if not self.part.undertaking_sha256:
            return "undertake"
        if self.state.review.closed:
            return "done"
        return "work" if self.part.material else "wait"

    @property
    def oral(self) -> OralOpinion | None:
        """The oral opinion that still lacks its written one."""
        return self.part.to_write

    @property
    def overdue(self) -> bool:
        """Whether the hours for the written opinion after an oral one are over."""
        return self.left < 0

    @property
    def opinion(self) -> Opinion:
        """The draft as an opinion."""
        return opinion_of(self.draft.content)

    @property
    def written_since(self) -> bool:
        """Whether the draft is another text than the signed opinion, so that there is something to sign anew."""
        return self.signed is not None and self.draft.version > 0 and self.opinion != self.signed.opinion


async def read_own(request: Request[Any, Any, Any], viewer: Viewer, matter_id: UUID) -> OwnPart:
    """Read the viewer's own part.

    Raises:
        NotFound: when the viewer was not asked; nothing tells whether there is such a matter.
    """
    async with reading(request.app.state.database) as session:
        return await own_part(session, request, viewer, matter_id)


async def own_part(session: Session, request: Request[Any, Any, Any], viewer: Viewer, matter_id: UUID) -> OwnPart:
    """Read the same in an open session."""
    app, at = request.app.state, instant_of(request)
    today: date = app.clock.today()
    if not await relations_in_review(session, viewer, matter_id):
        raise NotFound(subject="matter")
    state = await state_of(session, matter_id)
    part = state.review.part(str(viewer.person_id))
    if part is None:
        raise NotFound(subject="matter")
    texts = await texts_of(session, matter_id)
    allowed = part.active and bool(part.undertaking_sha256) and bool(part.material)
    files = await files_of(session, matter_id, version=part.material) if allowed else []
    certificates = await certificates_of(session, viewer.person_id)
    views = await opinion_views(session, matter_id, state) if part.opinion is not None else ()
    may_read = state.review.opened and part.counts
    return OwnPart(
        brief=await brief_of(session, matter_id, abstract=texts.get(state.review.abstract_sha256, "")),
        state=state,
        part=part,
        standing=part.standing(today),
        files={item: [file for file in files if file.item == item] for item in ITEMS},
        opened=await read_by(session, matter_id, viewer.person_id),
        serials=[one.serial for one in certificates if one.counts_at(at)],
        challenge=challenge_for(app.secrets, viewer.account_id, at=at),
        draft=await draft_of(session, matter_id, viewer.person_id, state.round),
        signed=next((one for one in views if one.part is part), None),
        others=[one for one in views if one.part is not part and one.part.counts] if may_read else [],
        left=0 if part.oral is None else math.floor((part.oral.written_by - at).total_seconds()),
        said="" if part.oral is None else texts.get(part.oral.said_sha256, ""),
        meeting_place=texts.get(state.review.meeting.place_sha256, "") if state.review.meeting else "",
    )
