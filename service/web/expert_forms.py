"""The forms of experts: what they are read into, and what is offered to choose from."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from registry import (
    DISCIPLINES,
    DOMAINS,
    Certainty,
    ExpertField,
    FieldReading,
    TitleLevel,
    field_name,
    recognise_field,
    recognise_fields,
)
from service.actions.expert_life import AwayEntry
from service.actions.experts import AboutExpert, TermEntry, WorkEntry
from service.actions.organisations import NewOrganisationEntry
from service.exchange.wording import say_level
from service.locales import gettext, language, mark, say_list
from service.problems import Invalid, Refused
from service.storage.expert_page import ExpertView
from service.storage.matter_choices import find_organisation
from service.storage.organisations import OrganisationChoice, find_organisations
from service.storage.session import Session
from service.web.forms import Form

T = TypeVar("T")
SOURCE_NAMES = {
    "self": mark("个人申请"),
    "organisation": mark("组织推荐"),
    "invited": mark("定向邀请"),
    "open-call": mark("公开征集"),
    "other": mark("其他方式"),
}
IDENTITY_NAMES = {
    "resident": mark("居民身份证"),
    "permit": mark("居住证、通行证或永久居留身份证"),
    "passport": mark("护照"),
}


@dataclass(frozen=True, slots=True)
class UnitChoosing:
    """The organisations among which a form lets choose.

    Attributes:
        choices: nearest first.
        total: how many there are in all.
    """

    choices: tuple[OrganisationChoice, ...] = ()
    total: int = 0


async def judged(form: Form, doing: Awaitable[T]) -> T:
    """Return what an act gives; what is wrong with the form and what the act finds wrong are told together.

    A form with faults never comes through: the unit of work is rolled back by what is raised here.
    """
    try:
        done = await doing
    except Invalid as problem:
        places = {fault.at for fault in form.faults}
        raise Invalid([*form.faults, *(fault for fault in problem.faults if fault.at not in places)]) from None
    except Refused:
        form.check()
        raise
    form.check()
    return done


def read_about(form: Form) -> AboutExpert:
    """Return what a form says about an expert; what cannot be read of the fields is noted in it."""
    return AboutExpert(
        name=form.text("name", most=200),
        identity_kind=form.typed("identity_kind").strip(),
        identity_number=form.text("identity_number", most=60),
        phone=form.text("phone", most=60),
        email=form.text("email", most=200),
        title=form.text("title", most=200),
        title_level=form.typed("title_level").strip(),
        source=form.typed("source").strip(),
        fields=read_fields(form),
    )


def read_fields(form: Form) -> tuple[ExpertField, ...]:
    """Return the fields of a form: one main field, further ones typed or ticked; each code once.

    A word that only resembles a field is not taken; the fault names what may be meant.
    """
    main = _certain(form, "main_field", [recognise_field(form.typed("main_field"))])
    further = certain_fields(form, "further_fields")
    ticked = form.choices("further_codes", (*DOMAINS, *DISCIPLINES))
    codes = dict.fromkeys([*main, *further, *ticked])
    return tuple(ExpertField(code, code in main) for code in codes)


def certain_fields(form: Form, name: str) -> list[str]:
    """Return the codes of the fields that are typed in one line; what cannot be read is noted in the form."""
    return _certain(form, name, list(recognise_fields(form.typed(name))))


async def read_work(session: Session, form: Form, *, needed: bool) -> WorkEntry | None:
    """Return where a form says that somebody works.

    A ticked choice decides, then a new organisation, then a typed name or credit code that means exactly one.
    """
    post, from_on = form.text("post", most=200), form.day("from_on")
    main = form.typed("side") != "yes"
    if form.typed("new_unit_name").strip():
        return WorkEntry(new=read_new_unit(form), post=post, from_on=from_on, main=main)
    organisation_id = await read_unit(session, form, "unit", needed=needed)
    if organisation_id is None:
        return None
    return WorkEntry(organisation_id=organisation_id, post=post, from_on=from_on, main=main)


def read_new_unit(form: Form) -> NewOrganisationEntry:
    """Return the new organisation that a form adds on the way."""
    return NewOrganisationEntry(
        name=form.typed("new_unit_name"),
        credit_code=form.text("new_unit_credit_code", most=60),
        kind=form.typed("new_unit_kind").strip() or "other",
    )


async def read_unit(session: Session, form: Form, name: str, *, needed: bool) -> UUID | None:
    """Return the organisation that a form names in the field `name`, or that is ticked in `<name>_id`."""
    ticked = form.id(f"{name}_id")
    typed = form.typed(name).strip()
    if ticked is not None:
        return ticked
    if not typed:
        if needed:
            form.fault(name, "FIELD_REQUIRED")
        return None
    found = await find_organisation(session, typed)
    if len(found) == 1:
        return found[0]
    form.fault(name, "UNIT_SEVERAL" if found else "UNIT_NOT_FOUND")
    return None


async def units_for(session: Session, form: Form, name: str, *, on: date) -> UnitChoosing:
    """Return what a form offers beside a typed name that did not mean exactly one organisation."""
    typed = form.typed(name).strip()
    if not typed:
        return UnitChoosing()
    choices, total = await find_organisations(session, typed, on=on)
    return UnitChoosing(choices, total)


def read_term(form: Form, *, needed: bool) -> TermEntry | None:
    """Return the term that a form states; without a first day there is none."""
    starts_on, ends_on = form.day("starts_on", required=needed), form.day("ends_on")
    letter, number = form.text("letter_number", most=200), form.text("approval_number", most=200)
    approved_on = form.day("approved_on")
    if starts_on is None:
        if (ends_on or letter or number or approved_on) and not needed:
            form.fault("starts_on", "FIELD_REQUIRED")
        return None
    return TermEntry(starts_on, ends_on, letter, number, approved_on)


def read_away(form: Form) -> AwayEntry | None:
    """Return the absence that a form states."""
    first, last = form.day("away_from", required=True), form.day("away_to", required=True)
    return AwayEntry(first, last) if first and last else None


def typed_from(expert: ExpertView) -> Form:
    """Return a form that shows an expert for changing; identity and telephone number stay sealed and empty."""
    values = {
        "name": expert.name,
        "email": expert.email,
        "title": expert.title,
        "title_level": expert.title_level,
        "source": expert.source,
        "main_field": field_text(expert.main_field) if expert.main_field else "",
        "further_fields": say_list([field_text(code) for code in expert.further_fields]),
    }
    return Form({name: [value] for name, value in values.items()})


def field_text(code: str) -> str:
    """Return a field as a form shows it, in a spelling that is recognised again: `水利工程 57025` or `水利工程`."""
    return code if len(code) > 3 else field_name(code, language=language())


def field_options() -> tuple[tuple[str, str], ...]:
    """Return code and name of every field that has a name: the county's domains first, then the disciplines."""
    return tuple((code, field_name(code, language=language())) for code in (*DOMAINS, *DISCIPLINES))


def level_options() -> tuple[tuple[str, str], ...]:
    """Return code and name of every title level, highest first."""
    return tuple((level.value, say_level(level.value)) for level in TitleLevel)


def source_options() -> tuple[tuple[str, str], ...]:
    """Return code and name of the channels of A24."""
    return tuple((code, gettext(name)) for code, name in SOURCE_NAMES.items())


def identity_options() -> tuple[tuple[str, str], ...]:
    """Return code and name of the kinds of identity documents."""
    return tuple((code, gettext(name)) for code, name in IDENTITY_NAMES.items())


def _certain(form: Form, name: str, readings: list[FieldReading]) -> list[str]:
    codes = []
    for reading in readings:
        if reading.certainty is Certainty.EXACT and reading.code:
            codes.append(reading.code)
        elif reading.certainty is Certainty.SUGGESTION:
            meant = say_list([field_name(code, language=language()) for code in (reading.code, *reading.others)])
            form.fault(name, "FIELD_MEANT", text=reading.text[:40], names=meant)
        elif reading.text:
            form.fault(name, "FIELD_NOT_FOUND", text=reading.text[:40])
    return codes
