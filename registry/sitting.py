"""Sitting in on meetings (列席, A27.2): who was invited may attend and speak, without a vote."""

from collections.abc import Collection, Sequence
from typing import Final

from registry.eligibility import Broken

SITTING_NOT_INVITED: Final = "SITTING_NOT_INVITED"


def why_not_attended(came: Sequence[str], invited: Collection[str]) -> tuple[Broken, ...]:
    """Return what is wrong with a list of who sat in: only who was invited does, whatever was answered.

    There is no vote to enter: nothing in the library holds one.

    Args:
        came: ids of the experts who are said to have come.
        invited: ids of the experts who were invited.

    Source: A27.2.
    """
    strangers = sum(one not in invited for one in came)
    return (Broken(SITTING_NOT_INVITED, {"count": strangers}),) if strangers else ()
