"""What the worker can do: kinds of jobs with their handlers, and the duties done again and again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from service import ledger
from service.actions.erasure import erase_due
from service.actions.terms import note_lost_proofs, remind_of_terms
from service.clock import day_of
from service.jobs.ahead import ahead_handlers
from service.jobs.draws import draw_handlers
from service.jobs.facts import fact_handlers
from service.jobs.ledger_check import VERIFY, ledger_verifier
from service.jobs.letters import letter_handlers
from service.jobs.outbox import DELIVER, deliverer
from service.jobs.reminders import ladder_duty
from service.jobs.roster import roster_handlers
from service.jobs.stamps import renew_stamps
from service.jobs.worker import Duty, Handler
from service.storage.acts import forget_old_keys
from service.storage.batch_files import drop_old_letters
from service.storage.policies import policy_in_force
from service.storage.session import reading, unit_of_work

_log = structlog.get_logger("service.jobs")


def handlers(state: Any) -> Mapping[str, Handler]:
    """Return kind -> handler.

    Args:
        state: the application's state, with `secrets`, `settings`, `database`, `clock`, `residents`.
    """
    return {
        DELIVER: deliverer(state.secrets, state.residents),
        **draw_handlers(state),
        **letter_handlers(state),
        **ahead_handlers(state),
        **fact_handlers(state.secrets, state.edition, state.residents),
        **roster_handlers(state.secrets, state.edition),
        VERIFY: ledger_verifier(state.secrets),
    }


def duties(state: Any) -> tuple[Duty, ...]:
    """Return what the worker does again and again: seal, forget old keys, remind, mind terms and stamps, erase."""

    async def seal() -> None:
        at = state.clock.now()
        async with reading(state.database) as session:
            if not await ledger.seal_due(session, at=at):
                return
        async with unit_of_work(state.database, at=at) as session:
            await ledger.seal(session, state.secrets.ledger_key(), at=at)

    async def tidy() -> None:
        at = state.clock.now()
        async with unit_of_work(state.database, at=at) as session:
            await forget_old_keys(session, at=at)
            await drop_old_letters(session, at=at)

    async def terms() -> None:
        at = state.clock.now()
        async with unit_of_work(state.database, at=at) as session:
            policy = await policy_in_force(session, state.settings.policy, on=day_of(at))
            await remind_of_terms(session, at=at, edition=state.edition, policy=policy)
            await note_lost_proofs(session, at=at, edition=state.edition)

    async def erase() -> None:
        at = state.clock.now()
        async with unit_of_work(state.database, at=at) as session:
            policy = await policy_in_force(session, state.settings.policy, on=day_of(at))
            await erase_due(session, keys=state.secrets, policy=policy, at=at)

    async def stamp() -> None:
        renewed = await renew_stamps(
            state.database, state.authority, at=state.clock.now(), outside=state.settings.outside
        )
        if renewed.stopped:
            _log.warning("time stamps stopped", code=renewed.stopped)
        for document_id in renewed.unfit:
            _log.warning("document not stampable", document=str(document_id))

    return (
        Duty("seal the ledger", timedelta(seconds=2), seal),
        Duty("forget old keys", timedelta(hours=1), tidy),
        ladder_duty(state),
        Duty("remind of terms", timedelta(hours=1), terms),
        Duty("erase what is kept no longer", timedelta(hours=1), erase),
        Duty("renew archive time stamps", timedelta(hours=1), stamp),
    )
