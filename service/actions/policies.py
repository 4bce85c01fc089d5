"""What people do with the local policy: draw up a version, change or withdraw the draft, publish it as a second person.

The policy is the county's own; what the regulation itself says is not in its hand (`service.regulation.amendment`).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from service.actions.act import Act, commit_to, same_version
from service.actions.reason import reason_faults
from service.ids import new_id
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.regulation import Amendment, RowChange, amend, load_policy
from service.storage.policies import (
    DRAFTED,
    PUBLISHED,
    WITHDRAWN,
    PolicyVersion,
    add_draft,
    change_draft,
    hold_draft,
    latest_policy,
)


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A version as drawn up.

    Attributes:
        changes: one for each row that changes.
        from_on: its first day.
        reason: why, for the record.
    """

    changes: Sequence[RowChange]
    from_on: date
    reason: str


async def draft_policy(act: Act, draft: PolicyDraft) -> UUID:
    """Draw up the next version of the local policy; nothing is judged by it before another person publishes it.

    Raises:
        Invalid: with every fault of the changes, the day and the reason.
        Refused: POLICY_ROW_OF_LAW with the article of each row of the regulation that would change; POLICY_DRAFT_OPEN
            when a draft waits already.

    Source: A28.4, A30; the windows and consequences are local policy (U11, U30).
    """
    act.require("policy:draft")
    amendment = await _amended(act, draft)
    version_id, (digest, salt) = new_id(), commit_to(_text(draft.reason))
    values = {"id": version_id, "shipped": act.settings.policy, "state": DRAFTED, "version": 1, "settled_reason": ""}
    if not await add_draft(act.session, values | _drawn_up(act, draft, salt), amendment):
        remedies = (Remedy("CHANGE_THE_DRAFT", "/policy"), Remedy("WITHDRAW_THE_DRAFT", "/policy"))
        raise Refused([Refusal("POLICY_DRAFT_OPEN", remedies=remedies)])
    _record(act, "policy.drafted", version_id, _said(amendment) | {"reason_sha256": digest})
    return version_id


async def change_policy_draft(act: Act, version_id: UUID, draft: PolicyDraft, *, seen: int) -> None:
    """Draw up a draft anew; whoever does it stands for the whole of it, and another person publishes it.

    Raises:
        NotFound, Stale, Invalid, Refused: as for `draft_policy`; POLICY_DRAFT_CLOSED when it is no draft any more.

    Source: as for `draft_policy`.
    """
    act.require("policy:draft")
    await _held(act, version_id, seen)
    amendment = await _amended(act, draft)
    digest, salt = commit_to(_text(draft.reason))
    await change_draft(act.session, version_id, _drawn_up(act, draft, salt), amendment)
    _record(act, "policy.redrafted", version_id, _said(amendment) | {"reason_sha256": digest})


async def publish_policy(act: Act, version_id: UUID, *, seen: int) -> str:
    """Publish a draft; returns the name of the version, by which findings are judged from its first day on.

    Days before are judged by the version that was in force on them. Open matters are checked anew by whoever looks at
    them next, because findings stand under a version.

    Raises:
        NotFound, Stale: as everywhere.
        Refused: POLICY_DRAFT_CLOSED; SAME_PERSON_DRAFTED_AND_PUBLISHED; POLICY_DAY_PASSED when its first day lies
            before today: nobody was judged by it then.

    Source: A28.4, A30; two persons are local policy.
    """
    act.require("policy:publish")
    held = await _held(act, version_id, seen)
    broken = []
    if held.drafted_person_id == act.viewer.person_id:
        remedies = (Remedy("ANOTHER_PERSON_PUBLISHES"),)
        broken.append(Refusal("SAME_PERSON_DRAFTED_AND_PUBLISHED", remedies=remedies))
    if held.from_on < act.on:
        facts = {"from_on": held.from_on.isoformat()}
        broken.append(Refusal("POLICY_DAY_PASSED", facts=facts, remedies=(Remedy("CHANGE_THE_DRAFT"),)))
    if broken:
        raise Refused(broken)
    number = (await latest_policy(act.session, act.settings.policy)).number + 1
    await change_draft(act.session, version_id, {"state": PUBLISHED, "number": number} | _settled(act, ""))
    name = f"{act.settings.policy}.{number}"
    body = {"policy": name, "number": number, "from_on": held.from_on.isoformat(), "sha256": held.sha256}
    _record(act, "policy.published", version_id, body)
    return name


async def withdraw_policy_draft(act: Act, version_id: UUID, *, reason: str, seen: int) -> None:
    """Withdraw a draft; it stays in the list, and takes no number.

    Raises:
        NotFound, Stale, Invalid: as everywhere.
        Refused: POLICY_DRAFT_CLOSED when it is no draft any more.
    """
    act.require("policy:draft")
    await _held(act, version_id, seen)
    if faults := reason_faults(act.policy, "withdraw_reason", _text(reason)):
        raise Invalid(faults)
    await change_draft(act.session, version_id, {"state": WITHDRAWN} | _settled(act, _text(reason)))
    _record(act, "policy.withdrawn", version_id, {})


async def _amended(act: Act, draft: PolicyDraft) -> Amendment:
    """Return the version that a draft makes, with every fault of the draft named at once."""
    latest = await latest_policy(act.session, act.settings.policy)
    faults = reason_faults(act.policy, "reason", _text(draft.reason))
    if draft.from_on < act.on:
        faults.append(Fault("from_on", "POLICY_FROM_PAST"))
    elif latest.from_on is not None and draft.from_on < latest.from_on:
        facts = {"from_on": latest.from_on.isoformat()}
        faults.append(Fault("from_on", "POLICY_BEFORE_LAST", facts))
    try:
        amendment = amend(
            latest,
            draft.changes,
            shipped=load_policy(act.settings.policy),
            from_on=draft.from_on,
            at="changes.",
        )
    except Invalid as invalid:
        raise Invalid([*invalid.faults, *faults]) from None
    if not amendment.differences:
        faults.append(Fault("changes", "POLICY_UNCHANGED"))
    if faults:
        raise Invalid(faults)
    return amendment


async def _held(act: Act, version_id: UUID, seen: int) -> PolicyVersion:
    held = await hold_draft(act.session, version_id)
    same_version(seen, held.version, subject=f"policy:{version_id}")
    if held.state != DRAFTED:
        raise Refused([Refusal("POLICY_DRAFT_CLOSED", facts={"state": held.state})])
    return held


def _drawn_up(act: Act, draft: PolicyDraft, salt: bytes) -> dict[str, Any]:
    return {
        "from_on": draft.from_on,
        "reason": _text(draft.reason),
        "reason_salt": salt,
        "drafted_account_id": act.viewer.account_id,
        "drafted_person_id": act.viewer.person_id,
        "drafted_at": act.at,
    }


def _settled(act: Act, reason: str) -> dict[str, Any]:
    settled = {"settled_account_id": act.viewer.account_id, "settled_person_id": act.viewer.person_id}
    return settled | {"settled_at": act.at, "settled_reason": reason}


def _said(amendment: Amendment) -> dict[str, Any]:
    changes = [[one.row, one.key, one.before, one.after] for one in amendment.differences]
    policy = amendment.policy
    return {"changes": changes, "from_on": str(policy.from_on), "sha256": policy.sha256}


def _record(act: Act, type_: str, version_id: UUID, body: dict[str, Any]) -> None:
    act.record(type_, stream=f"policy:{version_id}", body=body, cites=["A28.4", "A30"])


def _text(typed: str) -> str:
    return unicodedata.normalize("NFC", typed).strip()
