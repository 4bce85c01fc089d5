"""Sitting in on meetings (列席, A27.2): who was invited may attend and speak, without a vote."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from registry.eligibility import Broken

SITTING_NOT_INVITED: Final = "SITTING_NOT_INVITED"
GUEST_NOT_IN_OFFICE: Final = "GUEST_NOT_IN_OFFICE"


def why_not_invited(in_office: Mapping[str, bool], *, on: date) -> tuple[Broken, ...]:
    """Return what is wrong with a list of guests: the right to sit in is that of the experts of the library.

    Args:
        in_office: number in the library -> whether the expert stands in it on that day, under no review.
        on: day of the meeting.

    Source: A27.2, A24.
    """
    barred = [number for number, stands in in_office.items() if not stands]
    facts = {"numbers": ", ".join(barred), "count": len(barred), "on": on.isoformat()}
    return (Broken(GUEST_NOT_IN_OFFICE, facts),) if barred else ()


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
