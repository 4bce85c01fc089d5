"""Imports every table, so that `Base.metadata` is complete."""

from service.jobs import tables as jobs
from service.ledger import tables as ledger
from service.storage.rows import accounts, acts, facts, library, matters

__all__ = ["accounts", "acts", "facts", "jobs", "ledger", "library", "matters"]
