"""Organisations that merge or divide, from a day on; and taking that back where it was entered by mistake.

Identity is the organisation's own: a merger does not rewrite who somebody was. The old organisation keeps its id, its
names and its past; work there ends on the day before and goes on at the successor; a succession between the two lets
the conflict check follow from one to the other as of any day.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from conflicts import Kind, Origin
from registry import one_line
from service.actions.act import Act, commit_to, same_version
from service.actions.facts import FactEntry, left_to_another, write_facts, write_withdrawal
from service.actions.organisations import leads_back
from service.actions.own_affair import not_own, not_own_work
from service.actions.reason import reason_faults
from service.actions.unit_succession import give_back, pass_on, still_passed
from service.ids import new_id
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.duplicates import credit_code_of, drop_shared_names
from service.storage.entered_twice import DUPLICATE
from service.storage.expert_writing import keep_text
from service.storage.organisation_writing import HeldOrganisation, change_row, hold_organisation, hold_organisations
from service.storage.organisations import organisation_name
from service.storage.reorganisation import (
    SETTLED,
    Change,
    HeldReorganisation,
    Member,
    add_reorganisation,
    begins_later,
    ended_on,
    hold_reorganisation,
    members_on,
    move_employments,
    move_ties,
    tied_below,
    workers_of,
)
from service.storage.reorganisation_undoing import came_after, set_undone, standing_facts, take_back
from service.storage.unit_succession import accounts_of, open_matters_of, people_behind

SOURCE_MOST: Final = 100
SUCCESSORS_MOST: Final = 12
_WAYS_MOST: Final = 5
_TYPES: Final = {
    "dissolved": "organisation.dissolved",
    "merged": "organisation.merged",
    "divided": "organisation.divided",
    "parted": "organisation.parted",
}


@dataclass(frozen=True, slots=True)
class Reorganisation:
    """What became of an organisation.

    Attributes:
        successors: who took over; the first takes what is not given to another. One is a merger, several a division.
            Of a dissolved one: who carries on its matters, if there is anything to carry on.
        from_on: first day on which they stand in its place.
        goes_on: the organisation itself goes on and only parted with something (存续分立); nobody is moved unasked.
        dissolved: nobody took its place; work there ends, and who carries on its matters is none of its people's new
            employer.
        allotted: employment, account or open matter -> successor, for those that do not go to the first.
        source: number of the document that says so.
        reason: in one's own words, kept beside the record.
    """

    successors: tuple[UUID, ...]
    from_on: date
    goes_on: bool = False
    dissolved: bool = False
    allotted: Mapping[UUID, UUID] = field(default_factory=dict)
    source: str = ""
    reason: str = ""

    @property
    def kind(self) -> str:
        """`merged`, `divided`, `parted` or `dissolved`."""
        if self.dissolved:
            return "dissolved"
        return "parted" if self.goes_on else "merged" if len(self.successors) == 1 else "divided"


async def reorganise(act: Act, organisation_id: UUID, entry: Reorganisation, *, seen: int) -> UUID:
    """Record that others took an organisation's place, or part of it, from a day on.

    Work there ends on the day before and goes on with the same post at a successor; what belonged to it belongs to the
    first one; the rest of the record stays. Its accounts work for the successors and carry on its open matters there;
    what is finished stays under its name.

    Returns:
        The id of the reorganisation, by which it can be taken back.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input.
        Refused: ORGANISATION_ENDED for one whose place was taken before; PARENT_CIRCLE; OWN_AFFAIR when it moves or
            ends work or an account of whoever acts, or work by which they keep out of a matter.

    Source: A28.4, A64 (who judges may not be tied to the unit, whatever its name).
    """
    held = await held_with(act, organisation_id, seen, others=entry.successors)
    members = await members_on(act.session, organisation_id, on=entry.from_on)
    if faults := await _faults(act, held, entry, members):
        raise Invalid(faults)
    await refuse_ended(act, (organisation_id, *entry.successors))
    moves = {
        one.employment_id: None if entry.dissolved else entry.allotted.get(one.employment_id, entry.successors[0])
        for one in members
        if not entry.goes_on or one.employment_id in entry.allotted
    }
    accounts = [one.id for one in await accounts_of(act.session, organisation_id)]
    await refuse_own(act, moves, [id_ for id_ in accounts if not entry.goes_on or id_ in entry.allotted])
    source = one_line(entry.source)
    facts: list[UUID | None] = [None] * len(entry.successors)
    ties: list[Change] = []
    below: tuple[UUID, ...] = ()
    if entry.dissolved:
        ties, below = await move_ties(act.session, organisation_id, None, from_on=entry.from_on, at=act.at)
    elif not entry.goes_on:
        stated = [
            FactEntry(
                organisation_id, Kind.SUCCESSION, heir, from_on=entry.from_on, origin=Origin.OBSERVED, source=source
            )
            for heir in entry.successors
        ]
        facts = [*await write_facts(act, stated)]
        ties, below = await move_ties(
            act.session, organisation_id, entry.successors[0], from_on=entry.from_on, at=act.at
        )
        for lower in below:
            if await leads_back(act, lower, entry.successors[0], entry.from_on):
                raise Refused([Refusal("PARENT_CIRCLE")])
    jobs = await move_employments(act.session, moves, from_on=entry.from_on, at=act.at)
    id_ = new_id()
    carried = await pass_on(
        act, id_, organisation_id, entry.successors, allotted=entry.allotted, all_=not entry.goes_on
    )
    reorganisation = HeldReorganisation(
        id=id_,
        organisation_id=organisation_id,
        kind=entry.kind,
        from_on=entry.from_on,
        successors=tuple(zip(entry.successors, facts, strict=True)),
        changes=(*jobs, *ties, *carried),
        at=act.at,
        undone_at=None,
    )
    await add_reorganisation(act.session, reorganisation, source=source, by=act.viewer.account_id)
    last = None if entry.goes_on else entry.from_on - timedelta(days=1)
    await change_row(act.session, organisation_id, ended_on=last)
    record_done(act, _TYPES[entry.kind], reorganisation, entry.reason)
    for heir in entry.successors:
        await touch(act, heir)
        act.record("organisation.took-over", stream=f"organisation:{heir}", body=body_of(reorganisation))
    for lower in below:
        await touch(act, lower)
        act.record("parent.moved", stream=f"organisation:{lower}", body=body_of(reorganisation))
    if entry.dissolved:
        _record_ended(act, members, reorganisation)
    went = {job: heir for job, heir in moves.items() if heir is not None}
    record_moves(act, "employment.moved", members, went, reorganisation)
    return reorganisation.id


async def take_reorganisation_back(act: Act, reorganisation_id: UUID, *, reason: str, seen: int) -> None:
    """Take a merger, division or settlement back that was entered by mistake; all that it moved stands as it stood.

    Args:
        act: who, when.
        reorganisation_id: which.
        reason: why it was a mistake.
        seen: version of the old organisation that was seen.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: REORGANISATION_UNDONE; REORGANISATION_BUILT_UPON with the ways to what came after: something it moved
            was changed since, or one of its organisations was reorganised again; OWN_AFFAIR as for `reorganise`;
            OWN_RECUSAL when whoever acts keeps out of a matter by a succession that it would withdraw.
    """
    act.require("organisation:change")
    done = await hold_reorganisation(act.session, reorganisation_id)
    heirs = [heir for heir, _ in done.successors]
    await held_with(act, done.organisation_id, seen, others=heirs)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    if done.undone_at is not None:
        raise Refused([Refusal("REORGANISATION_UNDONE")])
    moved = [one for one in done.changes if one.kind == "employment"]
    accounts = [UUID(one.ended) for one in done.changes if one.kind == "account"]
    await refuse_own(act, [UUID(id_) for one in moved for id_ in (one.ended, one.began) if id_], accounts)
    if any(str(fact_id) in act.viewer.barring for _, fact_id in done.successors):
        raise left_to_another()
    after = await came_after(act.session, done)
    if after or not await still_passed(act, done.changes):
        raise _built_upon(after.organisations, after.experts)
    since = date.min if done.kind == DUPLICATE else done.from_on
    now = {one.employment_id: one for heir in heirs for one in await members_on(act.session, heir, on=since)}
    for tie in await take_back(act.session, done, at=act.at):
        if await leads_back(act, tie.organisation_id, tie.parent_id, tie.from_on):
            raise _built_upon((tie.parent_id,))
    await give_back(act, done.id, [one for one in done.changes if one.kind not in ("name", "code")])
    await _give_names_back(act, done)
    for fact_id in await standing_facts(act.session, [fact_id for _, fact_id in done.successors if fact_id]):
        await write_withdrawal(act, fact_id, reason=reason)
    await set_undone(act.session, done.id, at=act.at)
    if done.kind == SETTLED:
        await touch(act, done.organisation_id)
    else:
        await change_row(act.session, done.organisation_id, ended_on=None)
    record_done(act, "organisation.unsettled" if done.kind == SETTLED else "organisation.restored", done, reason)
    for id_ in (*heirs, *await _below(act, done)):
        await touch(act, id_)
        act.record("organisation.gave-back", stream=f"organisation:{id_}", body=body_of(done))
    begun = {UUID(one.began or one.ended): done.organisation_id for one in moved}
    again = await members_on(act.session, done.organisation_id, on=since)
    people = {one.employment_id: one for one in (*now.values(), *again)}
    record_moves(act, "employment.moved-back", tuple(people.values()), begun, done)


async def _give_names_back(act: Act, done: HeldReorganisation) -> None:
    """Give names and the credit code back that went along with a row entered twice."""
    await drop_shared_names(act.session, done.changes)
    for one in done.changes:
        if one.kind != "code" or one.began is None:
            continue
        if await credit_code_of(act.session, UUID(one.began)) != one.was_at:
            raise _built_upon((UUID(one.began),))
        await change_row(act.session, UUID(one.began), credit_code=None)
        await change_row(act.session, UUID(one.ended), credit_code=one.was_at)


async def _faults(act: Act, held: HeldOrganisation, entry: Reorganisation, members: Sequence[Member]) -> list[Fault]:
    faults = reason_faults(act.policy, "reason", entry.reason)
    source = one_line(unicodedata.normalize("NFC", entry.source))
    if not source:
        faults.append(Fault("source", "FIELD_REQUIRED"))
    elif len(source) > SOURCE_MOST:
        faults.append(Fault("source", "FIELD_TOO_LONG", {"most": SOURCE_MOST, "length": len(source)}))
    if entry.from_on > act.on:
        faults.append(Fault("on", "DAY_IN_FUTURE"))
    heirs = entry.successors
    accounts = await accounts_of(act.session, held.id)
    matters = await open_matters_of(act.session, held.id)
    if not heirs and not entry.dissolved:
        faults.append(Fault("successor", "FIELD_REQUIRED"))
    elif not heirs and (accounts or matters):
        counted = await open_matters_of(act.session, held.id, act.viewer)
        facts = {"accounts": len(accounts), "matters": len(counted)}
        faults.append(Fault("successor", "UNIT_WORK_REMAINS", facts))
    elif len(heirs) > SUCCESSORS_MOST:
        faults.append(Fault("successor", "SUCCESSORS_OVER_LIMIT", {"most": SUCCESSORS_MOST, "count": len(heirs)}))
    elif held.id in heirs or len(set(heirs)) != len(heirs):
        faults.append(Fault("successor", "SUCCESSOR_TWICE"))
    elif None in [await organisation_name(act.session, heir) for heir in heirs]:
        faults.append(Fault("successor", "UNIT_UNKNOWN"))
    if held.is_county_government and not entry.goes_on:
        faults.append(Fault("successor", "COUNTY_GOVERNMENT_STAYS"))
    if entry.dissolved and await begins_later(act.session, held.id, on=entry.from_on):
        faults.append(Fault("on", "WORK_BEGINS_LATER"))
    there = {one.id for one in accounts} | {one.id for one in matters}
    if not entry.dissolved:
        there |= {one.employment_id for one in members}
    if any(one not in there or heir not in heirs for one, heir in entry.allotted.items()):
        faults.append(Fault("allotted", "FIELD_NOT_A_CHOICE"))
    return faults


async def refuse_ended(act: Act, organisations: Sequence[UUID]) -> None:
    """Refuse what has to do with an organisation that is no more, with the way to who took its place."""
    for id_ in organisations:
        if (day := await ended_on(act.session, id_)) is not None:
            remedies = (Remedy("SEE_SUCCESSOR", f"/organisations/{id_}"),)
            raise Refused([Refusal("ORGANISATION_ENDED", facts={"on": day.isoformat()}, remedies=remedies)])


async def refuse_own(act: Act, jobs: Collection[UUID], accounts: Collection[UUID]) -> None:
    """Refuse to move work or an account of whoever acts, or work by which they keep out: a colleague does (A28.4)."""
    for job, person_id in (await workers_of(act.session, jobs)).items():
        not_own_work(act, person_id, job)
    not_own(act, await people_behind(act.session, accounts))


def _built_upon(organisations: Sequence[UUID], experts: Sequence[UUID] = ()) -> Refused:
    """Return the refusal to take back what was built upon, with the ways to what came after."""
    ways = [
        *(Remedy("SEE_LATER_ORGANISATION", f"/organisations/{id_}") for id_ in organisations),
        *(Remedy("SEE_LATER_EXPERT", f"/experts/{id_}") for id_ in experts),
    ]
    return Refused([Refusal("REORGANISATION_BUILT_UPON", remedies=tuple(ways[:_WAYS_MOST]))])


async def held_with(act: Act, organisation_id: UUID, seen: int, *, others: Sequence[UUID]) -> HeldOrganisation:
    """Hold an organisation, and with it those that take over: nobody else reorganises one of them meanwhile."""
    act.require("organisation:change")
    await hold_organisations(act.session, (organisation_id, *others))
    held = await hold_organisation(act.session, organisation_id)
    same_version(seen, held.version, subject=f"organisation:{organisation_id}")
    return held


async def touch(act: Act, organisation_id: UUID) -> None:
    """Raise the version of an organisation that another's reorganisation changed."""
    await change_row(act.session, organisation_id)


async def _below(act: Act, done: HeldReorganisation) -> tuple[UUID, ...]:
    """Return the organisations whose superior went back to the restored one."""
    ids = await tied_below(act.session, [UUID(one.ended) for one in done.changes if one.kind == "parent"])
    return tuple(id_ for id_ in ids if id_ != done.organisation_id and id_ not in {heir for heir, _ in done.successors})


def _record_ended(act: Act, members: Sequence[Member], done: HeldReorganisation) -> None:
    """Note on everybody's own record that their work ended with the unit."""
    for one in members:
        act.record("employment.ended", stream=_stream_of(one), body={"reorganisation": str(done.id)})


def _stream_of(one: Member) -> str:
    return f"expert:{one.expert_id}" if one.expert_id else f"person:{one.person_id}"


def body_of(done: HeldReorganisation) -> dict[str, object]:
    """Return what every event of a reorganisation says."""
    return {
        "reorganisation": str(done.id),
        "organisation": str(done.organisation_id),
        "successors": [str(heir) for heir, _ in done.successors],
        "from_on": done.from_on.isoformat(),
    }


def record_done(act: Act, type_: str, done: HeldReorganisation, reason: str) -> None:
    """Note on the organisation's own record what was done, and why."""
    digest, salt = commit_to(reason.strip())
    keep_text(act.session, f"organisation:{done.organisation_id}", sha256=digest, salt=salt, text=reason.strip())
    body = body_of(done) | {"moved": len(done.changes), "reason_sha256": digest}
    act.record(type_, stream=f"organisation:{done.organisation_id}", body=body)


def record_moves(
    act: Act, type_: str, members: Sequence[Member], moves: Mapping[UUID, UUID], done: HeldReorganisation
) -> None:
    """Note on everybody's own record where their work went on."""
    for one in members:
        if one.employment_id in moves:
            body = {"organisation": str(moves[one.employment_id]), "reorganisation": str(done.id)}
            act.record(type_, stream=_stream_of(one), body=body | {"from_on": done.from_on.isoformat()})
