"""Verifying the whole ledger as a job: it reads every entry, which takes seconds and shows its progress."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from service import ledger
from service.jobs.worker import Handler, JobContext
from service.keys import Keys
from service.storage.session import reading

VERIFY: Final = "ledger.verify"


def ledger_verifier(keys: Keys) -> Handler:
    """Return the handler that verifies the ledger; its result is a `ledger-verification/1` object."""

    async def verify(context: JobContext, _payload: Mapping[str, Any]) -> Mapping[str, Any]:
        def progress(done: int, total: int) -> None:
            context.stop_if_cancelled()
            context.report(done, total)

        async with reading(context.database) as session:
            head = await ledger.head(session)
            verifier = ledger.verifier_key(head.origin, keys.ledger_key()) if head else None
            found = await ledger.verify_ledger(session, verifier=verifier, progress=progress)
        return verification_json(found, verifier or "")

    return verify


def verification_json(found: ledger.Verification, verifier: str) -> dict[str, Any]:
    """Return the `ledger-verification/1` object of a verification."""
    fault = found.fault
    return {
        "format": "ledger-verification/1",
        "good": fault is None,
        "origin": found.origin,
        "size": found.size,
        "root": base64.b64encode(found.root).decode(),
        "checkpoints": found.checkpoints,
        "verifier": verifier,
        "fault": None if fault is None else {"code": fault.code, "seq": fault.seq, "facts": dict(fault.facts)},
    }
