"""The job that prints the letters of a whole list: one after the other, with progress, as one archive."""

import asyncio
import io
import zipfile
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.actions.batch_files import PRINT, settle_letters
from service.actions.letters import prepare_letters, set_letters
from service.clock import day_of
from service.jobs.acting import act_of_job
from service.jobs.worker import Handler, JobContext
from service.storage.session import reading, unit_of_work

# PDF/A files: their time of change in the archive says nothing and must not differ from run to run.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def letter_handlers(state: Any) -> dict[str, Handler]:
    """Return kind of job -> handler.

    Args:
        state: the application's state, with `secrets` and `edition`.
    """
    law = {"keys": state.secrets, "edition": state.edition, "operation": "letter:print"}

    async def print_letters(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Set each letter as a PDF/A of its own; nothing is kept or noted when one cannot be set, or when cancelled."""
        batch_id, on = UUID(payload["batch"]), day_of(context.clock.now())
        settings, years = context.settings, state.edition.number("TERM_EXPIRED", "years")
        async with reading(context.database) as session:
            act = await act_of_job(context, session, payload, **law)
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
            act = await act_of_job(context, session, payload, **law)
            file_id = await settle_letters(act, batch_id, archive.getvalue())
        context.report(len(letters), len(letters))
        return {"batch": str(batch_id), "file": str(file_id), "letters": len(letters)}

    return {PRINT: print_letters}
