"""What the service does about terms on its own: it reminds, and notes proofs that have run out. It decides nothing."""

from datetime import datetime
from typing import Any, Final

from registry import OccurrenceKind, steps_due
from service.clock import day_of
from service.jobs import notify
from service.ledger import Event
from service.regulation import Edition, Policy
from service.storage.occurrences import NewOccurrence, put_occurrence
from service.storage.session import Session
from service.storage.terms import lost_proofs, put_steps, terms_ending

_SERVICE: Final = {"id": "", "person": "", "role": "service", "session": ""}


async def remind_of_terms(session: Session, *, at: datetime, edition: Edition, policy: Policy) -> int:
    """Remind experts whose terms end, each once for each step of the ladder; return how many were reminded.

    Done twice, or by two processes at once, it reminds nobody twice: a step is a row of its own, a notice has its key.

    Source: A24. That experts are reminded is our choice.
    """
    ladder, on = policy.library.reminder_days, day_of(at)
    reminded = 0
    for term in await terms_ending(session, on=on, days=max(ladder)):
        steps = steps_due(term.ends_on, term.taken, ladder=ladder, on=on)
        if not steps:
            continue
        await put_steps(session, term.appointment_id, steps, on=on)
        await notify(
            session,
            "TERM_ENDS",
            key=f"term-ends:{term.appointment_id}:{steps[-1]}",
            at=at,
            person_id=term.person_id,
            params={"day": term.ends_on.isoformat(), "days": (term.ends_on - on).days, "path": "/my"},
        )
        _record(
            session,
            "term.reminded",
            stream=f"expert:{term.expert_id}",
            body={"term": str(term.appointment_id), "days": steps[-1], "ends_on": term.ends_on.isoformat()},
            cites=("A24",),
            edition=edition,
        )
        reminded += 1
    return reminded


async def note_lost_proofs(session: Session, *, at: datetime, edition: Edition) -> int:
    """Note proofs of conditions that have run out, for the center to judge (A26.6); return how many are new."""
    noted, on = 0, day_of(at)
    for proof in await lost_proofs(session, on=on):
        new = NewOccurrence(
            f"proof:{proof.candidate_id}:{proof.item}:{proof.until_on.isoformat()}",
            proof.expert_id,
            OccurrenceKind.LOST_PROOF,
            proof.until_on,
            words=proof.item,
        )
        if (occurrence := await put_occurrence(session, new, at=at)) is None:
            continue
        _record(
            session,
            "occurrence.noted",
            stream=f"occurrence:{occurrence}",
            body={
                "expert": str(proof.expert_id),
                "kind": OccurrenceKind.LOST_PROOF.value,
                "happened_on": proof.until_on.isoformat(),
            },
            cites=("A26",),
            edition=edition,
        )
        noted += 1
    return noted


def _record(
    session: Session, type_: str, *, stream: str, body: dict[str, Any], cites: tuple[str, ...], edition: Edition
) -> None:
    session.info["events"].append(
        Event(type=type_, stream=stream, actor=dict(_SERVICE), cites=cites, edition=edition.id, body=body)
    )
