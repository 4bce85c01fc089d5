"""What the staff does about its own conflicts of interest: keep out of a matter, name somebody else, lift it in two.

Whoever keeps out of a matter no longer finds it; the act that declares it is the last one the person does there.
"""

import unicodedata
from collections.abc import Collection
from typing import Any
from uuid import UUID

from conflicts import Finding, basis_of, finding_json
from service.actions.act import Act, commit_to, same_version
from service.actions.reason import REASON_MOST, reason_faults
from service.ids import new_id
from service.jobs import notify
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.matters import load_matter, relations_to
from service.storage.residents import Residents
from service.storage.staff import (
    Clerk,
    Recusal,
    add_recusal,
    change_recusal,
    clerks_for,
    hold_recusal,
    name_clerk,
    open_recusal,
    tended_by,
)
from service.storage.staff_bars import ASKED, DECLARED, FOUND, LIFTED, STANDING, STATED, barred_people
from service.storage.staff_found import found_among


async def declare_own(
    act: Act, residents: Residents, matter_id: UUID, *, reason: str = "", instead: UUID | None = None
) -> UUID:
    """Declare an interest of one's own in a matter and keep out of it from now on; returns the id of the record.

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        reason: welcome, not needed: nobody has to explain more than the duty asks.
        instead: the account that looks after the matter from now on; None leaves that to colleagues.

    Raises:
        NotFound: when there is no such matter, or not for this person.
        Invalid: when the other account may not work on the matter, or the text is too long.

    Source: A28.4, by analogy for staff (local policy).
    """
    relations = await _relations(act, matter_id)
    act.require("recusal:declare", relations)
    text = _text(reason)
    clerk = (
        None
        if instead is None
        else await _eligible(act, residents, matter_id, instead, not_person=act.viewer.person_id)
    )
    recusal_id = await _write(act, matter_id, act.viewer.person_id, DECLARED, text)
    await _leave(act, matter_id, act.viewer.person_id, instead=clerk)
    return recusal_id


async def state_for(
    act: Act, residents: Residents, matter_id: UUID, account_id: UUID, *, reason: str, instead: UUID | None = None
) -> UUID:
    """State that a colleague has an interest in a matter and keeps out of it; returns the id of the record.

    Raises:
        NotFound, Invalid: as for `declare_own`; here a reason is needed.
        Refused: STAFF_KEEPS_OUT_ALREADY.
    """
    act.require("recusal:state", await _relations(act, matter_id))
    text = _text(reason)
    if faults := reason_faults(act.policy, "reason", text):
        raise Invalid(faults)
    about = await _colleague(act, matter_id, account_id, at="account_id")
    clerk = None if instead is None else await _eligible(act, residents, matter_id, instead, not_person=about.person_id)
    if await open_recusal(act.session, matter_id, about.person_id):
        raise Refused([Refusal("STAFF_KEEPS_OUT_ALREADY")])
    recusal_id = await _write(act, matter_id, about.person_id, STATED, text)
    await _leave(act, matter_id, about.person_id, instead=clerk)
    return recusal_id


async def name_another(act: Act, residents: Residents, matter_id: UUID, account_id: UUID) -> Clerk:
    """Name who looks after a matter from now on, at the center or at the unit, and tell them.

    Raises:
        NotFound, Invalid: as for `declare_own`.
    """
    act.require("matter:name-clerk", await _relations(act, matter_id))
    clerk = await _eligible(act, residents, matter_id, account_id, at="account_id")
    if not act.viewer.center and clerk.center:
        raise Invalid([Fault("account_id", "CLERK_NOT_ELIGIBLE")])
    await _name(act, matter_id, clerk)
    return clerk


async def ask_to_lift(act: Act, recusal_id: UUID, *, reason: str, seen: int) -> Recusal:
    """Ask that somebody who keeps out of a matter may work on it again; another person settles it.

    Raises:
        NotFound, Stale, Invalid: as everywhere.
        Refused: RECUSAL_CLOSED unless it stands; OWN_RECUSAL when it is about oneself.
    """
    act.require("recusal:lift")
    held = await _held(act, recusal_id, seen)
    text = _text(reason)
    if faults := reason_faults(act.policy, "reason", text):
        raise Invalid(faults)
    _refuse(held, STANDING, own=held.person_id == act.viewer.person_id)
    asked = {"state": ASKED, "asked_person_id": act.viewer.person_id, "asked_at": act.at, "asked_reason": text}
    await change_recusal(act.session, recusal_id, asked)
    _record(act, "recusal.lifting-asked", held.matter_id, recusal_id, held.person_id)
    return held


async def ask_to_lift_found(
    act: Act, residents: Residents, matter_id: UUID, account_id: UUID, *, basis: str, reason: str
) -> UUID:
    """Ask that a clerk may work on a matter in spite of what the check finds; another person settles it.

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        account_id: the clerk's account.
        basis: `conflicts.basis_of` the finding that was seen.
        reason: why.

    Returns:
        The id of the record.

    Raises:
        NotFound, Invalid: as everywhere.
        Refused: CONFLICT_NOT_RELAXED for what the regulation blocks: there the tie itself is corrected;
            FINDING_MOVED when what was seen is there no more; LIFTING_ASKED_ALREADY; OWN_RECUSAL.

    Source: A30.
    """
    await _relations(act, matter_id)
    act.require("recusal:lift")
    text = _text(reason)
    if faults := reason_faults(act.policy, "reason", text):
        raise Invalid(faults)
    clerk = await _colleague(act, matter_id, account_id, at="account_id")
    found = await found_among(act.session, residents, matter_id, [clerk], policy_id=act.policy.id, day=act.on)
    finding = found.get(clerk.person_id)
    if finding is None or basis_of(finding) != basis:
        raise Refused([Refusal("FINDING_MOVED", remedies=(Remedy("LOOK_AGAIN"),))])
    if finding.never_relax:
        facts = {"found": finding.code}
        raise Refused([Refusal("CONFLICT_NOT_RELAXED", cite=finding.cite, facts=facts)])
    if clerk.person_id == act.viewer.person_id:
        raise Refused([Refusal("OWN_RECUSAL", remedies=(Remedy("ANOTHER_PERSON_LIFTS"),))])
    if await open_recusal(act.session, matter_id, clerk.person_id, policy_row=finding.row_id, basis=basis):
        raise Refused([Refusal("LIFTING_ASKED_ALREADY")])
    return await _write(act, matter_id, clerk.person_id, FOUND, "", finding=finding, asked=text)


async def settle_lift(act: Act, recusal_id: UUID, *, approved: bool, seen: int) -> Recusal:
    """Lift a recusal that another person asked to lift, or let it stand.

    Raises:
        NotFound, Stale: as everywhere.
        Refused: RECUSAL_CLOSED unless it was asked; SAME_PERSON_ASKED_TO_LIFT; OWN_RECUSAL.
    """
    act.require("recusal:lift")
    held = await _held(act, recusal_id, seen)
    own = held.person_id == act.viewer.person_id
    _refuse(held, ASKED, own=own, same=held.asked_person_id == act.viewer.person_id)
    if approved:
        values: dict[str, Any] = {"state": LIFTED, "lifted_person_id": act.viewer.person_id, "lifted_at": act.at}
    else:
        values = {"state": STANDING, "asked_person_id": None, "asked_at": None, "asked_reason": ""}
    await change_recusal(act.session, recusal_id, values)
    type_ = "recusal.lifted" if approved else "recusal.lifting-refused"
    _record(act, type_, held.matter_id, recusal_id, held.person_id)
    return held


async def keeping_out(act: Act, residents: Residents, matter_id: UUID, clerks: Collection[Clerk]) -> frozenset[UUID]:
    """Return which of these persons of the staff keep out of a matter, for whatever reason.

    By a recusal, as a party or a member of the panel (`service.storage.staff_bars`), or by what the check finds.
    """
    found = await found_among(act.session, residents, matter_id, clerks, policy_id=act.policy.id, day=act.on)
    return frozenset(found) | await barred_people(act.session, matter_id, {one.person_id for one in clerks})


async def _relations(act: Act, matter_id: UUID) -> frozenset[str]:
    """Return how the viewer stands to a matter that is there for the viewer.

    Raises:
        NotFound: when it is not.
    """
    await load_matter(act.session, act.viewer, matter_id)
    return await relations_to(act.session, act.viewer, matter_id)


async def _colleague(act: Act, matter_id: UUID, account_id: UUID, *, at: str) -> Clerk:
    """Return a colleague who may work on the matter by role.

    Raises:
        Invalid: CLERK_NOT_ELIGIBLE at `at`.
    """
    for clerk in await clerks_for(act.session, matter_id):
        if clerk.account_id == account_id:
            return clerk
    raise Invalid([Fault(at, "CLERK_NOT_ELIGIBLE")])


async def _eligible(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    account_id: UUID,
    *,
    at: str = "instead",
    not_person: UUID | None = None,
) -> Clerk:
    """Return a colleague who may work on the matter by role and does not keep out of it.

    Raises:
        Invalid: CLERK_NOT_ELIGIBLE at `at`.
    """
    clerk = await _colleague(act, matter_id, account_id, at=at)
    if clerk.person_id == not_person or await keeping_out(act, residents, matter_id, [clerk]):
        raise Invalid([Fault(at, "CLERK_NOT_ELIGIBLE")])
    return clerk


async def _leave(act: Act, matter_id: UUID, person_id: UUID, *, instead: Clerk | None) -> None:
    """Take the person off the matter where it is theirs to look after, and name the other."""
    at_unit, at_center = await tended_by(act.session, matter_id)
    theirs = {one.account_id for one in await clerks_for(act.session, matter_id) if one.person_id == person_id}
    for account_id, center in ((at_unit, False), (at_center, True)):
        if account_id in theirs:
            await name_clerk(act.session, matter_id, None, center=center)
    if instead is not None:
        await _name(act, matter_id, instead)


async def _name(act: Act, matter_id: UUID, clerk: Clerk) -> None:
    await name_clerk(act.session, matter_id, clerk.account_id, center=clerk.center)
    side = "center" if clerk.center else "unit"
    _record(act, "matter.clerk-named", matter_id, clerk.account_id, clerk.person_id, side=side)
    if clerk.account_id != act.viewer.account_id:
        await notify(
            act.session,
            "CLERK_NAMED",
            key=f"clerk-named:{matter_id}:{clerk.account_id}:{act.at.isoformat()}",
            at=act.at,
            account_id=clerk.account_id,
            params={"matter_id": str(matter_id), "path": f"/matters/{matter_id}"},
        )


async def _held(act: Act, recusal_id: UUID, seen: int) -> Recusal:
    held = await hold_recusal(act.session, act.viewer, recusal_id)
    same_version(seen, held.version, subject=f"recusal:{recusal_id}")
    return held


def _refuse(held: Recusal, state: str, *, own: bool, same: bool = False) -> None:
    broken = []
    if held.state != state:
        broken.append(Refusal("RECUSAL_CLOSED", facts={"state": held.state}, remedies=(Remedy("LOOK_AGAIN"),)))
    if own:
        broken.append(Refusal("OWN_RECUSAL", remedies=(Remedy("ANOTHER_PERSON_LIFTS"),)))
    elif same:
        broken.append(Refusal("SAME_PERSON_ASKED_TO_LIFT", remedies=(Remedy("ANOTHER_PERSON_SETTLES"),)))
    if broken:
        raise Refused(broken)


async def _write(
    act: Act,
    matter_id: UUID,
    person_id: UUID,
    ground: str,
    reason: str,
    *,
    finding: Finding | None = None,
    asked: str = "",
) -> UUID:
    recusal_id = new_id()
    digest, salt = commit_to(asked or reason)
    values: dict[str, Any] = {
        "id": recusal_id,
        "matter_id": matter_id,
        "person_id": person_id,
        "ground": ground,
        "policy_row": "" if finding is None else finding.row_id,
        "code": "" if finding is None else finding.code,
        "policy": act.policy.id,
        "basis": "" if finding is None else basis_of(finding),
        "ties": [] if finding is None else finding_json(finding)["path"],
        "as_of": act.on,
        "reason": reason,
        "reason_salt": salt,
        "by_account_id": act.viewer.account_id,
        "by_person_id": act.viewer.person_id,
        "at": act.at,
        "state": ASKED if asked else STANDING,
        "asked_person_id": act.viewer.person_id if asked else None,
        "asked_at": act.at if asked else None,
        "asked_reason": asked,
        "version": 1,
    }
    await add_recusal(act.session, values)
    type_ = "recusal.lifting-asked" if asked else f"recusal.{ground}"
    _record(act, type_, matter_id, recusal_id, person_id, reason_sha256=digest if asked or reason else "")
    return recusal_id


def _record(act: Act, type_: str, matter_id: UUID, id_: UUID, person_id: UUID, **more: str) -> None:
    body = {"matter": str(matter_id), "id": str(id_), "person": str(person_id)}
    body |= {name: value for name, value in more.items() if value}
    act.record(type_, stream=f"staff:{matter_id}", body=body, cites=["A28.4"], edition=act.edition.id)


def _text(typed: str) -> str:
    text = unicodedata.normalize("NFC", typed).strip()
    if len(text) > REASON_MOST:
        raise Invalid([Fault("reason", "FIELD_TOO_LONG", {"most": REASON_MOST, "length": len(text)})])
    return text
