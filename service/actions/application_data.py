"""What an application says: sealed as a whole while it is kept, and the code by which the applicant follows it."""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from typing import Final
from uuid import UUID

from registry import ExpertField
from service.actions.experts import AboutExpert, CheckedAbout
from service.keys import Keys

# Without 0, 1, I and O, which people mix up; 32 signs, so that 5 bits make one.
_SIGNS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH: Final = 12


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """What an application says beside name and channel; numbers in their normal form.

    Attributes:
        identity_kind, identity_number: empty while the person has not given them.
        identity_masked, phone_masked: as pages show them.
        unit, post: as typed; the center finds the organisation.
        statement: what speaks for the person, in words.
        recommender_unit, recommender_name, recommender_phone: who filled it in for the person, empty otherwise.
        willing, able: the person's own declarations (A25.6).
    """

    identity_kind: str = ""
    identity_number: str = ""
    identity_masked: str = ""
    phone: str = ""
    phone_masked: str = ""
    email: str = ""
    title: str = ""
    title_level: str = ""
    fields: tuple[ExpertField, ...] = ()
    unit: str = ""
    post: str = ""
    statement: str = ""
    recommender_unit: str = ""
    recommender_name: str = ""
    recommender_phone: str = ""
    willing: bool = False
    able: bool = False

    def about(self, name: str, source: str) -> AboutExpert:
        """Return what the center enters when it takes the application."""
        return AboutExpert(
            name=name,
            identity_number=self.identity_number,
            identity_kind=self.identity_kind,
            phone=self.phone,
            email=self.email,
            title=self.title,
            title_level=self.title_level,
            source=source,
            fields=self.fields,
        )


@dataclass(frozen=True, slots=True)
class Recommender:
    """Who fills in an application for somebody else."""

    unit: str
    name: str
    phone: str = field(repr=False)


def said_of(checked: CheckedAbout, *, level: str, **others: object) -> Said:
    """Return what was typed and checked.

    Args:
        checked: the person in normal form.
        level: title level as typed; empty leaves it to whoever completes the application.
        others: further columns of `Said`.
    """
    identity, phone = checked.identity, checked.phone
    return Said(
        identity_kind="" if identity is None else identity.kind.value,
        identity_number="" if identity is None else identity.number,
        identity_masked="" if identity is None else identity.masked,
        phone="" if phone is None else phone.number,
        phone_masked="" if phone is None else phone.masked,
        email=checked.email,
        title=checked.title,
        title_level=level,
        fields=checked.fields,
        **others,  # type: ignore[arg-type]
    )


def seal(keys: Keys, application_id: UUID, said: Said) -> bytes:
    """Return what an application says, encrypted."""
    return keys.encrypt(json.dumps(asdict(said), ensure_ascii=False), about=f"application:{application_id}")


def unseal(keys: Keys, application_id: UUID, sealed: bytes) -> Said:
    """Return what an application says."""
    held = json.loads(keys.decrypt(sealed, about=f"application:{application_id}"))
    held["fields"] = tuple(ExpertField(one["code"], one["main"]) for one in held["fields"])
    return Said(**held)


def code_of(keys: Keys, application_id: UUID) -> str:
    """Return the code by which an application is followed: 60 bits that only this installation can compute.

    It is derived and kept nowhere, so the center can tell it again to somebody who lost it.
    """
    digest = hmac.new(keys.identity, f"application-code:{application_id}".encode(), hashlib.sha256).digest()
    return "".join(_SIGNS[byte % len(_SIGNS)] for byte in digest[:_CODE_LENGTH])


def code_fits(keys: Keys, application_id: UUID, typed: str) -> bool:
    """Return whether a typed code is the one of an application; small letters, blanks and hyphens do not matter."""
    tidy = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
    return hmac.compare_digest(code_of(keys, application_id), tidy)
