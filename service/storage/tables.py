"""Imports every table, so that `Base.metadata` is complete."""

from service.jobs import tables as jobs
from service.ledger import tables as ledger
from service.storage.rows import (
    accounts,
    acts,
    admission,
    cases,
    declarations,
    draws,
    facts,
    fees,
    handovers,
    judgements,
    library,
    matters,
    notices,
    reorganisations,
    review,
    roster,
    signing,
    sittings,
    texts,
)

__all__ = [
    "accounts",
    "acts",
    "admission",
    "cases",
    "declarations",
    "draws",
    "facts",
    "fees",
    "handovers",
    "jobs",
    "judgements",
    "ledger",
    "library",
    "matters",
    "notices",
    "reorganisations",
    "review",
    "roster",
    "signing",
    "sittings",
    "texts",
]
