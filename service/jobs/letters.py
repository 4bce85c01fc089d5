"""The job that prints the letters of a whole list: one after the other, with progress, as one archive."""

import asyncio
import io
import zipfile
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.access.sign_in import viewer_by_account
from service.actions.act import Act
from service.actions.batch_files import PRINT, settle_letters
from service.actions.letters import prepare_letters, set_letters
from service.clock import day_of
from service.jobs.worker import Handler, JobContext
from service.problems import Forbidden
from service.storage.session import Session, reading, unit_of_work

# PDF/A files: their time of change in the archive says nothing and must not differ from run to run.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def letter_handlers(state: Any) -> dict[str, Handler]:
    """Return kind of job -> handler.

    Args:
        state: the application's state, with `secrets`, `edition` and `policy`.
    """

    async def act_of(context: JobContext, session: Session, payload: Mapping[str, Any]) -> Act:
        viewer = None
        if context.account_id is not None:
            viewer = await viewer_by_account(session, context.account_id, session_digest=str(payload["session"]))
        if viewer is None:
            raise Forbidden(operation="letter:print")
        return Act(
            session=session,
            viewer=viewer,
            at=context.clock.now(),
            keys=state.secrets,
            settings=context.settings,
            edition=state.edition,
            policy=state.policy,
        )

    async def print_letters(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Set each letter as a PDF/A of its own; nothing is kept or noted when one cannot be set, or when cancelled."""
        batch_id, on = UUID(payload["batch"]), day_of(context.clock.now())
        settings, years = context.settings, state.edition.number("TERM_EXPIRED", "years")
        async with reading(context.database) as session:
            act = await act_of(context, session, payload)
            letters = await prepare_letters(session, act.viewer, batch_id, candidate_id=None, years=years)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as files:
            for done, letter in enumerate(letters):
                context.stop_if_cancelled()
                context.report(done, len(letters), "LETTERS_PRINTING")
                content = await asyncio.to_thread(
                    set_letters, [letter], county=settings.county, base_url=settings.base_url, on=on
                )
                files.writestr(zipfile.ZipInfo(f"{letter.number}.pdf", _NO_TIME), content)
        context.stop_if_cancelled()
        async with unit_of_work(context.database, at=context.clock.now()) as session:
            act = await act_of(context, session, payload)
            file_id = await settle_letters(act, batch_id, archive.getvalue())
        context.report(len(letters), len(letters))
        return {"batch": str(batch_id), "file": str(file_id), "letters": len(letters)}

    return {PRINT: print_letters}
