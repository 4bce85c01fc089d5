"""The page on which the center checks who may evaluate a decision, before anybody is asked."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from conflicts import NodeType
from service.access import may
from service.actions.act import Act
from service.actions.evaluators import Suitability, check_evaluator, look_at_evaluator
from service.problems import Invalid
from service.storage.facts import Node, meant_by, nodes, offered_names
from service.storage.matters import load_matter
from service.storage.session import reading
from service.web.entry import act_in, perform, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
_TYPES = frozenset({NodeType.PERSON, NodeType.ORGANISATION})


@get("/matters/{matter_id:uuid}/evaluators", opt={"operation": "conflict:see"}, include_in_schema=False)
async def evaluators_page(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    candidate: Annotated[UUID | None, QueryParameter(name="candidate")] = None,
) -> Response[Any]:
    """Show the form, and what is found about whoever was checked last."""
    return await _page(request, matter_id, Form({}), checked=candidate)


@post("/matters/{matter_id:uuid}/evaluators", opt={"operation": "conflict:judge"}, include_in_schema=False)
async def check_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Check whom the typed name means; where it may mean several, ask which."""
    form = await Form.of(request)
    text, chosen = form.text("other", required=True, most=120), form.typed("other_id")
    async with reading(request.app.state.database) as session:
        meant = await meant_by(session, viewer_of(request), text, _TYPES) if text else ()
    sure = [one for one in meant if chosen == str(one.id) or (not chosen and len(meant) == 1)]
    if not sure:
        if text:
            form.fault("other", "FACT_END_TO_CHOOSE" if meant else "FACT_END_UNKNOWN")
        return await _page(request, matter_id, form, meant=meant)

    async def act(act: Act) -> Response[Any]:
        await check_evaluator(act, request.app.state.residents, matter_id, sure[0].id)
        return see_other(f"/matters/{matter_id}/evaluators?candidate={sure[0].id}")

    try:
        return await perform(request, "conflict:judge", act, subject=str(matter_id))
    except Invalid as problem:
        form.faults += problem.faults
        return await _page(request, matter_id, form, meant=meant)


async def _page(
    request: AnyRequest,
    matter_id: UUID,
    form: Form,
    *,
    meant: tuple[Node, ...] = (),
    checked: UUID | None = None,
) -> Response[Any]:
    viewer = viewer_of(request)
    found: Suitability | None = None
    node: Node | None = None
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        names = await offered_names(session)
        if checked is not None and may(viewer, "conflict:judge"):
            residents = request.app.state.residents
            found = await look_at_evaluator(act_in(request, session), residents, matter_id, checked)
            node = (await nodes(session, [checked]))[checked]
    return page(
        request,
        "facts/evaluator.html",
        status=400 if form.faults else 200,
        matter=matter,
        names=names,
        meant=meant,
        checked=node,
        found=found,
        may_judge=may(viewer, "conflict:judge"),
        form=form,
        faults=form.faults,
    )


ROUTES: list[Any] = [evaluators_page, check_form]
