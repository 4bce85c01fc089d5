"""What is known of people for a purpose that is over is kept for a time, and then erased.

That is: what an application that came to nothing says, what one says that its person never confirmed, and the evidence
of a decided request for a change. The local policy says how long (`library.rejected_kept_months`,
`unconfirmed_kept_months`, `evidence_kept_months`); the Personal Information Protection Law asks for the shortest time
that the purpose needs (article 19) and for erasure after it (article 47). The record keeps what was done, without the
person. Who was struck off stays known: that one is an expert.
"""

from datetime import date, datetime

from registry import ApplicationStage, add_months
from service.actions.application_data import Said, seal
from service.actions.change_request_data import without_numbers
from service.clock import day_of
from service.keys import Keys
from service.ledger import Event
from service.regulation import Policy
from service.storage.change_requests import ChangeView
from service.storage.erasure import (
    Ended,
    Keeping,
    application_behind,
    erase_application,
    erase_candidate,
    erase_evidence,
    hold_ended,
    lapse_application,
    still_kept,
)
from service.storage.session import Session

_SERVICE = {"id": "", "person": "", "role": "service", "session": ""}
_MOST = 100
"""Erased in one transaction; the next round takes the rest."""


def months_kept(policy: Policy, keeping: Keeping) -> int:
    """Return for how many months something is kept."""
    library = policy.library
    own = {
        Keeping.UNCONFIRMED: library.unconfirmed_kept_months,
        Keeping.CHANGE: library.evidence_kept_months,
    }
    return own.get(keeping, library.rejected_kept_months)


def kept_until(ended_on: date, policy: Policy, keeping: Keeping = Keeping.APPLICATION) -> date:
    """Return the last day, inclusive, on which what ended on a day is kept."""
    return add_months(ended_on, months_kept(policy, keeping))


def application_kept_until(since: date | None, stage: ApplicationStage, policy: Policy) -> date | None:
    """Return the last day, inclusive, on which what an application says is kept; None for one that goes on.

    Args:
        since: `kept_since` of the application.
        stage: its own.
        policy: in force.
    """
    waits = stage is ApplicationStage.UNCONFIRMED
    return None if since is None else kept_until(since, policy, Keeping.UNCONFIRMED if waits else Keeping.APPLICATION)


def evidence_kept_until(view: ChangeView, policy: Policy) -> date | None:
    """Return the last day, inclusive, on which the evidence of a request is kept; None for one that waits."""
    return None if view.decided_on is None else kept_until(view.decided_on, policy, Keeping.CHANGE)


async def erase_due(session: Session, *, keys: Keys, policy: Policy, at: datetime) -> int:
    """Erase what ended longer ago than it is kept; return how many applications, candidates and requests.

    Kept is up to and including the day so many months after the end. Done twice, or by two processes, it does no more.
    """
    on = day_of(at)
    kept = await still_kept(session, on=on)
    due = [one for one in kept if kept_until(one.ended_on, policy, one.keeping) < on][:_MOST]
    erased = 0
    for one in due:
        if not await hold_ended(session, one):
            continue
        if one.keeping is Keeping.UNCONFIRMED:
            await lapse_application(session, one.id)
            _record(session, "application.lapsed", f"application:{one.id}", {})
        body: dict[str, object] = {"months": months_kept(policy, one.keeping), "policy": policy.id}
        subject, stream = await _erase(session, one, body, keys=keys, on=on)
        _record(session, f"{subject}.erased", stream, body)
        erased += 1
    return erased


async def _erase(session: Session, one: Ended, body: dict[str, object], *, keys: Keys, on: date) -> tuple[str, str]:
    """Erase one, write into the event's body what went; return the subject of the event and its stream."""
    if one.keeping is Keeping.CHANGE:
        expert_id, body["files"] = await erase_evidence(
            session, one.id, on=on, numberless=lambda sealed: without_numbers(keys, one.id, sealed)
        )
        body["request"] = str(one.id)
        return "change", f"expert:{expert_id}"
    candidate = one.keeping is Keeping.CANDIDATE
    application_id = await application_behind(session, one.id) if candidate else one.id
    if application_id is not None:
        nothing = seal(keys, application_id, Said())
        body["files"] = await erase_application(session, application_id, sealed=nothing, on=on)
    if candidate:
        body["person"] = await erase_candidate(session, one.id, on=on)
    subject = "candidate" if candidate else "application"
    return subject, f"{subject}:{one.id}"


def _record(session: Session, type_: str, stream: str, body: dict[str, object]) -> None:
    session.info["events"].append(Event(type=type_, stream=stream, actor=dict(_SERVICE), body=body))
