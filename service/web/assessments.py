"""Assessing experts during a term: many at once with exceptions, and settling what experts say against it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service.actions.act import Act
from service.actions.assessments import Judged, assess, settle_contest
from service.problems import Invalid, Problem, Refused
from service.storage.assessments import PER_PAGE, due_for_assessment
from service.storage.session import reading
from service.web.candidates import typed
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.experts import show_expert
from service.web.forms import Form, id_of
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
_CHOICES = ("unqualified", "later")


@get("/assessments", opt={"operation": "assessment:see"}, include_in_schema=False)
async def assessments_page(
    request: AnyRequest,
    expert: Annotated[str, QueryParameter(name="expert")] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> Response[Any]:
    """Show who is due for an assessment, or one expert, with what the term came to."""
    return await _show(request, Form({"expert": [expert], "page": [str(number)]}))


@post("/assessments", opt={"operation": "assessment:make"}, include_in_schema=False)
async def assess_form(request: AnyRequest) -> Response[Any]:
    """Assess those of the page who are not put off."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        judged = _judged(form)
        common = form.text("common_reason", most=600)
        form.check()
        await assess(act, judged, common_reason=common)
        one = form.id("expert")
        return see_other(
            f"/experts/{one}#assessments" if one else "/assessments", notice="考核已登记，专家本人可以看到"
        )

    try:
        return await perform(request, "assessment:make", act)
    except (Invalid, Refused) as problem:
        return await _show(request, form, problem=problem)


@post(
    "/experts/{expert_id:uuid}/assessments/{assessment_id:uuid}/settle",
    opt={"operation": "assessment:settle"},
    include_in_schema=False,
)
async def settle_form(request: AnyRequest, expert_id: FromPath[UUID], assessment_id: FromPath[UUID]) -> Response[Any]:
    """Settle what an expert says against an assessment."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        outcome = form.choice("outcome", ("stands", "set-aside"))
        form.check()
        await settle_contest(act, assessment_id, stands=outcome == "stands", reason=form.typed("reason"), seen=seen)
        return see_other(f"/experts/{expert_id}#assessments", notice="复核已登记，专家本人可以看到")

    try:
        return await perform(request, "assessment:settle", act, subject=str(assessment_id))
    except (Invalid, Refused) as problem:
        return await show_expert(request, expert_id, form, problem=problem)


def _judged(form: Form) -> list[Judged]:
    """Return the judgements of the form: the tick at the head holds for everybody who is no exception."""
    judged = []
    for text in form.typed_all("experts"):
        expert_id = id_of(text)
        if expert_id is None:
            form.fault("experts", "FIELD_NOT_A_CHOICE")
            continue
        exception = form.choice(f"exception_{expert_id}", _CHOICES, default="")
        if exception != "later":
            reason = form.text(f"reason_{expert_id}", most=600)
            judged.append(Judged(expert_id, exception != "unqualified", reason))
    if any(one.qualified for one in judged) and form.typed("all_qualified") != "yes":
        form.fault("all_qualified", "TEST_UNANSWERED")
    return judged


async def _show(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    app, practice = request.app.state, policy_of(request).library
    number = max(1, int(form.typed("page"))) if form.typed("page").isdecimal() else 1
    chosen = form.id("expert")
    async with reading(app.database) as session:
        due = await due_for_assessment(
            session,
            viewer_of(request),
            on=app.clock.today(),
            months=practice.assessment_months,
            expert_id=chosen,
            page=number,
        )
    return page(
        request,
        "assessments/list.html",
        status=200 if problem is None else problem.status,
        due=due,
        chosen=chosen,
        number=number,
        pages=-(-due.total // PER_PAGE),
        months=practice.assessment_months,
        least=practice.assessment_events,
        **typed(form, problem),
    )


ROUTES = [assessments_page, assess_form, settle_form]
