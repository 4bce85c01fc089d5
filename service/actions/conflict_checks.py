"""The times of check: what was known of a panel's people at each step, kept, and what it refuses (A28.4, A30).

Proposal, change and determination check everybody on the list; invitation, acceptance and opinion check who is asked,
and refuse while an interest stands that nobody judged; new material and the day of the meeting check who takes part,
and what is found there waits in the inbox of the center. Who is to evaluate is checked by `service.actions.evaluators`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import rfc8785

from conflicts import Finding, Outcome, finding_json
from service.actions.act import Act
from service.ids import new_id
from service.problems import NotFound
from service.regulation import Policy
from service.storage.conflict_checks import add_check
from service.storage.declarations import pending_in
from service.storage.facts import matter_of
from service.storage.judgements import Decided, decided_about
from service.storage.matter_rows import state_of
from service.storage.matters import load_matter
from service.storage.policies import policy_in_force
from service.storage.residents import Residents
from workflow import BrokenRule, ChangeProposal, ProposePanel
from workflow.panel import Panel

PROPOSAL: Final = "proposal"
CHANGE: Final = "change"
DETERMINATION: Final = "determination"
INVITATION: Final = "invitation"
ACCEPTANCE: Final = "acceptance"
MATERIAL: Final = "material"
MEETING: Final = "meeting"
OPINION: Final = "opinion"
EVALUATOR: Final = "evaluator"
_BARRING: Final = (Outcome.EXCLUDED, Outcome.RESTRICTED)


async def note_check(
    act: Act, residents: Residents, matter_id: UUID, occasion: str, people: Sequence[str], *, on: date | None = None
) -> tuple[Finding, ...]:
    """Check some people at one of the times, keep what was found, and put its hash into the ledger.

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        occasion: the time of check.
        people: ids of the persons.
        on: the day judged; None means today.

    Returns:
        The findings, with what was decided about them.
    """
    decided = await decided_about(act.session, matter_id)
    return await _check(act, residents, matter_id, occasion, people, decided, on or act.on)


async def obstacles(
    act: Act, residents: Residents, matter_id: UUID, occasion: str, people: Sequence[str]
) -> tuple[BrokenRule, ...]:
    """Check people who are asked, who accept or who sign, and return what stands in the way.

    A dismissed or waived finding does not; a recusal does, and so does a declared interest until the center judges it
    (local policy).

    Source: A28.4, A30. Reading: U11.
    """
    decided = await decided_about(act.session, matter_id)
    pending = {str(person_id) for person_id in await pending_in(act.session, matter_id)}
    findings = await _check(act, residents, matter_id, occasion, people, decided, act.on)
    barring = [finding for finding in findings if finding.outcome in _BARRING]
    return (
        *(BrokenRule(finding.code, finding.cite, remedies=("ASK_TO_WITHDRAW",)) for finding in barring),
        *(BrokenRule("RECUSED", "A28.4") for person in people if person in decided.recused),
        *(BrokenRule("CONFLICT_DECLARED", "A28.4") for person in people if person in pending),
    )


def people_on(panel: Panel | ProposePanel | ChangeProposal) -> list[str]:
    """Return the persons of a list: members, then reserves."""
    return [member.person_id for member in panel.members] + [reserve.person_id for reserve in panel.reserves]


async def check_meeting(act: Act, residents: Residents, matter_id: UUID, *, on: date) -> tuple[Finding, ...]:
    """Check who takes part as of the day of the meeting; the record is kept, nobody is told.

    Raises:
        NotFound: when there is no such matter for the viewer, or no panel in it.
    """
    act.require("conflict:judge")
    await load_matter(act.session, act.viewer, matter_id)
    state = await state_of(act.session, matter_id)
    if state.panel is None:
        raise NotFound(subject="panel")
    people = [member.person_id for member in state.panel.members]
    return await note_check(act, residents, matter_id, MEETING, people, on=on)


async def _check(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    occasion: str,
    people: Sequence[str],
    decided: Decided,
    on: date,
) -> tuple[Finding, ...]:
    findings = await find(act, residents, matter_id, people, decided, on)
    await keep_check(act, matter_id, occasion, people, [finding_json(finding) for finding in findings], on)
    return findings


async def find(
    act: Act, residents: Residents, matter_id: UUID, people: Sequence[str], decided: Decided, on: date
) -> tuple[Finding, ...]:
    """Return what is found against some people in a matter on a day, with what was decided about it."""
    return (await residents.current(act.session)).ties.graph.check(
        await matter_of(act.session, matter_id),
        policy=(await policy_on(act, on)).table,
        as_of=on,
        people=people,
        judgements=decided.judgements,
    )


async def policy_on(act: Act, day: date) -> Policy:
    """Return the policy by which a day is judged: that of today, or the version that is or will be in force on it."""
    return act.policy if day == act.on else await policy_in_force(act.session, act.policy.shipped, on=day)


async def keep_check(
    act: Act, matter_id: UUID, occasion: str, people: Sequence[str], found: Sequence[Mapping[str, Any]], on: date
) -> None:
    """Keep a check as it was made, and put its hash into the ledger."""
    digest = hashlib.sha256(rfc8785.dumps({"people": list(people), "findings": list(found)})).hexdigest()
    values = {"id": new_id(), "matter_id": matter_id, "occasion": occasion, "at": act.at, "as_of": on}
    policy = (await policy_on(act, on)).id
    values |= {"policy": policy, "people": list(people), "findings": list(found), "sha256": digest}
    await add_check(act.session, values)
    body: dict[str, object] = {"occasion": occasion, "as_of": on.isoformat(), "policy": policy}
    body |= {"people": len(people), "findings": len(found), "sha256": digest}
    act.record("conflict-check.made", stream=f"conflicts:{matter_id}", body=body, cites=["A28.4", "A30"])
