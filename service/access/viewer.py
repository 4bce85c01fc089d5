"""Who looks and acts."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

CENTER: Final = "center"
CENTER_HEAD: Final = "center-head"
UNIT: Final = "unit"
AUDIT: Final = "audit"
SYSTEM_ADMINISTRATOR: Final = "system-administrator"
EXPERT: Final = "expert"
MAYOR: Final = "mayor"
"""The county's mayor, who is the committee's director (A44)."""
OFFICE: Final = "office"
"""The county government's office, which enters what the government decided."""

ROLES: Final = (CENTER, CENTER_HEAD, UNIT, OFFICE, MAYOR, AUDIT, SYSTEM_ADMINISTRATOR, EXPERT)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in account, as every storage view and action sees it.

    Attributes:
        account_id: the account.
        person_id: the person behind it; two-person rules compare persons.
        name: the person's name, for the page's head.
        roles: role codes.
        unit_id: the unit the account works for, if any.
        unit_name: its present name.
        session: first 16 hex digits of the sign-in's hash, for the ledger.
        must_change_password: whether only the own account may be used until the password is changed.
        language: the account's language, `zh` or `en`.
        only_matter: the one matter that the viewer came for by a link without a password, else None.
        barred: matters from which the ties found against the person keep them out as a member of the staff.
        barring: the ids of those ties.
    """

    account_id: UUID
    person_id: UUID
    name: str
    roles: frozenset[str]
    unit_id: UUID | None
    unit_name: str
    session: str
    must_change_password: bool = False
    language: str = "zh"
    only_matter: UUID | None = None
    barred: frozenset[UUID] = frozenset()
    barring: frozenset[str] = frozenset()

    @property
    def center(self) -> bool:
        """Whether the viewer belongs to the consulting center's staff."""
        return bool(self.roles & {CENTER, CENTER_HEAD})

    @property
    def acting_role(self) -> str:
        """The role written beside an act: the first of the viewer's roles in the order of `ROLES`."""
        return next((role for role in ROLES if role in self.roles), "")
