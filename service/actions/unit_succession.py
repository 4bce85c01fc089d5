"""Accounts and open matters of a unit whose place others took: they go on there, and come back after a mistake."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from service.actions.act import Act
from service.actions.matter_stream import carry_out
from service.jobs import notify
from service.storage.reorganisation import Change
from service.storage.unit_succession import (
    accounts_of,
    clerks_at,
    drop_foreign_clerk,
    file_keepers,
    keep_files_with,
    open_matters_of,
    point_files,
    set_account_unit,
    set_unit_clerk,
    units_of,
    units_of_matters,
)
from workflow import PassBack, PassOn


async def pass_on(
    act: Act,
    reorganisation_id: UUID,
    unit_id: UUID,
    heirs: Sequence[UUID],
    *,
    allotted: Mapping[UUID, UUID],
    all_: bool,
) -> list[Change]:
    """Let the successors of a unit carry on what it had open, and let its accounts work for them.

    Each account and each open matter goes to the successor chosen for it, else to the first; finished matters stay
    under the unit's name, and the first successor keeps their files. Who looked after a matter goes on when the account
    goes to the same successor; otherwise the next who acts there does. The clerks there are told, without a number: it
    would count matters that a clerk is kept out of.

    Args:
        act: who, when.
        reorganisation_id: by which they do.
        unit_id: the unit.
        heirs: who took its place, the first takes what is not chosen.
        allotted: account or matter -> successor.
        all_: whether everything goes; else only what is allotted, because the unit goes on.

    Returns:
        What was changed, so that it can be taken back.
    """
    changes: list[Change] = []
    to = {
        one.id: allotted.get(one.id, heirs[0])
        for one in await accounts_of(act.session, unit_id)
        if all_ or one.id in allotted
    }
    for account_id, heir in to.items():
        await set_account_unit(act.session, account_id, heir)
        changes.append(Change("account", str(account_id), str(heir), None, str(unit_id)))
        _record_account(act, account_id, heir, reorganisation_id)
    took_over: set[UUID] = set()
    for matter in await open_matters_of(act.session, unit_id):
        if not all_ and matter.id not in allotted:
            continue
        heir = allotted.get(matter.id, heirs[0])
        await carry_out(act, matter.id, PassOn(str(heir), str(reorganisation_id)), seen=None, tends=False)
        changes.append(Change("matter", str(matter.id), str(heir), None, str(unit_id)))
        took_over.add(heir)
        if matter.clerk_id is not None and to.get(matter.clerk_id, unit_id) != heir:
            await set_unit_clerk(act.session, matter.id, None)
            changes.append(Change("clerk", str(matter.id), None, None, str(matter.clerk_id)))
    if all_ and heirs:
        before = await file_keepers(act.session, [unit_id])
        for owner in await keep_files_with(act.session, unit_id, heirs[0]):
            was = before.get(owner, unit_id)
            changes.append(Change("files", str(owner), str(heirs[0]), None, "" if was is None else str(was)))
    for heir in sorted(took_over):
        for account_id in await clerks_at(act.session, heir):
            await notify(
                act.session,
                "UNIT_WORK_TAKEN_OVER",
                key=f"unit-work:{reorganisation_id}:{account_id}",
                at=act.at,
                account_id=account_id,
                params={"organisation_id": str(unit_id), "path": "/matters"},
            )
    return changes


async def still_passed(act: Act, changes: Sequence[Change]) -> bool:
    """Return whether accounts, matters and files are still where a reorganisation put them."""

    def of(kind: str) -> dict[UUID, UUID]:
        return {UUID(one.ended): UUID(one.began) for one in changes if one.kind == kind and one.began}

    accounts, matters, files = of("account"), of("matter"), of("files")
    return (
        await units_of(act.session, accounts) == accounts
        and await units_of_matters(act.session, matters) == matters
        and await file_keepers(act.session, files) == files
    )


async def give_back(act: Act, reorganisation_id: UUID, changes: Sequence[Change]) -> None:
    """Give accounts, matters and files back to the unit that had them."""
    for one in changes:
        id_, before = UUID(one.ended), UUID(one.was_at) if one.was_at else None
        if one.kind == "account" and before is not None:
            await set_account_unit(act.session, id_, before)
            _record_account(act, id_, before, reorganisation_id)
        elif one.kind == "matter":
            await carry_out(act, id_, PassBack(one.was_at, str(reorganisation_id)), seen=None, tends=False)
            await drop_foreign_clerk(act.session, id_, UUID(one.was_at))
        elif one.kind == "clerk":
            await set_unit_clerk(act.session, id_, before)
        elif one.kind == "files":
            await point_files(act.session, {id_: before})


def _record_account(act: Act, account_id: UUID, unit_id: UUID, reorganisation_id: UUID) -> None:
    act.record(
        "account.moved",
        stream=f"account:{account_id}",
        body={"unit_id": str(unit_id), "reorganisation": str(reorganisation_id)},
    )
