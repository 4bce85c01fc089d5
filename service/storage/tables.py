"""Imports every table, so that `Base.metadata` is complete."""

from service.ledger import tables as ledger
from service.jobs import tables as jobs
from service.storage.rows import accounts, acts, library, matters

__all__ = ["accounts", "acts", "jobs", "ledger", "library", "matters"]
