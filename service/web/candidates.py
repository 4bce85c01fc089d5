"""Candidates: the inbox, receiving an application, one candidate's card by the items of A25, the way on or out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from registry import ATTESTERS, CONFIDENTIAL, Item, Outcome, Stage
from service.actions.act import Act
from service.actions.candidate_correction import correct_candidate
from service.actions.candidates import (
    CandidateEntry,
    Confidential,
    FindingEntry,
    pass_first_check,
    read_confidential,
    receive_candidate,
    record_findings,
    reject_candidate,
    withdraw_candidate,
)
from service.documents.letters import unsettable
from service.locales import say_list
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.storage.applications import application_of
from service.storage.candidates import PER_PAGE, CandidateView, corrections_of, list_candidates, load_candidate
from service.storage.organisations import KINDS
from service.storage.session import reading, unit_of_work
from service.web.entry import act_in, perform, version_of, viewer_of
from service.web.expert_forms import (
    field_options,
    field_text,
    identity_options,
    judged,
    level_options,
    read_about,
    read_work,
    source_options,
    units_for,
)
from service.web.forms import Form
from service.web.pages import instant_of, page, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[None]]


@get("/candidates", opt={"operation": "candidate:list"}, include_in_schema=False)
async def list_page(
    request: AnyRequest,
    stage: Annotated[str, QueryParameter(name="stage")] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> Response[Any]:
    """List candidates by stage, newest first."""
    stage = stage if stage in set(Stage) else ""
    async with reading(request.app.state.database) as session:
        listed = await list_candidates(session, viewer_of(request), stage=stage, page=number)
    return page(
        request,
        "candidates/list.html",
        listed=listed,
        stage=stage,
        number=number,
        pages=-(-listed.total // PER_PAGE),
        everybody=sum(listed.counts.values()),
    )


@get("/candidates/new", opt={"operation": "candidate:receive"}, include_in_schema=False)
async def new_page(request: AnyRequest) -> Response[Any]:
    """Show the form that receives an application."""
    return await _new_page(request, Form({}))


@post("/candidates", opt={"operation": "candidate:receive"}, include_in_schema=False)
async def receive_form(request: AnyRequest) -> Response[Any]:
    """Receive an application."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        about = read_about(form)
        work = await read_work(act.session, form, needed=False)
        entry = CandidateEntry(about, work, form.text("source_note", most=400))
        candidate_id = await judged(form, receive_candidate(act, entry))
        return see_other(f"/candidates/{candidate_id}", notice="申请已登记，请逐项核对聘任条件")

    try:
        return await perform(request, "candidate:receive", act)
    except (Invalid, Refused) as problem:
        return await _new_page(request, form, problem=problem)


@get("/candidates/{candidate_id:uuid}", opt={"operation": "candidate:see"}, include_in_schema=False)
async def candidate_page(request: AnyRequest, candidate_id: FromPath[UUID]) -> Response[Any]:
    """Show one candidate."""
    return await _show(request, candidate_id, Form({}))


@post("/candidates/{candidate_id:uuid}/findings", opt={"operation": "candidate:check"}, include_in_schema=False)
async def findings_form(request: AnyRequest, candidate_id: FromPath[UUID]) -> Response[Any]:
    """Record what was found about the conditions of A25, and pass the first check when that was pressed."""
    form = await Form.of(request)
    passing = form.typed("then") == "pass"

    async def act(act: Act, seen: int) -> None:
        entries = read_findings(form)
        if entries or not passing:
            await judged(form, record_findings(act, candidate_id, entries, seen=seen))
        if passing:
            await pass_first_check(act, candidate_id, seen=seen + len(entries))

    notice = "初审通过，可以列入拟聘名单" if passing else "核对情况已登记"
    return await _acted(request, candidate_id, form, act, notice=notice)


@get("/candidates/{candidate_id:uuid}/edit", opt={"operation": "candidate:check"}, include_in_schema=False)
async def edit_page(request: AnyRequest, candidate_id: FromPath[UUID]) -> Response[Any]:
    """Show the form that corrects what an application says."""
    return await _edit_page(request, candidate_id, None)


@post("/candidates/{candidate_id:uuid}/edit", opt={"operation": "candidate:check"}, include_in_schema=False)
async def edit_form(request: AnyRequest, candidate_id: FromPath[UUID]) -> Response[Any]:
    """Correct what an application says, with a reason."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        work = await read_work(act.session, form, needed=False)
        entry = CandidateEntry(read_about(form), work, form.text("source_note", most=400))
        reason = form.typed("reason")
        changed = await judged(form, correct_candidate(act, candidate_id, entry, reason=reason, seen=seen))
        return see_other(f"/candidates/{candidate_id}", notice="资料已更正" if changed else "没有改动")

    try:
        return await perform(request, "candidate:check", act, subject=str(candidate_id))
    except (Invalid, Refused, Stale) as problem:
        return await _edit_page(request, candidate_id, form, problem=problem)


@post("/candidates/{candidate_id:uuid}/reject", opt={"operation": "candidate:check"}, include_in_schema=False)
async def reject_form(request: AnyRequest, candidate_id: FromPath[UUID]) -> Response[Any]:
    """Reject an application."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await reject_candidate(act, candidate_id, reason=form.typed("reason"), seen=seen)

    return await _acted(request, candidate_id, form, act, notice="申请已退回")


@post("/candidates/{candidate_id:uuid}/withdraw", opt={"operation": "candidate:check"}, include_in_schema=False)
async def withdraw_form(request: AnyRequest, candidate_id: FromPath[UUID]) -> Response[Any]:
    """Enter that an applicant no longer wants to come."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        try:
            await withdraw_candidate(act, candidate_id, reason=form.typed("withdraw_reason"), seen=seen)
        except Invalid as problem:
            raise Invalid([Fault("withdraw_reason", one.code, one.facts) for one in problem.faults]) from None

    return await _acted(request, candidate_id, form, act, notice="已登记本人撤回")


@post("/candidates/{candidate_id:uuid}/evidence", opt={"operation": "candidate:read-evidence"}, include_in_schema=False)
async def evidence_form(request: AnyRequest, candidate_id: FromPath[UUID]) -> Response[Any]:
    """Show what was found about conduct and health this once; the look and its reason are noted."""
    form = await Form.of(request)
    try:
        found = await look(request, candidate_id, sorted(CONFIDENTIAL), reason=form.typed("look_reason"))
    except Invalid as problem:
        faults = [Fault("look_reason" if one.at == "reason" else one.at, one.code, one.facts) for one in problem.faults]
        return await _show(request, candidate_id, form, problem=Invalid(faults))
    return await _show(request, candidate_id, Form({}), opened={one.finding.item.value: one for one in found})


async def look(
    request: AnyRequest, candidate_id: UUID, items: Sequence[str], *, reason: str
) -> tuple[Confidential, ...]:
    """Return confidential findings, each look noted and committed before it is shown; no answer of it is kept."""
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        return await read_confidential(act_in(request, session), candidate_id, items, reason=reason)


def read_findings(form: Form) -> list[FindingEntry]:
    """Return what a form says about the conditions; those left open are left out."""
    return [
        FindingEntry(
            item=item.value,
            outcome=form.typed(f"outcome_{item}"),
            attester=form.typed(f"attester_{item}") or _only_attester(item),
            attested_on=form.day(f"attested_on_{item}"),
            until_on=form.day(f"until_on_{item}"),
            evidence=form.text(f"evidence_{item}", most=600),
            flagged=form.typed(f"flagged_{item}") == "yes",
        )
        for item in Item
        if form.typed(f"outcome_{item}")
    ]


def _only_attester(item: Item) -> str:
    able = ATTESTERS[item]
    return next(iter(able)).value if len(able) == 1 else ""


async def _show(
    request: AnyRequest,
    candidate_id: UUID,
    form: Form,
    *,
    problem: Problem | None = None,
    opened: dict[str, Confidential] | None = None,
) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        candidate = await load_candidate(session, viewer_of(request), candidate_id, on=request.app.state.clock.today())
        application = await application_of(session, candidate_id)
        corrections = await corrections_of(session, candidate_id)
    edition = request.app.state.edition
    return page(
        request,
        "candidates/show.html",
        status=200 if problem is None else problem.status,
        candidate=candidate,
        application=application,
        corrections=corrections,
        cites={one.item.value: edition.rule(one.rule).cite for one in candidate.findings},
        attesters={item.value: sorted(one.value for one in ATTESTERS[item]) for item in Item},
        outcomes=[one.value for one in Outcome],
        opened=opened or {},
        unprintable=await asyncio.to_thread(unsettable, candidate.line.name),
        **typed(form, problem),
    )


async def _edit_page(
    request: AnyRequest, candidate_id: UUID, form: Form | None, *, problem: Problem | None = None
) -> Response[Any]:
    on = request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        candidate = await load_candidate(session, viewer_of(request), candidate_id, on=on)
        form = form or _typed_from(candidate)
        units = await units_for(session, form, "unit", on=on)
    return page(
        request,
        "candidates/edit.html",
        status=200 if problem is None else problem.status,
        candidate=candidate,
        units=units,
        kinds=KINDS,
        **_choices(),
        **typed(form, problem),
    )


def _typed_from(candidate: CandidateView) -> Form:
    """Return a form that shows a candidate for correcting; identity and telephone number stay sealed and empty."""
    line = candidate.line
    values = {
        "name": line.name,
        "email": candidate.email,
        "title": line.title,
        "title_level": line.title_level,
        "source": line.source,
        "source_note": candidate.source_note,
        "main_field": say_list([field_text(one.code) for one in line.fields if one.main]),
        "further_fields": say_list([field_text(one.code) for one in line.fields if not one.main]),
        "unit": line.unit,
        "unit_id": str(candidate.organisation_id or ""),
        "post": candidate.post,
    }
    return Form({name: [value] for name, value in values.items()})


def _choices() -> dict[str, Any]:
    return {
        "field_options": field_options(),
        "levels": level_options(),
        "source_options": source_options(),
        "identity_options": identity_options(),
    }


def typed(form: Form, problem: Problem | None) -> dict[str, Any]:
    """Return what a page needs to show a form again."""
    if isinstance(problem, Invalid):
        form.faults = list(problem.faults)
    return {
        "form": form,
        "faults": form.faults,
        "refusals": problem.refusals if isinstance(problem, Refused) else (),
        "moved": isinstance(problem, Stale),
    }


async def _new_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        units = await units_for(session, form, "unit", on=request.app.state.clock.today())
    return page(
        request,
        "candidates/new.html",
        status=200 if problem is None else problem.status,
        units=units,
        kinds=KINDS,
        **_choices(),
        **typed(form, problem),
    )


async def _acted(request: AnyRequest, candidate_id: UUID, form: Form, act: _Acting, *, notice: str) -> Response[Any]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/candidates/{candidate_id}", notice=notice)

    try:
        return await perform(request, "candidate:check", do, subject=str(candidate_id))
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, candidate_id, form, problem=problem)


ROUTES = [
    list_page,
    new_page,
    receive_form,
    candidate_page,
    findings_form,
    edit_page,
    edit_form,
    reject_form,
    withdraw_form,
    evidence_form,
]
