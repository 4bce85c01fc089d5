"""The ladder of reminders as a duty of the worker: looked at often, each step done once."""

from datetime import timedelta
from typing import Any, Final

from service.actions.reminders import climb, due_on_ladder
from service.clock import CHINA, day_of
from service.jobs.worker import Duty
from service.storage.policies import policy_in_force
from service.storage.session import reading, unit_of_work
from service.work_days import work_calendar

EVERY: Final = timedelta(minutes=10)


def ladder_duty(state: Any) -> Duty:
    """Return the duty that sends the reminders which are due.

    Two processes may do it at once: a step is noted before its notice is written, in one transaction, and the database
    takes the note once.

    Args:
        state: the application's state, with `secrets`, `settings`, `database`, `clock`.
    """

    async def remind() -> None:
        at = state.clock.now()
        on, calendar = day_of(at), work_calendar()
        async with reading(state.database) as session:
            policy = await policy_in_force(session, state.settings.policy, on=on)
            if not policy.ladder.from_hour <= at.astimezone(CHINA).hour < policy.ladder.until_hour:
                return
            due = await due_on_ladder(session, policy, calendar, on=on)
        for asked in due:
            async with unit_of_work(state.database, at=at) as session:
                await climb(session, state.secrets, policy, calendar, asked, on=on, at=at)

    return Duty("send reminders", EVERY, remind)
