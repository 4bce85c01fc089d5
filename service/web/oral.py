"""Taking down an opinion given by word of mouth: the center's page for one expert."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.oral import SAID_MOST, WITNESS_MOST, Spoken, record_oral
from service.clock import CHINA
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.web.entry import guard, perform, version_of
from service.web.forms import Form
from service.web.pages import instant_of, page, see_other
from service.web.review_desk import read_desk
from workflow import CONCLUSIONS

AnyRequest = Request[Any, Any, Any]
_ADDRESS = "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/oral"


@get(_ADDRESS, opt={"operation": "review:record-oral"}, include_in_schema=False)
async def oral_page(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Show the form for one expert's oral opinion."""
    guard(request, "review:record-oral")
    return await _page(request, matter_id, expert_id, Form({}))


@post(_ADDRESS, opt={"operation": "review:record-oral"}, include_in_schema=False)
async def oral_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Take down what an expert said; the hours for the written opinion run from when it was said."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        spoken = read_spoken(form)
        form.check()
        await record_oral(act, request.app.state.residents, matter_id, expert_id, spoken, seen=seen)
        return see_other(
            f"/matters/{matter_id}/review/opinions#spoken", notice="口头意见已登记，专家已收到补交书面意见的通知"
        )

    try:
        return await perform(request, "review:record-oral", act, subject=str(matter_id))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _page(request, matter_id, expert_id, form, problem=problem)
    except Refused as problem:
        return await _page(request, matter_id, expert_id, form, problem=problem)
    except Stale as problem:
        form.faults = [Fault("", "PAGE_OUTDATED")]
        return await _page(request, matter_id, expert_id, form, problem=problem)


def read_spoken(form: Form) -> Spoken:
    """Read what was typed; day and time are China Standard Time."""
    given_on = form.day("given_on", required=True)
    given_time = form.read("given_time", time.fromisoformat, code="FIELD_NOT_A_TIME")
    return Spoken(
        conclusion=form.choice("oral_conclusion", CONCLUSIONS),
        given_at=datetime.combine(given_on or date.max, given_time or time(), CHINA),
        said=form.typed("said").replace("\r\n", "\n"),
        witness=form.text("witness", most=WITNESS_MOST),
    )


async def _page(
    request: AnyRequest, matter_id: UUID, expert_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    desk = await read_desk(request, matter_id)
    line = desk.line_of(expert_id)
    return page(
        request,
        "review/oral.html",
        status=200 if problem is None else problem.status,
        desk=desk,
        line=line,
        matter=desk.matter,
        form=form,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        conclusions=CONCLUSIONS,
        now=instant_of(request).astimezone(CHINA),
        said_most=SAID_MOST,
    )


ROUTES = [oral_page, oral_form]
