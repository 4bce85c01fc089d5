"""Organisations: adding, changing, renaming, further names, what they belong to."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from registry import RegistryError, comparable, has_odd_characters, one_line, read_credit_code
from service.actions.act import Act, same_version
from service.ids import new_id
from service.pinyin import pinyin_of
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.intake import NewOrganisation, OtherName, insert_organisations
from service.storage.organisation_writing import (
    HeldOrganisation,
    Span,
    change_row,
    drop_name,
    drop_parent,
    end_parent,
    has_name,
    hold_organisation,
    last_rename,
    parents_of,
    put_name,
    put_parent,
)
from service.storage.organisations import KINDS, organisation_name, with_name_or_code

NAME_MOST = 120
_REGION = re.compile(r"[1-8][0-9]{5}")


@dataclass(frozen=True, slots=True)
class NewOrganisationEntry:
    """What is said about an organisation, as typed.

    Attributes:
        name: present full name.
        credit_code: unified social credit code, may be empty.
        kind: one of `service.storage.organisations.KINDS`.
        region: GB/T 2260 code of six digits, may be empty.
        alias: a short name in use, may be empty; only when it is added.
    """

    name: str
    credit_code: str = ""
    kind: str = "other"
    region: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class _Checked:
    name: str
    credit_code: str
    kind: str
    region: str
    alias: str


async def add_organisation(act: Act, entry: NewOrganisationEntry, *, at: str = "") -> UUID:
    """Add an organisation.

    Args:
        act: who, when.
        entry: what is said about it.
        at: what stands before the names of its fields where it is part of a larger form.

    Returns:
        Its id.

    Raises:
        Invalid: with every fault of the input.
        Refused: ORGANISATION_ALREADY_THERE with the way to the one that has the credit code, or the name while one of
            the two has no code to tell them apart.
    """
    act.require("organisation:add")
    checked, faults = _check(entry, at)
    if faults:
        raise Invalid(faults)
    await _refuse_twins(act, checked, None)
    organisation_id = new_id()
    row = NewOrganisation(
        id=organisation_id,
        name=checked.name,
        pinyin=pinyin_of(checked.name),
        credit_code=checked.credit_code or None,
        kind=checked.kind,
        region=checked.region,
        names=(OtherName(checked.alias),) if checked.alias and checked.alias != checked.name else (),
    )
    await insert_organisations(act.session, [row], at=act.at)
    act.record(
        "organisation.added",
        stream=f"organisation:{organisation_id}",
        body={"kind": checked.kind, "region": checked.region, "coded": bool(checked.credit_code), "parents": []},
    )
    return organisation_id


async def change_organisation(act: Act, organisation_id: UUID, entry: NewOrganisationEntry, *, seen: int) -> None:
    """Correct what is said about an organisation. A correction of the name leaves no former name; a new name does.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input.
        Refused: when another organisation has the credit code or the name.
    """
    held = await _held(act, organisation_id, seen)
    checked, faults = _check(entry, "")
    if faults:
        raise Invalid(faults)
    wanted = {
        "name": checked.name,
        "credit_code": checked.credit_code,
        "kind": checked.kind,
        "region": checked.region,
    }
    now = {"name": held.name, "credit_code": held.credit_code, "kind": held.kind, "region": held.region}
    changes: dict[str, object] = {name: value for name, value in wanted.items() if value != now[name]}
    if not changes:
        return
    if changes.keys() & {"name", "credit_code"}:
        await _refuse_twins(act, checked, organisation_id)
    columns = sorted(changes)
    if "name" in changes:
        changes["pinyin"] = pinyin_of(checked.name)
    if "credit_code" in changes:
        changes["credit_code"] = checked.credit_code or None
    await change_row(act.session, organisation_id, **changes)
    act.record("organisation.changed", stream=f"organisation:{organisation_id}", body={"columns": columns})


async def rename_organisation(act: Act, organisation_id: UUID, *, name: str, on: date, seen: int) -> None:
    """Give an organisation a new name from a day on; the old one stays as a former name until the day before.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the name is no name or the present one, or the day is in the future or not after the last rename.
        Refused: when another organisation has the name.
    """
    held = await _held(act, organisation_id, seen)
    checked, faults = _check(NewOrganisationEntry(name, held.credit_code, held.kind, held.region), "")
    last = on - timedelta(days=1)
    renamed_before = await last_rename(act.session, organisation_id)
    began_on = None if renamed_before is None else renamed_before.last_on + timedelta(days=1)
    if on > act.on:
        faults.append(Fault("on", "DAY_IN_FUTURE"))
    if began_on is not None and last < began_on:
        faults.append(Fault("on", "RENAMED_LATER", {"on": began_on.isoformat()}))
    if not faults and checked.name == held.name:
        faults.append(Fault("name", "NAME_UNCHANGED"))
    if faults:
        raise Invalid(faults)
    await _refuse_twins(act, checked, organisation_id)
    if not await has_name(act.session, organisation_id, held.name):
        await put_name(act.session, organisation_id, OtherName(held.name, "former", began_on, last))
    await change_row(act.session, organisation_id, name=checked.name, pinyin=pinyin_of(checked.name))
    act.record("organisation.renamed", stream=f"organisation:{organisation_id}", body={"from_on": on.isoformat()})


async def take_rename_back(act: Act, organisation_id: UUID, *, seen: int) -> None:
    """Take the last rename back that was entered by mistake: the former name is the name again.

    Raises:
        NotFound, Stale: as everywhere.
        Refused: NEVER_RENAMED; ORGANISATION_ALREADY_THERE when another organisation bears the name by now.
    """
    held = await _held(act, organisation_id, seen)
    former = await last_rename(act.session, organisation_id)
    if former is None:
        raise Refused([Refusal("NEVER_RENAMED")])
    checked, _ = _check(NewOrganisationEntry(former.name, held.credit_code, held.kind, held.region), "")
    await _refuse_twins(act, checked, organisation_id)
    await drop_name(act.session, organisation_id, former.id)
    await change_row(act.session, organisation_id, name=former.name, pinyin=pinyin_of(former.name))
    act.record(
        "organisation.rename-undone",
        stream=f"organisation:{organisation_id}",
        body={"from_on": (former.last_on + timedelta(days=1)).isoformat()},
    )


async def add_name(act: Act, organisation_id: UUID, other: OtherName, *, seen: int) -> None:
    """Add a short name, or a former name with its days.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the name is no name, is there already, or its days are the wrong way round.
    """
    held = await _held(act, organisation_id, seen)
    name = one_line(other.name)
    faults = _name_faults("other_name", name)
    if other.kind not in ("alias", "former"):
        faults.append(Fault("name_kind", "FIELD_NOT_A_CHOICE"))
    if other.from_on and other.to_on and other.to_on < other.from_on:
        faults.append(Fault("to_on", "END_BEFORE_START"))
    if not faults and (name == held.name or await has_name(act.session, organisation_id, name)):
        faults.append(Fault("other_name", "NAME_UNCHANGED"))
    if faults:
        raise Invalid(faults)
    await put_name(act.session, organisation_id, OtherName(name, other.kind, other.from_on, other.to_on))
    await change_row(act.session, organisation_id)
    act.record("organisation_name.added", stream=f"organisation:{organisation_id}", body={"kind": other.kind})


async def remove_name(act: Act, organisation_id: UUID, name_id: UUID, *, seen: int) -> None:
    """Remove another name that was entered by mistake.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when there is no such name.
    """
    await _held(act, organisation_id, seen)
    if not await drop_name(act.session, organisation_id, name_id):
        raise Invalid([Fault("other_name", "FIELD_NOT_A_CHOICE")])
    await change_row(act.session, organisation_id)
    act.record("organisation_name.removed", stream=f"organisation:{organisation_id}", body={"name": str(name_id)})


async def set_parent(
    act: Act, organisation_id: UUID, parent_id: UUID | None, *, from_on: date | None, seen: int
) -> None:
    """Say what an organisation belongs to from a day on; what it belonged to ends on the day before.

    Args:
        act: who, when.
        organisation_id: which.
        parent_id: what it belongs to from now on; None for nothing.
        from_on: first day; None for ever since, which only the first parent may be.
        seen: version that was seen.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the parent is unknown, or the day is missing or in the future.
        Refused: PARENT_CIRCLE; PARENT_ALREADY; PARENT_BEGAN_LATER.
    """
    await _held(act, organisation_id, seen)
    ties = await parents_of(act.session, [organisation_id])
    open_ties = [tie for tie in ties if tie.to_on is None]
    faults = []
    if parent_id is not None and await organisation_name(act.session, parent_id) is None:
        faults.append(Fault("parent", "UNIT_UNKNOWN"))
    if from_on is None and (ties or parent_id is None):
        faults.append(Fault("from_on", "FIELD_REQUIRED"))
    if from_on is not None and from_on > act.on:
        faults.append(Fault("from_on", "DAY_IN_FUTURE"))
    if faults:
        raise Invalid(faults)
    if any(tie.parent_id == parent_id for tie in open_ties) or (parent_id is None and not open_ties):
        raise Refused([Refusal("PARENT_ALREADY")])
    if from_on is not None and any(not _began(tie, from_on) for tie in ties):
        raise Refused([Refusal("PARENT_BEGAN_LATER")])
    if parent_id is not None and await leads_back(act, organisation_id, parent_id, from_on):
        raise Refused([Refusal("PARENT_CIRCLE")])
    for tie in ties:
        if from_on is not None and (tie.to_on is None or tie.to_on >= from_on):
            await end_parent(act.session, tie.id, to_on=from_on - timedelta(days=1), at=act.at)
    if parent_id is not None:
        await put_parent(act.session, organisation_id, parent_id, from_on=from_on, to_on=None, at=act.at)
    await change_row(act.session, organisation_id)
    act.record(
        "parent.set",
        stream=f"organisation:{organisation_id}",
        body={
            "parent": str(parent_id) if parent_id else None,
            "from_on": from_on.isoformat() if from_on else None,
        },
    )


async def remove_parent(act: Act, organisation_id: UUID, tie_id: UUID, *, seen: int) -> None:
    """Remove a tie to a parent that was entered by mistake.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when there is no such tie.
    """
    await _held(act, organisation_id, seen)
    if not any(tie.id == tie_id for tie in await parents_of(act.session, [organisation_id])):
        raise Invalid([Fault("parent", "FIELD_NOT_A_CHOICE")])
    await drop_parent(act.session, tie_id, at=act.at)
    await change_row(act.session, organisation_id)
    act.record("parent.removed", stream=f"organisation:{organisation_id}", body={"tie": str(tie_id)})


async def _held(act: Act, organisation_id: UUID, seen: int) -> HeldOrganisation:
    act.require("organisation:change")
    held = await hold_organisation(act.session, organisation_id)
    same_version(seen, held.version, subject=f"organisation:{organisation_id}")
    return held


def _check(entry: NewOrganisationEntry, at: str) -> tuple[_Checked, list[Fault]]:
    name = one_line(unicodedata.normalize("NFC", entry.name))
    faults = _name_faults(f"{at}name", name)
    alias = one_line(unicodedata.normalize("NFC", entry.alias))
    if alias:
        faults += _name_faults(f"{at}alias", alias)
    code = entry.credit_code.strip()
    if code:
        try:
            code = read_credit_code(code)
        except RegistryError as refused:
            faults.append(Fault(f"{at}credit_code", refused.code, dict(refused.facts)))
    if entry.kind not in KINDS:
        faults.append(Fault(f"{at}kind", "FIELD_NOT_A_CHOICE"))
    region = entry.region.strip()
    if region and not _REGION.fullmatch(region):
        faults.append(Fault(f"{at}region", "REGION_FORM"))
    return _Checked(name, code, entry.kind, region, alias), faults


def _name_faults(at: str, name: str) -> list[Fault]:
    if not name:
        return [Fault(at, "FIELD_REQUIRED")]
    if len(name) > NAME_MOST:
        return [Fault(at, "FIELD_TOO_LONG", {"most": NAME_MOST, "length": len(name)})]
    if has_odd_characters(name):
        return [Fault(at, "FIELD_HAS_CONTROLS")]
    if len(comparable(name)) < 2 or not any(mark.isalpha() for mark in name):
        return [Fault(at, "ORGANISATION_NAME_FORM")]
    return []


async def _refuse_twins(act: Act, checked: _Checked, own_id: UUID | None) -> None:
    named, coded = await with_name_or_code(act.session, checked.name, checked.credit_code)
    twin = coded if coded not in (None, own_id) else None
    if twin is None and named not in (None, own_id) and named is not None:
        other = await hold_organisation(act.session, named)
        # Two offices may bear one name when their codes tell them apart.
        if not (other.credit_code and checked.credit_code and other.credit_code != checked.credit_code):
            twin = named
    if twin is not None:
        remedies = (Remedy("SEE_ORGANISATION", f"/organisations/{twin}"),)
        raise Refused([Refusal("ORGANISATION_ALREADY_THERE", facts={"organisation": str(twin)}, remedies=remedies)])


def _began(tie: Span, day: date) -> bool:
    """Return whether a tie began before a day, so that it can end on the day before."""
    return tie.from_on is None or tie.from_on < day


async def leads_back(act: Act, organisation_id: UUID, parent_id: UUID, from_on: date | None) -> bool:
    """Return whether the way up from the parent reaches the organisation on some day from `from_on` on.

    A path counts when one day lies in all its ties; the latest first day and the earliest last day decide.
    """
    reached: dict[UUID, list[tuple[date, date]]] = {parent_id: [(from_on or date.min, date.max)]}
    seen: dict[UUID, set[tuple[date, date]]] = defaultdict(set)
    while reached:
        if organisation_id in reached:
            return True
        ties = await parents_of(act.session, list(reached))
        above: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
        for tie in ties:
            for first, last in reached[tie.organisation_id]:
                span = (max(first, tie.from_on or date.min), min(last, tie.to_on or date.max))
                if span[0] <= span[1] and span not in seen[tie.parent_id]:
                    seen[tie.parent_id].add(span)
                    above[tie.parent_id].append(span)
        reached = above
    return False
