"""Carrying a confirmed import out: drafts sealed and spelt in a thread, then written in one unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from registry import comparable
from service.actions.act import Act
from service.actions.dry_run import key_of
from service.actions.roster_work import DryRun, Prepared, settle_dry_run
from service.exchange import (
    Column,
    Compared,
    Outcome,
    RosterRow,
)
from service.ids import new_id
from service.keys import Keys
from service.pinyin import pinyin_of
from service.storage.intake import (
    NewEmployment,
    NewExpert,
    NewOrganisation,
    NewTerm,
    insert_experts,
    insert_organisations,
)
from service.storage.roster import (
    HeldExpert,
    change_run,
    forget_file,
    hold_run,
    identity_place,
    organisations_known,
    persons_by_hash,
    phone_place,
    versions_now,
)
from service.storage.roster_writing import (
    ExpertChange,
    change_experts,
    insert_experts_of_known_persons,
    next_expert_numbers,
)
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works: the organisation, or the name under which it is being added, and the post."""

    unit_id: UUID | None
    key: str
    post: str


@dataclass(frozen=True, slots=True)
class Drafts:
    """Everything that a confirmed import writes, sealed and spelt before the transaction opens.

    Attributes:
        organisations: units that the library does not know, by comparable name.
        experts: new experts without number and employment, with where they work.
        changes: changes of experts who are there, without the move to another unit.
    """

    organisations: Mapping[str, NewOrganisation]
    experts: tuple[tuple[NewExpert, Place], ...]
    changes: tuple[tuple[ExpertChange, Place], ...]


def draft_import(prepared: Prepared, found: DryRun) -> Drafts:
    """Return what confirming would write; pure, belongs in a thread: it seals numbers and spells names."""
    held = {str(expert.id): expert for expert in prepared.held.experts}
    organisations: dict[str, NewOrganisation] = {}
    experts, changes = [], []
    for one in found.compared:
        if one.outcome not in (Outcome.NEW, Outcome.CHANGED):
            continue
        row, key = one.row, comparable(one.row.unit)
        if row.unit and not one.unit_id:
            if key not in organisations:
                organisations[key] = NewOrganisation(new_id(), row.unit, pinyin_of(row.unit), None, "other", "")
            if row.credit_code and organisations[key].credit_code is None:
                organisations[key] = replace(organisations[key], credit_code=row.credit_code)
        place = Place(UUID(one.unit_id) if one.unit_id else None, key, row.post)
        if one.outcome is Outcome.NEW:
            experts.append((_new_expert(prepared.keys, row), place))
        else:
            changes.append((_change_of(prepared.keys, held[one.expert_id], one), place))
    return Drafts(organisations, tuple(experts), tuple(changes))


async def settle_import(act: Act, prepared: Prepared, found: DryRun, drafts: Drafts) -> bool:
    """Write what the dry run promised, in this unit of work, and close the run; return whether it was written.

    When the library moved, so that a row would now do something else than what was shown, nothing is written: the new
    dry run is stored, and the person looks again.
    """
    act.require("roster:import")
    run = await hold_run(act.session, prepared.run.id)
    if run is None or run.state != "confirming":
        return False
    if found.plan_sha256 != run.plan_sha256 or await _moved(act.session, prepared, found, drafts):
        moved = Prepared(run, prepared.sealed, prepared.held, prepared.terms, prepared.keys)
        await settle_dry_run(act, moved, found)
        await change_run(act.session, run.id, state="checked", code="ROSTER_LIBRARY_MOVED")
        return False
    organisations = await _add_organisations(act, drafts)
    added = await _add_experts(act, drafts, organisations)
    changed = await _change_experts(act, drafts, organisations)
    await forget_file(act.session, run.id)
    await change_run(
        act.session, run.id, state="confirmed", closed_at=act.at, code="", questions_sealed=None, job_id=None
    )
    act.record(
        "roster.confirmed",
        stream=f"roster:{run.id}",
        body={
            "plan_sha256": run.plan_sha256,
            "file_sha256": run.file_sha256,
            "basis": run.basis,
            "added": added,
            "changed": changed,
            "organisations": len(organisations),
        },
        cites=("A24", "A26"),
        edition=act.edition.id,
    )
    return True


async def _moved(session: Session, prepared: Prepared, found: DryRun, drafts: Drafts) -> bool:
    """Return whether somebody wrote between the reading and this transaction what the plan stands on."""
    held = {str(expert.id): expert for expert in prepared.held.experts}
    touched = [held[one.expert_id] for one in found.compared if one.outcome is Outcome.CHANGED]
    now = await versions_now(session, [expert.id for expert in touched])
    if any(now.get(expert.id) != (expert.expert_version, expert.person_version) for expert in touched):
        return True
    hash_of = key_of(prepared.keys)
    fresh = [hash_of(one.row.identity) for one in found.compared if one.outcome is Outcome.NEW and one.row.identity]
    known = await persons_by_hash(session, fresh)
    if any(is_expert for _, is_expert in known.values()):
        return True
    fresh_units = list(drafts.organisations.values())
    codes = [unit.credit_code for unit in fresh_units if unit.credit_code]
    return await organisations_known(session, [unit.name for unit in fresh_units], codes)


async def _add_organisations(act: Act, drafts: Drafts) -> dict[str, UUID]:
    """Write the units that the library does not know; return comparable name -> id."""
    await insert_organisations(act.session, list(drafts.organisations.values()), at=act.at)
    for organisation in drafts.organisations.values():
        act.record(
            "organisation.added", stream=f"organisation:{organisation.id}", body={"kind": "other", "source": "roster"}
        )
    return {key: organisation.id for key, organisation in drafts.organisations.items()}


async def _add_experts(act: Act, drafts: Drafts, organisations: Mapping[str, UUID]) -> int:
    numbers = await next_expert_numbers(act.session, len(drafts.experts))
    hashes = [draft.identity_hash for draft, _ in drafts.experts if draft.identity_hash]
    known = {digest: person_id for digest, (person_id, _) in (await persons_by_hash(act.session, hashes)).items()}
    strangers, others = [], []
    for (draft, place), number in zip(drafts.experts, numbers, strict=True):
        unit_id = place.unit_id or organisations.get(place.key)
        jobs = (NewEmployment(unit_id, True, place.post, None, None),) if unit_id else ()
        entry = replace(draft, number=number, employments=jobs)
        if entry.identity_hash in known:
            others.append(replace(entry, person_id=known[entry.identity_hash]))
        else:
            strangers.append(entry)
    await insert_experts(act.session, strangers, at=act.at)
    await insert_experts_of_known_persons(act.session, others, at=act.at)
    for entry in (*strangers, *others):
        act.record(
            "expert.added",
            stream=f"expert:{entry.id}",
            body={
                "person": str(entry.person_id),
                "identified": entry.identity_hash is not None,
                "source": entry.source,
                "fields": [held.code for held in entry.fields],
                "terms": [[term.starts_on.isoformat(), term.ends_on.isoformat()] for term in entry.terms],
            },
            cites=("A24",),
            edition=act.edition.id,
        )
    return len(drafts.experts)


async def _change_experts(act: Act, drafts: Drafts, organisations: Mapping[str, UUID]) -> int:
    changes = []
    for draft, place in drafts.changes:
        unit_id = place.unit_id or organisations.get(place.key)
        if Column.UNIT.value in draft.columns and unit_id:
            last = act.on - timedelta(days=1)
            changes.append(replace(draft, new_unit_id=unit_id, ends_on=last, starts_on=act.on, post=place.post))
        else:
            changes.append(replace(draft, starts_on=act.on))
    await change_experts(act.session, changes, at=act.at)
    for change in changes:
        act.record(
            "expert.changed",
            stream=f"expert:{change.expert_id}",
            body={"columns": sorted(change.columns), "source": "roster"},
            cites=("A26",) if "term" in change.columns else (),
            edition=act.edition.id,
        )
    return len(changes)


def _new_expert(keys: Keys, row: RosterRow) -> NewExpert:
    person_id, identity, phone = new_id(), row.identity, row.phone
    return NewExpert(
        id=new_id(),
        person_id=person_id,
        number="",
        name=row.name,
        pinyin=pinyin_of(row.name),
        identity_kind=identity.kind.value if identity else "",
        identity_hash=keys.identity_hash(identity.kind.value, identity.number) if identity else None,
        identity_sealed=keys.encrypt(identity.number, about=identity_place(person_id)) if identity else None,
        identity_masked=identity.masked if identity else "",
        sex=row.sex,
        born_on=row.born_on,
        phone_sealed=keys.encrypt(phone.number, about=phone_place(person_id)) if phone else None,
        phone_masked=phone.masked if phone else "",
        email=row.email,
        title=row.title,
        title_level=row.title_level.value,
        source=row.source,
        fields=row.fields,
        terms=(NewTerm(row.term.starts_on, row.term.ends_on, row.term.letter_number),) if row.term else (),
        employments=(),
    )


def _change_of(keys: Keys, held: HeldExpert, one: Compared) -> ExpertChange:
    row, columns = one.row, {change.column for change in one.changes}
    person: dict[str, Any] = {}
    expert: dict[str, Any] = {}
    if Column.NAME in columns:
        person |= {"name": row.name, "pinyin": pinyin_of(row.name)}
    if Column.SEX in columns:
        person["sex"] = row.sex
    if Column.BORN_ON in columns:
        person["born_on"] = row.born_on
    if Column.EMAIL in columns:
        person["email"] = row.email
    if Column.PHONE in columns and row.phone:
        person["phone_sealed"] = keys.encrypt(row.phone.number, about=phone_place(held.person_id))
        person["phone_masked"] = row.phone.masked
    if Column.IDENTITY in columns and (identity := row.identity):
        person |= {
            "identity_kind": identity.kind.value,
            "identity_hash": keys.identity_hash(identity.kind.value, identity.number),
            "identity_sealed": keys.encrypt(identity.number, about=identity_place(held.person_id)),
            "identity_masked": identity.masked,
        }
    if columns & {Column.TITLE, Column.TITLE_LEVEL}:
        expert |= {"title": row.title, "title_level": row.title_level.value}
    if Column.SOURCE in columns:
        expert["source"] = row.source
    return ExpertChange(
        expert_id=held.id,
        person_id=held.person_id,
        columns=frozenset(column.value for column in columns),
        person=person,
        expert=expert,
        fields=row.fields if Column.FIELDS in columns else None,
        term=row.term if Column.TERM in columns else None,
        employment_id=held.employment_id,
        post=row.post if Column.POST in columns else None,
    )
