"""Judging findings on pages: real, false alarm, waiver; the inbox of what is new since one last looked."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.access import may
from service.actions.act import Act
from service.actions.conflict_checks import check_meeting
from service.actions.judging import (
    INBOX,
    Subject,
    ask_waiver,
    dismiss,
    lift,
    note_inbox,
    recuse,
    settle_waiver,
)
from service.locales import mark
from service.problems import Invalid, Refused, Stale
from service.storage.conflict_inbox import inbox_of
from service.storage.judgements import (
    FALSE_ALARM,
    REAL,
    VERDICTS,
    WAIVER,
    StoredJudgement,
    last_look,
    load_judgement,
    waiting_waivers,
)
from service.storage.session import reading
from service.web.conflicts import asked, person_page
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]

_NOTICES = {
    REAL: mark("已记录回避"),
    FALSE_ALARM: mark("已记为误报；依据的关系有变化时会重新提示"),
    WAIVER: mark("豁免申请已提交，由另一人审批"),
}


@get("/conflicts", opt={"operation": "conflict:see"}, include_in_schema=False)
async def inbox_page(request: AnyRequest) -> Response[Any]:
    """Show what is to be judged in the open matters, and what is new since the viewer last looked."""
    viewer, app = viewer_of(request), request.app.state
    async with reading(app.database) as session:
        matters = await inbox_of(
            session,
            viewer,
            app.residents,
            app.open_findings,
            policy=policy_of(request),
            day=app.clock.today(),
        )
        waivers = await waiting_waivers(session, viewer)
        seen_at = await last_look(session, viewer.account_id, INBOX)
    return page(
        request,
        "facts/inbox.html",
        matters=matters,
        waivers=waivers,
        seen_at=seen_at,
        new=sum(matter.new for matter in matters),
        may_judge=may(viewer, "conflict:judge"),
    )


@post("/conflicts/seen", opt={"operation": "conflict:judge"}, include_in_schema=False)
async def seen_form(request: AnyRequest) -> Response[Any]:
    """Note that the inbox was looked through."""

    async def act(act: Act) -> Response[Any]:
        await note_inbox(act)
        return see_other("/conflicts", notice="以后只标出新出现的")

    return await perform(request, "conflict:judge", act)


@post(
    "/matters/{matter_id:uuid}/conflicts/{person_id:uuid}/judge",
    opt={"operation": "conflict:judge"},
    include_in_schema=False,
)
async def judge_form(request: AnyRequest, matter_id: FromPath[UUID], person_id: FromPath[UUID]) -> Response[Any]:
    """Decide about one finding, or recuse a person without one."""
    form = await Form.of(request)
    subject = Subject(matter_id, person_id, form.typed("row"), form.typed("basis"))

    async def act(act: Act) -> Response[Any]:
        verdict = form.choice("verdict", VERDICTS)
        form.check()
        residents = request.app.state.residents
        if verdict == REAL:
            await recuse(act, residents, subject, reason=form.typed("reason"))
        elif verdict == FALSE_ALARM:
            await dismiss(act, residents, subject, reason=form.typed("reason"))
        else:
            await ask_waiver(
                act, residents, subject, reason=form.typed("reason"), publication=form.typed("publication")
            )
        return see_other(f"/matters/{matter_id}/conflicts/{person_id}", notice=_NOTICES[verdict])

    try:
        return await perform(request, "conflict:judge", act, subject=str(person_id))
    except (Invalid, Refused) as problem:
        if isinstance(problem, Invalid):
            form.faults = list(problem.faults)
        return await person_page(request, matter_id, person_id, asked(request, "", ""), form=form, problem=problem)


@post("/judgements/{judgement_id:uuid}/approve", opt={"operation": "conflict:approve"}, include_in_schema=False)
async def approve_form(request: AnyRequest, judgement_id: FromPath[UUID]) -> Response[Any]:
    """Approve a waiver that another person asked for."""
    return await _settled(
        request, judgement_id, "conflict:approve", _settle(judgement_id, approved=True), mark("已批准豁免")
    )


@post("/judgements/{judgement_id:uuid}/refuse", opt={"operation": "conflict:approve"}, include_in_schema=False)
async def refuse_form(request: AnyRequest, judgement_id: FromPath[UUID]) -> Response[Any]:
    """Refuse a waiver."""
    return await _settled(
        request, judgement_id, "conflict:approve", _settle(judgement_id, approved=False), mark("未批准豁免")
    )


@post("/judgements/{judgement_id:uuid}/lift", opt={"operation": "conflict:judge"}, include_in_schema=False)
async def lift_form(request: AnyRequest, judgement_id: FromPath[UUID]) -> Response[Any]:
    """Take a decision back."""

    async def lifting(act: Act, form: Form, seen: int) -> StoredJudgement:
        return await lift(act, judgement_id, reason=form.typed("reason"), seen=seen)

    return await _settled(request, judgement_id, "conflict:judge", lifting, mark("已撤回这项判断"))


Deciding = Callable[[Act, Form, int], Awaitable[StoredJudgement]]


def _settle(judgement_id: UUID, *, approved: bool) -> Deciding:
    async def settling(act: Act, form: Form, seen: int) -> StoredJudgement:
        return await settle_waiver(act, judgement_id, approved=approved, reason=form.typed("reason"), seen=seen)

    return settling


async def _settled(
    request: AnyRequest, judgement_id: UUID, operation: str, decide: Deciding, notice: str
) -> Response[Any]:
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        held = await decide(act, form, seen)
        return see_other(f"/matters/{held.matter_id}/conflicts/{held.person_id}", notice=notice)

    try:
        return await perform(request, operation, act, subject=str(judgement_id))
    except (Invalid, Refused, Stale) as problem:
        if isinstance(problem, Invalid):
            form.faults = list(problem.faults)
        async with reading(request.app.state.database) as session:
            held = await load_judgement(session, viewer_of(request), judgement_id)
        form.values["judgement"] = [str(judgement_id)]
        return await person_page(
            request, held.matter_id, held.person_id, asked(request, "", ""), form=form, problem=problem
        )


@post("/matters/{matter_id:uuid}/conflicts/meeting", opt={"operation": "conflict:judge"}, include_in_schema=False)
async def meeting_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Check the panel as of the day of the meeting, and show what stands on that day."""
    form = await Form.of(request)
    day = form.day("on", required=True)

    async def act(act: Act) -> Response[Any]:
        form.check()
        if day is None:
            raise Invalid(form.faults)
        await check_meeting(act, request.app.state.residents, matter_id, on=day)
        return see_other(
            f"/matters/{matter_id}/conflicts?on={day.isoformat()}", notice=mark("会议当天的核对已记录，没有通知任何人")
        )

    try:
        return await perform(request, "conflict:judge", act, subject=str(matter_id))
    except Invalid:
        return see_other(f"/matters/{matter_id}/conflicts", notice=mark("请填写会议日期"))


ROUTES: list[Any] = [meeting_form, inbox_page, seen_form, judge_form, approve_form, refuse_form, lift_form]
