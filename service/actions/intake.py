"""Taking many organisations or experts into the library at once, as an import or a first filling does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry import (
    Appointment,
    ExpertField,
    Identity,
    Phone,
    TitleLevel,
    ValueRefused,
    is_field_code,
    read_credit_code,
)
from service.actions.act import Act
from service.pinyin import pinyin_of
from service.problems import Fault, Invalid
from service.storage.intake import (
    DatedParent,
    NewEmployment,
    NewExpert,
    NewOrganisation,
    NewTerm,
    OtherName,
    credit_codes_held,
    identities_held,
    insert_experts,
    insert_organisations,
)


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """An organisation to take in.

    Attributes:
        id: fresh; later entries may name it as their parent.
        name: present name.
        credit_code: unified social credit code, empty when not known.
        kind: such as `bureau` or `company`.
        region: GB/T 2260 code.
        is_county_government: whether it is the county government itself.
        names: short and former names.
        parents: what it belongs to, oldest first.
    """

    id: UUID
    name: str
    credit_code: str
    kind: str
    region: str
    is_county_government: bool = False
    names: tuple[OtherName, ...] = ()
    parents: tuple[DatedParent, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpertEntry:
    """An expert to take in; identity and telephone number are checked values of `registry`.

    Attributes:
        id, person_id: fresh ids of expert and person.
        number: number in the library, unique.
        name: as shown.
        identity: None while nobody has established it; the person is then no candidate.
        phone: None when not known.
        title, title_level: professional title as written, and its level.
        source: channel of A24: `self`, `organisation`, `invited` or `open-call`.
        fields: at most one of them main.
        terms, employments, away: with their days.
    """

    id: UUID
    person_id: UUID
    number: str
    name: str
    identity: Identity | None
    phone: Phone | None
    title: str
    title_level: TitleLevel
    source: str
    fields: tuple[ExpertField, ...]
    terms: tuple[Appointment, ...]
    employments: tuple[NewEmployment, ...]
    away: tuple[tuple[date, date], ...] = ()


async def take_in_organisations(act: Act, entries: Sequence[OrganisationEntry]) -> None:
    """Write organisations, one event each.

    Raises:
        Invalid: naming every entry whose name is missing, or whose credit code is wrong, repeated or held already.
    """
    act.require("organisation:add")
    faults: list[Fault] = []
    held = set(await credit_codes_held(act.session, {entry.credit_code for entry in entries if entry.credit_code}))
    for place, entry in enumerate(entries):
        if not entry.name.strip():
            faults.append(Fault(f"organisations.{place}.name", "FIELD_REQUIRED"))
        if not entry.credit_code:
            continue
        try:
            read_credit_code(entry.credit_code)
        except ValueRefused as refused:
            faults.append(Fault(f"organisations.{place}.credit_code", refused.code, refused.facts))
        if entry.credit_code in held:
            faults.append(Fault(f"organisations.{place}.credit_code", "CREDIT_CODE_TAKEN"))
        held.add(entry.credit_code)
    if faults:
        raise Invalid(faults)
    rows = [
        NewOrganisation(
            id=entry.id,
            name=entry.name,
            pinyin=pinyin_of(entry.name),
            credit_code=entry.credit_code or None,
            kind=entry.kind,
            region=entry.region,
            is_county_government=entry.is_county_government,
            names=entry.names,
            parents=entry.parents,
        )
        for entry in entries
    ]
    await insert_organisations(act.session, rows, at=act.at)
    for entry in entries:
        act.record(
            "organisation.added",
            stream=f"organisation:{entry.id}",
            body={
                "kind": entry.kind,
                "region": entry.region,
                "parents": [str(up.organisation_id) for up in entry.parents],
            },
        )


async def take_in_experts(act: Act, entries: Sequence[ExpertEntry]) -> None:
    """Write experts with all that belongs to them, one event each.

    Identity numbers are kept encrypted and known by their keyed hash; nobody is taken in twice.

    Raises:
        Invalid: naming every entry whose name is missing, whose fields are unknown, or whose identity is there already.

    Source: A24.
    """
    act.require("expert:add")
    hashes = [
        "" if entry.identity is None else act.keys.identity_hash(entry.identity.kind, entry.identity.number)
        for entry in entries
    ]
    held = set(await identities_held(act.session, {digest for digest in hashes if digest}))
    faults: list[Fault] = []
    for place, (entry, digest) in enumerate(zip(entries, hashes, strict=True)):
        if not entry.name.strip():
            faults.append(Fault(f"experts.{place}.name", "FIELD_REQUIRED"))
        if digest in held:
            faults.append(Fault(f"experts.{place}.identity", "IDENTITY_TAKEN"))
        if digest:
            held.add(digest)
        faults += [
            Fault(f"experts.{place}.fields", "FIELD_CODE_UNKNOWN", {"code": field.code})
            for field in entry.fields
            if not is_field_code(field.code)
        ]
    if faults:
        raise Invalid(faults)
    rows = [_new_expert(act, entry, digest) for entry, digest in zip(entries, hashes, strict=True)]
    await insert_experts(act.session, rows, at=act.at)
    for row in rows:
        act.record(
            "expert.added",
            stream=f"expert:{row.id}",
            body={
                "person": str(row.person_id),
                "identified": row.identity_hash is not None,
                "source": row.source,
                "fields": [field.code for field in row.fields],
                "terms": [[term.starts_on.isoformat(), term.ends_on.isoformat()] for term in row.terms],
            },
            cites=("A24",),
            edition=act.edition.id,
        )


def _new_expert(act: Act, entry: ExpertEntry, digest: str) -> NewExpert:
    person_id = entry.person_id
    identity, phone = entry.identity, entry.phone
    return NewExpert(
        id=entry.id,
        person_id=person_id,
        number=entry.number,
        name=entry.name,
        pinyin=pinyin_of(entry.name),
        identity_kind="" if identity is None else identity.kind.value,
        identity_hash=digest or None,
        identity_sealed=None
        if identity is None
        else act.keys.encrypt(identity.number, about=f"person:{person_id}:identity"),
        identity_masked="" if identity is None else identity.masked,
        sex="" if identity is None or identity.sex is None else identity.sex.value,
        born_on=None if identity is None else identity.born_on,
        phone_sealed=None if phone is None else act.keys.encrypt(phone.number, about=f"person:{person_id}:phone"),
        phone_masked="" if phone is None else phone.masked,
        email="",
        title=entry.title,
        title_level=entry.title_level.value,
        source=entry.source,
        fields=entry.fields,
        terms=tuple(NewTerm(term.starts_on, term.ends_on, term.letter_number) for term in entry.terms),
        employments=entry.employments,
        away=entry.away,
    )
