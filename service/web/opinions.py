"""The staff's page of the opinions: reading them, stating that they are in, answering their points."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.dispositions import answer_point, file_disposition
from service.actions.opinions import close_opinions, open_opinions, set_aside_opinion
from service.actions.oral import record_urgency
from service.problems import Fault, Invalid, NotFound, Problem, Refused, Stale
from service.storage.session import reading
from service.storage.signatures import document_bytes
from service.web.entry import perform, version_of
from service.web.forms import Form
from service.web.opinion_views import read_opinions
from service.web.pages import page, see_other
from service.web.review import as_pdf
from workflow import ADOPTIONS, REASONABLE

AnyRequest = Request[Any, Any, Any]
_ADDRESS = "/matters/{matter_id:uuid}/review/opinions"


@get(_ADDRESS, opt={"operation": "review:see"}, include_in_schema=False)
async def opinions_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the signed opinions and what becomes of their points."""
    return await _page(request, matter_id, Form({}))


@get(_ADDRESS + "/{document_id:uuid}", opt={"operation": "review:see"}, include_in_schema=False)
async def opinion_file(request: AnyRequest, matter_id: FromPath[UUID], document_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out a signed opinion to staff."""
    await read_opinions(request, matter_id)
    async with reading(request.app.state.database) as session:
        held, pdf = await document_bytes(session, document_id)
    if held.matter_id != matter_id or held.kind != "opinion":
        raise NotFound(subject="document")
    return as_pdf(pdf, f"opinion-{held.version}.pdf")


@post(_ADDRESS + "/open", opt={"operation": "review:judge-opinions"}, include_in_schema=False)
async def open_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Let those who have signed read each other."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await open_opinions(act, matter_id)

    return await _acted(request, matter_id, form, "review:judge-opinions", act, notice="已开放互阅")


@post(_ADDRESS + "/close", opt={"operation": "review:judge-opinions"}, include_in_schema=False)
async def close_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """State that the opinions are in."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await close_opinions(act, matter_id, reason=form.text("close_reason", most=500))

    return await _acted(request, matter_id, form, "review:judge-opinions", act, notice="意见已收齐，请承办单位逐条办理")


@post("/matters/{matter_id:uuid}/review/urgency", opt={"operation": "review:record-oral"}, include_in_schema=False)
async def urgency_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Record that the review is urgent."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await record_urgency(act, matter_id, reason=form.text("urgency", most=500))

    return await _acted(request, matter_id, form, "review:record-oral", act, notice="已记录情况紧急，可以登记口头意见")


@post(_ADDRESS + "/{expert_id:uuid}/set-aside", opt={"operation": "review:judge-opinions"}, include_in_schema=False)
async def set_aside_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Let an opinion not count."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        await set_aside_opinion(act, matter_id, expert_id, reason=form.text("reason", most=500), seen=seen)

    return await _acted(request, matter_id, form, "review:judge-opinions", act, notice="这份意见不再计入")


@post(_ADDRESS + "/{expert_id:uuid}/points", opt={"operation": "review:answer-points"}, include_in_schema=False)
async def point_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Answer one point."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        point = form.number("point", least=1, most=1000)
        reasonable, adoption = form.choice("reasonable", REASONABLE), form.choice("adoption", ADOPTIONS)
        form.check()
        await answer_point(
            act,
            matter_id,
            expert_id,
            point or 0,
            reasonable=reasonable,
            adoption=adoption,
            reason=form.text("answer_reason", most=500),
            seen=seen,
        )

    to = f"#e{expert_id}"
    return await _acted(
        request, matter_id, form, "review:answer-points", act, notice="已记下这一条的采纳情况", to=to, author=expert_id
    )


@post(_ADDRESS + "/file", opt={"operation": "review:answer-points"}, include_in_schema=False)
async def file_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """File the answers to all points."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await file_disposition(act, matter_id)

    return await _acted(request, matter_id, form, "review:answer-points", act, notice="采纳情况已归档，专家可以看到")


async def _acted(
    request: AnyRequest,
    matter_id: UUID,
    form: Form,
    operation: str,
    do: Callable[[Act], Awaitable[None]],
    *,
    notice: str,
    to: str = "",
    author: UUID | None = None,
) -> Response[Any]:
    """Do an act; what stands against it is shown on the same page with the typed text, at the author's opinion."""

    async def run(act: Act) -> Response[Any]:
        await do(act)
        return see_other(f"/matters/{matter_id}/review/opinions{to}", notice=notice)

    try:
        return await perform(request, operation, run, subject=str(matter_id))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _page(request, matter_id, form, problem=problem, author=author)
    except Refused as problem:
        return await _page(request, matter_id, form, problem=problem, author=author)
    except Stale as problem:
        form.faults = [Fault("", "PAGE_OUTDATED")]
        return await _page(request, matter_id, form, problem=problem, author=author)


async def _page(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None, author: UUID | None = None
) -> Response[Any]:
    desk = await read_opinions(request, matter_id)
    return page(
        request,
        "review/opinions.html",
        status=200 if problem is None else problem.status,
        desk=desk,
        matter=desk.matter,
        form=form,
        author=author,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        adoptions=ADOPTIONS,
        reasonables=REASONABLE,
    )


ROUTES = [
    opinions_page,
    opinion_file,
    open_form,
    close_form,
    urgency_form,
    set_aside_form,
    point_form,
    file_form,
]
