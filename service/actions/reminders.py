"""Reminding who is asked for something in a review: one, many after a preview, and by the ladder."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from service.actions.act import Act
from service.actions.invitations import note_account
from service.actions.links import write_link
from service.actions.reviewing import as_staff
from service.clock import day_of
from service.jobs import notify
from service.jobs.wording import Wording, wording_of, words_of
from service.keys import Keys
from service.ledger import Event
from service.problems import Fault, Invalid, NotFound
from service.regulation import Policy
from service.storage.matters import clerks_of
from service.storage.reminders import TEMPLATES, WORK, Asked, asked_now, note_reminder, steps_done
from service.storage.review import languages_of
from service.storage.session import Session
from workflow import Rung, WorkCalendar, rung_reached

MOST_AT_ONCE = 200
_LINK = "…"


@dataclass(frozen=True, slots=True)
class Preview:
    """What one person would get.

    Attributes:
        asked: who, and for what.
        says: the notice as it would be sent, its link left out: it is made when it is sent.
        language: of the notice: the recipient's, `zh` or `en`.
    """

    asked: Asked
    says: Wording
    language: str


async def remind(act: Act, matter_id: UUID, expert_id: UUID) -> None:
    """Send an expert the link anew, with the day for the answer, the undertaking or the opinion.

    Raises:
        NotFound: when nothing is asked of the expert now.
    """
    await as_staff(act, matter_id, "review:remind")
    asked = [one for one in await asked_now(act.session, None, matter_id=matter_id) if one.expert_id == expert_id]
    if not asked:
        raise NotFound(subject="expert")
    await _send(act, asked[0])


async def preview_reminders(act: Act, keys: Collection[str]) -> Sequence[Preview]:
    """Return who would get what; nothing is sent or noted.

    Raises:
        Invalid: when nobody is named, too many are, or somebody named is not asked for anything any more.
    """
    previews = []
    chosen = await _chosen(act, keys)
    languages = await languages_of(act.session, {one.person_id for one in chosen})
    for one in chosen:
        language = languages[one.person_id]
        params = {"matter_id": str(one.matter_id), "day": one.due_on.isoformat()}
        words = await words_of(act.session, params, language) | {"name": one.name, "link": _LINK}
        says = await wording_of(act.session, TEMPLATES[one.kind], language, words)
        previews.append(Preview(one, says, language))
    return previews


async def remind_many(act: Act, keys: Collection[str]) -> int:
    """Remind everybody named, and return how many that were; all or nobody.

    Raises:
        Invalid: as for the preview.
    """
    chosen = await _chosen(act, keys)
    for one in chosen:
        await _send(act, one)
    return len(chosen)


async def climb(
    session: Session, keys: Keys, policy: Policy, calendar: WorkCalendar, asked: Asked, *, on: date, at: datetime
) -> bool:
    """Do the step of the ladder that is reached for one person, once; return whether there was one to do.

    On the last step the person is not reminded any more, and who looks after the matter at the center is told.

    Source: A28.1. The days are local policy.
    """
    # Since it was found due, the person may have done it.
    if asked.key not in {one.key for one in await asked_now(session, None, matter_id=asked.matter_id)}:
        return False
    rung = rung_for(policy, calendar, asked, on=on)
    if rung is None or not await note_reminder(session, asked, step=rung.step, to_center=rung.last, at=at):
        return False
    if rung.last:
        for account_id in await clerks_of(session, asked.matter_id):
            await notify(
                session,
                f"SILENT_{asked.kind.upper()}",
                key=f"silent:{asked.matter_id}:{asked.person_id}:{asked.kind}:{asked.due_on}:{account_id}",
                at=at,
                account_id=account_id,
                params={
                    "matter_id": str(asked.matter_id),
                    "person_id": str(asked.person_id),
                    "day": asked.due_on.isoformat(),
                    "path": f"/matters/{asked.matter_id}/review/experts/{asked.expert_id}",
                },
            )
    else:
        await write_link(
            session,
            keys,
            asked.matter_id,
            asked.person_id,
            template=TEMPLATES[asked.kind],
            at=at,
            day=asked.due_on,
        )
    session.info["events"].append(
        Event(
            type="reminder.escalated" if rung.last else "reminder.sent",
            stream=f"reminders:{asked.matter_id}",
            body={"person": str(asked.person_id), "kind": asked.kind, "due_on": str(asked.due_on), "step": rung.step},
            actor={"id": "", "role": ""},
        )
    )
    return True


def rung_for(policy: Policy, calendar: WorkCalendar, asked: Asked, *, on: date) -> Rung | None:
    """Return the step of the ladder that is reached for somebody on a day."""
    steps = policy.ladder.work if asked.kind == WORK else policy.ladder.answer
    return rung_reached(asked.due_on, steps, on=on, calendar=calendar)


async def due_on_ladder(session: Session, policy: Policy, calendar: WorkCalendar, *, on: date) -> Sequence[Asked]:
    """Return who stands on a step that was not done yet and was not reminded by anybody today."""
    asked = await asked_now(session, None)
    done = await steps_done(session, asked)
    due = []
    for one in asked:
        rung = rung_for(policy, calendar, one, on=on)
        if rung is None or done.get((one.matter_id, one.person_id, one.kind, one.due_on), rung.step - 1) >= rung.step:
            continue
        if rung.last or one.reminded_at is None or day_of(one.reminded_at) < on:
            due.append(one)
    return due


async def _chosen(act: Act, keys: Collection[str]) -> Sequence[Asked]:
    act.require("review:remind")
    if not keys:
        raise Invalid([Fault("who", "FIELD_REQUIRED")])
    if len(keys) > MOST_AT_ONCE:
        raise Invalid([Fault("who", "CHOICES_OVER_LIMIT", {"most": MOST_AT_ONCE, "count": len(keys)})])
    held = {one.key: one for one in await asked_now(act.session, act.viewer)}
    if unknown := [key for key in keys if key not in held]:
        raise Invalid([Fault("who", "NOT_ASKED_ANY_MORE", {"count": len(unknown)})])
    return [held[key] for key in dict.fromkeys(keys)]


async def _send(act: Act, asked: Asked) -> None:
    sent = await write_link(
        act.session,
        act.keys,
        asked.matter_id,
        asked.person_id,
        template=TEMPLATES[asked.kind],
        at=act.at,
        day=asked.due_on,
    )
    note_account(act, sent)
    await note_reminder(act.session, asked, step=None, account_id=act.viewer.account_id, at=act.at)
    act.record(
        "reminder.sent",
        stream=f"reminders:{asked.matter_id}",
        body={"person": str(asked.person_id), "kind": asked.kind, "due_on": str(asked.due_on)},
    )
