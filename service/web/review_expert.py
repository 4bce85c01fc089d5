"""The expert's pages of a review: answering, the undertaking, material, dates; by a link or signed in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.access import Viewer
from service.access.sign_in import start_session
from service.actions.act import Act
from service.actions.dispositions import reply_once
from service.actions.invitations import Answer, answer_invitation, ask_release, guest_of, see_invitation
from service.actions.material import open_file, without_receipt
from service.actions.opinions import SECTIONS, Opinion, write_draft
from service.actions.ratings import rate_material
from service.exchange.calendar_file import CalendarDate, calendar_file
from service.locales import gettext, mark, say_day
from service.problems import Fault, Invalid, NotFound, Problem, Refused, Stale
from service.storage.material import content_of, read_by
from service.storage.session import reading
from service.storage.signatures import document_bytes
from service.web.entry import guard, perform, version_of, viewer_of
from service.web.forms import Form
from service.web.gate import SESSION_COOKIE
from service.web.pages import instant_of, page, see_other
from service.web.review import as_pdf
from service.web.review_own import read_own
from workflow import ACCEPTED, CONCLUSIONS, DECLINED, GROUNDS, OBJECTIVE, RATED, RECUSED

AnyRequest = Request[Any, Any, Any]
DECLINES = tuple(code for code in OBJECTIVE if code != "no-answer")
SCORES = ("5", "4", "3", "2", "1")
_GUEST_HOURS = 12


@get("/i/{token:str}", opt={"operation": "invitation:open"}, include_in_schema=False)
async def link_page(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Show an invitation to who comes by its link; looking changes nothing, so mail scanners may look."""
    guest, matter_id = await _guest(request, token)
    return await _page(request, guest, matter_id, Form({}), base=f"/i/{token}")


@post("/i/{token:str}/seen", opt={"operation": "invitation:open"}, include_in_schema=False)
async def link_seen(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Note that a person, who moved or touched something, has the invitation open."""
    _, matter_id = await _guest(request, token)
    return await _seen(request, matter_id)


@post("/i/{token:str}/answer", opt={"operation": "invitation:open"}, include_in_schema=False)
async def link_answer(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Answer by the link, and go on signed in for this matter."""
    guest, matter_id = await _guest(request, token)
    return await _answer(request, matter_id, guest, base=f"/i/{token}")


@post("/i/{token:str}/enter", opt={"operation": "invitation:open"}, include_in_schema=False)
async def link_enter(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Go on by the link after having answered: a sign-in for this matter alone."""
    guest, matter_id = await _guest(request, token)
    tokens: list[str] = []

    async def act(act: Act) -> Response[Any]:
        tokens.append(await _sign_in(request, act, guest, matter_id))
        return see_other(f"/reviews/{matter_id}")

    return _signed_in(request, await perform(request, "invitation:open", act), tokens)


@get("/reviews/{matter_id:uuid}", opt={"operation": "review:work"}, include_in_schema=False)
async def own_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the viewer's own part in a review."""
    return await _page(request, viewer_of(request), matter_id, Form({}), base=f"/reviews/{matter_id}")


@post("/reviews/{matter_id:uuid}/seen", opt={"operation": "review:answer"}, include_in_schema=False)
async def own_seen(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Note that the viewer has the invitation open."""
    return await _seen(request, matter_id)


@post("/reviews/{matter_id:uuid}/answer", opt={"operation": "review:answer"}, include_in_schema=False)
async def own_answer(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Answer an invitation."""
    return await _answer(request, matter_id, None, base=f"/reviews/{matter_id}")


@post("/reviews/{matter_id:uuid}/release", opt={"operation": "review:answer"}, include_in_schema=False)
async def release_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Ask to be let go after having accepted."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await ask_release(act, matter_id, reason=form.text("reason", most=500), seen=seen)
        return see_other(f"/reviews/{matter_id}", notice="已告诉中心，请等候答复")

    return await _or_show(request, matter_id, form, f"/reviews/{matter_id}", "review:answer", act)


@post("/reviews/{matter_id:uuid}/files/{file_id:uuid}/open", opt={"operation": "review:work"}, include_in_schema=False)
async def open_form(request: AnyRequest, matter_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[Any]:
    """Keep the receipt of a file, and go on to it."""

    async def act(act: Act) -> Response[Any]:
        await open_file(act, matter_id, file_id)
        return see_other(f"/reviews/{matter_id}/files/{file_id}")

    return await perform(request, "review:work", act, subject=str(matter_id))


@get("/reviews/{matter_id:uuid}/files/{file_id:uuid}", opt={"operation": "review:work"}, include_in_schema=False)
async def file_page(request: AnyRequest, matter_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the viewer's own copy of a file, whose receipt has been kept."""
    name, content = await personal_file(request, matter_id, file_id)
    return as_pdf(content, name)


@post("/reviews/{matter_id:uuid}/opinion", opt={"operation": "review:work"}, include_in_schema=False)
async def opinion_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Save what is typed of the opinion."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await write_draft(act, matter_id, read_opinion(form), seen=seen)
        return see_other(f"/reviews/{matter_id}#sign", notice="意见已保存，签署之前只有您自己能看到")

    return await _or_show(request, matter_id, form, f"/reviews/{matter_id}", "review:work", act)


@post("/reviews/{matter_id:uuid}/rating", opt={"operation": "review:work"}, include_in_schema=False)
async def rating_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Say once what the material was like."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        scores = {name: int(form.choice(f"rated_{name}", SCORES) or 0) for name in RATED}
        words = form.text("rated_words", most=500)
        form.check()
        await rate_material(act, matter_id, scores, words=words)
        return see_other(f"/reviews/{matter_id}", notice="谢谢，您对材料的评价已经记下")

    return await _or_show(request, matter_id, form, f"/reviews/{matter_id}", "review:work", act)


@post("/reviews/{matter_id:uuid}/reply", opt={"operation": "review:work"}, include_in_schema=False)
async def reply_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Reply once to the answers to one's own points."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await reply_once(act, matter_id, reply=form.text("reply", most=500), seen=seen)
        return see_other(f"/reviews/{matter_id}", notice="已回复")

    return await _or_show(request, matter_id, form, f"/reviews/{matter_id}", "review:work", act)


@get("/reviews/{matter_id:uuid}/opinion.pdf", opt={"operation": "review:work"}, include_in_schema=False)
async def own_opinion_file(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the viewer's own signed opinion."""
    own = await read_own(request, viewer_of(request), matter_id)
    if own.signed is None:
        raise NotFound(subject="document")
    async with reading(request.app.state.database) as session:
        _, pdf = await document_bytes(session, own.signed.document_id)
    return as_pdf(pdf, "opinion.pdf")


def read_opinion(form: Form) -> Opinion:
    """Read an opinion as typed: every line of the points is one point."""
    texts = {name: form.typed(name).replace("\r\n", "\n").strip() for name in SECTIONS}
    points = tuple(line.strip() for line in form.typed("points").splitlines() if line.strip())
    return Opinion(**texts, points=points, conclusion=form.choice("conclusion", CONCLUSIONS, default=""))


@get("/reviews/{matter_id:uuid}/dates.ics", opt={"operation": "review:work"}, include_in_schema=False)
async def dates_file(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the viewer's dates of a review for a calendar."""
    own = await read_own(request, viewer_of(request), matter_id)
    link = f"{request.app.state.settings.base_url}/reviews/{matter_id}"
    dates = [
        CalendarDate(f"answer-{matter_id}@expertpool", own.part.respond_by, _titled(mark("答复论证邀请"), own), link)
    ]
    if own.part.due_on is not None:
        dates.append(
            CalendarDate(f"opinion-{matter_id}@expertpool", own.part.due_on, _titled(mark("提交论证意见"), own), link)
        )
    meeting = own.state.review.meeting
    if meeting is not None and meeting.status == "set":
        dates.append(
            CalendarDate(
                f"meeting-{matter_id}@expertpool",
                meeting.starts_on,
                _titled(mark("论证会"), own),
                link,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                place=own.meeting_place,
            )
        )
    return Response(
        calendar_file(dates, at=instant_of(request)),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="review.ics"'},
    )


async def personal_file(request: AnyRequest, matter_id: UUID, file_id: UUID) -> tuple[str, bytes]:
    """Return name and content of the viewer's own copy of a file.

    Raises:
        Refused: NO_UNDERTAKING; RECEIPT_MISSING before the file was opened by an act.
        NotFound: when the material delivered to the viewer has no such file.
    """
    from service.documents.material import personal_copy

    viewer = guard(request, "review:work", ("own",))
    own = await read_own(request, viewer, matter_id)
    if own.stage not in ("work", "done"):
        raise Refused([request.app.state.edition.refusal("NO_UNDERTAKING")]) if own.part.active else NotFound()
    async with reading(request.app.state.database) as session:
        held, content = await content_of(session, matter_id, file_id, version=own.part.material)
        if file_id not in await read_by(session, matter_id, viewer.person_id):
            raise Refused([without_receipt()])
    line = f"{own.brief.number} · {say_day(request.app.state.clock.today(), lang='zh')}"
    return held.name, await asyncio.to_thread(personal_copy, content, name=viewer.name, line=line)


def read_answer(form: Form) -> Answer:
    """Read what an expert chose: one of the three answers, each with its own fields."""
    kind = form.choice("answer", (ACCEPTED, DECLINED, RECUSED))
    code = ""
    if kind == DECLINED:
        code = form.choice("decline_code", DECLINES)
    elif kind == RECUSED:
        code = form.choice("recuse_code", GROUNDS)
    return Answer(kind, code, form.day("until_on"), form.text("note", most=500))


async def _answer(request: AnyRequest, matter_id: UUID, guest: Viewer | None, *, base: str) -> Response[Any]:
    form = await Form.of(request)
    seen = await version_of(request)
    tokens: list[str] = []

    async def act(act: Act) -> Response[Any]:
        answer = read_answer(form)
        form.check()
        await answer_invitation(act, request.app.state.residents, matter_id, answer, seen=seen)
        if guest is not None:
            tokens.append(await _sign_in(request, act, guest, matter_id))
        return see_other(f"/reviews/{matter_id}", notice=_ANSWERED[answer.answer])

    return _signed_in(request, await _or_show(request, matter_id, form, base, "review:answer", act), tokens)


_ANSWERED = {
    ACCEPTED: mark("已接受邀请，谢谢"),
    DECLINED: mark("已告诉中心您不能参加"),
    RECUSED: mark("已提交回避申请，您不会再看到这个事项的材料"),
}


async def _seen(request: AnyRequest, matter_id: UUID) -> Response[Any]:
    async def act(act: Act) -> Response[Any]:
        await see_invitation(act, matter_id)
        return Response(None, status_code=204)

    return await perform(request, "review:answer", act, subject=str(matter_id))


async def _guest(request: AnyRequest, token: str) -> tuple[Viewer, UUID]:
    """Let who comes by a link act as its holder, in this request."""
    if len(token) > 128:
        raise NotFound(subject="link")
    async with reading(request.app.state.database) as session:
        guest, matter_id = await guest_of(session, token, at=instant_of(request))
    request.scope["viewer"] = guest  # type: ignore[typeddict-unknown-key]
    return guest, matter_id


async def _sign_in(request: AnyRequest, act: Act, guest: Viewer, matter_id: UUID) -> str:
    return await start_session(
        act.session,
        guest.account_id,
        at=act.at,
        hours=_GUEST_HOURS,
        device=request.headers.get("user-agent", ""),
        matter_id=matter_id,
    )


def _signed_in(request: AnyRequest, answer: Response[Any], tokens: list[str]) -> Response[Any]:
    """Give the browser its token; the answer that is kept for repeats was taken before."""
    for token in tokens:
        answer.set_cookie(
            SESSION_COOKIE,
            token,
            max_age=_GUEST_HOURS * 3600,
            httponly=True,
            secure=request.app.state.settings.https,
            samesite="lax",
        )
    return answer


async def _or_show(
    request: AnyRequest,
    matter_id: UUID,
    form: Form,
    base: str,
    operation: str,
    act: Callable[[Act], Awaitable[Response[Any]]],
) -> Response[Any]:
    """Do an act; what stands against it is shown on the same page with the typed text."""
    try:
        return await perform(request, operation, act, subject=str(matter_id))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _page(request, viewer_of(request), matter_id, form, base=base, problem=problem)
    except Refused as problem:
        return await _page(request, viewer_of(request), matter_id, form, base=base, problem=problem)
    except Stale as problem:
        form.faults = [Fault("", "PAGE_OUTDATED")]
        return await _page(request, viewer_of(request), matter_id, form, base=base, problem=problem)


async def opinion_page(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None, read: Any = None
) -> Response[Any]:
    """Show the expert's own page with what was read from a document, or what stands against it."""
    viewer = viewer_of(request)
    return await _page(request, viewer, matter_id, form, base=f"/reviews/{matter_id}", problem=problem, read=read)


async def _page(
    request: AnyRequest,
    viewer: Viewer,
    matter_id: UUID,
    form: Form,
    *,
    base: str,
    problem: Problem | None = None,
    read: Any = None,
) -> Response[Any]:
    own = await read_own(request, viewer, matter_id)
    return page(
        request,
        "review/part.html",
        status=200 if problem is None else problem.status,
        own=own,
        base=base,
        by_link=base.startswith("/i/"),
        form=form,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        declines=DECLINES,
        grounds=GROUNDS,
        conclusions=CONCLUSIONS,
        sections=SECTIONS,
        read=read,
        outdated=isinstance(problem, Stale) and "points" in form.values,
    )


def _titled(what: str, own: Any) -> str:
    return f"{gettext(what)}：{own.brief.title}"


ROUTES = [
    link_page,
    link_seen,
    link_answer,
    link_enter,
    own_page,
    own_seen,
    own_answer,
    release_form,
    open_form,
    file_page,
    opinion_form,
    rating_form,
    reply_form,
    own_opinion_file,
    dates_file,
]
