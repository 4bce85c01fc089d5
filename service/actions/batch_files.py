"""Files of lists: the scan of an approval is attached, the letters of a whole list are printed by a job."""

import hashlib
from uuid import UUID

from service.actions.act import Act, same_version
from service.actions.letters import note_printing
from service.jobs import enqueue
from service.problems import NotFound, Refusal, Refused
from service.storage.batch_files import APPROVAL, LETTERS, put_batch_file
from service.storage.batches import hold_batch, load_batch
from service.storage.candidate_writing import raise_batch
from service.storage.letters import letters_on

PRINT = "letters.print"
"""Kind of the job that prints the letters of a list."""


async def attach_approval(act: Act, batch_id: UUID, content: bytes, *, seen: int) -> UUID:
    """Attach the scan of the document by which a list was approved; an earlier one stays beside it.

    Args:
        act: who, when.
        batch_id: the list, decided.
        content: a PDF, examined.
        seen: version of the list.

    Raises:
        NotFound, Stale: as everywhere.
        Refused: BATCH_NOT_DECIDED.

    Source: A24.
    """
    act.require("batch:decide")
    await load_batch(act.session, act.viewer, batch_id)
    held = await hold_batch(act.session, batch_id)
    same_version(seen, held.version, subject=f"batch:{batch_id}")
    if held.state != "decided":
        raise Refused([Refusal("BATCH_NOT_DECIDED")])
    file_id = await put_batch_file(act.session, batch_id, APPROVAL, content, by=act.viewer.account_id, at=act.at)
    await raise_batch(act.session, batch_id)
    act.record(
        "batch.approval_attached",
        stream=f"batch:{batch_id}",
        body={"file": str(file_id), "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)},
        cites=("A24",),
        edition=act.edition.id,
    )
    return file_id


async def order_letters(act: Act, batch_id: UUID) -> UUID:
    """Have the letters of a list printed by a job; returns the job.

    Raises:
        NotFound: when there is no such list, or no letter on it yet.

    Source: A24.
    """
    act.require("letter:print")
    await load_batch(act.session, act.viewer, batch_id)
    if not await letters_on(act.session, batch_id):
        raise NotFound(subject="letter")
    return await enqueue(
        act.session,
        PRINT,
        {"batch": str(batch_id), "session": act.viewer.session},
        run_at=act.at,
        account_id=act.viewer.account_id,
    )


async def settle_letters(act: Act, batch_id: UUID, content: bytes) -> UUID:
    """Keep printed letters for a day and note the printing, as the job ends.

    Source: A24.
    """
    await note_printing(act, batch_id, candidate_id=None)
    return await put_batch_file(act.session, batch_id, LETTERS, content, by=act.viewer.account_id, at=act.at)
