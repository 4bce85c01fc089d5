"""An organisation that was entered twice: one row goes into the other, over its whole time, and comes back exactly.

It is kept and taken back as a merger of organisations is. Unlike one, it has no day and no document: the two always
were one, so that past work goes along, and the succession between them holds since ever. Names, superiors and the
credit code go along where the row that stays has none.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from conflicts import Kind, Origin
from service.actions.act import Act, same_version
from service.actions.facts import FactEntry, write_facts
from service.actions.organisations import leads_back
from service.actions.reason import reason_faults
from service.actions.reorganisation import body_of, record_done, record_moves, refuse_ended, refuse_own, touch
from service.actions.unit_succession import pass_on
from service.ids import new_id
from service.problems import Fault, Invalid, Refusal, Refused
from service.storage.duplicates import are_tied, move_all_ties, move_all_work, share_names
from service.storage.entered_twice import DUPLICATE
from service.storage.organisation_writing import HeldOrganisation, change_row, hold_organisation, hold_organisations
from service.storage.reorganisation import Change, HeldReorganisation, add_reorganisation, members_on
from service.storage.unit_succession import accounts_of


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Which row goes.

    Attributes:
        other_id: the row that goes.
        other_seen: its version that was seen.
        reason: how one knows that the two are one.
    """

    other_id: UUID
    other_seen: int
    reason: str


async def merge_duplicate(act: Act, organisation_id: UUID, entry: Duplicate, *, seen: int) -> UUID:
    """Let one row of an organisation go into another row of the same one.

    Returns:
        The id under which it is taken back.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input.
        Refused: ORGANISATION_ENDED; DUPLICATE_CODES when both have a credit code, for those are two; DUPLICATE_TIED
            when one belongs to the other; PARENT_CIRCLE; OWN_AFFAIR as for a merger.

    Source: A28.4 (who judges may not be tied to the unit, however it was entered).
    """
    act.require("organisation:change")
    if entry.other_id == organisation_id:
        raise Invalid([Fault("other", "FIELD_NOT_A_CHOICE")])
    both = (organisation_id, entry.other_id)
    await hold_organisations(act.session, both)
    kept, gone = await hold_organisation(act.session, both[0]), await hold_organisation(act.session, both[1])
    same_version(seen, kept.version, subject=f"organisation:{kept.id}")
    same_version(entry.other_seen, gone.version, subject=f"organisation:{gone.id}")
    faults = reason_faults(act.policy, "reason", entry.reason)
    if gone.is_county_government:
        faults.append(Fault("other", "COUNTY_GOVERNMENT_STAYS"))
    if faults:
        raise Invalid(faults)
    await refuse_ended(act, both)
    await _refuse_two(act, kept, gone)
    members = await members_on(act.session, gone.id, on=date.min)
    accounts = [one.id for one in await accounts_of(act.session, gone.id)]
    await refuse_own(act, [one.employment_id for one in members], accounts)
    (fact_id,) = await write_facts(act, [FactEntry(gone.id, Kind.SUCCESSION, kept.id, origin=Origin.OBSERVED)])
    jobs = await move_all_work(act.session, gone.id, kept.id, at=act.at)
    ties, below = await move_all_ties(act.session, gone.id, kept.id, at=act.at)
    for lower in below:
        if await leads_back(act, lower, kept.id, None):
            raise Refused([Refusal("PARENT_CIRCLE")])
    names = await share_names(act.session, gone.id, kept.id)
    codes = await _hand_code(act, gone, kept)
    id_ = new_id()
    carried = await pass_on(act, id_, gone.id, [kept.id], allotted={}, all_=True)
    done = HeldReorganisation(
        id=id_,
        organisation_id=gone.id,
        kind=DUPLICATE,
        from_on=act.on,
        successors=((kept.id, fact_id),),
        changes=(*jobs, *ties, *names, *codes, *carried),
        at=act.at,
        undone_at=None,
    )
    await add_reorganisation(act.session, done, source="", by=act.viewer.account_id)
    await change_row(act.session, gone.id, ended_on=act.on - timedelta(days=1))
    record_done(act, "organisation.joined", done, entry.reason)
    for id_, type_ in ((kept.id, "organisation.took-over"), *((lower, "parent.moved") for lower in below)):
        await touch(act, id_)
        act.record(type_, stream=f"organisation:{id_}", body=body_of(done))
    record_moves(act, "employment.moved", members, {one.employment_id: kept.id for one in members}, done)
    return done.id


async def _refuse_two(act: Act, kept: HeldOrganisation, gone: HeldOrganisation) -> None:
    """Refuse what cannot be one organisation."""
    refusals = []
    if kept.credit_code and gone.credit_code:
        refusals.append(Refusal("DUPLICATE_CODES"))
    if await are_tied(act.session, kept.id, gone.id):
        refusals.append(Refusal("DUPLICATE_TIED"))
    if refusals:
        raise Refused(refusals)


async def _hand_code(act: Act, gone: HeldOrganisation, kept: HeldOrganisation) -> list[Change]:
    """Hand the credit code over; it is unique, so that one must let go first."""
    if not gone.credit_code:
        return []
    await change_row(act.session, gone.id, credit_code=None)
    await change_row(act.session, kept.id, credit_code=gone.credit_code)
    return [Change("code", str(gone.id), str(kept.id), None, gone.credit_code)]
