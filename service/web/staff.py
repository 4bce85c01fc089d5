"""Pages of the staff's own conflicts of interest: who keeps out of a matter, who looks after it instead."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from conflicts import Finding, basis_of
from service.access import may
from service.actions.act import Act
from service.actions.staff import (
    ask_to_lift,
    ask_to_lift_found,
    declare_own,
    name_another,
    settle_lift,
    state_for,
)
from service.locales import mark
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.facts import nodes
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.session import Session, reading
from service.storage.staff import Clerk, Recusal, clerks_for, load_recusal, recusals_of, tended_by
from service.storage.staff_bars import FOUND, LIFTED
from service.storage.staff_found import found_among
from service.web.conflicts import drawing
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other
from service.web.tie_views import Drawing

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class FoundClerk:
    """A clerk against whom the check finds something: the path, what it is judged by, whether it can be lifted."""

    clerk: Clerk
    finding: Finding
    drawing: Drawing
    basis: str
    relaxed: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class StaffOfMatter:
    """Who may work on a matter, who keeps out of it and why, who looks after it."""

    matter: MatterView
    free: tuple[Clerk, ...]
    found: tuple[FoundClerk, ...]
    recusals: tuple[Recusal, ...]
    tending: frozenset[UUID]

    @property
    def standing(self) -> tuple[Recusal, ...]:
        """The recusals that hold, or were asked to be lifted."""
        return tuple(one for one in self.recusals if one.state != LIFTED)


async def staff_of(request: AnyRequest, session: Session, matter: MatterView) -> StaffOfMatter:
    """Return what the page and the API say about the staff of a matter."""
    app = request.app.state
    clerks = await clerks_for(session, matter.id)
    findings = await found_among(
        session, app.residents, matter.id, clerks, policy_id=policy_of(request).id, day=app.clock.today()
    )
    recusals = await recusals_of(session, matter.id)
    standing = {one.person_id for one in recusals if one.state != LIFTED and one.ground != FOUND}
    asked = {(one.person_id, one.basis) for one in recusals if one.state != LIFTED and one.ground == FOUND}
    ids = {UUID(id_) for found in findings.values() for id_ in (found.person, *(step.end for step in found.path))}
    known = await nodes(session, ids)
    return StaffOfMatter(
        matter,
        tuple(one for one in clerks if one.person_id not in standing and one.person_id not in findings),
        tuple(
            FoundClerk(
                clerk,
                finding,
                drawing(finding, known, matter),
                basis_of(finding),
                not finding.never_relax,
                (clerk.person_id, basis_of(finding)) in asked,
            )
            for clerk in clerks
            if (finding := findings.get(clerk.person_id)) is not None
        ),
        recusals,
        frozenset(one for one in await tended_by(session, matter.id) if one is not None),
    )


@get("/matters/{matter_id:uuid}/staff", opt={"operation": "recusal:see"}, include_in_schema=False)
async def staff_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show who of the staff keeps out of a matter and who looks after it."""
    return await _page(request, matter_id, Form({}))


@post("/matters/{matter_id:uuid}/staff/own", opt={"operation": "recusal:declare"}, include_in_schema=False)
async def own_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Declare an interest of one's own; the matter is gone for this person afterwards."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        await declare_own(
            act, request.app.state.residents, matter_id, reason=form.typed("reason"), instead=form.id("instead")
        )
        return see_other("/matters", notice=mark("已登记本人回避，这个事项由其他人办理"))

    return await _performed(request, matter_id, form, "recusal:declare", act)


@post("/matters/{matter_id:uuid}/staff/recusals", opt={"operation": "recusal:state"}, include_in_schema=False)
async def state_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """State that a colleague keeps out."""
    form = await Form.of(request)
    account_id = form.id("account_id", required=True)

    async def act(act: Act) -> Response[Any]:
        if account_id is None:
            raise Invalid(form.faults)
        await state_for(act, request.app.state.residents, matter_id, account_id, reason=form.typed("reason"))
        return see_other(f"/matters/{matter_id}/staff", notice=mark("已登记同事回避"))

    return await _performed(request, matter_id, form, "recusal:state", act)


@post("/matters/{matter_id:uuid}/staff/clerk", opt={"operation": "matter:name-clerk"}, include_in_schema=False)
async def clerk_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Name who looks after the matter."""
    form = await Form.of(request)
    account_id = form.id("account_id", required=True)

    async def act(act: Act) -> Response[Any]:
        if account_id is None:
            raise Invalid(form.faults)
        await name_another(act, request.app.state.residents, matter_id, account_id)
        return see_other(f"/matters/{matter_id}/staff", notice=mark("已指定经办人，并通知本人"))

    return await _performed(request, matter_id, form, "matter:name-clerk", act)


@post("/matters/{matter_id:uuid}/staff/found", opt={"operation": "recusal:lift"}, include_in_schema=False)
async def found_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Ask to lift what the check finds against a clerk."""
    form = await Form.of(request)
    account_id = form.id("account_id", required=True)
    residents = request.app.state.residents

    async def act(act: Act) -> Response[Any]:
        if account_id is None:
            raise Invalid(form.faults)
        reason, basis = form.typed("reason"), form.typed("basis")
        await ask_to_lift_found(act, residents, matter_id, account_id, basis=basis, reason=reason)
        return see_other(f"/matters/{matter_id}/staff", notice=mark("已申请解除回避，由另一人决定"))

    return await _performed(request, matter_id, form, "recusal:lift", act)


Deciding = Callable[[Act, Form, UUID, int], Awaitable[Recusal]]


async def _asking(act: Act, form: Form, recusal_id: UUID, seen: int) -> Recusal:
    return await ask_to_lift(act, recusal_id, reason=form.typed("reason"), seen=seen)


async def _lifting(act: Act, _form: Form, recusal_id: UUID, seen: int) -> Recusal:
    return await settle_lift(act, recusal_id, approved=True, seen=seen)


async def _keeping(act: Act, _form: Form, recusal_id: UUID, seen: int) -> Recusal:
    return await settle_lift(act, recusal_id, approved=False, seen=seen)


@post("/recusals/{recusal_id:uuid}/ask", opt={"operation": "recusal:lift"}, include_in_schema=False)
async def ask_form(request: AnyRequest, recusal_id: FromPath[UUID]) -> Response[Any]:
    """Ask to lift a recusal."""
    return await _decided(request, recusal_id, _asking, mark("已申请解除回避，由另一人决定"))


@post("/recusals/{recusal_id:uuid}/lift", opt={"operation": "recusal:lift"}, include_in_schema=False)
async def lift_form(request: AnyRequest, recusal_id: FromPath[UUID]) -> Response[Any]:
    """Lift a recusal that another person asked to lift."""
    return await _decided(request, recusal_id, _lifting, mark("已解除回避"))


@post("/recusals/{recusal_id:uuid}/keep", opt={"operation": "recusal:lift"}, include_in_schema=False)
async def keep_form(request: AnyRequest, recusal_id: FromPath[UUID]) -> Response[Any]:
    """Let a recusal stand that another person asked to lift."""
    return await _decided(request, recusal_id, _keeping, mark("回避继续有效"))


async def _decided(request: AnyRequest, recusal_id: UUID, decide: Deciding, notice: str) -> Response[Any]:
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        held = await decide(act, form, recusal_id, seen)
        return see_other(f"/matters/{held.matter_id}/staff", notice=notice)

    try:
        return await perform(request, "recusal:lift", act, subject=str(recusal_id))
    except (Invalid, Refused, Stale) as problem:
        async with reading(request.app.state.database) as session:
            held = await load_recusal(session, viewer_of(request), recusal_id)
        form.values["recusal"] = [str(recusal_id)]
        return await _page(request, held.matter_id, form, problem=problem)


async def _performed(
    request: AnyRequest, matter_id: UUID, form: Form, operation: str, act: Callable[[Act], Awaitable[Response[Any]]]
) -> Response[Any]:
    try:
        return await perform(request, operation, act, subject=str(matter_id))
    except (Invalid, Refused) as problem:
        return await _page(request, matter_id, form, problem=problem)


async def _page(request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        relations = await relations_to(session, viewer, matter_id)
        staff = await staff_of(request, session, matter)
    return page(
        request,
        "staff/staff.html",
        status=problem.status if problem else 200,
        matter=matter,
        staff=staff,
        unattended=not staff.tending & {one.account_id for one in staff.free},
        may_declare=may(viewer, "recusal:declare", relations) and any(role != "audit" for role in viewer.roles),
        may_state=may(viewer, "recusal:state", relations),
        may_name=may(viewer, "matter:name-clerk", relations),
        may_lift=may(viewer, "recusal:lift", relations),
        may_see_why=may(viewer, "conflict:see"),
        form=form,
        faults=list(problem.faults) if isinstance(problem, Invalid) else [],
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        stale=isinstance(problem, Stale),
    )


ROUTES: list[Any] = [
    staff_page,
    own_form,
    state_form,
    clerk_form,
    found_form,
    ask_form,
    lift_form,
    keep_form,
]
