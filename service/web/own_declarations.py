"""An expert's own declarations on a phone: for the year, for a matter, one tie at a time."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from conflicts import Difference, Kind, NodeType, Relation, difference, valid_through
from service.access import Viewer
from service.actions.act import Act
from service.actions.declarations import TieEntry, declare_for_matter, declare_tie, declare_year, end_own_tie
from service.exchange import read_share
from service.locales import language
from service.problems import Invalid, NotFound, Problem, Refused, Stale
from service.storage.declarations import (
    ANSWERS,
    YEARLY,
    Declaration,
    DeclaredTie,
    MatterToDeclare,
    declarations_of,
    facts_of_declaration,
    matters_to_declare,
    open_declared_ties,
)
from service.storage.facts import facts_of, nodes, offered_names
from service.storage.session import Session, reading
from service.storage.staff_found import on_staff
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other
from service.web.tie_views import TieLine, read_choice, tie_choices, tie_line

AnyRequest = Request[Any, Any, Any]
HOME = "/declarations/mine"
# What an expert declares: everything but views, which are no interests.
_CHOICES = [code for code, _ in tie_choices(NodeType.PERSON, "zh") if code != Kind.STATEMENT.value]


@dataclass(frozen=True, slots=True)
class Own:
    """What a person sees of their declarations.

    Attributes:
        yearly: the last one, None when there is none.
        valid_through: its last day.
        lines: ties declared and on record.
        open: ties declared by a name that wait to be settled.
        since: what changed since the last yearly one.
        matters: on whose panels the person sits.
        past: every declaration, the newest first.
        staff: whether the person works with matters too, so that somebody else ends what keeps them out.
    """

    yearly: Declaration | None
    valid_through: date | None
    lines: tuple[TieLine, ...]
    open: tuple[DeclaredTie, ...]
    since: Difference
    matters: tuple[MatterToDeclare, ...]
    past: tuple[Declaration, ...]
    staff: bool

    @property
    def changed(self) -> bool:
        """Whether something changed since the last yearly declaration."""
        return not self.since.nothing or bool(self.open)


async def read_own(request: AnyRequest, session: Session, viewer: Viewer) -> Own:
    """Read what a person declared and what is on record of it."""
    app = request.app.state
    today = app.clock.today()
    past = await declarations_of(session, viewer.person_id)
    yearly = next((one for one in past if one.occasion == YEARLY), None)
    stored = [one for one in await facts_of(session, viewer.person_id) if one.fact.origin == "declared"]
    known = await nodes(session, {UUID(end) for one in stored for end in (one.fact.subject, one.fact.object)})
    return Own(
        yearly,
        None if yearly is None else valid_through(yearly.made_on, policy_of(request).declaration_months),
        tuple(
            tie_line(one.fact, viewer.person_id, nodes=known, version=one.version, today=today, language=language())
            for one in stored
        ),
        await open_declared_ties(session, viewer.person_id),
        difference([] if yearly is None else facts_of_declaration(yearly), [one.fact for one in stored]),
        await matters_to_declare(session, viewer.person_id),
        past,
        await on_staff(session, viewer.person_id),
    )


@get(HOME, opt={"operation": "declaration:make"}, include_in_schema=False)
async def own_page(request: AnyRequest) -> Response[Any]:
    """Show my declarations: until when the yearly one is valid, and the ties it speaks of."""
    return await _own_page(request, Form({}))


@post(HOME, opt={"operation": "declaration:make"}, include_in_schema=False)
async def year_form(request: AnyRequest) -> Response[Any]:
    """Declare for the year: what is on record is all there is."""

    async def act(act: Act) -> Response[Any]:
        await declare_year(act)
        return see_other(HOME, notice="年度申报已收到，决咨中心马上能看到")

    return await perform(request, "declaration:make", act)


@post(f"{HOME}/ties", opt={"operation": "declaration:make"}, include_in_schema=False)
async def tie_form(request: AnyRequest) -> Response[Any]:
    """Declare one tie."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        kind, forward = read_choice(form.choice("kind", _CHOICES) or _CHOICES[0])
        relation = form.choice("relation", list(Relation)) if kind is Kind.KINSHIP else ""
        share = form.read("share", read_share, code="SHARE_UNREADABLE") if kind is Kind.SHAREHOLDING else None
        entry = TieEntry(
            kind,
            forward,
            form.text("other", required=True, most=120),
            form.day("from_on"),
            form.day("to_on"),
            Relation(relation) if relation in list(Relation) else None,
            share,
        )
        form.check()
        await declare_tie(act, entry)
        return see_other(HOME, notice="已添加；都添加完以后，请提交年度申报")

    try:
        return await perform(request, "declaration:make", act)
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _own_page(request, form, problem=problem)


@post(f"{HOME}/ties/{{fact_id:uuid}}/end", opt={"operation": "declaration:make"}, include_in_schema=False)
async def end_form(request: AnyRequest, fact_id: FromPath[UUID]) -> Response[Any]:
    """Say that a tie I declared has ended."""
    form = await Form.of(request)
    seen = await version_of(request)
    form.values["ending"] = [str(fact_id)]

    async def act(act: Act) -> Response[Any]:
        to_on = form.day("ended_on", required=True)
        form.check()
        if to_on is not None:
            await end_own_tie(act, fact_id, to_on=to_on, seen=seen)
        return see_other(HOME, notice="已记下结束日期")

    try:
        return await perform(request, "declaration:make", act, subject=str(fact_id))
    except (Invalid, Stale) as problem:
        if isinstance(problem, Invalid):
            form.faults = [
                fault if fault.at != "to_on" else type(fault)("ended_on", fault.code, fault.facts)
                for fault in problem.faults
            ]
        return await _own_page(request, form, problem=problem)


@get(f"{HOME}/{{matter_id:uuid}}", opt={"operation": "declaration:make"}, include_in_schema=False)
async def matter_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Ask about one matter: its parties first, so that one can withdraw before seeing anything else."""
    return await _matter_page(request, matter_id, Form({}))


@post(f"{HOME}/{{matter_id:uuid}}", opt={"operation": "declaration:make"}, include_in_schema=False)
async def matter_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Declare for one matter."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        await declare_for_matter(act, matter_id, answer=form.typed("answer"), text=form.typed("text"))
        return see_other(HOME, notice="声明已收到，决咨中心马上能看到")

    try:
        return await perform(request, "declaration:make", act, subject=str(matter_id))
    except (Invalid, Refused) as problem:
        if isinstance(problem, Invalid):
            form.faults = list(problem.faults)
        return await _matter_page(request, matter_id, form, problem=problem)


async def _own_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        own = await read_own(request, session, viewer)
        names = await offered_names(session)
    choices = [(code, words) for code, words in tie_choices(NodeType.PERSON, language()) if code in _CHOICES]
    return page(
        request,
        "declarations/mine.html",
        status=problem.status if problem else 200,
        own=own,
        choices=choices,
        relations=list(Relation),
        names=names,
        due=own.valid_through is None or own.valid_through < request.app.state.clock.today(),
        stale=isinstance(problem, Stale),
        form=form,
        faults=form.faults,
    )


async def _matter_page(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        own = await read_own(request, session, viewer)
    matter = next((one for one in own.matters if one.id == matter_id), None)
    if matter is None:
        raise NotFound(subject="matter")
    return page(
        request,
        "declarations/mine_matter.html",
        status=problem.status if problem else 200,
        own=own,
        matter=matter,
        answers=ANSWERS,
        form=form,
        faults=form.faults,
    )


ROUTES: list[Any] = [own_page, year_form, tie_form, end_form, matter_page, matter_form]
