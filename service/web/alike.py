"""Organisations with names that are alike: the open pairs, and settling one of them."""

from typing import Any

from litestar import Request, Response, get, post

from service.actions.act import Act
from service.actions.alike import Settling, settle_alike
from service.problems import Invalid, NotFound, Problem
from service.storage.alike import NAMES_A_KEY, PAIRS_AT_MOST, alike_names
from service.storage.session import reading
from service.web.entry import perform
from service.web.forms import Form
from service.web.organisations import trouble_of
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]


@get("/organisations/alike", opt={"operation": "organisation:change"}, include_in_schema=False)
async def alike_page(request: AnyRequest) -> Response[Any]:
    """Show the pairs that nobody has settled."""
    return await _page(request, Form({}))


@post("/organisations/alike", opt={"operation": "organisation:change"}, include_in_schema=False)
async def settle_form(request: AnyRequest) -> Response[Any]:
    """Settle a pair; who finds them the same goes on to the page on which one goes into the other.

    Who comes after another, or after a name changed, sees the list as it stands now, with a sentence why.
    """
    form = await Form.of(request)

    async def do(act: Act) -> Response[Any]:
        first, second = form.id("first", required=True), form.id("second", required=True)
        form.check()
        assert first is not None
        assert second is not None
        verdict = form.typed("verdict")
        await settle_alike(act, Settling(first, second, form.typed("names"), verdict, form.typed("reason")))
        if verdict == "same":
            here = f"/organisations/{first}/duplicate?other_id={second}"
            return see_other(here, notice="已记为同一单位；要并成一条，请在这里办理")
        return see_other("/organisations/alike", notice="已记为不同单位，更名之前不再提示")

    try:
        return await perform(request, "organisation:change", do)
    except (Invalid, NotFound) as problem:
        return await _page(request, form, problem=problem)


async def _page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        found = await alike_names(session)
    return page(
        request,
        "organisations/alike.html",
        status=200 if problem is None else problem.status,
        pairs=found.pairs[:PAIRS_AT_MOST],
        total=len(found.pairs),
        crowded=found.crowded,
        many=NAMES_A_KEY,
        gone=isinstance(problem, NotFound),
        form=form,
        **trouble_of(problem),
    )


ROUTES = [alike_page, settle_form]
