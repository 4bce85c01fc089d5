"""The staff's page of a review: inviting, what experts answered, material, time for study."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.draw_succession import call_by_draw
from service.actions.institutions import CONTRACT_MOST, name_signer
from service.actions.invitations import ABSTRACT_MOST, Answer, call_reserve, enter_answer, invite, release
from service.actions.material import (
    FILE_MOST,
    NewFile,
    leave_out_file,
    put_file,
    send_material,
    shorten_study,
)
from service.actions.reminders import remind
from service.actions.undertakings import enter_undertaking
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.storage.material import content_of
from service.storage.reminders import ReminderView, asked_now, reminders_of
from service.storage.session import reading
from service.web.draw_acts import succession_in_panel
from service.web.entry import perform, version_of
from service.web.forms import Form, faults_at
from service.web.material_intake import take_in, take_scan
from service.web.pages import page, see_other
from service.web.review_desk import read_desk
from workflow import GROUNDS, ITEMS, OBJECTIVE

AnyRequest = Request[Any, Any, Any]


@get("/matters/{matter_id:uuid}/review", opt={"operation": "review:see"}, include_in_schema=False)
async def review_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show where the review of a panel stands."""
    return await _page(request, matter_id, Form({}))


@post("/matters/{matter_id:uuid}/review/invite", opt={"operation": "review:invite"}, include_in_schema=False)
async def invite_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Invite the ticked members."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        experts = ids_of(form, "expert")
        respond_by = form.day("respond_by", required=True)
        form.check()
        await invite(
            act,
            request.app.state.residents,
            matter_id,
            experts,
            respond_by=respond_by or act.on,
            abstract=form.typed("abstract"),
            seen=seen,
        )

    return await _acted(request, matter_id, form, "review:invite", act, notice="邀请已发出")


@get(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}",
    opt={"operation": "review:see"},
    include_in_schema=False,
)
async def person_page(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Show one expert's part, and what the center can do about it."""
    return await _page(request, matter_id, Form({}), expert_id=expert_id)


@post(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/remind",
    opt={"operation": "review:remind"},
    include_in_schema=False,
)
async def remind_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Remind one expert."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await remind(act, matter_id, expert_id)

    return await _acted(request, matter_id, form, "review:remind", act, notice="提醒已发出", expert_id=expert_id)


@post(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/answer",
    opt={"operation": "review:enter-answer"},
    include_in_schema=False,
)
async def answer_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Enter what an expert said by telephone or letter."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        kind, _, code = form.choice("answer", ANSWER_CHOICES).partition(":")
        via = form.choice("via", ("phone", "letter"))
        until_on = form.day("until_on")
        form.check()
        answer = Answer(kind, code, until_on, form.text("note", most=500), via)
        await enter_answer(act, request.app.state.residents, matter_id, expert_id, answer, seen=seen)

    return await _acted(
        request, matter_id, form, "review:enter-answer", act, notice="已记下专家的答复", expert_id=expert_id
    )


@post(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/undertaking",
    opt={"operation": "review:enter-answer"},
    include_in_schema=False,
)
async def undertaking_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Enter an undertaking that was signed on paper."""
    form = await Form.of(request)
    seen = await version_of(request)
    scan = await take_scan(form, "scan", most=FILE_MOST)

    async def act(act: Act) -> None:
        form.check()
        await enter_undertaking(act, matter_id, expert_id, scan, seen=seen)

    return await _acted(
        request, matter_id, form, "review:enter-answer", act, notice="保密承诺书已登记", expert_id=expert_id
    )


@post(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/institution",
    opt={"operation": "review:name-signer"},
    include_in_schema=False,
)
async def institution_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Say for which institution an expert writes."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        institution, contract = form.text("institution"), form.text("contract", most=CONTRACT_MOST)
        form.check()
        await name_signer(
            act, request.app.state.residents, matter_id, expert_id, institution, contract=contract, seen=seen
        )

    return await _acted(
        request,
        matter_id,
        form,
        "review:name-signer",
        act,
        notice="已记下代表的机构",
        expert_id=expert_id,
    )


@post(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/release",
    opt={"operation": "review:release"},
    include_in_schema=False,
)
async def release_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Let an expert go."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        await release(act, matter_id, expert_id, reason=form.text("reason", most=500), seen=seen)

    return await _acted(
        request, matter_id, form, "review:release", act, notice="已解除该专家的论证任务", expert_id=expert_id
    )


@post(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/replace",
    opt={"operation": "review:release"},
    include_in_schema=False,
)
async def replace_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Call a reserve into the place of an expert; in a drawn panel the draw says who."""
    form = await Form.of(request)
    seen = await version_of(request)
    succession = await succession_in_panel(request, matter_id, expert_id)

    async def act(act: Act) -> None:
        app, reserve = request.app.state, form.id("reserve", required=succession is None)
        respond_by = form.day("respond_by", required=True)
        reason = form.text("replace_reason", most=500)
        form.check()
        by = respond_by or act.on
        with faults_at("replace_reason", of="reason"):
            if succession is not None:
                await call_by_draw(act, app.residents, matter_id, succession, reason=reason, respond_by=by, seen=seen)
            else:
                joins = reserve or expert_id
                await call_reserve(
                    act, app.residents, matter_id, expert_id, joins, reason=reason, respond_by=by, seen=seen
                )

    return await _acted(
        request, matter_id, form, "review:release", act, notice="候补专家已递补并收到邀请", expert_id=expert_id
    )


@post("/matters/{matter_id:uuid}/review/files", opt={"operation": "review:put-material"}, include_in_schema=False)
async def file_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Add a file to the material."""
    form = await Form.of(request)
    content = await take_in(form, "file", most=FILE_MOST)
    upload = form.uploads.get("file")

    async def act(act: Act) -> None:
        item = form.choice("item", ITEMS)
        form.check()
        await put_file(act, matter_id, NewFile(item, upload.filename if upload else "", content))

    return await _acted(request, matter_id, form, "review:put-material", act, notice="材料已添加", to="#material")


@post(
    "/matters/{matter_id:uuid}/review/files/{file_id:uuid}/leave-out",
    opt={"operation": "review:put-material"},
    include_in_schema=False,
)
async def leave_out_form(request: AnyRequest, matter_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[Any]:
    """Leave a file out of the material."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await leave_out_file(act, matter_id, file_id)

    return await _acted(request, matter_id, form, "review:put-material", act, notice="材料已移除", to="#material")


@get("/matters/{matter_id:uuid}/review/files/{file_id:uuid}", opt={"operation": "review:see"}, include_in_schema=False)
async def file_page(request: AnyRequest, matter_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out a file of the material to staff."""
    desk = await read_desk(request, matter_id)
    async with reading(request.app.state.database) as session:
        held, content = await content_of(session, matter_id, file_id, version=desk.state.review.material + 1)
    return as_pdf(content, held.name)


@post("/matters/{matter_id:uuid}/review/send", opt={"operation": "review:put-material"}, include_in_schema=False)
async def send_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Send the material."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        due_on = form.day("due_on", required=True)
        form.check()
        await send_material(
            act,
            request.app.state.residents,
            matter_id,
            due_on=due_on,
            change=form.text("change", most=500),
            restart=form.typed("restart", "yes") == "yes",
            seen=seen,
        )

    return await _acted(request, matter_id, form, "review:put-material", act, notice="材料已送达", to="#material")


@post("/matters/{matter_id:uuid}/review/study", opt={"operation": "review:shorten-study"}, include_in_schema=False)
async def study_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Accept a shorter time for study."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        days = form.number("working_days", least=1, most=60)
        form.check()
        await shorten_study(act, matter_id, working_days=days or 0, reason=form.text("study_reason", most=500))

    return await _acted(request, matter_id, form, "review:shorten-study", act, notice="已记录缩短研读时间的理由")


ANSWER_CHOICES = ("accepted:", *(f"declined:{code}" for code in OBJECTIVE), *(f"recused:{code}" for code in GROUNDS))


def ids_of(form: Form, name: str) -> list[UUID]:
    """Return the ticked ids of a form."""
    found = []
    for text in form.typed_all(name):
        try:
            found.append(UUID(text))
        except ValueError:
            form.fault(name, "FIELD_NOT_A_CHOICE")
    if not found:
        form.fault(name, "FIELD_REQUIRED")
    return found


def as_pdf(content: bytes, name: str) -> Response[bytes]:
    """Return a PDF to be looked at in the browser, which runs nothing that might be in it."""
    plain = "".join(mark if mark.isascii() and (mark.isalnum() or mark in "-_.") else "_" for mark in name)[-80:]
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{plain or "document.pdf"}"',
            "Content-Security-Policy": "sandbox; default-src 'none'; object-src 'self'; plugin-types application/pdf",
        },
    )


async def _acted(
    request: AnyRequest,
    matter_id: UUID,
    form: Form,
    operation: str,
    do: Callable[[Act], Awaitable[None]],
    *,
    notice: str,
    to: str = "",
    expert_id: UUID | None = None,
) -> Response[Any]:
    """Do an act; what stands against it is shown on the same page with the typed text."""

    async def run(act: Act) -> Response[Any]:
        await do(act)
        return see_other(f"/matters/{matter_id}/review{to}", notice=notice)

    def show(problem: Problem) -> Awaitable[Response[Any]]:
        return _page(request, matter_id, form, problem=problem, expert_id=expert_id)

    try:
        return await perform(request, operation, run, subject=str(matter_id))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await show(problem)
    except Refused as problem:
        return await show(problem)
    except Stale as problem:
        form.faults = [Fault("", "PAGE_OUTDATED")]
        return await show(problem)


async def shown_again(
    request: AnyRequest, matter_id: UUID, form: Form, problem: Problem, expert_id: UUID
) -> Response[Any]:
    """Return an expert's card with what was typed and what stands against it."""
    return await _page(request, matter_id, form, problem=problem, expert_id=expert_id)


async def _page(
    request: AnyRequest,
    matter_id: UUID,
    form: Form,
    *,
    problem: Problem | None = None,
    expert_id: UUID | None = None,
) -> Response[Any]:
    desk = await read_desk(request, matter_id)
    line = None if expert_id is None else desk.line_of(expert_id)
    asked = False
    reminders: Sequence[ReminderView] = ()
    if line is not None:
        async with reading(request.app.state.database) as session:
            reminders = await reminders_of(session, matter_id, line.who.person_id)
            asked = any(one.expert_id == expert_id for one in await asked_now(session, None, matter_id=matter_id))
    return page(
        request,
        "review/desk.html" if line is None else "review/person.html",
        status=200 if problem is None else problem.status,
        desk=desk,
        line=line,
        asked=asked,
        reminders=reminders,
        can=desk.can,
        respond_by=desk.respond_by,
        matter=desk.matter,
        form=form,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        items=ITEMS,
        answers=ANSWER_CHOICES,
        abstract_most=ABSTRACT_MOST,
    )


ROUTES = [
    review_page,
    person_page,
    invite_form,
    remind_form,
    answer_form,
    undertaking_form,
    institution_form,
    release_form,
    replace_form,
    file_form,
    leave_out_form,
    file_page,
    send_form,
    study_form,
]
