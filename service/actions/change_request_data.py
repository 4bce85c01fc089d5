"""What a request for a change says: what the library said then and what is asked, sealed as one piece."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from registry import ChangeItem, ExpertField, Particulars, differing
from service.keys import Keys
from service.storage.change_requests import ChangeView
from service.storage.expert_writing import HeldEmployment, HeldExpert, see_expert
from service.storage.organisations import organisation_name
from service.storage.session import Session


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """What a request says.

    Attributes:
        before: what the library said when the expert asked.
        asked: what it shall say.
        identity_kind, identity_number: of the document, empty where another number is not asked.
    """

    before: Particulars
    asked: Particulars
    identity_kind: str = ""
    identity_number: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Compared:
    """A request beside what the library says now.

    Attributes:
        overtaken: what somebody changed in the library after the expert asked about it.
    """

    wanted: Wanted
    now: Particulars
    overtaken: tuple[ChangeItem, ...]


def seal(keys: Keys, request_id: object, wanted: Wanted) -> bytes:
    """Return what a request says, encrypted."""
    text = json.dumps(asdict(wanted), ensure_ascii=False, default=date.isoformat)
    return keys.encrypt(text, about=f"change-request:{request_id}")


def unseal(keys: Keys, request_id: object, sealed: bytes) -> Wanted:
    """Return what a request says."""
    held = json.loads(keys.decrypt(sealed, about=f"change-request:{request_id}"))
    return Wanted(**(held | {name: _particulars(held[name]) for name in ("before", "asked")}))


def without_numbers(keys: Keys, request_id: object, sealed: bytes) -> bytes:
    """Return the same request, encrypted, with its identity and telephone numbers masked only."""
    wanted = unseal(keys, request_id, sealed)
    before, asked = (replace(one, identity="", phone="") for one in (wanted.before, wanted.asked))
    return seal(keys, request_id, replace(wanted, before=before, asked=asked, identity_number=""))


async def said_now(session: Session, keys: Keys, held: HeldExpert, *, on: date) -> Particulars:
    """Return what the library says about an expert on a day."""
    job = main_work(held, on=on)
    phone = ""
    if held.phone_sealed is not None:
        phone = keys.decrypt(held.phone_sealed, about=f"person:{held.person_id}:phone")
    return Particulars(
        name=held.name,
        identity=held.identity_hash,
        identity_masked=held.identity_masked,
        phone=phone,
        phone_masked=held.phone_masked,
        email=held.email,
        title=held.title,
        title_level=held.title_level,
        fields=held.fields,
        unit=await organisation_name(session, job.organisation_id) or "" if job else "",
        post=job.post if job else "",
        from_on=job.from_on if job else None,
    )


def main_work(held: HeldExpert, *, on: date) -> HeldEmployment | None:
    """Return the main work of an expert that lasts on a day, None without one."""
    return next((job for job in held.employments if job.main and (job.to_on is None or job.to_on >= on)), None)


async def compared(session: Session, keys: Keys, view: ChangeView, *, on: date) -> Compared:
    """Return a request beside what the library says now."""
    wanted = unseal(keys, view.id, view.sealed)
    now = await said_now(session, keys, await see_expert(session, view.expert_id), on=on)
    return Compared(wanted, now, overtaken(wanted, now, view.items))


def overtaken(wanted: Wanted, now: Particulars, items: tuple[ChangeItem, ...]) -> tuple[ChangeItem, ...]:
    """Return what was changed in the library after the expert asked about it."""
    return differing(replace(wanted.before, words=""), now, items)


def _particulars(held: Mapping[str, Any]) -> Particulars:
    days = {name: date.fromisoformat(held[name]) if held[name] else None for name in ("from_on", "left_on")}
    fields = tuple(ExpertField(one["code"], one["main"]) for one in held["fields"])
    return Particulars(**(dict(held) | days | {"fields": fields}))
