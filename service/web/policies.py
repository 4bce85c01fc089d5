"""Versions of the local policy on pages: what is in force since when, the draft and what it would change, its acts."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.access import may
from service.actions.act import Act
from service.actions.policies import (
    PolicyDraft,
    change_policy_draft,
    draft_policy,
    publish_policy,
    withdraw_policy_draft,
)
from service.locales import mark
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.regulation import RowChange, RowDifference
from service.storage.policies import DRAFTED, latest_policy, load_version, policy_in_force, policy_versions
from service.storage.policy_trial import MatterTrial
from service.storage.session import reading
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other
from service.web.policy_trial import change_of, show_trial, tried_draft

AnyRequest = Request[Any, Any, Any]
DRAFT_PATH = "/policy/versions/{version_id:uuid}"


@get("/policy", opt={"operation": "policy:see"}, include_in_schema=False)
async def versions_page(request: AnyRequest) -> Response[Any]:
    """Show every version of the local policy with what it changed, and the draft that waits."""
    app = request.app.state
    async with reading(app.database) as session:
        versions = await policy_versions(session, app.settings.policy)
        latest = await latest_policy(session, app.settings.policy)
        in_force = await policy_in_force(session, app.settings.policy, on=app.clock.today())
    rows = {row["id"]: row for row in latest.rows}
    return page(
        request, "policy/versions.html", versions=versions, rows=rows, in_force=in_force, shipped=app.settings.policy
    )


@get(DRAFT_PATH, opt={"operation": "policy:see"}, include_in_schema=False)
async def version_page(request: AnyRequest, version_id: FromPath[UUID]) -> Response[Any]:
    """Show one version; of a draft also what it would change in the open matters."""
    return await _page(request, version_id, Form({}))


@post("/policy/drafts", opt={"operation": "policy:draft"}, include_in_schema=False)
async def draft_form(request: AnyRequest) -> Response[Any]:
    """Draw up a version with the change that was tried."""
    form = await Form.of(request)
    from_on = form.day("from_on", required=True)

    async def act(act: Act) -> Response[Any]:
        if from_on is None:
            raise Invalid(form.faults)
        version_id = await draft_policy(act, PolicyDraft([change_of(form)], from_on, form.typed("reason")))
        return see_other(f"/policy/versions/{version_id}", notice=mark("草案已保存，由另一人发布"))

    try:
        return await perform(request, "policy:draft", act)
    except (Invalid, Refused) as problem:
        if isinstance(problem, Invalid):
            form.faults = [_of_the_only_row(fault) for fault in problem.faults]
        return await show_trial(request, form, problem=problem)


@post(f"{DRAFT_PATH}/rows", opt={"operation": "policy:draft"}, include_in_schema=False)
async def add_row_form(request: AnyRequest, version_id: FromPath[UUID]) -> Response[Any]:
    """Add the change that was tried to a draft; an earlier change of the same row gives way to it."""
    form = await Form.of(request)
    added = change_of(form)

    def draft(held: PolicyDraft) -> PolicyDraft:
        others = [change for change in held.changes if change.row != added.row]
        return PolicyDraft([*others, added], held.from_on, held.reason)

    return await _redrafted(request, version_id, form, draft, mark("已写入草案"))


@post(f"{DRAFT_PATH}/rows/remove", opt={"operation": "policy:draft"}, include_in_schema=False)
async def remove_row_form(request: AnyRequest, version_id: FromPath[UUID]) -> Response[Any]:
    """Take the change of one row out of a draft."""
    form = await Form.of(request)

    def draft(held: PolicyDraft) -> PolicyDraft:
        kept = [change for change in held.changes if change.row != form.typed("row")]
        return PolicyDraft(kept, held.from_on, held.reason)

    return await _redrafted(request, version_id, form, draft, mark("已从草案中去掉"))


@post(DRAFT_PATH, opt={"operation": "policy:draft"}, include_in_schema=False)
async def change_form(request: AnyRequest, version_id: FromPath[UUID]) -> Response[Any]:
    """Change the day and the reason of a draft."""
    form = await Form.of(request)
    from_on = form.day("from_on", required=True)

    def draft(held: PolicyDraft) -> PolicyDraft:
        if from_on is None:
            raise Invalid(form.faults)
        return PolicyDraft(held.changes, from_on, form.typed("reason"))

    return await _redrafted(request, version_id, form, draft, mark("草案已修改"))


@post(f"{DRAFT_PATH}/publish", opt={"operation": "policy:publish"}, include_in_schema=False)
async def publish_form(request: AnyRequest, version_id: FromPath[UUID]) -> Response[Any]:
    """Publish a draft as the second person."""
    form, seen = await Form.of(request), await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await publish_policy(act, version_id, seen=seen)
        return see_other("/policy", notice=mark("已发布；自施行之日起，在办事项按新版本重新核对"))

    return await _performed(request, version_id, form, "policy:publish", act)


@post(f"{DRAFT_PATH}/withdraw", opt={"operation": "policy:draft"}, include_in_schema=False)
async def withdraw_form(request: AnyRequest, version_id: FromPath[UUID]) -> Response[Any]:
    """Withdraw a draft."""
    form, seen = await Form.of(request), await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await withdraw_policy_draft(act, version_id, reason=form.typed("withdraw_reason"), seen=seen)
        return see_other("/policy", notice=mark("草案已撤回"))

    return await _performed(request, version_id, form, "policy:draft", act)


def changes_of(differences: tuple[RowDifference, ...], rows: dict[str, Any]) -> list[RowChange]:
    """Return the changes that make these differences; what a row keeps is said as it is."""
    found: dict[str, dict[str, str]] = {}
    for one in differences:
        found.setdefault(one.row, {})[one.key] = one.after
    return [
        RowChange(row, changed.get("severity", str(rows[row]["severity"])), changed.get("window", ""))
        for row, changed in found.items()
    ]


async def _redrafted(
    request: AnyRequest, version_id: UUID, form: Form, draft: Callable[[PolicyDraft], PolicyDraft], notice: str
) -> Response[Any]:
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        held = await load_version(act.session, version_id)
        latest = await latest_policy(act.session, act.settings.policy)
        changes = changes_of(held.differences, {str(row["id"]): row for row in latest.rows})
        await change_policy_draft(act, version_id, draft(PolicyDraft(changes, held.from_on, held.reason)), seen=seen)
        return see_other(f"/policy/versions/{version_id}", notice=notice)

    return await _performed(request, version_id, form, "policy:draft", act)


async def _performed(
    request: AnyRequest, version_id: UUID, form: Form, operation: str, act: Callable[[Act], Awaitable[Response[Any]]]
) -> Response[Any]:
    try:
        return await perform(request, operation, act, subject=str(version_id))
    except (Invalid, Refused, Stale) as problem:
        if isinstance(problem, Invalid):
            form.faults = list(problem.faults)
        return await _page(request, version_id, form, problem=problem)


async def _page(request: AnyRequest, version_id: UUID, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    app, viewer = request.app.state, viewer_of(request)
    found: tuple[MatterTrial, ...] = ()
    async with reading(app.database) as session:
        version = await load_version(session, version_id)
        latest = await latest_policy(session, app.settings.policy)
        if version.state == DRAFTED:
            found = await tried_draft(request, session, version_id)
    return page(
        request,
        "policy/version.html",
        status=problem.status if problem else 200,
        version=version,
        rows={row["id"]: row for row in latest.rows},
        found=found,
        may_draft=may(viewer, "policy:draft"),
        may_publish=may(viewer, "policy:publish"),
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        stale=isinstance(problem, Stale),
        form=form,
        faults=form.faults,
    )


def _of_the_only_row(fault: Fault) -> Fault:
    """Show what is wrong with the one change of a form at its field."""
    place = fault.at.removeprefix("changes.0.")
    return replace(fault, at="row" if place == "changes" else place)


ROUTES: list[Any] = [
    versions_page,
    version_page,
    draft_form,
    add_row_form,
    remove_row_form,
    change_form,
    publish_form,
    withdraw_form,
]
