"""The center's part in applications: filling in for somebody, giving the link, taking in, turning down, looking."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from registry import ApplicationStage, Attester, Finding, Item, Outcome, Source, one_line
from service.actions.act import Act, commit_to, same_version
from service.actions.application_data import seal, unseal
from service.actions.applications import ApplicationEntry, check_entry
from service.actions.candidates import CandidateEntry, receive_candidate, record_finding
from service.actions.experts import WorkEntry
from service.actions.reason import reason_faults
from service.actions.visit import Visit
from service.ids import new_id
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.acts import note_read
from service.storage.application_writing import (
    HeldApplication,
    NewApplication,
    change_application,
    hold_application,
    next_number,
    put_application,
    put_link,
)
from service.storage.applications import file_content
from service.storage.attached import AttachedFile
from service.storage.expert_writing import keep_text

LINK_FOR: Final = timedelta(days=7)
_NOTE_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class GivenLink:
    """An application with the token of its one-time link, which is shown once and kept nowhere."""

    application_id: UUID
    token: str


async def invite_to_apply(act: Act, entry: ApplicationEntry, *, note: str) -> GivenLink:
    """Fill in an application for somebody whom the center invites, or whom an organisation named on paper.

    The person confirms it by the link; without that it is nobody's application.

    Args:
        act: who, when.
        entry: what is known of the person; identity and telephone number may be left to the person.
        note: who invited, or which organisation recommends.

    Raises:
        Invalid: with every fault of the input.

    Source: A24, A25.6.
    """
    act.require("application:invite")
    source = entry.about.source
    checked, said, faults = check_entry(visit_of(act), entry, by_the_person=False)
    words = one_line(note)
    if source not in (Source.INVITED, Source.ORGANISATION):
        faults.append(Fault("source", "FIELD_NOT_A_CHOICE" if source else "CHOICE_REQUIRED"))
    if not words:
        faults.append(Fault("source_note", "FIELD_REQUIRED"))
    elif len(words) > _NOTE_MOST:
        faults.append(Fault("source_note", "FIELD_TOO_LONG", {"most": _NOTE_MOST, "length": len(words)}))
    if faults:
        raise Invalid(faults)
    application_id = new_id()
    number = await next_number(act.session, on=act.on)
    await put_application(
        act.session,
        NewApplication(
            id=application_id,
            key_sha256=None,
            digest="",
            source=source,
            source_note=words,
            call_id=None,
            name=checked.name,
            identity_hash=checked.digest or None,
            sealed=seal(act.keys, application_id, said),
            stage=ApplicationStage.UNCONFIRMED,
            sent_on=act.on,
            invited_by=act.viewer.account_id,
        ),
        number,
        at=act.at,
    )
    act.record(
        "application.invited",
        stream=f"application:{application_id}",
        body={"number": number, "source": source},
        cites=("A24",),
        edition=act.edition.id,
    )
    return GivenLink(application_id, await _link(act, application_id))


async def give_link(act: Act, application_id: UUID, *, seen: int) -> GivenLink:
    """Make a new one-time link for the person of an application; the one before ends.

    Raises:
        NotFound, Stale: as everywhere.
        Refused: APPLICATION_DECIDED unless the person has still to confirm.
    """
    held = await _held(act, "application:invite", application_id, seen)
    _still(held, ApplicationStage.UNCONFIRMED)
    token = await _link(act, application_id)
    await change_application(act.session, application_id)
    return GivenLink(application_id, token)


async def take_application(act: Act, application_id: UUID, *, work: WorkEntry | None, seen: int) -> UUID:
    """Make the person of an application a candidate; the own declarations stand on the card at once (A25.6).

    Args:
        act: who, when.
        application_id: which.
        work: the organisation that the center found for the typed one, None where there is none.
        seen: the version that was seen.

    Returns:
        The id of the candidate.

    Raises:
        NotFound, Stale, Invalid: as everywhere.
        Refused: APPLICATION_DECIDED; EXPERT_ALREADY_THERE, STRUCK_OFF, APPLICATION_RUNNING as for every candidate,
            whichever way the person came.

    Source: A24, A25.6, A70.
    """
    held = await _held(act, "application:take", application_id, seen)
    _still(held, ApplicationStage.SUBMITTED)
    said = unseal(act.keys, application_id, held.sealed)
    entry = CandidateEntry(said.about(held.name, held.source), work, held.source_note)
    candidate_id = await receive_candidate(act, entry)
    declared = ((Item.CONSENT, said.willing, held.number), (Item.HEALTH, said.able, ""))
    for item, yes, words in declared:
        if yes:
            await record_finding(act, candidate_id, Finding(item, Outcome.MET, Attester.SELF, act.on), words)
    await change_application(act.session, application_id, stage=ApplicationStage.TAKEN.value, candidate_id=candidate_id)
    act.record(
        "application.taken",
        stream=f"application:{application_id}",
        body={"candidate": str(candidate_id)},
        cites=("A24",),
        edition=act.edition.id,
    )
    return candidate_id


async def reject_application(act: Act, application_id: UUID, *, reason: str, seen: int) -> None:
    """Turn down an application before the first check; whoever follows it reads the reason.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: APPLICATION_DECIDED.

    Source: A24.
    """
    held = await _held(act, "application:take", application_id, seen)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    _still(held, ApplicationStage.UNCONFIRMED, ApplicationStage.SUBMITTED)
    stream = f"application:{application_id}"
    digest, salt = commit_to(reason.strip())
    keep_text(act.session, stream, sha256=digest, salt=salt, text=reason.strip())
    await change_application(act.session, application_id, stage=ApplicationStage.REJECTED.value)
    act.record(
        "application.rejected",
        stream=stream,
        body={"reason_sha256": digest},
        cites=("A24",),
        edition=act.edition.id,
    )


async def open_file(act: Act, application_id: UUID, file_id: UUID) -> tuple[AttachedFile, bytes]:
    """Return a file that came with an application; the look is noted.

    Raises:
        NotFound: when the application has no such file.
    """
    act.require("application:read-file")
    file, content = await file_content(act.session, application_id, file_id)
    _note(act, application_id, "application-file", "")
    return file, content


async def unmask_application(act: Act, application_id: UUID, what: str, *, reason: str) -> str:
    """Return the identity or telephone number of an application in full; the look is noted with its reason.

    Raises:
        NotFound: when there is no such application.
        Invalid: when the reason is missing or too short, or nothing is kept.
    """
    act.require("application:read-file")
    held = await hold_application(act.session, application_id)
    said = unseal(act.keys, application_id, held.sealed)
    numbers = {"identity": said.identity_number, "phone": said.phone, "recommender": said.recommender_phone}
    faults = reason_faults(act.policy, "reason", reason)
    if what not in numbers:
        faults.append(Fault("what", "FIELD_NOT_A_CHOICE"))
    elif not numbers[what]:
        faults.append(Fault("what", "NOTHING_KEPT"))
    if faults:
        raise Invalid(faults)
    _note(act, application_id, f"application-{what}", one_line(reason))
    return numbers[what]


def visit_of(act: Act) -> Visit:
    """Return the part of an act's setting that checking an application needs."""
    return Visit(act.session, act.at, act.keys, act.edition)


async def _link(act: Act, application_id: UUID) -> str:
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    await put_link(act.session, application_id, digest, at=act.at, expires_at=act.at + LINK_FOR)
    act.record("application.link-given", stream=f"application:{application_id}", body={})
    return token


def _note(act: Act, application_id: UUID, what: str, reason: str) -> None:
    note_read(
        act.session,
        at=act.at,
        account_id=act.viewer.account_id,
        what=what,
        subject=f"application:{application_id}",
        reason=reason,
    )


def _still(held: HeldApplication, *stages: ApplicationStage) -> None:
    if held.stage not in stages:
        raise Refused(
            [Refusal("APPLICATION_DECIDED", facts={"stage": held.stage.value}, remedies=(Remedy("LOOK_AGAIN"),))]
        )


async def _held(act: Act, operation: str, application_id: UUID, seen: int) -> HeldApplication:
    act.require(operation)
    held = await hold_application(act.session, application_id)
    same_version(seen, held.version, subject=f"application:{application_id}")
    return held
