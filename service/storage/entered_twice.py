"""Organisations that were entered twice: the row that went is no answer to a name any more."""

from typing import Final

from sqlalchemy import ColumnElement, exists

from service.storage.rows.library import OrganisationRow
from service.storage.rows.reorganisations import ReorganisationRow

DUPLICATE: Final = "duplicate"
"""Kind of a reorganisation by which a row of an organisation went into another row of the same one."""


def one_of_its_kind() -> ColumnElement[bool]:
    """Return the condition that an organisation did not go into another row of itself; its names lead there."""
    return ~exists().where(
        ReorganisationRow.organisation_id == OrganisationRow.id,
        ReorganisationRow.kind == DUPLICATE,
        ReorganisationRow.undone_at.is_(None),
    )
