"""The append-only record of everything that was done, and what lets anyone verify it.

An act notes events in its unit of work; `append` writes them last, in the same transaction. `seal` signs checkpoints,
`prove` and `prove_extension` answer strangers, `verify_ledger` reads everything again.
"""

from service.ledger.append import CHECKPOINT_EVERY, FORCING, StreamMoved, append, seal, seal_due
from service.ledger.checkpoint import Checkpoint, CheckpointUnreadable, verifier_key
from service.ledger.checkpoint import read as read_checkpoint
from service.ledger.checkpoint import verify as verify_checkpoint
from service.ledger.event import Event, EventUnfit
from service.ledger.reading import (
    Entry,
    Head,
    NoSuchEntry,
    entry,
    extension_holds,
    head,
    names_any,
    newest_checkpoint,
    page,
    proof_holds,
    prove,
    prove_extension,
    root_at,
    since,
    stream,
    types,
)
from service.ledger.verification import LedgerFault, Verification, verify_ledger

__all__ = [
    "CHECKPOINT_EVERY",
    "FORCING",
    "Checkpoint",
    "CheckpointUnreadable",
    "Entry",
    "Event",
    "EventUnfit",
    "Head",
    "LedgerFault",
    "NoSuchEntry",
    "StreamMoved",
    "Verification",
    "append",
    "entry",
    "extension_holds",
    "head",
    "names_any",
    "newest_checkpoint",
    "page",
    "proof_holds",
    "prove",
    "prove_extension",
    "read_checkpoint",
    "root_at",
    "seal",
    "seal_due",
    "since",
    "stream",
    "types",
    "verifier_key",
    "verify_checkpoint",
    "verify_ledger",
]
