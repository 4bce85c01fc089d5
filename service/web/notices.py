"""Notices about matters: the list with its failures, sending again, delivery by hand, and the center's own wording."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.notices import (
    BODY_MOST,
    EDITABLE,
    LANGUAGES,
    SHORT_MOST,
    SUBJECT_MOST,
    PrintedNotice,
    TypedWording,
    change_wording,
    deliver_by_hand,
    log_call,
    places_of,
    preview_wording,
    print_notice,
    resend,
    send_test,
    typed_wording,
)
from service.documents.notice import PaperNotice, notice_pdf
from service.jobs.wording import Wording
from service.locales.places import WORDS
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.notices import PER_PAGE, OwnWording, list_notices, matters_to_show, notice_of, own_wordings
from service.storage.session import reading
from service.web.entry import act_in, guard, perform, version_of
from service.web.forms import Form, id_of
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
STATES: Final = ("waiting", "delivered", "failed", "withheld")


@get("/notices", opt={"operation": "notice:list"}, include_in_schema=False)
async def notices_page(request: AnyRequest) -> Response[Any]:
    """Show what was sent, what waits and what failed, newest first."""
    viewer = guard(request, "notice:list")
    query = request.query_params
    state = query.get("state", "") if query.get("state", "") in STATES else ""
    matter_id = id_of(query.get("matter", ""))
    number = max(1, int(query["page"])) if query.get("page", "").isdecimal() and len(query["page"]) < 7 else 1
    async with reading(request.app.state.database) as session:
        found = await list_notices(session, viewer, state=state, matter_id=matter_id, page=number)
    kept = {name: value for name, value in (("state", state), ("matter", str(matter_id or ""))) if value}
    return page(
        request,
        "notices/list.html",
        found=found,
        state=state,
        matter_id=matter_id,
        number=number,
        pages=max(1, -(-found.total // PER_PAGE)),
        base=f"/notices?{urlencode(kept)}{'&' if kept else ''}page=",
    )


@get("/notices/{notice_id:uuid}", opt={"operation": "notice:list"}, include_in_schema=False)
async def notice_page(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[Any]:
    """Show one notice and what can be done about it."""
    return await _notice(request, notice_id, Form({}))


@post("/notices/{notice_id:uuid}/resend", opt={"operation": "notice:send"}, include_in_schema=False)
async def resend_form(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[Any]:
    """Send a notice again."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        await resend(act, notice_id)
        return see_other("/notices", notice="通知已重新发出")

    return await _on_notice(request, notice_id, form, act)


@post("/notices/{notice_id:uuid}/delivered", opt={"operation": "notice:send"}, include_in_schema=False)
async def delivered_form(request: AnyRequest, notice_id: FromPath[UUID]) -> Response[Any]:
    """Note how a notice was delivered by hand."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        await deliver_by_hand(act, notice_id, note=form.text("note", most=500))
        return see_other(f"/notices/{notice_id}", notice="送达已登记")

    return await _on_notice(request, notice_id, form, act)


@post(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/letter",
    opt={"operation": "notice:send"},
    include_in_schema=False,
)
async def letter_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Print the letter that asks an expert for what is open now; a repeat leads to the notice that stands for it."""
    printed: list[PrintedNotice] = []

    async def act(act: Act) -> Response[Any]:
        printed.append(await print_notice(act, matter_id, expert_id))
        return see_other(f"/notices/{printed[0].notice_id}")

    answer = await perform(request, "notice:send", act, subject=str(matter_id))
    # The letter holds a live link: it is set after the commit, and the answer that is kept for repeats has none.
    return paper(await letter_of(request, printed[0])) if printed else answer


@post(
    "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/called",
    opt={"operation": "notice:send"},
    include_in_schema=False,
)
async def called_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Note a telephone call as a delivery."""
    from service.web.review import shown_again

    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        await log_call(act, matter_id, expert_id, note=form.text("call_note", most=500))
        return see_other(f"/matters/{matter_id}/review/experts/{expert_id}", notice="电话已登记为送达")

    try:
        return await perform(request, "notice:send", act, subject=str(matter_id))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await shown_again(request, matter_id, form, problem, expert_id)


@get("/notices/wording", opt={"operation": "notice:list"}, include_in_schema=False)
async def wordings_page(request: AnyRequest) -> Response[Any]:
    """Show which notices can be worded, and who worded them."""
    guard(request, "notice:list")
    async with reading(request.app.state.database) as session:
        own = await own_wordings(session)
    return page(request, "notices/wordings.html", codes=tuple(EDITABLE), languages=LANGUAGES, own=own)


@get("/notices/wording/{code:str}/{language:str}", opt={"operation": "notice:word"}, include_in_schema=False)
async def wording_page(request: AnyRequest, code: FromPath[str], language: FromPath[str]) -> Response[Any]:
    """Show a wording to be changed."""
    return await _wording(request, code, language, Form({}))


@post("/notices/wording/{code:str}/{language:str}", opt={"operation": "notice:word"}, include_in_schema=False)
async def wording_form(request: AnyRequest, code: FromPath[str], language: FromPath[str]) -> Response[Any]:
    """Keep, try or preview a wording; the button says which."""
    form = await Form.of(request)
    here = f"/notices/wording/{code}/{language}"
    do = form.typed("do", "keep")

    async def act(act: Act) -> Response[Any]:
        if do == "test":
            matter_id = form.id("matter", required=True)
            form.check()
            await send_test(act, code, language, matter_id=matter_id or act.viewer.account_id)
            return see_other(here, notice="测试通知已发给您自己")
        typed = TypedWording("", "", "") if do == "standard" else typed_in(form)
        await change_wording(act, code, language, typed, seen=await version_of(request))
        return see_other(here, notice="已恢复标准措辞" if do == "standard" else "措辞已保存，之后的通知照此发出")

    try:
        if do == "preview":
            matter_id = form.id("matter", required=True)
            form.check()
            async with reading(request.app.state.database) as session:
                setting = act_in(request, session)
                says = await preview_wording(
                    setting,
                    code,
                    language,
                    typed_in(form),
                    matter_id=matter_id or setting.viewer.account_id,
                    name=setting.viewer.name,
                )
            return await _wording(request, code, language, form, says=says)
        return await perform(request, "notice:word", act, subject=code)
    except (Invalid, Stale) as problem:
        form.faults = list(problem.faults) if isinstance(problem, Invalid) else form.faults
        return await _wording(request, code, language, form, problem=problem)


def typed_in(form: Form) -> TypedWording:
    """Return the wording of a form."""
    return TypedWording(form.typed("subject"), form.typed("body"), form.typed("short"))


async def letter_of(request: AnyRequest, printed: PrintedNotice) -> bytes:
    """Return a printed notice as PDF."""
    app = request.app.state
    sheet = PaperNotice(
        printed.says.subject,
        printed.says.body,
        printed.link,
        f"{app.settings.county}决策咨询服务中心",
        app.clock.today(),
    )
    return await asyncio.to_thread(notice_pdf, sheet)


def paper(content: bytes) -> Response[bytes]:
    """Return a letter as a file to be printed; nobody keeps it, it holds a link."""
    return Response(
        content,
        status_code=200,
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="letter.pdf"', "Cache-Control": "no-store"},
    )


async def _on_notice(
    request: AnyRequest, notice_id: UUID, form: Form, act: Callable[[Act], Awaitable[Response[Any]]]
) -> Response[Any]:
    try:
        return await perform(request, "notice:send", act, subject=str(notice_id))
    except (Invalid, Refused) as problem:
        form.faults = list(problem.faults) if isinstance(problem, Invalid) else []
        return await _notice(request, notice_id, form, problem=problem)


async def _notice(request: AnyRequest, notice_id: UUID, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = guard(request, "notice:list")
    async with reading(request.app.state.database) as session:
        notice = await notice_of(session, viewer, notice_id)
    return page(
        request,
        "notices/show.html",
        status=200 if problem is None else problem.status,
        one=notice,
        form=form,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
    )


async def _wording(
    request: AnyRequest,
    code: str,
    language: str,
    form: Form,
    *,
    problem: Problem | None = None,
    says: Wording | None = None,
) -> Response[Any]:
    viewer = guard(request, "notice:word")
    places = places_of(code, language)
    async with reading(request.app.state.database) as session:
        own = (await own_wordings(session, code)).get((code, language), OwnWording())
        matters = await matters_to_show(session, viewer)
    return page(
        request,
        "notices/wording.html",
        status=200 if problem is None else problem.status,
        code=code,
        in_language=language,
        own=own,
        typed=typed_wording(code, language, own),
        places=[WORDS[place][0 if language == "zh" else 1] for place in places],
        matters=matters,
        says_so=says,
        form=form,
        faults=form.faults,
        stale=isinstance(problem, Stale),
        limits={"subject": SUBJECT_MOST, "body": BODY_MOST, "short": SHORT_MOST},
    )


ROUTES = [
    notices_page,
    wordings_page,
    wording_page,
    wording_form,
    notice_page,
    resend_form,
    delivered_form,
    letter_form,
    called_form,
]
