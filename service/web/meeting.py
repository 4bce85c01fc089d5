"""The page of a review meeting: the form of the review, who can come when, setting, moving, cancelling, the minutes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service.actions.act import Act
from service.actions.library_papers import set_paper
from service.actions.meetings import (
    MeetingPlan,
    MeetingRecord,
    cancel_meeting,
    choose_form,
    hold_meeting,
    say_time,
    set_meeting,
)
from service.clock import CHINA
from service.documents.meeting import KINDS, LEFT_SINCE, MeetingPaper, meeting_paper
from service.documents.official import FORMATS
from service.exchange.calendar_file import CalendarDate, calendar_file
from service.locales import gettext, mark
from service.problems import Fault, Invalid, NotFound, Problem, Refused, Stale
from service.web.entry import perform, version_of
from service.web.forms import Form
from service.web.library_papers import MEDIA
from service.web.meeting_desk import MeetingDesk, read_meeting
from service.web.pages import instant_of, page, see_other
from service.web.review import ids_of
from workflow import CONCLUSIONS, FORMS

AnyRequest = Request[Any, Any, Any]


@get("/matters/{matter_id:uuid}/review/meeting", opt={"operation": "review:see"}, include_in_schema=False)
async def meeting_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the form of the review and its meeting."""
    return await _page(request, matter_id, Form({}))


@post("/matters/{matter_id:uuid}/review/form", opt={"operation": "review:choose-form"}, include_in_schema=False)
async def form_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Name the form of the review."""

    async def act(act: Act, form: Form, seen: int) -> None:
        await choose_form(act, matter_id, form.typed("form"), other=form.text("other", most=500), seen=seen)

    return await _acted(request, matter_id, "review:choose-form", act, notice="论证方式已登记")


@post("/matters/{matter_id:uuid}/review/meeting", opt={"operation": "review:set-meeting"}, include_in_schema=False)
async def set_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Set or move the meeting."""

    async def act(act: Act, form: Form, seen: int) -> None:
        await set_meeting(act, matter_id, _plan(form), seen=seen)

    return await _acted(request, matter_id, "review:set-meeting", act, notice="会议已确定，已通知每位专家")


@post(
    "/matters/{matter_id:uuid}/review/meeting/cancel", opt={"operation": "review:set-meeting"}, include_in_schema=False
)
async def cancel_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Cancel the meeting."""

    async def act(act: Act, form: Form, seen: int) -> None:
        await cancel_meeting(act, matter_id, reason=form.text("cancel_reason", most=500), seen=seen)

    return await _acted(request, matter_id, "review:set-meeting", act, notice="会议已取消，已通知每位专家")


@post("/matters/{matter_id:uuid}/review/meeting/held", opt={"operation": "review:set-meeting"}, include_in_schema=False)
async def held_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Enter what came of the meeting."""

    async def act(act: Act, form: Form, seen: int) -> None:
        present = ids_of(form, "present")
        dissent = ids_of(form, "dissent") if form.typed_all("dissent") else []
        conclusion = form.choice("conclusion", CONCLUSIONS)
        minutes = form.text("minutes", required=True, most=8000)
        joint = form.text("joint", required=True, most=4000)
        leader = form.id("leader")
        form.check()
        record = MeetingRecord(present, conclusion, minutes, joint, dissent, leader)
        await hold_meeting(act, matter_id, record, seen=seen)

    return await _acted(request, matter_id, "review:set-meeting", act, notice="会议情况已登记")


@get(
    "/matters/{matter_id:uuid}/review/meeting/papers/{kind:str}",
    opt={"operation": "review:see"},
    include_in_schema=False,
)
async def paper_file(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    kind: FromPath[str],
    form: Annotated[str, QueryParameter(name="format")] = "pdf",
) -> Response[bytes]:
    """Hand out a paper of the meeting, as PDF/A to be filed or as a Word document to be worked on."""
    return await paper_of(request, matter_id, kind, form)


@get("/matters/{matter_id:uuid}/review/meeting.ics", opt={"operation": "review:see"}, include_in_schema=False)
async def calendar_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the meeting for a calendar."""
    desk = await read_meeting(request, matter_id)
    if desk.meeting is None or desk.meeting.status == "cancelled":
        raise NotFound(subject="meeting")
    link = f"{request.app.state.settings.base_url}/matters/{matter_id}/review/meeting"
    return Response(
        calendar_file([meeting_date(desk, link)], at=instant_of(request)),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="meeting.ics"'},
    )


def meeting_date(desk: MeetingDesk, link: str) -> CalendarDate:
    """Return the meeting for a calendar."""
    meeting = desk.meeting
    if meeting is None:
        raise NotFound(subject="meeting")
    title = gettext(mark("论证会")) + gettext("：") + desk.matter.title
    return CalendarDate(
        f"meeting-{desk.matter.id}@expertpool",
        meeting.starts_on,
        title,
        link,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=desk.texts.get(meeting.place_sha256, ""),
    )


async def paper_of(request: AnyRequest, matter_id: UUID, kind: str, form: str) -> Response[bytes]:
    """Return a paper of the meeting.

    Raises:
        NotFound: when there is no such paper or form, or no meeting, or it has no minutes yet.
        Refused: PAPER_NOT_IN_FONT, when a PDF cannot show a character.
    """
    desk = await read_meeting(request, matter_id)
    meeting = desk.meeting
    if kind not in KINDS or form not in FORMATS or meeting is None or (kind == "minutes" and meeting.status != "held"):
        raise NotFound(subject="paper")
    paper = MeetingPaper(
        county=request.app.state.settings.county,
        unit=desk.matter.unit_name,
        number=desk.matter.number,
        title=desk.matter.title,
        on=meeting.starts_on,
        time=say_time(meeting),
        place=desk.texts.get(meeting.place_sha256, ""),
        agenda=desk.texts.get(meeting.agenda_sha256, ""),
        leader="".join(_marked(desk, [meeting.leader_id])),
        experts=[
            *((who.name, who.title) for who in desk.taking_part),
            *((f"{who.name}{LEFT_SINCE}", who.title) for who, left in desk.named(meeting.present) if left),
        ],
        present=_marked(desk, meeting.present),
        conclusion=meeting.conclusion,
        minutes=desk.texts.get(meeting.minutes_sha256, ""),
        joint=desk.texts.get(meeting.joint_sha256, ""),
        dissent=_marked(desk, meeting.dissent),
        small=meeting.small,
    )
    content = await asyncio.to_thread(set_paper, meeting_paper(paper, kind), form)
    return Response(
        content,
        media_type=MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="meeting-{kind}.{form}"'},
    )


def _marked(desk: MeetingDesk, people: Sequence[str]) -> list[str]:
    return [f"{who.name}{LEFT_SINCE}" if left else who.name for who, left in desk.named(people)]


def _plan(form: Form) -> MeetingPlan:
    on = form.day("on", required=True)
    starts, ends = _clock(form, "starts"), _clock(form, "ends")
    place = form.text("place", required=True, most=200)
    agenda = form.text("agenda", required=True, most=2000)
    leader = form.id("leader", required=True)
    reason = form.text("reason", most=500)
    form.check()
    day = on or date.min
    return MeetingPlan(
        datetime.combine(day, starts, CHINA),
        datetime.combine(day, ends, CHINA),
        place,
        agenda,
        leader or UUID(int=0),
        reason,
    )


def _clock(form: Form, name: str) -> time:
    try:
        return time.fromisoformat(form.typed(name).strip().replace("：", ":"))
    except ValueError:
        form.fault(name, "FIELD_NOT_A_TIME")
        return time()


async def _acted(
    request: AnyRequest,
    matter_id: UUID,
    operation: str,
    do: Callable[[Act, Form, int], Awaitable[None]],
    *,
    notice: str,
) -> Response[Any]:
    form = await Form.of(request)
    seen = await version_of(request)

    async def run(act: Act) -> Response[Any]:
        await do(act, form, seen)
        return see_other(f"/matters/{matter_id}/review/meeting", notice=notice)

    try:
        return await perform(request, operation, run, subject=str(matter_id))
    except (Invalid, Refused, Stale) as problem:
        if isinstance(problem, Invalid):
            form.faults = list(problem.faults)
        elif isinstance(problem, Stale):
            form.faults = [Fault("", "PAGE_OUTDATED")]
        return await _page(request, matter_id, form, problem=problem)


async def _page(request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    desk = await read_meeting(request, matter_id)
    return page(
        request,
        "review/meeting.html",
        status=200 if problem is None else problem.status,
        desk=desk,
        matter=desk.matter,
        form=form,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        forms_known=FORMS,
        conclusions=CONCLUSIONS,
        time=say_time(desk.meeting) if desk.meeting else "",
        starts=desk.meeting.starts_at.astimezone(CHINA).strftime("%H:%M") if desk.meeting else "09:00",
        ends=desk.meeting.ends_at.astimezone(CHINA).strftime("%H:%M") if desk.meeting else "11:30",
    )


ROUTES = [meeting_page, form_form, set_form, cancel_form, held_form, paper_file, calendar_page]
