"""Nobody decides about oneself: who is an expert and works for the center, the office or the committee too."""

from collections.abc import Iterable
from uuid import UUID

from service.actions.act import Act
from service.problems import Refusal, Refused


def not_own(act: Act, people: Iterable[UUID]) -> None:
    """Refuse an act that decides about the person who acts, whatever account or role is used.

    Args:
        act: who, when.
        people: whom the act decides about.

    Raises:
        Refused: OWN_AFFAIR.
    """
    if act.viewer.person_id in set(people):
        raise Refused([Refusal("OWN_AFFAIR")])


def not_own_work(act: Act, person_id: UUID, employment_id: UUID) -> None:
    """Refuse to end or withdraw work of the person who acts, or work by which the person keeps out of a matter.

    Raises:
        Refused: OWN_AFFAIR.
    """
    not_own(act, [person_id])
    if f"employment/{employment_id}" in act.viewer.barring:
        raise Refused([Refusal("OWN_AFFAIR")])
