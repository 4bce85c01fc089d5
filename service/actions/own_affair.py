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
