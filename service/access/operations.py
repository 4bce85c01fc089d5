"""The one access table: operation x role x relation.

A grant is a role, or `role:relation` when the role alone is not enough. Relations are found by the action or the
storage view and handed to `require`: `own` (my account, my data), `same-unit` (the matter's undertaking unit is
mine), `assigned` (the task is mine). `anyone` needs no sign-in, `signed-in` any role.

A conflicted member of staff does not come so far: what keeps somebody out of a matter (`service.storage.staff_bars`)
is asked at the gate for every address that names one, and by `visible_to` in every list, count and search.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from service.access.viewer import Viewer
from service.problems import Forbidden, SignInNeeded

_CENTER: Final = frozenset({"center", "center-head"})
_LIBRARY_READERS: Final = _CENTER | {"audit"}
_MATTER_READERS: Final = _CENTER | {"audit", "unit:same-unit"}
_STAFF: Final = _CENTER | {"unit", "audit", "system-administrator", "expert"}
_ADMINISTRATOR: Final = frozenset({"system-administrator"})

OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    # Anyone
    "health:see": frozenset({"anyone"}),
    "language:choose": frozenset({"anyone"}),
    "sign-in:see": frozenset({"anyone"}),
    "sign-in:do": frozenset({"anyone"}),
    "password:recover": frozenset({"anyone"}),
    "regulation:see": frozenset({"anyone"}),
    "letter:check": frozenset({"anyone"}),
    "application:send": frozenset({"anyone"}),
    "application:follow": frozenset({"anyone"}),
    "application:confirm": frozenset({"anyone"}),
    "call:see": frozenset({"anyone"}),
    "static:see": frozenset({"anyone"}),
    "page:missing": frozenset({"anyone"}),
    "signature:verify": frozenset({"anyone"}),
    "invitation:open": frozenset({"anyone"}),
    # Every signed-in account
    "home:see": frozenset({"signed-in"}),
    "sign-out:do": frozenset({"signed-in"}),
    "account:see-own": frozenset({"signed-in"}),
    "account:change-own": frozenset({"signed-in"}),
    "password:change-own": frozenset({"signed-in"}),
    "session:end-own": frozenset({"signed-in"}),
    "search:do": _CENTER | {"unit", "audit"},
    "job:see": frozenset({"signed-in"}),
    "job:cancel": frozenset({"signed-in"}),
    # The library
    "expert:list": _LIBRARY_READERS,
    "expert:see": _LIBRARY_READERS | {"expert:own"},
    "expert:add": _CENTER,
    "expert:change": _CENTER,
    "expert:set-away": _CENTER | {"expert:own"},
    "expert:see-own": frozenset({"expert"}),
    "expert:merge": _CENTER,
    "expert:export": _CENTER,
    "expert:unmask": _CENTER,
    "paper:make": _CENTER,
    "library-rules:see": _STAFF | {"office", "mayor"},
    "library-rules:file": _CENTER,
    "organisation:list": _CENTER | {"unit", "audit"},
    "organisation:see": _CENTER | {"unit", "audit"},
    "organisation:add": _CENTER,
    "organisation:change": _CENTER,
    "roster:import": _CENTER,
    "conflict:see": _LIBRARY_READERS,
    "policy:see": _LIBRARY_READERS,
    "policy:try": _LIBRARY_READERS,
    "policy:draft": _CENTER,
    "policy:publish": _CENTER,
    "fairness:see": _LIBRARY_READERS,
    "ahead:run": _CENTER,
    "ahead:see": _LIBRARY_READERS,
    "conflict:judge": _CENTER,
    "conflict:approve": _CENTER,
    "declaration:see": _LIBRARY_READERS,
    "declaration:make": frozenset({"expert"}),
    "declaration:record": _CENTER,
    "declaration:decide": _CENTER,
    "declaration:settle": _CENTER,
    "fact:see": _LIBRARY_READERS,
    "fact:state": _CENTER,
    "fact:import": _CENTER,
    "note:see": _CENTER | {"unit", "audit"},
    "note:write": _CENTER | {"unit", "audit"},
    # Coming into the library
    "application:list": _LIBRARY_READERS,
    "application:see": _LIBRARY_READERS,
    "application:invite": _CENTER,
    "application:take": _CENTER,
    "application:read-file": _CENTER,
    "call:publish": _CENTER,
    "candidate:list": _LIBRARY_READERS,
    "candidate:see": _LIBRARY_READERS | {"office", "mayor"},
    "candidate:receive": _CENTER,
    "candidate:check": _CENTER,
    "candidate:read-evidence": _CENTER | {"office", "mayor"},
    "batch:see": _LIBRARY_READERS | {"office", "mayor"},
    "batch:make": _CENTER,
    "batch:decide": frozenset({"office", "mayor"}),
    "letter:issue": _CENTER,
    "letter:print": _CENTER,
    "renewal:see": _LIBRARY_READERS,
    "renewal:answer": _CENTER,
    "renewal:wish": frozenset({"expert:own"}),
    "assessment:contest": frozenset({"expert:own"}),
    "assessment:see": _LIBRARY_READERS,
    "assessment:make": _CENTER,
    "assessment:settle": _CENTER,
    # Cases about experts
    "case:list": _LIBRARY_READERS | {"mayor"},
    "case:see": _LIBRARY_READERS | {"mayor", "expert:own"},
    "case:open": _CENTER,
    "case:state": _CENTER | {"expert:own"},
    "case:decide": frozenset({"mayor"}),
    "case:read-evidence": _CENTER | {"mayor", "expert:own"},
    "expert:resign": frozenset({"expert:own"}),
    # What experts ask to have changed in their data
    "change-request:list": _LIBRARY_READERS,
    "change-request:see": _LIBRARY_READERS | {"expert:own"},
    "change-request:ask": frozenset({"expert:own"}),
    "change-request:decide": _CENTER,
    "change-request:read-file": _CENTER | {"expert:own"},
    # Sitting in on meetings
    "sitting:list": _LIBRARY_READERS | {"office"},
    "sitting:see": _LIBRARY_READERS | {"office", "expert:own"},
    "sitting:call": _CENTER | {"office"},
    "sitting:answer": frozenset({"expert:own"}),
    # Work on contract
    "fee:see": _LIBRARY_READERS | {"expert:own"},
    "fee:enter": _CENTER,
    "fee:set-budget": frozenset({"center-head"}),
    "fee:set-bank": _CENTER | {"expert:own"},
    "fee:read-bank": _CENTER | {"expert:own"},
    "occurrence:see": _LIBRARY_READERS | {"mayor", "expert:own"},
    "occurrence:report": _CENTER,
    "occurrence:judge": _CENTER,
    "occurrence:contest": frozenset({"expert:own"}),
    # Matters and panels
    "matter:list": _CENTER | {"audit", "unit"},
    "matter:see": _MATTER_READERS,
    "matter:open": _CENTER | {"unit"},
    "matter:set-need": _CENTER | {"unit:same-unit"},
    "matter:confirm-flags": _CENTER,
    "matter:cancel": _CENTER | {"unit:same-unit"},
    "matter:suspend": _CENTER | {"unit:same-unit"},
    "matter:record": _CENTER,
    "matter:name-clerk": _CENTER | {"unit:same-unit"},
    "recusal:see": _MATTER_READERS,
    "recusal:declare": _MATTER_READERS,
    "recusal:state": _CENTER,
    "recusal:lift": _CENTER,
    "panel:see": _MATTER_READERS,
    "panel:see-reasons": _LIBRARY_READERS,
    "panel:compose": _CENTER | {"unit:same-unit"},
    "panel:lock": _CENTER | {"unit:same-unit"},
    "panel:propose": _CENTER | {"unit:same-unit"},
    "panel:choose-mode": _CENTER,
    "panel:approve": _CENTER,
    "panel:change": _CENTER,
    "draw:see": _MATTER_READERS,
    "draw:see-public": frozenset({"anyone"}),
    "draw:run": _CENTER,
    "draw:type-seed": _MATTER_READERS,
    "panel:determine": _CENTER,
    "panel:waive": _CENTER,
    "panel:export": _MATTER_READERS,
    # The expert review
    "review:see": _MATTER_READERS,
    "review:invite": _CENTER,
    "review:release": _CENTER,
    "review:enter-answer": _CENTER,
    "review:remind": _CENTER,
    "review:choose-form": _CENTER | {"unit:same-unit"},
    "review:set-meeting": _CENTER | {"unit:same-unit"},
    "notice:list": _LIBRARY_READERS,
    "notice:send": _CENTER,
    "notice:word": _CENTER,
    "review:put-material": _CENTER | {"unit:same-unit"},
    "review:shorten-study": _CENTER,
    "review:judge-opinions": _CENTER,
    "review:record-oral": _CENTER,
    "review:enter-paper": _CENTER,
    "review:name-signer": _CENTER,
    "review:answer-points": _CENTER | {"unit:same-unit"},
    "review:answer": frozenset({"expert:own"}),
    "review:work": frozenset({"expert:own"}),
    "certificate:enrol": frozenset({"expert"}),
    "certificate:give-up": frozenset({"expert"}),
    "certificate:confirm": _CENTER,
    # Accounts and the record
    "account:list": _ADMINISTRATOR,
    "signature:trust": _ADMINISTRATOR,
    "account:see": _ADMINISTRATOR,
    "account:add": _ADMINISTRATOR,
    "account:change": _ADMINISTRATOR,
    "account:recover": _ADMINISTRATOR,
    "account:hand-over": _ADMINISTRATOR | {"center-head"},
    "read:list": frozenset({"center-head", "audit"}),
    "ledger:see": _CENTER | {"audit"},
    "ledger:verify": _CENTER | {"audit"},
}


def may(viewer: Viewer | None, operation: str, relations: Iterable[str] = ()) -> bool:
    """Return whether the viewer may do the operation, given how the viewer stands to the thing.

    Raises:
        KeyError: when the operation has no row; every route names one that has.
    """
    grants = OPERATIONS[operation]
    if "anyone" in grants:
        return True
    if viewer is None:
        return False
    if "signed-in" in grants:
        return True
    held = set(viewer.roles)
    held.update(f"{role}:{relation}" for role in viewer.roles for relation in relations)
    return bool(held & grants)


def open_without_staff(operation: str) -> bool:
    """Return whether the operation is open to anyone, or to experts about themselves: no work of the staff."""
    return "anyone" in OPERATIONS[operation] or all(grant.startswith("expert") for grant in OPERATIONS[operation])


def may_try(viewer: Viewer | None, operation: str) -> bool:
    """Return whether some relation could let the viewer do the operation: what a route's guard can know."""
    if may(viewer, operation):
        return True
    return viewer is not None and any(grant.split(":")[0] in viewer.roles for grant in OPERATIONS[operation])


def require(viewer: Viewer | None, operation: str, relations: Iterable[str] = ()) -> None:
    """Refuse unless the viewer may do the operation.

    Raises:
        SignInNeeded: when nobody is signed in.
        Forbidden: when the viewer may not.
    """
    if may(viewer, operation, relations):
        return
    if viewer is None:
        raise SignInNeeded
    raise Forbidden(operation=operation)
