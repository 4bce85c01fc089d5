"""Applications for the library as they arrive, before the first check: who has confirmed what, and open calls (A24)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from registry.admission import Source
from registry.eligibility import Broken
from registry.fields import covers

CALL_NOT_OPEN: Final = "CALL_NOT_OPEN"


class ApplicationStage(StrEnum):
    """How an application stands before it is a candidate's; the last four are ends."""

    UNCONFIRMED = "unconfirmed"
    """Somebody else filled it in; the person has not said yes."""
    SUBMITTED = "submitted"
    TAKEN = "taken"
    """The person is a candidate; how far that one has come says the candidate's stage."""
    REJECTED = "rejected"
    DECLINED = "declined"
    """The person said no."""
    LAPSED = "lapsed"
    """The person never confirmed what somebody else filled in, and the time of keeping it is over."""


@dataclass(frozen=True, slots=True)
class CallPeriod:
    """When applications to an open call are taken, both days inclusive."""

    opens_on: date
    closes_on: date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.closes_on < self.opens_on:
            raise ValueError("a call closes on or after the day on which it opens")

    def covers(self, on: date) -> bool:
        """Return whether applications are taken on the day."""
        return self.opens_on <= on <= self.closes_on


def first_stage(source: Source, *, by_the_person: bool) -> ApplicationStage:
    """Return where an application begins: what others fill in waits for the person's own yes.

    Source: A24, A25.6 (the person is willing).
    """
    theirs = by_the_person and source not in (Source.ORGANISATION, Source.INVITED)
    return ApplicationStage.SUBMITTED if theirs else ApplicationStage.UNCONFIRMED


def why_not_called(period: CallPeriod, *, on: date) -> tuple[Broken, ...]:
    """Return why an application to a call is not taken on a day: the call has not begun, or is over (A24)."""
    if period.covers(on):
        return ()
    facts = {
        "found": "early" if on < period.opens_on else "late",
        "opens_on": period.opens_on.isoformat(),
        "closes_on": period.closes_on.isoformat(),
    }
    return (Broken(CALL_NOT_OPEN, facts),)


def is_wanted(wanted: Iterable[str], codes: Iterable[str]) -> bool:
    """Return whether one of somebody's fields is among those that a call wants; a call that names none wants all."""
    needs, held = tuple(wanted), tuple(codes)
    return not needs or any(covers(need, code) for need in needs for code in held)
