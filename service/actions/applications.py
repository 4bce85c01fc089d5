"""Applying for the library without an account: sending, following, confirming by a one-time link (A24)."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from registry import ApplicationStage, Source, first_stage, one_line, why_not_called
from service.actions.act import commit_to
from service.actions.application_data import Recommender, Said, code_fits, code_of, said_of, seal, unseal
from service.actions.experts import AboutExpert, CheckedAbout, check_about
from service.actions.visit import Visit
from service.ids import new_id
from service.problems import Fault, Invalid, KeyReused, NotFound, Refusal, Refused, Remedy
from service.storage.application_writing import (
    HeldApplication,
    NewApplication,
    change_application,
    count_waiting,
    find_link,
    hold_application,
    next_number,
    put_application,
    put_files,
    see_application,
    sent_with,
    use_link,
)
from service.storage.applications import Followed, follow, id_of_number
from service.storage.attached import NewFile
from service.storage.calls import load_call
from service.storage.erasure import ends_of
from service.storage.expert_writing import keep_text
from service.storage.session import Session

PUBLIC_SOURCES: Final = (Source.SELF, Source.ORGANISATION, Source.OPEN_CALL)
STATEMENT_MOST: Final = 1000
FILES_MOST: Final = 3
FILE_KINDS: Final = ("title", "consent", "other")
WAITING_MOST: Final = 500
"""Undecided applications at one time: what strangers can make the center keep has an end."""
_LINE_MOST: Final = 100
_REASON_MOST: Final = 500
# What only the person can say; whoever fills in for somebody else may leave it out.
_OWN_TO_SAY: Final = frozenset({("main_field", "FIELD_REQUIRED"), ("title_level", "TITLE_LEVEL_UNSURE")})


@dataclass(frozen=True, slots=True)
class ApplicationEntry:
    """An application, as typed.

    Attributes:
        about: the person; `source` names the channel.
        unit, post, statement: in words.
        willing, able: ticked by the person (A25.6).
        call_number: of the open call, for that channel.
        recommender: who fills it in for somebody else.
    """

    about: AboutExpert
    unit: str = ""
    post: str = ""
    statement: str = ""
    willing: bool = False
    able: bool = False
    call_number: str = ""
    recommender: Recommender | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What whoever sent an application takes along: number and code to follow it by."""

    number: str
    code: str
    stage: ApplicationStage


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person who follows a link is asked to confirm.

    Attributes:
        kept_since: day from which the time counts for which it is kept unconfirmed.
    """

    number: str
    name: str
    source: str
    source_note: str
    said: Said
    kept_since: date | None


async def send_application(
    visit: Visit, entry: ApplicationEntry, files: Sequence[NewFile], *, key: str, digest: str
) -> Receipt:
    """Take an application as it arrives; who the person is in the library already is not told here.

    The same key with the same content gets the same receipt, so that sending twice applies once.

    Args:
        visit: when.
        entry: as typed.
        files: examined already.
        key: the sender's idempotency key.
        digest: of everything that came with it.

    Raises:
        Invalid: with every fault of the input.
        Refused: CALL_NOT_OPEN outside the period of the call, INBOX_FULL.
        KeyReused: when the key came before with another content.

    Source: A24, A25.6.
    """
    key_sha256 = hashlib.sha256(key.encode()).hexdigest()
    number = await next_number(visit.session, on=visit.on)
    if before := await sent_with(visit.session, key_sha256):
        application_id, sent, stage, kept = before
        if kept != digest:
            raise KeyReused
        return Receipt(sent, code_of(visit.keys, application_id), stage)
    if entry.about.source not in set(PUBLIC_SOURCES):
        raise Invalid([Fault("source", "FIELD_NOT_A_CHOICE")])
    source = Source(entry.about.source)
    checked, said, faults = check_entry(visit, entry, by_the_person=source is not Source.ORGANISATION)
    if source is Source.ORGANISATION:
        faults += _recommender_faults(entry.recommender)
    if len(files) > FILES_MOST:
        faults.append(Fault("files", "CHOICES_OVER_LIMIT", {"most": FILES_MOST, "count": len(files)}))
    if faults:
        raise Invalid(faults)
    call_id, note = await _channel(visit, source, entry)
    if await count_waiting(visit.session) >= WAITING_MOST:
        raise Refused([Refusal("INBOX_FULL", remedies=(Remedy("APPLY_ON_PAPER"),))])
    application_id, stage = new_id(), first_stage(source, by_the_person=True)
    await put_application(
        visit.session,
        NewApplication(
            id=application_id,
            key_sha256=key_sha256,
            digest=digest,
            source=source.value,
            source_note=note,
            call_id=call_id,
            name=checked.name,
            identity_hash=checked.digest or None,
            sealed=seal(visit.keys, application_id, said),
            stage=stage,
            sent_on=visit.on,
        ),
        number,
        at=visit.at,
    )
    await put_files(visit.session, application_id, files, at=visit.at)
    visit.record(
        "application.sent",
        stream=f"application:{application_id}",
        body={
            "number": number,
            "source": source.value,
            "call": str(call_id) if call_id else None,
            "files": [one.sha256 for one in files],
        },
        cites=("A24",),
    )
    return Receipt(number, code_of(visit.keys, application_id), stage)


async def follow_application(visit: Visit, number: str, code: str) -> Followed:
    """Return how far an application has come, to whoever knows its number and code.

    Raises:
        Invalid: when the two do not belong together, whichever of them is wrong.
    """
    application_id = await id_of_number(visit.session, number.strip().upper())
    if not code_fits(visit.keys, application_id or UUID(int=0), code) or application_id is None:
        raise Invalid([Fault("code", "APPLICATION_NOT_FOUND")])
    return await follow(visit.session, application_id)


async def asked_by_link(visit: Visit, token: str) -> Asked:
    """Return what a person is asked to confirm; nothing changes.

    Raises:
        NotFound: when there never was such a link.
        Refused: LINK_USED, LINK_OVER.
    """
    held = await _behind(visit, token, see_application)
    said = unseal(visit.keys, held.id, held.sealed)
    since = (await ends_of(visit.session, applications=[held.id])).get(held.id)
    return Asked(held.number, held.name, held.source, held.source_note, said, since)


async def confirm_application(
    visit: Visit, token: str, entry: ApplicationEntry, files: Sequence[NewFile] = ()
) -> Receipt:
    """Confirm what somebody else filled in, corrected by the person, who alone says what only the person can say.

    Raises:
        NotFound: when there never was such a link.
        Invalid: with every fault; a number other than the one that was named is one.
        Refused: LINK_USED, LINK_OVER.

    Source: A24, A25.6.
    """
    held = await _behind(visit, token, hold_application)
    own = replace(entry, about=replace(entry.about, source=held.source))
    checked, said, faults = check_entry(visit, own, by_the_person=True)
    if held.identity_hash and checked.digest and checked.digest != held.identity_hash:
        faults.append(Fault("identity_number", "IDENTITY_NOT_AS_NAMED"))
    if len(files) > FILES_MOST:
        faults.append(Fault("files", "CHOICES_OVER_LIMIT", {"most": FILES_MOST, "count": len(files)}))
    if faults:
        raise Invalid(faults)
    before = unseal(visit.keys, held.id, held.sealed)
    kept = replace(
        said,
        recommender_unit=before.recommender_unit,
        recommender_name=before.recommender_name,
        recommender_phone=before.recommender_phone,
    )
    await use_link(visit.session, _hash(token), at=visit.at)
    await put_files(visit.session, held.id, files, at=visit.at)
    await change_application(
        visit.session,
        held.id,
        name=checked.name,
        identity_hash=checked.digest,
        sealed=seal(visit.keys, held.id, kept),
        stage=ApplicationStage.SUBMITTED.value,
        confirmed_on=visit.on,
    )
    visit.record(
        "application.confirmed",
        stream=f"application:{held.id}",
        body={"files": [one.sha256 for one in files]},
        cites=("A24", "A25.6"),
    )
    return Receipt(held.number, code_of(visit.keys, held.id), ApplicationStage.SUBMITTED)


async def decline_application(visit: Visit, token: str, *, reason: str) -> None:
    """Say no to what somebody else filled in; a reason may be given.

    Raises:
        NotFound, Refused: as in `confirm_application`.
        Invalid: when the reason is too long.
    """
    held = await _behind(visit, token, hold_application)
    words = reason.strip()
    if len(words) > _REASON_MOST:
        raise Invalid([Fault("reason", "FIELD_TOO_LONG", {"most": _REASON_MOST, "length": len(words)})])
    stream, body = f"application:{held.id}", {}
    if words:
        digest, salt = commit_to(words)
        keep_text(visit.session, stream, sha256=digest, salt=salt, text=words)
        body = {"reason_sha256": digest}
    await use_link(visit.session, _hash(token), at=visit.at)
    await change_application(visit.session, held.id, stage=ApplicationStage.DECLINED.value)
    visit.record("application.declined", stream=stream, body=body, cites=("A25.6",))


def check_entry(
    visit: Visit, entry: ApplicationEntry, *, by_the_person: bool
) -> tuple[CheckedAbout, Said, list[Fault]]:
    """Return what was typed in its normal form, and every fault.

    Args:
        visit: its keys.
        entry: as typed.
        by_the_person: whether the person answers for it, with identity number, telephone number and declarations.
    """
    about = entry.about
    checked, faults = check_about(visit.keys, about)
    if by_the_person:
        faults += [
            Fault(at, "FIELD_REQUIRED")
            for at, text in (("identity_number", about.identity_number), ("phone", about.phone))
            if not text.strip()
        ]
        declared = (("willing", entry.willing, "WILLING_NOT_DECLARED"), ("able", entry.able, "ABLE_NOT_DECLARED"))
        faults += [Fault(at, code) for at, said, code in declared if not said]
    else:
        faults = [one for one in faults if (one.at, one.code) not in _OWN_TO_SAY]
    lines = {"unit": one_line(entry.unit), "post": one_line(entry.post), "statement": entry.statement.strip()}
    for at, text in lines.items():
        most = STATEMENT_MOST if at == "statement" else _LINE_MOST
        if len(text) > most:
            faults.append(Fault(at, "FIELD_TOO_LONG", {"most": most, "length": len(text)}))
    recommender = entry.recommender or Recommender("", "", "")
    level = checked.title_level.value if by_the_person else about.title_level
    said = said_of(
        checked,
        level=level,
        recommender_unit=one_line(recommender.unit),
        recommender_name=one_line(recommender.name),
        recommender_phone=one_line(recommender.phone),
        willing=by_the_person and entry.willing,
        able=by_the_person and entry.able,
        **lines,
    )
    return checked, said, faults


def _recommender_faults(recommender: Recommender | None) -> list[Fault]:
    given = recommender or Recommender("", "", "")
    faults = []
    for at, text in (
        ("recommender_unit", given.unit),
        ("recommender_name", given.name),
        ("recommender_phone", given.phone),
    ):
        tidy = one_line(text)
        if not tidy:
            faults.append(Fault(at, "FIELD_REQUIRED"))
        elif len(tidy) > _LINE_MOST:
            faults.append(Fault(at, "FIELD_TOO_LONG", {"most": _LINE_MOST, "length": len(tidy)}))
    return faults


async def _channel(visit: Visit, source: Source, entry: ApplicationEntry) -> tuple[UUID | None, str]:
    """Return the call and the words of what the channel rests on."""
    if source is Source.ORGANISATION and entry.recommender is not None:
        return None, one_line(entry.recommender.unit)
    if source is not Source.OPEN_CALL:
        return None, ""
    try:
        call = await load_call(visit.session, entry.call_number)
    except NotFound:
        raise Invalid([Fault("call", "CALL_UNKNOWN")]) from None
    if broken := why_not_called(call.period, on=visit.on):
        raise Refused([Refusal(one.code, facts=one.facts, remedies=(Remedy("SEE_CALLS", "/calls"),)) for one in broken])
    return call.id, f"{call.number} {call.title}"


async def _behind(
    visit: Visit, token: str, load: Callable[[Session, UUID], Awaitable[HeldApplication]]
) -> HeldApplication:
    link = await find_link(visit.session, _hash(token))
    held = await load(visit.session, link.application_id)
    if link.used_at is not None:
        raise Refused([Refusal("LINK_USED", remedies=(Remedy("FOLLOW_APPLICATION", "/apply/status"),))])
    if link.expires_at <= visit.at or held.stage is not ApplicationStage.UNCONFIRMED:
        raise Refused([Refusal("LINK_OVER", remedies=(Remedy("ASK_THE_CENTER"),))])
    return held


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
