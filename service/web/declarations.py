"""Declarations at the center: who has a valid yearly one, what waits for a decision, whom a declared name means."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from conflicts import ENDS
from service.access import may
from service.actions.act import Act
from service.actions.declarations import decide_declared, record_oral, record_years, set_tie_aside, settle_tie
from service.locales import language, mark
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.declarations import (
    ANSWERS,
    Declaration,
    declarations_in,
    experts_on,
    load_declaration,
    load_declared_tie,
    open_declared_ties,
    recent_declarations,
    without_valid,
    yearly_lines,
    yearly_of,
)
from service.storage.facts import likely_meant, meant_by, nodes
from service.storage.matters import load_matter
from service.storage.session import reading
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other
from service.web.tie_views import say_kind

AnyRequest = Request[Any, Any, Any]
_STATES = ("missing", "ending", "valid")
_NEW_PERSON = "new"
_ENDING_DAYS = 30
_SHOWN = 200


@get("/declarations", opt={"operation": "declaration:see"}, include_in_schema=False)
async def list_page(request: AnyRequest, shown: Annotated[str, QueryParameter(name="state")] = "") -> Response[Any]:
    """Show where the experts stand with their yearly declarations, and what has just been declared."""
    return await _list_page(request, Form({"state": [shown]}))


@post("/declarations", opt={"operation": "declaration:record"}, include_in_schema=False)
async def paper_form(request: AnyRequest) -> Response[Any]:
    """Enter yearly declarations that came on paper."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        made_on = form.day("made_on", required=True)
        experts = []
        for text in form.typed_all("picked"):
            try:
                experts.append(UUID(text))
            except ValueError:
                form.fault("picked", "FIELD_NOT_A_CHOICE")
        if not experts:
            form.fault("picked", "NOBODY_PICKED")
        form.check()
        if made_on is not None:
            await record_years(act, experts, made_on=made_on)
        return see_other("/declarations", notice="已登记纸质申报")

    try:
        return await perform(request, "declaration:record", act)
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _list_page(request, form, problem=problem)


@get("/matters/{matter_id:uuid}/declarations", opt={"operation": "declaration:see"}, include_in_schema=False)
async def matter_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show what the members of a matter's panel declared, and catch what they say aloud."""
    return await _matter_page(request, matter_id, Form({}))


@post("/matters/{matter_id:uuid}/declarations", opt={"operation": "declaration:record"}, include_in_schema=False)
async def oral_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Catch what a member said aloud."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        expert_id = form.id("expert", required=True)
        form.check()
        answer, text = form.typed("answer"), form.typed("text")
        await record_oral(act, matter_id, expert_id or matter_id, answer=answer, text=text)
        return see_other(f"/matters/{matter_id}/declarations", notice="口头声明已记下")

    try:
        return await perform(request, "declaration:record", act, subject=str(matter_id))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _matter_page(request, matter_id, form, problem=problem)


@post("/declarations/{declaration_id:uuid}/decide", opt={"operation": "declaration:decide"}, include_in_schema=False)
async def decide_form(request: AnyRequest, declaration_id: FromPath[UUID]) -> Response[Any]:
    """Decide about an interest that was declared in a matter."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        sits = form.choice("decision", ("recused", "sits")) == "sits"
        form.check()
        held = await decide_declared(
            act, request.app.state.residents, declaration_id, sits=sits, reason=form.typed("reason"), seen=seen
        )
        return see_other(f"/matters/{held.matter_id}/declarations", notice="已作出决定")

    try:
        return await perform(request, "declaration:decide", act, subject=str(declaration_id))
    except (Invalid, Refused, Stale) as problem:
        if isinstance(problem, Invalid):
            form.faults = list(problem.faults)
        async with reading(request.app.state.database) as session:
            held = await load_declaration(session, viewer_of(request), declaration_id)
        form.values["declaration"] = [str(declaration_id)]
        return await _matter_page(request, held.matter_id or declaration_id, form, problem=problem)


@get("/declared-ties/{tie_id:uuid}", opt={"operation": "declaration:see"}, include_in_schema=False)
async def tie_page(request: AnyRequest, tie_id: FromPath[UUID]) -> Response[Any]:
    """Show a tie declared by a name, with whom the name may mean."""
    return await _tie_page(request, tie_id, Form({}))


@post("/declared-ties/{tie_id:uuid}/settle", opt={"operation": "declaration:settle"}, include_in_schema=False)
async def settle_form(request: AnyRequest, tie_id: FromPath[UUID]) -> Response[Any]:
    """Say whom a declared name means."""

    async def settling(act: Act, form: Form, seen: int) -> None:
        chosen = form.typed("other_id")
        other = None if chosen == _NEW_PERSON else form.id("other_id", required=True)
        form.check()
        await settle_tie(act, tie_id, other_id=other, seen=seen)

    return await _settled(request, tie_id, settling, mark("已核实，回避核对从现在起计入"))


@post("/declared-ties/{tie_id:uuid}/set-aside", opt={"operation": "declaration:settle"}, include_in_schema=False)
async def aside_form(request: AnyRequest, tie_id: FromPath[UUID]) -> Response[Any]:
    """Set a declared tie aside."""

    async def setting(act: Act, form: Form, seen: int) -> None:
        await set_tie_aside(act, tie_id, reason=form.typed("reason"), seen=seen)

    return await _settled(request, tie_id, setting, mark("已搁置这项申报"))


async def _settled(
    request: AnyRequest, tie_id: UUID, settle: Callable[[Act, Form, int], Awaitable[None]], notice: str
) -> Response[Any]:
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await settle(act, form, seen)
        return see_other("/declarations", notice=notice)

    try:
        return await perform(request, "declaration:settle", act, subject=str(tie_id))
    except (Invalid, Refused, Stale) as problem:
        if isinstance(problem, Invalid):
            form.faults = [
                fault if fault.at not in ("object", "subject") else type(fault)("other_id", fault.code, fault.facts)
                for fault in problem.faults
            ]
        return await _tie_page(request, tie_id, form, problem=problem)


async def _list_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    app, viewer = request.app.state, viewer_of(request)
    today = app.clock.today()
    async with reading(app.database) as session:
        lines = await yearly_lines(session, months=policy_of(request).declaration_months)
        recent = await recent_declarations(session, viewer)
        ties = await open_declared_ties(session)
    by_state: dict[str, list[Any]] = {state: [] for state in _STATES}
    for line in lines:
        left = -1 if line.valid_through is None else (line.valid_through - today).days
        by_state["missing" if left < 0 else "ending" if left <= _ENDING_DAYS else "valid"].append(line)
    state = (
        form.typed("state") if form.typed("state") in _STATES else next((s for s in _STATES if by_state[s]), "valid")
    )
    return page(
        request,
        "declarations/list.html",
        status=problem.status if problem else 200,
        state=state,
        counts={name: len(found) for name, found in by_state.items()},
        lines=by_state[state][:_SHOWN],
        total=len(by_state[state]),
        recent=recent,
        ties=ties,
        say_kind=say_kind,
        due=policy_of(request).declaration_due,
        may_record=may(viewer, "declaration:record"),
        form=form,
        faults=form.faults,
    )


async def _matter_page(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    app, viewer = request.app.state, viewer_of(request)
    months, today = policy_of(request).declaration_months, app.clock.today()
    async with reading(app.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        seats = await experts_on(session, matter_id)
        people = [person for _, person, _, _ in seats]
        lacking = await without_valid(session, people, on=today, months=months)
        made = await yearly_of(session, people)
        declared = await declarations_in(session, matter_id)
    latest: dict[UUID, Declaration] = {}
    for one in declared:
        latest.setdefault(one.person_id, one)
    return page(
        request,
        "declarations/matter.html",
        status=problem.status if problem else 200,
        matter=matter,
        seats=seats,
        lacking=lacking,
        made=made,
        latest=latest,
        declared=declared,
        answers=ANSWERS,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        may_record=may(viewer, "declaration:record"),
        form=form,
        faults=form.faults,
    )


async def _tie_page(request: AnyRequest, tie_id: UUID, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        tie = await load_declared_tie(session, tie_id)
        types = ENDS[tie.kind][1 if tie.forward else 0]
        # What is typed in the search field of the page, or the name as it was declared.
        text = form.typed("text").strip() or tie.other
        meant = [node for node in await meant_by(session, viewer, text, types) if node.id != tie.person_id]
        like = [node for node in await likely_meant(session, text, types) if node.id not in {one.id for one in meant}]
        known = await nodes(session, [tie.person_id])
    return page(
        request,
        "declarations/tie.html",
        status=problem.status if problem else 200,
        tie=tie,
        words=say_kind(tie.kind, forward=tie.forward, language=language()),
        person=known[tie.person_id],
        meant=meant,
        like=like,
        may_be_new="person" in types,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        stale=isinstance(problem, Stale),
        may_settle=may(viewer, "declaration:settle"),
        form=form,
        faults=form.faults,
    )


@post("/declared-ties/{tie_id:uuid}", opt={"operation": "declaration:settle"}, include_in_schema=False)
async def seek_form(request: AnyRequest, tie_id: FromPath[UUID]) -> Response[Any]:
    """Look for another name than the one declared; names do not go into an address."""
    return await _tie_page(request, tie_id, await Form.of(request))


ROUTES: list[Any] = [
    list_page,
    paper_form,
    matter_page,
    oral_form,
    decide_form,
    tie_page,
    seek_form,
    settle_form,
    aside_form,
]
