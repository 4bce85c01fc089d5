"""Experts of the library, one by one: adding, changing, looking at what is kept sealed.

Many at once (a roster, a first filling) are taken in by `service.actions.intake` and `service.actions.roster`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

from registry import (
    Appointment,
    Approval,
    Approver,
    Certainty,
    ExpertField,
    Identity,
    IdentityKind,
    Phone,
    RegistryError,
    Source,
    State,
    Terms,
    TitleLevel,
    appoint,
    is_field_code,
    one_line,
    read_identity,
    read_name,
    read_phone,
    recognise_title,
    why_no_letter,
)
from service.actions.act import Act
from service.actions.organisations import NewOrganisationEntry, add_organisation
from service.actions.reason import reason_faults
from service.ids import new_id
from service.keys import Keys
from service.pinyin import pinyin_of
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.acts import note_read
from service.storage.candidate_writing import HeldPerson
from service.storage.expert_writing import HeldExpert, expert_with_identity, hold_expert
from service.storage.intake import NewEmployment, NewExpert, NewTerm, insert_experts
from service.storage.organisations import organisation_name
from service.storage.reorganisation import ended_on
from service.storage.roster_writing import (
    insert_experts_of_known_persons,
    next_expert_numbers,
)

T = TypeVar("T")
SOURCES: Final = tuple(source.value for source in Source)
UNMASKABLE: Final = ("identity", "phone")
_EMAIL: Final = re.compile(r"[^@\s,;<>\"()]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
_LINE_MOST: Final = 100
_FIELDS_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class AboutExpert:
    """What is said about an expert, as typed.

    Attributes:
        name: of the person.
        identity_kind: kind of document, empty to recognise it by the number.
        identity_number: as typed; empty for an unidentified person, who is no candidate.
        phone, email: may be empty.
        title: professional title as written.
        title_level: one of `registry.TitleLevel`; empty follows from the title.
        source: channel of A24, one of `SOURCES`, or empty.
        fields: codes; at most one main field.
    """

    name: str
    identity_number: str = field(default="", repr=False)
    identity_kind: str = ""
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    title: str = ""
    title_level: str = ""
    source: str = ""
    fields: tuple[ExpertField, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkEntry:
    """Where an expert works: an organisation of the library, or a new one.

    Attributes:
        organisation_id: known organisation; None with `new`.
        new: organisation to add in the same act.
        post: what the person is there.
        from_on: first day, None when not known.
        main: whether it is the main employer.
    """

    organisation_id: UUID | None = None
    new: NewOrganisationEntry | None = None
    post: str = ""
    from_on: date | None = None
    main: bool = True


@dataclass(frozen=True, slots=True)
class TermEntry:
    """A term of appointment that is entered from paper; new ones come by a list and its letters.

    Attributes:
        starts_on: first day; the date of the letter of appointment.
        ends_on: last day, inclusive; None takes the length of the edition (A24).
        letter_number: of the letter of appointment, may be empty.
        approval_number: of the county government's document of approval.
        approved_on: its date.
    """

    starts_on: date
    ends_on: date | None = None
    letter_number: str = ""
    approval_number: str = ""
    approved_on: date | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CheckedAbout:
    """What was typed, in its normal form."""

    name: str
    identity: Identity | None
    digest: str
    phone: Phone | None
    email: str
    title: str
    title_level: TitleLevel
    source: str
    fields: tuple[ExpertField, ...]


async def add_expert(
    act: Act, about: AboutExpert, *, work: WorkEntry | None = None, term: TermEntry | None = None
) -> UUID:
    """Add one expert, with employer and first term where they are known.

    Returns:
        The id of the expert.

    Raises:
        Invalid: with every fault of the input.
        Refused: EXPERT_ALREADY_THERE with the way to the one who has the identity number; STRUCK_OFF_BEFORE for a
            person who was struck off.

    Source: A24, A70.
    """
    act.require("expert:add")
    checked, faults = check_about(act.keys, about)
    appointment, term_faults = _check_term(act, term)
    faults += term_faults + await work_faults(act, work)
    if faults:
        raise Invalid(faults)
    if refusals := _letter_refusals(act, term):
        raise Refused(refusals)
    known = await expert_with_identity(act.session, checked.digest) if checked.digest else None
    if known is not None and known[0] is not None:
        raise await already_there(act, known[0])
    person_id = new_id() if known is None else known[1]
    employments: tuple[NewEmployment, ...] = ()
    if work is not None:
        unit_id = await _employer(act, work)
        employments = (NewEmployment(unit_id, work.main, one_line(work.post), work.from_on, None),)
    (number,) = await next_expert_numbers(act.session, 1)
    entry = NewExpert(
        id=new_id(),
        number=number,
        fields=checked.fields,
        terms=() if appointment is None or term is None else (new_term(term, appointment),),
        employments=employments,
        title=checked.title,
        title_level=checked.title_level.value,
        source=checked.source,
        **person_values(act, person_id, checked),
    )
    if known is None:
        await insert_experts(act.session, [entry], at=act.at)
    else:
        await insert_experts_of_known_persons(act.session, [entry], at=act.at)
    act.record(
        "expert.added",
        stream=f"expert:{entry.id}",
        body={
            "person": str(person_id),
            "identified": bool(checked.digest),
            "source": checked.source,
            "fields": [held.code for held in checked.fields],
            "terms": [[held.starts_on.isoformat(), held.ends_on.isoformat()] for held in entry.terms],
        },
        cites=("A24",),
        edition=act.edition.id,
    )
    return entry.id


async def unmask(act: Act, expert_id: UUID, what: str, *, reason: str) -> str:
    """Return an identity or telephone number in full; the look is noted with its reason, whoever looks.

    Args:
        act: who, when.
        expert_id: whose.
        what: one of `UNMASKABLE`.
        reason: why, as typed; at least as long as the policy asks.

    Raises:
        NotFound: when there is no such expert.
        Invalid: when the reason is missing or too short, or nothing is kept.
    """
    act.require("expert:unmask")
    held = await hold_expert(act.session, expert_id)
    faults = reason_faults(act.policy, "reason", reason)
    sealed = {"identity": held.identity_sealed, "phone": held.phone_sealed}.get(what)
    if what not in UNMASKABLE:
        faults.append(Fault("what", "FIELD_NOT_A_CHOICE"))
    elif sealed is None:
        faults.append(Fault("what", "NOTHING_KEPT"))
    if faults or sealed is None:
        raise Invalid(faults)
    note_read(
        act.session,
        at=act.at,
        account_id=act.viewer.account_id,
        what=what,
        subject=f"expert:{expert_id}",
        reason=one_line(reason),
    )
    return act.keys.decrypt(sealed, about=f"person:{held.person_id}:{what}")


def terms_of(act: Act) -> Terms:
    """Return the edition's numbers for the library (A24)."""
    return Terms(years=act.edition.number("TERM_EXPIRED", "years"))


async def work_faults(act: Act, work: WorkEntry | None) -> list[Fault]:
    """Return the faults of an entry about work; what concerns a new organisation is judged when it is added."""
    if work is None:
        return []
    faults = []
    if work.organisation_id is not None:
        if await organisation_name(act.session, work.organisation_id) is None:
            faults.append(Fault("unit", "UNIT_UNKNOWN"))
        last = await ended_on(act.session, work.organisation_id)
        if last is not None and (work.from_on is None or work.from_on > last):
            faults.append(Fault("unit", "UNIT_ENDED", {"on": last.isoformat()}))
    elif work.new is None:
        faults.append(Fault("unit", "FIELD_REQUIRED"))
    if len(one_line(work.post)) > _LINE_MOST:
        faults.append(Fault("post", "FIELD_TOO_LONG", {"most": _LINE_MOST, "length": len(one_line(work.post))}))
    if work.from_on is not None and work.from_on > act.on:
        faults.append(Fault("from_on", "DAY_IN_FUTURE"))
    return faults


def checked_term(act: Act, term: TermEntry) -> Appointment:
    """Return a typed term as a value, as long as the edition says where no end is given.

    Raises:
        Invalid: TERM_ENDS_BEFORE_START, FIELD_TOO_LONG, FIELD_REQUIRED for number and date of the approval.
        Refused: LETTER_BEFORE_APPROVAL.

    Source: A24.
    """
    appointment, faults = _check_term(act, term)
    if faults or appointment is None:
        raise Invalid(faults)
    if refusals := _letter_refusals(act, term):
        raise Refused(refusals)
    return appointment


def _check_term(act: Act, term: TermEntry | None) -> tuple[Appointment | None, list[Fault]]:
    if term is None:
        return None, []
    letter = one_line(term.letter_number)
    faults = [
        Fault(at, "FIELD_TOO_LONG", {"most": _LINE_MOST, "length": len(text)})
        for at, text in (("letter_number", letter), ("approval_number", one_line(term.approval_number)))
        if len(text) > _LINE_MOST
    ]
    if not term.approval_number.strip():
        faults.append(Fault("approval_number", "FIELD_REQUIRED"))
    if term.approved_on is None:
        faults.append(Fault("approved_on", "FIELD_REQUIRED"))
    elif term.approved_on > act.on:
        faults.append(Fault("approved_on", "DAY_IN_FUTURE"))
    if faults:
        return None, faults
    try:
        if term.ends_on is None:
            return appoint(term.starts_on, terms=terms_of(act), letter_number=letter), []
        return Appointment(term.starts_on, term.ends_on, letter), []
    except RegistryError as refused:
        return None, [Fault("ends_on", refused.code, dict(refused.facts))]


def check_about(keys: Keys, about: AboutExpert) -> tuple[CheckedAbout, list[Fault]]:
    """Return what was typed in its normal form, and every fault."""
    faults: list[Fault] = []

    def read(at: str, reader: Callable[[str], T], text: str) -> T | None:
        try:
            return reader(text)
        except RegistryError as refused:
            faults.append(Fault(at, refused.code, dict(refused.facts)))
            return None

    def line(at: str, text: str) -> str:
        tidy = one_line(text)
        if len(tidy) > _LINE_MOST:
            faults.append(Fault(at, "FIELD_TOO_LONG", {"most": _LINE_MOST, "length": len(tidy)}))
        return tidy

    name = read("name", read_name, about.name) if about.name.strip() else None
    if not about.name.strip():
        faults.append(Fault("name", "FIELD_REQUIRED"))
    identity = None
    if about.identity_kind and about.identity_kind not in set(IdentityKind):
        faults.append(Fault("identity_kind", "FIELD_NOT_A_CHOICE"))
    elif about.identity_number.strip():
        kind = IdentityKind(about.identity_kind) if about.identity_kind else None
        identity = read("identity_number", lambda text: read_identity(text, kind=kind), about.identity_number)
    phone = read("phone", read_phone, about.phone) if about.phone.strip() else None
    email = line("email", about.email)
    if email and not _EMAIL.fullmatch(email):
        faults.append(Fault("email", "EMAIL_INVALID"))
    title = line("title", about.title)
    if about.title_level and about.title_level not in set(TitleLevel):
        faults.append(Fault("title_level", "FIELD_NOT_A_CHOICE"))
        level = TitleLevel.NONE
    else:
        level = TitleLevel(about.title_level) if about.title_level else _level_of(title, faults)
    if about.source and about.source not in SOURCES:
        faults.append(Fault("source", "FIELD_NOT_A_CHOICE"))
    faults += _field_faults(about.fields)
    digest = "" if identity is None else keys.identity_hash(identity.kind.value, identity.number)
    return CheckedAbout(name or "", identity, digest, phone, email, title, level, about.source, about.fields), faults


def _level_of(title: str, faults: list[Fault]) -> TitleLevel:
    """Return the level that follows from a title; where it is not sure, a person must say it."""
    reading = recognise_title(title)
    if reading.certainty is not Certainty.EXACT:
        faults.append(Fault("title_level", "TITLE_LEVEL_UNSURE"))
    return reading.level


def _field_faults(fields: tuple[ExpertField, ...]) -> list[Fault]:
    codes = [held.code for held in fields]
    faults = [Fault("fields", "FIELD_CODE_UNKNOWN", {"code": code[:16]}) for code in codes if not is_field_code(code)]
    if not codes:
        faults.append(Fault("main_field", "FIELD_REQUIRED"))
    if len(set(codes)) != len(codes):
        faults.append(Fault("further_fields", "FIELD_TWICE"))
    if len(codes) > _FIELDS_MOST:
        faults.append(Fault("further_fields", "FIELDS_OVER_LIMIT", {"most": _FIELDS_MOST, "count": len(codes)}))
    if sum(held.main for held in fields) > 1:
        faults.append(Fault("main_field", "FIELD_MAIN_TWICE"))
    return faults


async def already_there(act: Act, expert_id: UUID) -> Refused:
    """Return the refusal to add somebody twice, with the way there; who was struck off does not come back (A70)."""
    held = await hold_expert(act.session, expert_id)
    see = (Remedy("SEE_EXPERT", f"/experts/{expert_id}"),)
    if held.state is State.STRUCK_OFF:
        return Refused([act.edition.refusal("STRUCK_OFF", remedies=see)])
    return Refused([Refusal("EXPERT_ALREADY_THERE", facts={"expert": str(expert_id)}, remedies=see)])


async def _employer(act: Act, work: WorkEntry) -> UUID:
    if work.organisation_id is not None:
        return work.organisation_id
    if work.new is None:
        raise Invalid([Fault("unit", "FIELD_REQUIRED")])
    return await add_organisation(act, work.new, at="new_unit_")


def new_term(entry: TermEntry, term: Appointment) -> NewTerm:
    """Return a checked term with its approval, as it is written."""
    number = one_line(entry.approval_number)
    return NewTerm(term.starts_on, term.ends_on, term.letter_number, number, entry.approved_on)


def _letter_refusals(act: Act, term: TermEntry | None) -> list[Refusal]:
    if term is None or term.approved_on is None:
        return []
    approval = Approval(Approver.COUNTY_GOVERNMENT, one_line(term.approval_number), term.approved_on)
    return [act.edition.refusal(one.code, one.facts) for one in why_no_letter(approval, letter_on=term.starts_on)]


def person_values(act: Act, person_id: UUID, checked: CheckedAbout) -> dict[str, Any]:
    """Return the columns of a person, numbers sealed."""
    identity, phone = checked.identity, checked.phone
    return {
        "person_id": person_id,
        "name": checked.name,
        "pinyin": pinyin_of(checked.name),
        "identity_kind": "" if identity is None else identity.kind.value,
        "identity_hash": checked.digest or None,
        "identity_sealed": None if identity is None else seal(act, person_id, "identity", identity.number),
        "identity_masked": "" if identity is None else identity.masked,
        "sex": "" if identity is None or identity.sex is None else identity.sex.value,
        "born_on": None if identity is None else identity.born_on,
        "phone_sealed": None if phone is None else seal(act, person_id, "phone", phone.number),
        "phone_masked": "" if phone is None else phone.masked,
        "email": checked.email,
    }


def seal(act: Act, person_id: UUID, what: str, number: str) -> bytes:
    """Return a number sealed for the person and the kind that it is of."""
    return act.keys.encrypt(number, about=f"person:{person_id}:{what}")


def person_changes(act: Act, held: HeldExpert | HeldPerson, checked: CheckedAbout) -> dict[str, Any]:
    """Return the columns of the person that get new values."""
    values = person_values(act, held.person_id, checked)
    changes: dict[str, Any] = {}
    if checked.name != held.name:
        changes |= {"name": values["name"], "pinyin": values["pinyin"]}
    if checked.email != held.email:
        changes["email"] = checked.email
    if checked.digest and checked.digest != held.identity_hash:
        changes |= {name: values[name] for name in values if name.startswith("identity_") or name in ("sex", "born_on")}
    if checked.phone is not None and not _same_phone(act, held, checked.phone):
        changes |= {"phone_sealed": values["phone_sealed"], "phone_masked": values["phone_masked"]}
    return changes


def _same_phone(act: Act, held: HeldExpert | HeldPerson, phone: Phone) -> bool:
    if held.phone_sealed is None:
        return False
    return act.keys.decrypt(held.phone_sealed, about=f"person:{held.person_id}:phone") == phone.number


def said_columns(person: Mapping[str, Any]) -> set[str]:
    """Return what the record calls the changed columns of a person."""
    named = {"identity_hash": "identity", "phone_sealed": "phone", "name": "name", "email": "email"}
    return {named[column] for column in person if column in named}
