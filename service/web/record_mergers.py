"""Merging two records that are one person: both side by side, the act, and taking it back."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service.actions.act import Act
from service.actions.record_mergers import Merging, merge_records, take_merger_back
from service.problems import Fault, Invalid, NotFound, Problem, Refused, Stale
from service.storage.expert_page import ExpertView, load_expert
from service.storage.experts import expert_numbered
from service.storage.record_mergers import ends_of, hindrance_of
from service.storage.session import reading
from service.web.entry import perform, version_of, viewer_of
from service.web.experts import show_expert
from service.web.forms import Form
from service.web.organisations import trouble_of
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]


@get("/experts/{expert_id:uuid}/merge", opt={"operation": "expert:merge"}, include_in_schema=False)
async def merge_page(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    other: Annotated[str, QueryParameter(name="other", max_length=40)] = "",
) -> Response[Any]:
    """Ask for the other record by its number; once it is named, show both side by side."""
    return await _page(request, expert_id, other, Form({}))


@post("/experts/{expert_id:uuid}/merge", opt={"operation": "expert:merge"}, include_in_schema=False)
async def merge_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Merge the other record into this one."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        gone_id = form.id("other_id", required=True)
        gone_seen = form.number("other_version", least=1, most=999_999_999)
        form.check()
        entry = Merging(gone_id or expert_id, gone_seen or 0, form.typed("number_of", "kept"), form.typed("reason"))
        await merge_records(act, expert_id, entry, seen=seen)
        return see_other(f"/experts/{expert_id}", notice="两份记录已合并；发现错了可以撤销")

    try:
        return await perform(request, "expert:merge", do, subject=str(expert_id))
    except (Invalid, Refused, Stale) as problem:
        return await _page(request, expert_id, form.typed("other"), form, problem=problem)


@post(
    "/experts/{expert_id:uuid}/mergers/{merger_id:uuid}/undo",
    opt={"operation": "expert:merge"},
    include_in_schema=False,
)
async def undo_form(request: AnyRequest, expert_id: FromPath[UUID], merger_id: FromPath[UUID]) -> Response[Any]:
    """Take a merger of two records back."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await take_merger_back(act, merger_id, reason=form.typed("parting_reason"), seen=seen)
        return see_other(f"/experts/{expert_id}", notice="合并已撤销，两份记录恢复原样")

    try:
        return await perform(request, "expert:merge", do, subject=str(expert_id))
    except (Invalid, Refused, Stale) as problem:
        if isinstance(problem, Invalid):
            problem = Invalid([Fault("parting_reason", one.code, one.facts) for one in problem.faults])
        return await show_expert(request, expert_id, form, problem=problem)


async def _page(
    request: AnyRequest, expert_id: UUID, number: str, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer, today = viewer_of(request), request.app.state.clock.today()
    other: ExpertView | None = None
    hindrance = None
    async with reading(request.app.state.database) as session:
        expert = await load_expert(session, viewer, expert_id, on=today)
        if number.strip():
            try:
                other_id = await expert_numbered(session, number)
                other = await load_expert(session, viewer, other_id, on=today)
                hindrance = await hindrance_of(session, ends_of(expert, other))
            except NotFound:
                form.fault("other", "EXPERT_NUMBER_UNKNOWN", number=number.strip()[:40])
    if other is not None and other.id == expert.id:
        other = None
        form.fault("other", "SAME_RECORD")
    if form.faults and problem is None:
        problem = Invalid(form.faults)
    return page(
        request,
        "experts/merge.html",
        status=200 if problem is None else problem.status,
        expert=expert,
        other=other,
        number=number,
        hindrance=hindrance,
        form=form,
        **trouble_of(problem),
    )


ROUTES = [merge_page, merge_form, undo_form]
