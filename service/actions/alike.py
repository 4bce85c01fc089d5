"""Settling, once, whether two organisations with names that are alike are one. Nothing is merged by it."""

from dataclasses import dataclass
from uuid import UUID

from service.actions.act import Act, commit_to
from service.actions.reason import reason_faults
from service.problems import Fault, Invalid, NotFound
from service.storage.alike import VERDICTS, add_settlement, alike_pairs
from service.storage.organisation_writing import hold_organisations


@dataclass(frozen=True, slots=True)
class Settling:
    """What somebody says about a pair.

    Attributes:
        first_id, second_id: the two, in any order.
        names: digest of the names that were seen.
        verdict: `same` or `different`.
        reason: why, in words.
    """

    first_id: UUID
    second_id: UUID
    names: str
    verdict: str
    reason: str


async def settle_alike(act: Act, said: Settling) -> UUID:
    """Settle a pair under the names that were seen; return the id of the settlement.

    Raises:
        Invalid: when the verdict is none or the reason is none.
        NotFound: when the two are not (or no longer) an open pair under these names.
    """
    act.require("organisation:change")
    faults = reason_faults(act.policy, "reason", said.reason)
    if said.verdict not in VERDICTS:
        faults.append(Fault("verdict", "FIELD_NOT_A_CHOICE"))
    if faults:
        raise Invalid(faults)
    ends = sorted((said.first_id, said.second_id))
    # Who comes second waits here and then finds the pair settled.
    await hold_organisations(act.session, ends)
    for pair in await alike_pairs(act.session):
        if [pair.first_id, pair.second_id] == ends and pair.names == said.names:
            break
    else:
        raise NotFound(subject="organisation")
    digest, salt = commit_to(said.reason.strip())
    settled = await add_settlement(
        act.session,
        pair,
        verdict=said.verdict,
        reason=said.reason.strip(),
        salt=salt,
        by=act.viewer.account_id,
        at=act.at,
    )
    act.record(
        "alike.settled",
        stream=f"organisation:{pair.first_id}",
        body={"other": str(pair.second_id), "verdict": said.verdict, "reason": digest},
    )
    return settled
