"""What the center does about notices: sending again, delivering by hand, and its own wording."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from service.actions.act import Act, same_version
from service.actions.invitations import note_account
from service.actions.links import write_link
from service.actions.matter_stream import Texts
from service.actions.meetings import meeting_params
from service.actions.reason import reason_faults
from service.actions.reviewing import as_staff
from service.clock import day_of
from service.ids import new_id
from service.jobs import notify
from service.jobs.wording import Wording, standard_wording, wording_of, words_of
from service.locales.places import PlaceFault, stored_form, typed_form
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.matter_rows import keep_texts
from service.storage.matters import load_matter
from service.storage.notices import NoticeView, OwnWording, keep_wording, notice_of, own_wordings, set_delivered
from service.storage.reminders import ANSWER, TEMPLATES, asked_now
from service.storage.review import person_of_expert
from workflow import MatterState

_LINKED: Final = ("name", "matter", "day", "link")
EDITABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "INVITATION": _LINKED,
    "REMINDER_ANSWER": _LINKED,
    "REMINDER_UNDERTAKING": _LINKED,
    "MATERIAL_SENT": _LINKED,
    "REMINDER_WORK": _LINKED,
    "MEETING_SET": (*_LINKED, "time", "place"),
    "MEETING_MOVED": (*_LINKED, "time", "place"),
    "MEETING_CANCELLED": (*_LINKED, "time"),
    "EXPERT_RELEASED": ("name", "matter"),
}
"""Notices that the center may word itself -> the places that each can fill."""

SUBJECT_MOST: Final = 120
BODY_MOST: Final = 2000
SHORT_MOST: Final = 300
LANGUAGES: Final = ("zh", "en")
_MEETINGS: Final[Mapping[str, str]] = {"MEETING_SET": "set", "MEETING_MOVED": "set", "MEETING_CANCELLED": "cancelled"}
"""Notices of a review meeting -> how it must stand for them to be true."""

_BY_HAND: Final = ("letter", "phone")
_LETTERS: Final[Mapping[str, str]] = {**TEMPLATES, ANSWER: "INVITATION"}
"""What is asked for -> the letter that asks for it."""


@dataclass(frozen=True, slots=True)
class TypedWording:
    """A wording as people type it, with places in braces; all empty goes back to the standard wording."""

    subject: str
    body: str
    short: str


@dataclass(frozen=True, slots=True)
class PrintedNotice:
    """What a printed letter says, and its link."""

    notice_id: UUID
    says: Wording
    link: str


async def resend(act: Act, notice_id: UUID) -> UUID:
    """Send a notice again as a further one of its kind; one with a link gets a fresh link.

    Raises:
        NotFound: when there is none, or it is not for the viewer to know.
        Refused: NOTICE_BY_HAND for a printed letter and a call; NOTICE_OUTDATED, when what it says is not so any more.
    """
    act.require("notice:send")
    held = await notice_of(act.session, act.viewer, notice_id)
    if held.channel in _BY_HAND:
        raise Refused([Refusal("NOTICE_BY_HAND")])
    state = await as_staff(act, held.matter_id, "notice:send")
    if not _still_true(held, state):
        raise Refused([Refusal("NOTICE_OUTDATED")])
    if held.params.get("path") == "/i/":
        params = {name: value for name, value in held.params.items() if name not in ("matter_id", "path")}
        sent = await write_link(
            act.session, act.keys, held.matter_id, held.person_id, template=held.template, at=act.at, params=params
        )
        note_account(act, sent)
        again = sent.notice_id
    else:
        again = await notify(
            act.session,
            held.template,
            key=f"again:{new_id()}",
            at=act.at,
            person_id=held.person_id,
            params=held.params,
        )
    act.record("notice.resent", stream=f"notices:{held.matter_id}", body={"notice": str(notice_id)})
    return again


async def print_notice(act: Act, matter_id: UUID, expert_id: UUID) -> PrintedNotice:
    """Write the letter that asks an expert for what is open now, with a fresh link; it waits until it is delivered.

    Raises:
        NotFound: when the expert was not asked in this review.
        Refused: NOTHING_ASKED_NOW, when the expert has done what was asked, or waits for the material.
    """
    state = await as_staff(act, matter_id, "notice:send")
    person_id = await person_of_expert(act.session, expert_id)
    if state.review.part(str(person_id)) is None:
        raise NotFound(subject="expert")
    asked = [one for one in await asked_now(act.session, None, matter_id=matter_id) if one.person_id == person_id]
    if not asked:
        raise Refused([Refusal("NOTHING_ASKED_NOW")])
    template = _LETTERS[asked[0].kind]
    sent = await write_link(
        act.session, act.keys, matter_id, person_id, template=template, at=act.at, day=asked[0].due_on, channel="letter"
    )
    note_account(act, sent)
    held = await notice_of(act.session, act.viewer, sent.notice_id)
    link = f"{act.settings.base_url}/i/{sent.token}"
    words = await words_of(act.session, held.params, "zh") | {"name": held.recipient, "link": link}
    act.record("notice.printed", stream=f"notices:{matter_id}", body={"notice": str(sent.notice_id)})
    return PrintedNotice(sent.notice_id, await wording_of(act.session, template, "zh", words), link)


async def deliver_by_hand(act: Act, notice_id: UUID, *, note: str) -> None:
    """Note how a notice was delivered: handed over, or posted under a number.

    Raises:
        Invalid: when the note is missing or too short.
        Refused: NOTICE_DELIVERED, when it was delivered already.
    """
    act.require("notice:send")
    held = await notice_of(act.session, act.viewer, notice_id)
    if faults := reason_faults(act.policy, "note", note):
        raise Invalid(faults)
    if held.state == "delivered":
        raise Refused([Refusal("NOTICE_DELIVERED")])
    digest = await _keep_note(act, held.matter_id, note)
    await set_delivered(act.session, notice_id, note_sha256=digest, at=act.at)
    act.record(
        "notice.delivered",
        stream=f"notices:{held.matter_id}",
        body={"notice": str(notice_id), "note_sha256": digest},
    )


async def log_call(act: Act, matter_id: UUID, expert_id: UUID, *, note: str) -> UUID:
    """Note a telephone call as a delivery: who was told what, and when.

    Raises:
        NotFound: when the expert was not asked in this review.
        Invalid: when the note is missing or too short.
    """
    state = await as_staff(act, matter_id, "notice:send")
    person_id = await person_of_expert(act.session, expert_id)
    part = state.review.part(str(person_id))
    if part is None:
        raise NotFound(subject="expert")
    if faults := reason_faults(act.policy, "call_note", note):
        raise Invalid(faults)
    digest = await _keep_note(act, matter_id, note)
    notice_id = await notify(
        act.session,
        "CALL",
        key=f"call:{new_id()}",
        at=act.at,
        person_id=person_id,
        params={"matter_id": str(matter_id)},
        channel="phone",
    )
    await set_delivered(act.session, notice_id, note_sha256=digest, at=act.at)
    act.record(
        "notice.delivered",
        stream=f"notices:{matter_id}",
        body={"notice": str(notice_id), "note_sha256": digest},
    )
    return notice_id


async def change_wording(act: Act, code: str, language: str, typed: TypedWording, *, seen: int) -> int:
    """Keep the center's own wording of a notice as a further version, and return its version.

    Args:
        act: who, when.
        code: of the notice.
        language: `zh` or `en`.
        typed: the wording; all empty goes back to the standard one.
        seen: version that the person saw, 0 for the standard wording.

    Raises:
        NotFound: when there is no such notice to be worded.
        Invalid: with every place that cannot be filled, by line and column.
        Stale: when somebody else changed it.
    """
    act.require("notice:word")
    places = places_of(code, language)
    held = (await own_wordings(act.session, code)).get((code, language), OwnWording())
    same_version(seen, held.version, subject=f"notice-template:{code}:{language}")
    stored = read_wording(typed, places)
    wording = OwnWording(stored.subject, stored.body, stored.short, held.version + 1)
    await keep_wording(act.session, code, language, wording, account_id=act.viewer.account_id, at=act.at)
    act.record(
        "notice-template.changed",
        stream=f"notice-template:{code}.{language}",
        body={"version": wording.version, "own": wording.own},
    )
    return wording.version


def read_wording(typed: TypedWording, places: tuple[str, ...]) -> TypedWording:
    """Return a typed wording as the catalogues have it.

    Raises:
        Invalid: with everything that is missing, too long, or cannot be filled.
    """
    if not (typed.subject.strip() or typed.body.strip() or typed.short.strip()):
        return TypedWording("", "", "")
    needed = ("link",) if "link" in places else ()
    faults, stored = [], {}
    for at, text, most, asked in (
        ("subject", typed.subject, SUBJECT_MOST, ()),
        ("body", typed.body.replace("\r\n", "\n"), BODY_MOST, needed),
        ("short", typed.short, SHORT_MOST, needed if typed.short.strip() else ()),
    ):
        if not text.strip() and at != "short":
            faults.append(Fault(at, "FIELD_REQUIRED"))
            continue
        if len(text) > most:
            faults.append(Fault(at, "FIELD_TOO_LONG", {"most": most, "length": len(text)}))
        stored[at], found = stored_form(text.strip(), allowed=places, needed=asked)
        faults += [_fault(at, one) for one in found]
    if faults:
        raise Invalid(faults)
    return TypedWording(stored["subject"], stored["body"], stored.get("short", ""))


async def preview_wording(
    act: Act, code: str, language: str, typed: TypedWording, *, matter_id: UUID, name: str
) -> Wording:
    """Return what a typed wording would say about a real matter; nothing is kept or sent.

    Raises:
        Invalid: as for keeping it.
        NotFound: when the viewer may not know the matter.
    """
    act.require("notice:word")
    places = places_of(code, language)
    await load_matter(act.session, act.viewer, matter_id)
    stored = read_wording(typed, places)
    words = await sample_words(act, matter_id, language, name)
    if not stored.subject:
        return await wording_of(act.session, code, language, words)
    return await wording_of(act.session, code, language, words, instead=(stored.subject, stored.body, stored.short))


async def send_test(act: Act, code: str, language: str, *, matter_id: UUID) -> UUID:
    """Send the kept wording to oneself, about a real matter; the link leads to the first page.

    Raises:
        NotFound: when the viewer may not know the matter, or there is no such notice.
    """
    act.require("notice:word")
    places_of(code, language)
    await load_matter(act.session, act.viewer, matter_id)
    return await notify(
        act.session,
        code,
        key=f"test:{new_id()}",
        at=act.at,
        account_id=act.viewer.account_id,
        params={"matter_id": str(matter_id), "day": _sample_day(act), "path": "/", "time": "09:00-11:30", "place": "…"},
        language=language,
    )


async def sample_words(act: Act, matter_id: UUID, language: str, name: str) -> dict[str, Any]:
    """Return words for a preview: of a real matter, with a day three days from now and no real link."""
    params = {"matter_id": str(matter_id), "day": _sample_day(act)}
    words = await words_of(act.session, params, language)
    return words | {"name": name, "link": f"{act.settings.base_url}/i/…", "time": "09:00-11:30", "place": "…"}


def typed_wording(code: str, language: str, own: OwnWording) -> TypedWording:
    """Return the wording in force as people type it."""
    texts = (own.subject, own.body, own.short) if own.own else standard_wording(code, language)
    return TypedWording(*(typed_form(text, language) for text in texts))


def places_of(code: str, language: str) -> tuple[str, ...]:
    """Return the places that a notice can fill.

    Raises:
        NotFound: when there is no such notice to be worded, or no such language.
    """
    if code not in EDITABLE or language not in LANGUAGES:
        raise NotFound(subject="notice-template")
    return EDITABLE[code]


def _sample_day(act: Act) -> str:
    return (act.on + timedelta(days=3)).isoformat()


def _still_true(held: NoticeView, state: MatterState) -> bool:
    """Return whether a notice to an expert says what is so now, its day included; of others nothing is asked."""
    review, said, template = state.review, held.params, held.template
    part = review.part(str(held.person_id))
    if template == "EXPERT_RELEASED":
        return part is None or not (part.open or part.active)
    if said.get("path") != "/i/":
        return True
    if part is None or state.status != "determined":
        return False
    if template in _MEETINGS:
        meeting = review.meeting
        return (
            (part.open or part.active)
            and meeting is not None
            and meeting.status == _MEETINGS[template]
            and meeting_params(meeting).items() <= {**said}.items()
            and said.get("day") == str(meeting.starts_on)
        )
    if review.closed:
        return False
    asked = {
        "INVITATION": part.open and part.respond_by,
        "REMINDER_ANSWER": part.open and part.respond_by,
        "REMINDER_UNDERTAKING": part.active and not part.undertaking_sha256 and part.respond_by,
        "MATERIAL_SENT": part.active and part.opinion is None and part.due_on,
        "REMINDER_WORK": part.active and part.opinion is None and part.due_on,
        "ORAL_RECORDED": part.to_write and day_of(part.to_write.written_by),
        "PAPER_TAKEN": part.opinion and part.opinion.signed_on,
    }[template]
    return said.get("day") == str(asked or "")


def _fault(at: str, found: PlaceFault) -> Fault:
    return Fault(at, found.code, {"line": found.line, "column": found.column, "found": found.found})


async def _keep_note(act: Act, matter_id: UUID, note: str) -> str:
    texts = Texts()
    digest = texts.commit(note.strip())
    await keep_texts(act.session, matter_id, texts.kept)
    return digest
