"""Experts ask for a change of their data, with evidence; the center accepts it, or refuses with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from registry import IDENTIFYING, ChangeItem, ExpertField, Particulars, differing, one_line
from service.actions.act import Act, commit_to, same_version
from service.actions.change_request_data import Wanted, main_work, overtaken, said_now, seal, unseal
from service.actions.corrections import ASKED, change_expert
from service.actions.expert_life import add_employment, end_employment
from service.actions.experts import AboutExpert, CheckedAbout, WorkEntry, check_about
from service.actions.own_affair import not_own
from service.actions.reason import reason_faults
from service.ids import new_id
from service.jobs import notify
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.acts import note_read
from service.storage.attached import AttachedFile, NewFile
from service.storage.change_requests import (
    OPEN,
    HeldChange,
    drop_evidence,
    end_change,
    evidence_content,
    hold_change,
    items_open,
    load_change,
    put_change,
    put_evidence,
)
from service.storage.expert_writing import HeldExpert, hold_expert, keep_text

EVIDENCE_KINDS: Final = ("identity", "title", "work")
FILES_MOST: Final = len(EVIDENCE_KINDS)
WORDS_MOST: Final = 500
_LINE_MOST: Final = 100
# Where faults of what is not asked to be changed stand; what was kept so is no fault of who asks for something else.
_PLACES: Final = {
    ChangeItem.EMAIL: ("email",),
    ChangeItem.TITLE: ("title", "title_level"),
    ChangeItem.FIELDS: ("fields", "main_field", "further_fields"),
}


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """What an expert asks, as typed; None, or an empty number, leaves what is kept.

    Attributes:
        unit, post, from_on: the main work now, with its first day; the center finds the organisation.
        left_on: last day of the main work where no other follows.
        words: what else is asked, such as a degree or a certificate to be kept.
    """

    name: str | None = None
    identity_number: str = field(default="", repr=False)
    identity_kind: str = ""
    phone: str = field(default="", repr=False)
    email: str | None = None
    title: str | None = None
    title_level: str | None = None
    fields: tuple[ExpertField, ...] | None = None
    unit: str = ""
    post: str = ""
    from_on: date | None = None
    left_on: date | None = None
    words: str = ""


async def ask_change(act: Act, expert_id: UUID, entry: ChangeEntry, files: Sequence[NewFile], *, seen: int) -> UUID:
    """Ask for a change of what the library says about oneself; nothing changes before the center accepts.

    Args:
        act: who, when.
        expert_id: the expert, who asks.
        entry: as typed.
        files: evidence, examined.
        seen: the version of the expert that was seen.

    Returns:
        The id of the request.

    Raises:
        NotFound: when it is somebody else.
        Stale: when the expert's data changed since.
        Invalid: with every fault; NOTHING_ASKED when it is all said already; EVIDENCE_NEEDED for name and identity.
        Refused: CHANGE_ASKED_ALREADY for what an undecided request asks.
    """
    held = await hold_expert(act.session, expert_id)
    if held.person_id != act.viewer.person_id:
        raise NotFound(subject="expert")
    act.require("change-request:ask", ("own",))
    same_version(seen, held.version, subject=f"expert:{expert_id}")
    before = await said_now(act.session, act.keys, held, on=act.on)
    wanted, faults = _read(act, held, before, entry)
    items = differing(before, wanted.asked)
    if not items and not faults:
        faults.append(Fault("", "NOTHING_ASKED"))
    if IDENTIFYING & set(items) and not any(one.kind == "identity" for one in files):
        faults.append(Fault("file_identity", "EVIDENCE_NEEDED"))
    if len(files) > FILES_MOST:
        faults.append(Fault("files", "LIST_TOO_LONG", {"most": FILES_MOST}))
    if faults:
        raise Invalid(faults)
    if twice := sorted(set(items) & await items_open(act.session, expert_id)):
        raise Refused([Refusal("CHANGE_ASKED_ALREADY", facts={"items": twice})])
    request_id = new_id()
    sealed = seal(act.keys, request_id, wanted)
    number = await put_change(act.session, request_id, expert_id, items=items, sealed=sealed, at=act.at, on=act.on)
    await put_evidence(act.session, request_id, files, at=act.at)
    act.record(
        "change.asked",
        stream=f"expert:{expert_id}",
        body={
            "request": str(request_id),
            "number": number,
            "items": [item.value for item in items],
            "files": [one.sha256 for one in files],
        },
    )
    return request_id


async def withdraw_change(act: Act, request_id: UUID, *, seen: int) -> None:
    """Take back what one asked for; its evidence has no purpose any more and is deleted.

    Raises:
        NotFound: when it is somebody else's, or there is none.
        Stale: as everywhere.
        Refused: CHANGE_DECIDED.
    """
    view = await load_change(act.session, act.viewer, request_id)
    if not view.own:
        raise NotFound(subject="change-request")
    act.require("change-request:ask", ("own",))
    held, _ = await _held(act, request_id, seen)
    await drop_evidence(act.session, request_id)
    await end_change(act.session, request_id, "withdrawn", on=act.on)
    act.record("change.withdrawn", stream=f"expert:{held.expert_id}", body={"request": str(request_id)})


async def accept_change(
    act: Act, request_id: UUID, *, work: WorkEntry | None, reason: str = "", anyway: bool = False, seen: int
) -> None:
    """Accept what an expert asked: the library changes as if the center had entered it, with all that follows.

    A change of the main work is noted for the center to judge (A26.1) and counts in every later check of interests.

    Args:
        act: who, when.
        request_id: the request.
        work: the organisation that the center found for the typed unit; post and first day are the expert's.
        reason: how the evidence was compared; needed where it changes who is meant.
        anyway: that the center knows what was changed meanwhile and enters what is asked all the same.
        seen: the version that was seen, of the request and the expert together.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault, the unit among them.
        Refused: OWN_AFFAIR; CHANGE_DECIDED; CHANGE_OVERTAKEN with what changed since; whatever stands against the
            change itself, such as another expert of that identity number.

    Source: A24, A26.1.
    """
    act.require("change-request:decide")
    held, expert = await _held(act, request_id, seen)
    not_own(act, [expert.person_id])
    wanted = unseal(act.keys, request_id, held.sealed)
    now = await said_now(act.session, act.keys, expert, on=act.on)
    words = one_line(reason)
    faults = reason_faults(act.policy, "reason", words) if words or IDENTIFYING & set(held.items) else []
    if ChangeItem.WORK in held.items and wanted.asked.left_on is None and work is None:
        faults.append(Fault("unit", "FIELD_REQUIRED"))
    if faults:
        raise Invalid(faults)
    if not anyway and (moved := overtaken(wanted, now, held.items)):
        raise Refused([Refusal("CHANGE_OVERTAKEN", facts={"items": sorted(moved)})])
    if ChangeItem.WORK in held.items:
        await _enter_work(act, expert, wanted.asked, work)
        expert = await hold_expert(act.session, held.expert_id)
    if set(held.items) - {ChangeItem.WORK, ChangeItem.OTHER}:
        about = _about(expert, wanted, held.items)
        await change_expert(act, held.expert_id, about, seen=expert.version, reason=words, nature=ASKED, compared=True)
    await _end(act, held, expert, words, accepted=True)


async def refuse_change(act: Act, request_id: UUID, *, reason: str, seen: int) -> None:
    """Refuse what an expert asked; the expert reads the reason.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: OWN_AFFAIR; CHANGE_DECIDED.
    """
    act.require("change-request:decide")
    held, expert = await _held(act, request_id, seen)
    not_own(act, [expert.person_id])
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    await _end(act, held, expert, one_line(reason), accepted=False)


async def open_evidence(act: Act, request_id: UUID, file_id: UUID) -> tuple[AttachedFile, bytes]:
    """Return a file of evidence; a look of the center is noted, and the expert sees it.

    Raises:
        NotFound: when there is no such file, or it is not for the viewer to know.
    """
    view = await load_change(act.session, act.viewer, request_id)
    act.require("change-request:read-file", ("own",) if view.own else ())
    file, content = await evidence_content(act.session, request_id, file_id)
    if not view.own:
        note_read(
            act.session,
            at=act.at,
            account_id=act.viewer.account_id,
            what="change-file",
            subject=f"expert:{view.expert_id}",
            reason=view.number,
        )
    return file, content


def _read(act: Act, held: HeldExpert, before: Particulars, entry: ChangeEntry) -> tuple[Wanted, list[Fault]]:
    about = AboutExpert(
        name=held.name if entry.name is None else entry.name,
        identity_number=entry.identity_number,
        identity_kind=entry.identity_kind,
        phone=entry.phone,
        email=held.email if entry.email is None else entry.email,
        title=held.title if entry.title is None else entry.title,
        title_level=held.title_level if entry.title_level is None and entry.title is None else entry.title_level or "",
        source=held.source,
        fields=held.fields if entry.fields is None else entry.fields,
    )
    checked, faults = check_about(act.keys, about)
    asked, wrong = _work_asked(act, _asked(before, checked), entry)
    same = {at for item, places in _PLACES.items() if before.about(item) == asked.about(item) for at in places}
    words = entry.words.strip()
    if len(words) > WORDS_MOST:
        wrong.append(Fault("words", "FIELD_TOO_LONG", {"most": WORDS_MOST, "length": len(words)}))
    identity = checked.identity
    wanted = Wanted(
        before,
        replace(asked, words=words),
        identity_kind=identity.kind.value if identity else "",
        identity_number=identity.number if identity else "",
    )
    return wanted, [one for one in faults if one.at not in same] + wrong


def _asked(before: Particulars, checked: CheckedAbout) -> Particulars:
    asked = replace(
        before,
        name=checked.name,
        email=checked.email,
        title=checked.title,
        title_level=checked.title_level.value,
        fields=checked.fields,
    )
    if checked.identity is not None:
        asked = replace(asked, identity=checked.digest, identity_masked=checked.identity.masked)
    if checked.phone is not None:
        asked = replace(asked, phone=checked.phone.number, phone_masked=checked.phone.masked)
    return asked


def _work_asked(act: Act, asked: Particulars, entry: ChangeEntry) -> tuple[Particulars, list[Fault]]:
    """Return what is asked about the main work: another one, or that it ended; and every fault."""
    unit, post = one_line(entry.unit), one_line(entry.post)
    faults = [
        Fault(at, "FIELD_TOO_LONG", {"most": _LINE_MOST, "length": len(text)})
        for at, text in (("unit", unit), ("post", post))
        if len(text) > _LINE_MOST
    ]
    faults += [
        Fault(at, "DAY_IN_FUTURE")
        for at, day in (("from_on", entry.from_on), ("left_on", entry.left_on))
        if day is not None and day > act.on
    ]
    if not unit and (post or entry.from_on):
        faults.append(Fault("unit", "FIELD_REQUIRED"))
    if unit and entry.left_on:
        faults.append(Fault("left_on", "WORK_OR_END"))
    elif unit and entry.from_on is None and (unit, post) != (asked.unit, asked.post):
        faults.append(Fault("from_on", "FIELD_REQUIRED"))
    elif entry.left_on and not asked.unit:
        faults.append(Fault("left_on", "NO_MAIN_WORK"))
    if unit:
        return replace(asked, unit=unit, post=post, from_on=entry.from_on), faults
    return replace(asked, left_on=entry.left_on), faults


async def _enter_work(act: Act, expert: HeldExpert, asked: Particulars, work: WorkEntry | None) -> None:
    """End the main work, or begin another one; another post at the same organisation ends the one before."""
    job, last = main_work(expert, on=act.on), asked.left_on
    if work is not None and asked.from_on is not None and job is not None:
        last = asked.from_on - timedelta(days=1) if job.organisation_id == work.organisation_id else None
    if job is not None and last is not None:
        try:
            await end_employment(act, expert.id, job.id, to_on=last, seen=expert.version)
        except Invalid as problem:
            raise Invalid([replace(one, at="work") for one in problem.faults]) from None
        expert = await hold_expert(act.session, expert.id)
    if work is not None and asked.left_on is None:
        entry = replace(work, post=asked.post, from_on=asked.from_on, main=True)
        await add_employment(act, expert.id, entry, seen=expert.version)


async def _held(act: Act, request_id: UUID, seen: int) -> tuple[HeldChange, HeldExpert]:
    held = await hold_change(act.session, request_id)
    expert = await hold_expert(act.session, held.expert_id)
    same_version(seen, held.version + expert.version, subject=f"change-request:{request_id}")
    if held.state != OPEN:
        raise Refused([Refusal("CHANGE_DECIDED", facts={"state": held.state})])
    return held, expert


async def _end(act: Act, held: HeldChange, expert: HeldExpert, reason: str, *, accepted: bool) -> None:
    """Write a decision and tell the expert; the reason is read on the own page alone."""
    stream, body = f"expert:{held.expert_id}", {"request": str(held.id)}
    if reason:
        digest, salt = commit_to(reason)
        keep_text(act.session, stream, sha256=digest, salt=salt, text=reason)
        body["reason_sha256"] = digest
    state = "accepted" if accepted else "refused"
    await end_change(act.session, held.id, state, reason=reason, by=act.viewer.person_id, on=act.on)
    act.record("change.accepted" if accepted else "change.refused", stream=stream, body=body)
    await notify(
        act.session,
        "CHANGE_ACCEPTED" if accepted else "CHANGE_REFUSED",
        key=f"change:{held.id}",
        at=act.at,
        person_id=expert.person_id,
        params={"number": held.number, "path": "/my"},
    )


def _about(expert: HeldExpert, wanted: Wanted, items: Sequence[ChangeItem]) -> AboutExpert:
    """Return what the library says from now on: what is asked, and for the rest what it says already."""
    asked = wanted.asked

    def said(item: ChangeItem, new: str, now: str) -> str:
        return new if item in items else now

    return AboutExpert(
        name=said(ChangeItem.NAME, asked.name, expert.name),
        identity_number=said(ChangeItem.IDENTITY, wanted.identity_number, ""),
        identity_kind=said(ChangeItem.IDENTITY, wanted.identity_kind, ""),
        phone=said(ChangeItem.PHONE, asked.phone, ""),
        email=said(ChangeItem.EMAIL, asked.email, expert.email),
        title=said(ChangeItem.TITLE, asked.title, expert.title),
        title_level=said(ChangeItem.TITLE, asked.title_level, expert.title_level),
        source=expert.source,
        fields=asked.fields if ChangeItem.FIELDS in items else expert.fields,
    )
