"""What a unit still has after others took its place goes to them: accounts, open matters, the files of finished ones.

A merger moves them by itself. Units whose place was taken before it did still have theirs, and taking the merger back
to enter it anew would undo what was built on it since. So what is left goes on by an act of its own, which is kept like
a merger and taken back like one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from service.actions.act import Act
from service.actions.reason import reason_faults
from service.actions.reorganisation import body_of, held_with, record_done, refuse_ended, refuse_own, touch
from service.actions.unit_succession import pass_on
from service.ids import new_id
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.organisations import organisation_name
from service.storage.reorganisation import (
    SETTLED,
    HeldReorganisation,
    add_reorganisation,
    ended_by,
    heirs_of,
)
from service.storage.unit_succession import left_at, open_matters_of


@dataclass(frozen=True, slots=True)
class Settlement:
    """Who carries on what an ended unit has left.

    Attributes:
        reason: in one's own words, kept beside the record.
        successor: who takes what is not allotted; None for the first of those in its place. Must be named where a
            dissolved unit named nobody.
        allotted: account or open matter -> who carries it on, for those that do not go to that one.
    """

    reason: str
    successor: UUID | None = None
    allotted: Mapping[UUID, UUID] = field(default_factory=dict)


async def settle_left(act: Act, organisation_id: UUID, entry: Settlement, *, seen: int) -> UUID:
    """Let those in the place of an ended unit carry on what it still has, from today on.

    As in a merger its accounts work for them and sign in anew, its open matters go on there, and the first keeps the
    files. Matters that are not there for whoever acts move without being named.

    Returns:
        The id under which it is taken back.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input.
        Refused: NOTHING_LEFT when there is nothing, or the unit goes on; ORGANISATION_ENDED when a chosen one is no
            more; OWN_AFFAIR when it moves an account of whoever acts.
    """
    act.require("organisation:change")
    if await organisation_name(act.session, organisation_id) is None:
        raise NotFound(subject="organisation")
    heirs = [heir for heir, _ in await heirs_of(act.session, organisation_id)]
    chosen = [entry.successor] if entry.successor is not None else []
    await held_with(act, organisation_id, seen, others=list(dict.fromkeys((*chosen, *heirs))))
    left = await left_at(act.session, act.viewer, organisation_id)
    if not left:
        raise Refused([Refusal("NOTHING_LEFT")])
    faults = reason_faults(act.policy, "reason", entry.reason)
    if not heirs and entry.successor is None:
        faults.append(Fault("successor", "FIELD_REQUIRED"))
    elif entry.successor is not None and heirs and entry.successor not in heirs:
        faults.append(Fault("successor", "FIELD_NOT_A_CHOICE"))
    elif entry.successor == organisation_id:
        faults.append(Fault("successor", "SUCCESSOR_TWICE"))
    elif entry.successor is not None and await organisation_name(act.session, entry.successor) is None:
        faults.append(Fault("successor", "UNIT_UNKNOWN"))
    order = list(dict.fromkeys((*chosen, *heirs)))
    there = {one.id for one in left.accounts}
    there |= {one.id for one in await open_matters_of(act.session, organisation_id)}
    if any(one not in there or heir not in order for one, heir in entry.allotted.items()):
        faults.append(Fault("allotted", "FIELD_NOT_A_CHOICE"))
    if faults:
        raise Invalid(faults)
    await refuse_ended(act, order)
    await refuse_own(act, (), [one.id for one in left.accounts])
    id_ = new_id()
    changes = await pass_on(act, id_, organisation_id, order, allotted=entry.allotted, all_=True)
    took = {change.began for change in changes}
    settled = HeldReorganisation(
        id=id_,
        organisation_id=organisation_id,
        kind=SETTLED,
        from_on=act.on,
        successors=tuple((heir, None) for heir in order if str(heir) in took),
        changes=tuple(changes),
        at=act.at,
        undone_at=None,
    )
    source = await ended_by(act.session, organisation_id)
    await add_reorganisation(act.session, settled, source=source, by=act.viewer.account_id)
    await touch(act, organisation_id)
    record_done(act, "organisation.settled", settled, entry.reason)
    for heir, _ in settled.successors:
        await touch(act, heir)
        act.record("organisation.took-over", stream=f"organisation:{heir}", body=body_of(settled))
    return id_
