"""How a job acts: for the account that ordered it, under the local policy of the day on which it runs."""

from collections.abc import Mapping
from typing import Any

from service.access.sign_in import viewer_by_account
from service.actions.act import Act
from service.jobs.worker import JobContext
from service.keys import Keys
from service.problems import Forbidden
from service.regulation import Edition
from service.storage.policies import policy_in_force
from service.storage.session import Session


async def act_of_job(
    context: JobContext, session: Session, payload: Mapping[str, Any], *, keys: Keys, edition: Edition, operation: str
) -> Act:
    """Return the setting of an act of whoever ordered the job.

    Args:
        context: the job.
        session: the open unit of work, or a reading session.
        payload: what the job was given, with the `session` in which it was ordered.
        keys: the installation's secrets.
        edition: in force.
        operation: what the job does, by its name in the access table.

    Raises:
        Forbidden: when the account is no more.
    """
    viewer = None
    if context.account_id is not None:
        viewer = await viewer_by_account(session, context.account_id, session_digest=str(payload["session"]))
    if viewer is None:
        raise Forbidden(operation=operation)
    return Act(
        session=session,
        viewer=viewer,
        at=context.clock.now(),
        keys=keys,
        settings=context.settings,
        edition=edition,
        policy=await policy_in_force(session, context.settings.policy, on=context.clock.today()),
    )
