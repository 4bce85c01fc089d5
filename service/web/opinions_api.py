"""Opinions and what becomes of their points as JSON: for their authors, and for the staff."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.dispositions import answer_point, file_disposition, reply_once
from service.actions.opinions import (
    Opinion,
    close_opinions,
    open_opinions,
    opinion_text,
    prepare_opinion,
    set_aside_opinion,
    sign_opinion,
    write_draft,
)
from service.actions.ratings import rate_material
from service.actions.signatures import Made
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.opinion_views import OpinionView, read_opinions
from service.web.review_api import Reason, ReviewVersion, Why, version_json
from service.web.review_own import read_own
from service.web.review_own_api import Preparing, Signing, ToSign, prepare_document, sign_document
from workflow import MatterState

AnyRequest = Request[Any, Any, Any]
Section = Annotated[str, Meta(max_length=4000)]


@dataclass(frozen=True, slots=True)
class OpinionJson:
    """What an expert writes."""

    necessity: Section = ""
    feasibility: Section = ""
    soundness: Section = ""
    risk: Section = ""
    dissent: Section = ""
    points: Annotated[list[str], Meta(max_length=40, description="numbered, each to be answered by the unit")] = field(
        default_factory=list
    )
    conclusion: Annotated[str, Meta(description="agree, agree-with-changes, disagree or empty")] = ""


@dataclass(frozen=True, slots=True)
class DraftJson:
    """What one has saved; `version` is for `If-Match`."""

    opinion: OpinionJson
    version: int


@dataclass(frozen=True, slots=True)
class SavedJson:
    """The version that was saved, for the next `If-Match`."""

    version: int


@dataclass(frozen=True, slots=True)
class PointJson:
    """A point and what becomes of it; `adoption` is empty while it is open."""

    number: int
    text: str
    reasonable: str
    adoption: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignedJson:
    """The latest signed opinion of one expert."""

    expert_id: UUID
    name: str
    document_id: UUID
    document_sha256: str
    versions: int
    conclusion: str
    signed_on: date
    late: Annotated[bool, Meta(description="after its day: a flag, it counts all the same (A28.1)")]
    institution: Annotated[str, Meta(description="for which institution its author signed; empty for none")]
    how: Annotated[str, Meta(description="key, or paper for a scan that two persons compared", examples=["key"])]
    overdue: Annotated[bool, Meta(description="more than 24 hours after the oral one: a flag (A32.3)")]
    differs: Annotated[bool, Meta(description="another conclusion than the oral one")]
    counts: Annotated[bool, Meta(description="false when it was set aside or its author left")]
    points: list[PointJson]
    part_version: int


@dataclass(frozen=True, slots=True)
class SpokenJson:
    """An oral opinion whose written one is owed; it does not count before."""

    expert_id: UUID
    name: str
    conclusion: str
    given_at: datetime
    write_by: datetime
    overdue: bool
    said: str
    witness: str


Score = Annotated[int, Meta(ge=1, le=5, description="1 (poor) to 5 (good)")]


@dataclass(frozen=True, slots=True)
class Rating:
    """What one's material was like."""

    complete: Annotated[Score, Meta(description="whether everything was there")]
    clear: Annotated[Score, Meta(description="whether it is easy to follow")]
    grounded: Annotated[Score, Meta(description="whether its statements are borne out")]
    words: Annotated[str, Meta(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class RatedJson:
    """What experts say about the material together; nobody is named."""

    count: int
    means: Annotated[dict[str, int], Meta(description="complete, clear, grounded: mean in tenths, 35 is 3.5")]


@dataclass(frozen=True, slots=True)
class OpinionsJson:
    """The opinions of a review."""

    matter_id: UUID
    floor: int
    counted: Annotated[int, Meta(description="signed written opinions that count (A31)")]
    opened: bool
    closed: bool
    filed: bool
    open_points: int
    papers: Annotated[list[UUID], Meta(description="experts whose opinion on paper waits for the second person")]
    urgent: Annotated[bool, Meta(description="recorded by the center: an opinion may first be spoken (A32.3)")]
    spoken: list[SpokenJson]
    opinions: list[SignedJson]
    rated: Annotated[RatedJson, Meta(description="the material of this matter")]
    rated_unit: Annotated[RatedJson, Meta(description="the material of the unit in all matters that one may know")]
    rated_words: Annotated[list[str], Meta(description="what they added, in no order of persons")]


@dataclass(frozen=True, slots=True)
class Closing:
    """Why fewer opinions than the floor are enough; empty when they are not fewer."""

    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Answering:
    """What becomes of a point."""

    point: Annotated[int, Meta(ge=1, le=1000)]
    reasonable: Annotated[str, Meta(description="yes, partly or no", examples=["yes"])]
    adoption: Annotated[str, Meta(description="adopted, partly, not, already or out-of-scope", examples=["adopted"])]
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Replying:
    """The author's one reply."""

    reply: Reason


@get(
    "/api/matters/{matter_id:uuid}/review/opinions",
    opt={"operation": "review:see"},
    tags=["review"],
    responses=problems(401, 403, 404),
)
async def api_opinions(request: AnyRequest, matter_id: FromPath[UUID]) -> OpinionsJson:
    """Return the signed opinions and what becomes of their points; drafts are their authors' alone (A27.3)."""
    desk = await read_opinions(request, matter_id)
    return OpinionsJson(
        matter_id=matter_id,
        floor=desk.floor,
        counted=desk.counted,
        opened=desk.state.review.opened,
        closed=desk.state.review.closed,
        filed=desk.state.review.filed,
        open_points=desk.open_points,
        papers=[one.expert_id for one in desk.papers],
        urgent=desk.state.review.urgent,
        rated=RatedJson(desk.rated.count, dict(desk.rated.means)),
        rated_unit=RatedJson(desk.rated_unit.count, dict(desk.rated_unit.means)),
        rated_words=list(desk.rated_words),
        spoken=[
            SpokenJson(
                expert_id=one.who.expert_id,
                name=one.who.name,
                conclusion=one.oral.conclusion,
                given_at=one.oral.given_at,
                write_by=one.oral.written_by,
                overdue=one.overdue,
                said=one.said,
                witness=one.witness,
            )
            for one in desk.spoken
        ],
        opinions=[_signed(one) for one in desk.opinions],
    )


@post(
    "/api/matters/{matter_id:uuid}/review/opinions/open",
    opt={"operation": "review:judge-opinions"},
    tags=["review"],
    status_code=200,
    responses=problems(401, 403, 404, 409, 422),
)
async def api_open(request: AnyRequest, matter_id: FromPath[UUID], key: IdempotencyKey = "") -> Response[ReviewVersion]:
    """Let those who have signed read each other's opinions."""

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await open_opinions(act, matter_id))

    return await perform(request, "review:judge-opinions", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/opinions/close",
    opt={"operation": "review:judge-opinions"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_close(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Closing], key: IdempotencyKey = ""
) -> Response[ReviewVersion]:
    """State that the opinions are in; the floor is asked again, over signed written ones (A31)."""

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await close_opinions(act, matter_id, reason=data.reason))

    return await perform(request, "review:judge-opinions", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/opinions/{expert_id:uuid}/set-aside",
    opt={"operation": "review:judge-opinions"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_set_aside(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[Why],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Let a signed opinion not count because of an interest found later; it stays in the file."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await set_aside_opinion(act, matter_id, expert_id, reason=data.reason, seen=seen)
        return version_json(matter_id, after)

    return await perform(request, "review:judge-opinions", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/opinions/{expert_id:uuid}/points",
    opt={"operation": "review:answer-points"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_point(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[Answering],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Say what becomes of one point, with the reason where it is not adopted (A32.4)."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await answer_point(
            act,
            matter_id,
            expert_id,
            data.point,
            reasonable=data.reasonable,
            adoption=data.adoption,
            reason=data.reason,
            seen=seen,
        )
        return version_json(matter_id, after)

    return await perform(request, "review:answer-points", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/opinions/file",
    opt={"operation": "review:answer-points"},
    tags=["review"],
    status_code=200,
    responses=problems(401, 403, 404, 409, 422),
)
async def api_file_disposition(
    request: AnyRequest, matter_id: FromPath[UUID], key: IdempotencyKey = ""
) -> Response[ReviewVersion]:
    """File the answers; refused while a point has none (A32.4)."""

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await file_disposition(act, matter_id))

    return await perform(request, "review:answer-points", do, subject=str(matter_id))


@get(
    "/api/reviews/{matter_id:uuid}/opinion",
    opt={"operation": "review:work"},
    tags=["review"],
    responses=problems(401, 403, 404),
)
async def api_draft(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[DraftJson]:
    """Return what one has saved of one's own opinion."""
    own = await read_own(request, viewer_of(request), matter_id)
    held = own.opinion
    opinion = OpinionJson(
        held.necessity, held.feasibility, held.soundness, held.risk, held.dissent, list(held.points), held.conclusion
    )
    return Response(DraftJson(opinion, own.draft.version), headers={"ETag": f'"{own.draft.version}"'})


@put(
    "/api/reviews/{matter_id:uuid}/opinion",
    opt={"operation": "review:work"},
    tags=["review"],
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_save_draft(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[OpinionJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[SavedJson]:
    """Save one's own opinion as a draft; nobody else reads it (A27.3)."""
    seen = await version_of(request)
    opinion = Opinion(
        data.necessity,
        data.feasibility,
        data.soundness,
        data.risk,
        data.dissent,
        tuple(point.strip() for point in data.points if point.strip()),
        data.conclusion,
    )

    async def do(act: Act) -> Response[SavedJson]:
        version = await write_draft(act, matter_id, opinion, seen=seen)
        # Answers are kept for repeats: the text is not part of them.
        return Response(SavedJson(version), headers={"ETag": f'"{version}"'})

    return await perform(request, "review:work", do, subject=str(matter_id))


@post(
    "/api/reviews/{matter_id:uuid}/opinion/prepare",
    opt={"operation": "review:work"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_prepare_opinion(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Preparing],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ToSign]:
    """Set the saved opinion as a document and prepare it for one's key (A32.3).

    If-Match is the version of the draft that was read: refused when another tab or device has saved since.
    """
    text_of = partial(opinion_text, seen=await version_of(request))
    return await prepare_document(request, matter_id, data, text_of, prepare_opinion)


@post(
    "/api/reviews/{matter_id:uuid}/opinion/sign",
    opt={"operation": "review:work"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422),
)
async def api_sign_opinion(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Signing], key: IdempotencyKey = ""
) -> Response[ReviewVersion]:
    """Sign the prepared opinion; a further one is a further version, the former stays (A27.3, A32.3)."""

    async def settle(act: Act, matter_id: UUID, made: Made | None) -> MatterState:
        return await sign_opinion(act, request.app.state.residents, matter_id, made)

    return await sign_document(request, matter_id, data, settle)


@get(
    "/api/reviews/{matter_id:uuid}/opinions",
    opt={"operation": "review:work"},
    tags=["review"],
    responses=problems(401, 403, 404),
)
async def api_read_opinions(request: AnyRequest, matter_id: FromPath[UUID]) -> list[SignedJson]:
    """Return one's own signed opinion, and the others' once the center has opened them."""
    own = await read_own(request, viewer_of(request), matter_id)
    return [_signed(one) for one in (own.signed, *own.others) if one is not None]


@post(
    "/api/reviews/{matter_id:uuid}/reply",
    opt={"operation": "review:work"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_reply(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Replying],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Reply once to what became of one's own points."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await reply_once(act, matter_id, reply=data.reply, seen=seen)
        return version_json(matter_id, after, str(act.viewer.person_id))

    return await perform(request, "review:work", do, subject=str(matter_id))


@post(
    "/api/reviews/{matter_id:uuid}/rating",
    opt={"operation": "review:work"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_rate(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Rating], key: IdempotencyKey = ""
) -> Response[ReviewVersion]:
    """Say once what one's material was like, after having signed; nothing waits for it."""

    async def do(act: Act) -> Response[ReviewVersion]:
        scores = {"complete": data.complete, "clear": data.clear, "grounded": data.grounded}
        after = await rate_material(act, matter_id, scores, words=data.words)
        return version_json(matter_id, after, str(act.viewer.person_id))

    return await perform(request, "review:work", do, subject=str(matter_id))


def _signed(one: OpinionView) -> SignedJson:
    held = one.part.opinion
    if held is None:
        raise RuntimeError("an opinion is shown that nobody signed")
    return SignedJson(
        expert_id=one.who.expert_id,
        name=one.who.name,
        document_id=one.document_id,
        document_sha256=held.document_sha256,
        versions=one.versions,
        conclusion=held.conclusion,
        signed_on=held.signed_on,
        late=held.late,
        institution=one.institution,
        how=held.how,
        overdue=held.overdue,
        differs=held.differs,
        counts=one.part.counts,
        points=[PointJson(p.number, p.text, p.reasonable, p.adoption, p.reason) for p in one.points],
        part_version=one.part.version,
    )


ROUTES = [
    api_opinions,
    api_open,
    api_close,
    api_set_aside,
    api_point,
    api_file_disposition,
    api_draft,
    api_save_draft,
    api_prepare_opinion,
    api_sign_opinion,
    api_read_opinions,
    api_rate,
    api_reply,
]
