"""What a notice says: the center's own wording where there is one, else that of the catalogues, filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.locales import fill, installed, language_of, say_date, say_list
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow, MatterTextRow
from service.storage.rows.notices import NoticeTemplateRow


@dataclass(frozen=True, slots=True)
class Wording:
    """A notice in words.

    Attributes:
        subject: one line.
        body: plain text of a mail or a letter.
        short: text of a short message.
    """

    subject: str
    body: str
    short: str


async def wording_of(
    session: AsyncSession,
    template: str,
    language: str,
    words: Mapping[str, Any],
    *,
    guest: bool = False,
    instead: tuple[str, str, str] | None = None,
) -> Wording:
    """Return what a notice says in a language.

    Args:
        session: an open session.
        template: code of the notice.
        language: `zh` or `en`.
        words: what stands for the places in the text.
        guest: whether the recipient has no account to sign in with; then nothing tells to sign in.
        instead: subject, body and short text to be tried in the place of those in force.
    """
    own = instead or await _own_wording(session, template, language)
    subject, body, short = own or standard_wording(template, language, guest=guest)
    # A line break in a subject would begin another header.
    said = " ".join(fill(subject, words).split())
    return Wording(said, fill(body, words), fill(short or "%(subject)s %(link)s", {**words, "subject": said}).strip())


async def _own_wording(session: AsyncSession, template: str, language: str) -> tuple[str, str, str] | None:
    """Return the center's own wording, or None where the standard one stands."""
    own = await session.scalar(
        select(NoticeTemplateRow)
        .where(NoticeTemplateRow.code == template, NoticeTemplateRow.language == language)
        .order_by(NoticeTemplateRow.version.desc())
        .limit(1)
    )
    return None if own is None or not own.subject else (own.subject, own.body, own.short)


def standard_wording(template: str, language: str, *, guest: bool = False) -> tuple[str, str, str]:
    """Return subject, body and short text of the catalogues, with their places; the short text may be empty."""
    body = _said(f"MAIL_{template}_BODY_GUEST", language) if guest else ""
    return (
        _raw(f"MAIL_{template}_SUBJECT", language),
        body or _raw(f"MAIL_{template}_BODY", language),
        _said(f"SMS_{template}", language),
    )


async def words_of(session: AsyncSession, params: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return the parameters with names in the place of ids, and days as they are said."""
    lang = language_of(language)
    words = {name: say_list(value, lang=lang) if isinstance(value, list) else value for name, value in params.items()}
    if "matter_id" in params:
        matter = await session.get_one(MatterRow, UUID(params["matter_id"]))
        words["matter"] = f"{matter.number} {matter.title}"
    if "place_sha256" in params:
        words["place"] = await session.scalar(
            select(MatterTextRow.text).where(
                MatterTextRow.matter_id == UUID(params["matter_id"]), MatterTextRow.sha256 == params["place_sha256"]
            )
        )
    if "organisation_id" in params:
        words["organisation"] = (await session.get_one(OrganisationRow, UUID(params["organisation_id"]))).name
    if "person_id" in params:
        words["person"] = (await session.get_one(PersonRow, UUID(params["person_id"]))).name
    if "account_id" in params:
        account = await session.get_one(AccountRow, UUID(params["account_id"]))
        words["account"] = (await session.get_one(PersonRow, account.person_id)).name
    if "day" in params:
        words["day"] = say_date(date.fromisoformat(params["day"]), lang=lang)
    return words


def _raw(code: str, language: str) -> str:
    """Return a message with its places unfilled."""
    return installed().gettext(language_of(language), code)


def _said(code: str, language: str) -> str:
    """Return a message that a catalogue may lack; empty then."""
    text = _raw(code, language)
    return "" if text == code else text
