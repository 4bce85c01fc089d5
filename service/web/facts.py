"""Ties on their pages: of an expert, of an organisation, one tie."""

from calendar import monthrange
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from conflicts import ENDS, Confidence, Kind, NodeType, Origin, Relation, Stance, look_around
from service.access import Viewer, may
from service.actions.act import Act
from service.actions.facts import FactEntry, add_relative, end_fact, state_fact, withdraw_fact
from service.exchange import read_share
from service.locales import language
from service.problems import Invalid, NotFound, Problem, Refused, Stale
from service.storage.facts import (
    Node,
    facts_of,
    meant_by,
    nodes,
    offered_names,
    subject_organisation,
    subject_person,
    versions_of,
)
from service.storage.policies import policy_in_force
from service.storage.session import Session, reading
from service.storage.staff_bars import barred_matters
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other
from service.web.tie_views import (
    DRAWN_AT_MOST,
    FURTHER_AT_MOST,
    Ego,
    TieLine,
    draw_ego,
    read_choice,
    say_tie,
    tie_choices,
    tie_line,
)

AnyRequest = Request[Any, Any, Any]
Subject = Callable[[Session], Awaitable[Node]]
NEW_PERSON = "new"


On = Annotated[str, QueryParameter(name="on")]
Shift = Annotated[str, QueryParameter(name="shift")]
_SHIFT_MOST = 60


@get("/experts/{expert_id:uuid}/ties", opt={"operation": "fact:see"}, include_in_schema=False)
async def expert_ties(request: AnyRequest, expert_id: FromPath[UUID], on: On = "", shift: Shift = "") -> Response[Any]:
    """Show the ties of an expert, of today or another day, with the form that states one more."""
    form = Form({"on": [on], "shift": [shift]})
    return await _ties_page(request, _of_expert(expert_id), f"/experts/{expert_id}", form)


@get("/organisations/{organisation_id:uuid}/ties", opt={"operation": "fact:see"}, include_in_schema=False)
async def organisation_ties(
    request: AnyRequest, organisation_id: FromPath[UUID], on: On = "", shift: Shift = ""
) -> Response[Any]:
    """Show the ties of an organisation, of today or another day, with the form that states one more."""
    form = Form({"on": [on], "shift": [shift]})
    return await _ties_page(request, _of_organisation(organisation_id), f"/organisations/{organisation_id}", form)


@post("/experts/{expert_id:uuid}/ties", opt={"operation": "fact:state"}, include_in_schema=False)
async def state_of_expert(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """State a tie of an expert."""
    return await _state(request, _of_expert(expert_id), f"/experts/{expert_id}")


@post("/organisations/{organisation_id:uuid}/ties", opt={"operation": "fact:state"}, include_in_schema=False)
async def state_of_organisation(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """State a tie of an organisation."""
    return await _state(request, _of_organisation(organisation_id), f"/organisations/{organisation_id}")


@get("/facts/{fact_id:uuid}", opt={"operation": "fact:see"}, include_in_schema=False)
async def fact_page(request: AnyRequest, fact_id: FromPath[UUID]) -> Response[Any]:
    """Show one tie with every version of it, and the forms that end or withdraw it."""
    return await _fact_page(request, fact_id, Form({}))


@post("/facts/{fact_id:uuid}/end", opt={"operation": "fact:state"}, include_in_schema=False)
async def end_form(request: AnyRequest, fact_id: FromPath[UUID]) -> Response[Any]:
    """Say that a tie ended."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        to_on = form.day("to_on", required=True)
        form.check()
        if to_on is not None:
            await end_fact(act, fact_id, to_on=to_on, seen=seen)

    return await _change(request, fact_id, form, act, notice="已记下结束日期")


@post("/facts/{fact_id:uuid}/withdraw", opt={"operation": "fact:state"}, include_in_schema=False)
async def withdraw_form(request: AnyRequest, fact_id: FromPath[UUID]) -> Response[Any]:
    """Withdraw a tie as wrong."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await withdraw_fact(act, fact_id, reason=form.typed("reason"), seen=seen)

    return await _change(request, fact_id, form, act, notice="已撤销这条关系")


def address_of(node: Node | None) -> str:
    """Return the page of a node's ties; a person who is no expert has none."""
    if node is None:
        return ""
    if node.type is NodeType.MATTER:
        return f"/matters/{node.id}"
    if node.type is NodeType.ORGANISATION:
        return f"/organisations/{node.id}/ties"
    return f"/experts/{node.expert_id}/ties" if node.expert_id else ""


def _of_expert(expert_id: UUID) -> Subject:
    async def subject(session: Session) -> Node:
        return await subject_person(session, expert_id)

    return subject


def _of_organisation(organisation_id: UUID) -> Subject:
    async def subject(session: Session) -> Node:
        return await subject_organisation(session, organisation_id)

    return subject


async def _ties_page(
    request: AnyRequest,
    subject: Subject,
    home: str,
    form: Form,
    *,
    meant: Sequence[Node] = (),
    may_be_new: bool = False,
    problem: Problem | None = None,
) -> Response[Any]:
    viewer = viewer_of(request)
    today = request.app.state.clock.today()
    day, shift = _shown_day(form, today)
    async with reading(request.app.state.database) as session:
        node = await subject(session)
        lines = await lines_of(request, session, node, today=day)
        ego = await _ego(request, session, node, day)
        names = await offered_names(session) if may(viewer, "fact:state") else ()
    return page(
        request,
        "facts/ties.html",
        status=problem.status if problem else 200,
        subject=node,
        home=home,
        day=day,
        shift=shift,
        shift_most=_SHIFT_MOST,
        ego=ego,
        now=[line for line in lines if line.state != "past"],
        past=[line for line in lines if line.state == "past"],
        address=address_of,
        choices=tie_choices(node.type, language()),
        relations=list(Relation),
        stances=list(Stance),
        origins=list(Origin),
        confidences=list(Confidence),
        names=names,
        meant=meant,
        may_be_new=may_be_new,
        form=form,
        faults=form.faults,
        may_state=may(viewer, "fact:state"),
    )


def _shown_day(form: Form, today: date) -> tuple[date, int]:
    """Return the day whose ties are shown, and how many months it lies from today.

    A day that is typed goes before the slider's months; a month that lacks today's day gives its last one.
    """
    typed = form.day("on")
    if typed is not None:
        return typed, (typed.year - today.year) * 12 + typed.month - today.month
    months = form.typed("shift").strip()
    shift = int(months) if months.lstrip("-").isdecimal() and len(months) < 5 else 0
    shift = max(-_SHIFT_MOST, min(_SHIFT_MOST, shift))
    years, month = divmod(today.year * 12 + today.month - 1 + shift, 12)
    return date(years, month + 1, min(today.day, monthrange(years, month + 1)[1])), shift


async def lines_of(request: AnyRequest, session: Session, node: Node, *, today: date) -> list[TieLine]:
    """Return the ties of a person or an organisation: those stated, and those that stand in the library itself."""
    stored = {one.fact.id: one.version for one in await facts_of(session, node.id)}
    graph = (await request.app.state.residents.current(session)).ties.graph
    # A tie to a matter that is not for the viewer would tell of it.
    hidden = await barred_matters(session, viewer_of(request))
    facts = [fact for fact in graph.ties_of(str(node.id)) if hidden.isdisjoint((fact.subject, fact.object))]
    known = await nodes(session, {UUID(end) for fact in facts for end in (fact.subject, fact.object)})
    return [
        tie_line(fact, node.id, nodes=known, version=stored.get(fact.id), today=today, language=language())
        for fact in facts
    ]


async def _ego(request: AnyRequest, session: Session, node: Node, day: date) -> Ego:
    """Return the picture of what the policy reaches from a node on a day."""
    graph = (await request.app.state.residents.current(session)).ties.graph
    hidden = await barred_matters(session, viewer_of(request))
    policy = await policy_in_force(session, request.app.state.settings.policy, on=day)
    found = look_around(
        lambda id_: [fact for fact in graph.ties_of(id_) if hidden.isdisjoint((fact.subject, fact.object))],
        str(node.id),
        is_person=node.type is NodeType.PERSON,
        policy=policy.table,
        as_of=day,
        most=DRAWN_AT_MOST,
        each=FURTHER_AT_MOST,
    )
    known = await nodes(session, {UUID(end) for one in found.reached for end in (one.fact.subject, one.fact.object)})
    near = [UUID(one.fact.subject if one.forward else one.fact.object) for one in found.reached]
    lines = [
        tie_line(one.fact, at, nodes=known, version=None, today=day, language=language())
        for one, at in zip(found.reached, near, strict=True)
    ]
    around = [(line, one.above) for line, one in zip(lines, found.reached, strict=True)]
    return draw_ego(node.name, around, found.left_out)


async def _state(request: AnyRequest, subject: Subject, home: str) -> Response[Any]:
    form = await Form.of(request)
    meant: tuple[Node, ...] = ()
    other_id: UUID | None = None
    may_be_new = False
    async with reading(request.app.state.database) as session:
        node = await subject(session)
        choice = form.choice("kind", [code for code, _ in tie_choices(node.type, "zh")])
        entry = None if form.faults else _entry(form, node, choice)
        if entry is not None:
            kind, forward = read_choice(choice)
            types = ENDS[kind][1 if forward else 0]
            meant, other_id, may_be_new = await _other_end(session, viewer_of(request), form, types)
    is_new = may_be_new and form.typed("other_id") == NEW_PERSON
    if entry is not None and not form.faults and other_id is None and not is_new:
        form.fault("other", "FACT_END_TO_CHOOSE" if meant or may_be_new else "FACT_END_UNKNOWN")
    if entry is None or form.faults:
        return await _ties_page(
            request, subject, home, form, meant=meant, may_be_new=may_be_new, problem=Invalid(form.faults)
        )
    stated, forward = entry, read_choice(choice)[1]

    async def act(act: Act) -> Response[Any]:
        end = other_id if other_id is not None else await add_relative(act, form.typed("other"))
        subject_id, object_id = (node.id, end) if forward else (end, node.id)
        await state_fact(act, replace(stated, subject_id=subject_id, object_id=object_id))
        return see_other(f"{home}/ties", notice="已添加关系")

    try:
        return await perform(request, "fact:state", act, subject=str(node.id))
    except Invalid as problem:
        form.faults += [
            replace(fault, at="other" if fault.at in {"object", "subject"} else fault.at) for fault in problem.faults
        ]
        return await _ties_page(request, subject, home, form, meant=meant, may_be_new=may_be_new, problem=problem)


def _entry(form: Form, node: Node, choice: str) -> FactEntry:
    """Return the tie that a form states, the other end still to be found."""
    kind, _ = read_choice(choice)
    relation = form.choice("relation", list(Relation)) if kind is Kind.KINSHIP else ""
    stance = form.choice("stance", list(Stance)) if kind is Kind.STATEMENT else ""
    share = form.read("share", read_share, code="SHARE_UNREADABLE") if kind is Kind.SHAREHOLDING else None
    return FactEntry(
        subject_id=node.id,
        kind=kind,
        object_id=node.id,
        from_on=form.day("from_on"),
        to_on=form.day("to_on"),
        origin=Origin(form.choice("origin", list(Origin), default=Origin.OBSERVED) or Origin.OBSERVED),
        source=form.text("source"),
        confidence=Confidence(form.choice("confidence", list(Confidence), default=Confidence.SURE) or Confidence.SURE),
        share=share,
        relation=Relation(relation) if relation in list(Relation) else None,
        stance=Stance(stance) if stance in list(Stance) else None,
    )


async def _other_end(
    session: Session, viewer: Viewer, form: Form, types: frozenset[NodeType]
) -> tuple[tuple[Node, ...], UUID | None, bool]:
    """Return whom the typed text may mean, the one that is sure, and whether it may be somebody new.

    A person is sure only when chosen; the single organisation or matter of that name is.
    """
    text = form.text("other", required=True, most=120)
    if not text:
        return (), None, False
    meant = await meant_by(session, viewer, text, types)
    chosen = form.typed("other_id")
    for node in meant:
        if chosen == str(node.id) or (not chosen and len(meant) == 1 and node.type is not NodeType.PERSON):
            return meant, node.id, NodeType.PERSON in types
    return meant, None, NodeType.PERSON in types


async def _fact_page(
    request: AnyRequest, fact_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        versions = await versions_of(session, fact_id)
        fact = versions[0].fact
        if fact.object in await barred_matters(session, viewer):
            raise NotFound(subject="fact")
        known = await nodes(session, {UUID(fact.subject), UUID(fact.object)})
    subject, object_ = known[UUID(fact.subject)], known[UUID(fact.object)]
    return page(
        request,
        "facts/fact.html",
        status=problem.status if problem else 200,
        fact=fact,
        fact_id=fact_id,
        versions=versions,
        version=len(versions),
        stands=fact.retired_at is None,
        subject=subject,
        object=object_,
        words=say_tie(fact, forward=True, language=language()) if fact.kind is not Kind.STATEMENT else "",
        address=address_of,
        home=address_of(subject) or address_of(object_),
        form=form,
        faults=form.faults,
        may_state=may(viewer, "fact:state"),
        stale=isinstance(problem, Stale),
    )


async def _change(
    request: AnyRequest, fact_id: UUID, form: Form, change: Callable[[Act, int], Awaitable[None]], *, notice: str
) -> Response[Any]:
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await change(act, seen)
        return see_other(f"/facts/{fact_id}", notice=notice)

    try:
        return await perform(request, "fact:state", act, subject=str(fact_id))
    except (Invalid, Refused, Stale) as problem:
        if isinstance(problem, Invalid) and not form.faults:
            form.faults += problem.faults
        return await _fact_page(request, fact_id, form, problem=problem)


ROUTES: list[Any] = [
    expert_ties,
    organisation_ties,
    state_of_expert,
    state_of_organisation,
    fact_page,
    end_form,
    withdraw_form,
]
