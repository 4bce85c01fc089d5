"""Another term for many at once: the three tests answered for everybody, exceptions one by one, one list."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.renewals import RenewalAnswer, answer_renewals, contest_assessment
from service.problems import Invalid, Problem, Refused
from service.storage.assessments import last_assessments
from service.storage.renewals import due_for_renewal
from service.storage.session import reading
from service.web.candidates import typed
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.forms import Form, id_of
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
TESTS = ("qualified", "needed", "eligible")
LATER = "later"
UNWANTED = "unwanted"


@get("/renewals", opt={"operation": "renewal:see"}, include_in_schema=False)
async def renewals_page(request: AnyRequest) -> Response[Any]:
    """Show whose terms end, with what the tests rest on."""
    return await _show(request, Form({}))


@post("/renewals", opt={"operation": "renewal:answer"}, include_in_schema=False)
async def answer_form(request: AnyRequest) -> Response[Any]:
    """Answer the tests and put who passes onto a list."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        answers, align_on = _answers(form), form.day("align_on")
        common = form.text("common_reason", most=600)
        form.check()
        batch_id = await answer_renewals(act, answers, common_reason=common, align_on=align_on)
        if batch_id is None:
            return see_other("/renewals", notice="考核已登记，没有人列入续聘名单")
        return see_other(f"/batches/{batch_id}", notice="续聘名单已建立，请核对后报审")

    try:
        return await perform(request, "renewal:answer", act)
    except (Invalid, Refused) as problem:
        return await _show(request, form, problem=problem)


@post("/assessments/{assessment_id:uuid}/contest", opt={"operation": "assessment:contest"}, include_in_schema=False)
async def contest_form(request: AnyRequest, assessment_id: FromPath[UUID]) -> Response[Any]:
    """Say something against one's own assessment."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await contest_assessment(act, assessment_id, text=form.typed("contest"), seen=seen)
        return see_other("/my", notice="您的意见已登记，审定时一并考虑")

    return await perform(request, "assessment:contest", act, subject=str(assessment_id))


def _answers(form: Form) -> list[RenewalAnswer]:
    """Return the answers of the form: the ticks at the head hold for everybody who is no exception.

    Who is put off, or does not want it, is left out. A test that nobody answered at the head is a fault: nothing is
    renewed unanswered.
    """
    for test in TESTS:
        if form.typed(f"all_{test}") != "yes":
            form.fault(f"all_{test}", "TEST_UNANSWERED")
    answers = []
    for text in form.typed_all("experts"):
        expert_id = id_of(text)
        if expert_id is None:
            form.fault("experts", "FIELD_NOT_A_CHOICE")
            continue
        exception = form.choice(f"exception_{expert_id}", (*TESTS, LATER, UNWANTED), default="")
        if exception not in (LATER, UNWANTED):
            held = {test: test != exception for test in TESTS}
            answers.append(RenewalAnswer(expert_id, **held, reason=form.text(f"reason_{expert_id}", most=600)))
    return answers


async def _show(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    app, practice = request.app.state, policy_of(request).library
    async with reading(app.database) as session:
        due = await due_for_renewal(session, viewer_of(request), on=app.clock.today(), days=practice.renewal_days)
        said = await last_assessments(session, [one.id for one in due])
    unwanted = [one for one in due if one.wish is not None and not one.wish.willing]
    return page(
        request,
        "renewals/list.html",
        wanted=sum(one.wish is not None and one.wish.willing for one in due),
        unwanted=len(unwanted),
        leaving=sorted({field.code for one in unwanted for field in one.fields}),
        status=200 if problem is None else problem.status,
        due=due,
        said=said,
        days=practice.renewal_days,
        least=practice.assessment_events,
        **typed(form, problem),
    )


ROUTES = [renewals_page, answer_form, contest_form]
