"""What is known of people whose application came to nothing is kept for a time, and then erased.

The local policy says how long (`library.rejected_kept_months`); the Personal Information Protection Law asks for the
shortest time that the purpose needs (article 19) and for erasure after it (article 47). The record keeps that an
application was made and what became of it, without the person. Who was struck off stays known: that one is an expert.
"""

from datetime import date, datetime

from registry import add_months
from service.actions.application_data import Said, seal
from service.clock import day_of
from service.keys import Keys
from service.ledger import Event
from service.regulation import Policy
from service.storage.erasure import application_behind, erase_application, erase_candidate, hold_ended, still_kept
from service.storage.session import Session

_SERVICE = {"id": "", "person": "", "role": "service", "session": ""}
_MOST = 100
"""Erased in one transaction; the next round takes the rest."""


def kept_until(ended_on: date, policy: Policy) -> date:
    """Return the last day, inclusive, on which an application that came to nothing on a day is kept."""
    return add_months(ended_on, policy.library.rejected_kept_months)


async def erase_due(session: Session, *, keys: Keys, policy: Policy, at: datetime) -> int:
    """Erase applications and candidates that came to nothing longer ago than they are kept; return how many.

    Kept is up to and including the day so many months after the end. Done twice, or by two processes, it does no more.
    """
    on, months = day_of(at), policy.library.rejected_kept_months
    kept = await still_kept(session, on=on)
    due = [one for one in kept if kept_until(one.ended_on, policy) < on][:_MOST]
    erased = 0
    for one in due:
        if not await hold_ended(session, one):
            continue
        application_id = one.id if one.kind == "application" else await application_behind(session, one.id)
        body: dict[str, object] = {"months": months, "policy": policy.id}
        if application_id is not None:
            nothing = seal(keys, application_id, Said())
            body["files"] = await erase_application(session, application_id, sealed=nothing, on=on)
        if one.kind == "candidate":
            body["person"] = await erase_candidate(session, one.id, on=on)
        session.info["events"].append(
            Event(type=f"{one.kind}.erased", stream=f"{one.kind}:{one.id}", actor=dict(_SERVICE), body=body)
        )
        erased += 1
    return erased
