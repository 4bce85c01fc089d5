"""Another term (续聘): three tests answered by the center, never by itself (A24)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from registry.appointment import Appointment
from registry.eligibility import Broken

ASSESSMENT_MISSING: Final = "ASSESSMENT_MISSING"
ASSESSMENT_TOO_FEW: Final = "ASSESSMENT_TOO_FEW"
NO_WORK_NEED: Final = "NO_WORK_NEED"
NOT_ELIGIBLE: Final = "NOT_ELIGIBLE"
RENEWAL_TOO_EARLY: Final = "RENEWAL_TOO_EARLY"
WISH_TOO_EARLY: Final = "WISH_TOO_EARLY"
WISH_TOO_LATE: Final = "WISH_TOO_LATE"
LAPSED_DAYS: Final = 366
"""Days after the last term during which another one is still prepared; later a person applies anew."""


@dataclass(frozen=True, slots=True)
class Review:
    """The center's answers about one expert whose term ends.

    Attributes:
        qualified: whether the assessment was passed.
        needed: whether the work needs the expert.
        eligible: whether the expert still meets A25.
        events: panels of the term on which the assessment rests.
        reasoned: whether a reason stands beside the answers.
    """

    qualified: bool
    needed: bool
    eligible: bool
    events: int
    reasoned: bool = False


def why_not_reappointed(review: Review, *, events_least: int) -> tuple[Broken, ...]:
    """Return every test that keeps an expert from another term; empty when all three are passed.

    Args:
        review: the center's answers.
        events_least: events on which an assessment rests without a recorded reason, of the local policy.

    Source: A24, A25.
    """
    broken: list[Broken] = []
    if not review.qualified:
        broken.append(Broken(ASSESSMENT_MISSING, {"events": review.events}))
    else:
        broken += why_not_used(review.events, reasoned=review.reasoned, events_least=events_least)
    if not review.needed:
        broken.append(Broken(NO_WORK_NEED))
    if not review.eligible:
        broken.append(Broken(NOT_ELIGIBLE))
    return tuple(broken)


def why_not_used(events: int, *, reasoned: bool, events_least: int) -> tuple[Broken, ...]:
    """Return what is missing of an assessment before it may be used: enough events, or words on what it rests.

    Source: A24; how many events are enough is local policy.
    """
    if events < events_least and not reasoned:
        return (Broken(ASSESSMENT_TOO_FEW, {"events": events, "least": events_least}),)
    return ()


def why_not_yet(terms: Iterable[Appointment], *, on: date, days: int) -> tuple[Broken, ...]:
    """Return what is too early about another term: the last one ends more than so many days from now.

    Source: A24 (another term follows when the term is over).
    """
    ends_on = max((term.ends_on for term in terms), default=None)
    if ends_on is not None and ends_on - timedelta(days=days) > on:
        return (Broken(RENEWAL_TOO_EARLY, {"ends_on": ends_on.isoformat(), "days": days}),)
    return ()


def why_no_wish(terms: Iterable[Appointment], *, on: date, days: int) -> tuple[Broken, ...]:
    """Return what keeps an expert from saying whether another term is wanted: too early, or too long ago.

    A wish gives no right to another term: the center answers the three tests, the county government approves.

    Args:
        terms: all of the expert.
        on: today.
        days: days before the end of the last term from which a wish is taken, of the local policy.

    Source: A24, A25.6 (willing). That the expert is asked is our choice.
    """
    ends_on = max((term.ends_on for term in terms), default=None)
    if ends_on is None or on > ends_on + timedelta(days=LAPSED_DAYS):
        return (Broken(WISH_TOO_LATE),)
    opens_on = ends_on - timedelta(days=days)
    return (Broken(WISH_TOO_EARLY, {"opens_on": opens_on.isoformat()}),) if on < opens_on else ()


def gap_of(ends_on: date, *, on: date) -> int:
    """Return the days without a term when the next one begins on a day; zero on the day after the last."""
    return max((on - ends_on).days - 1, 0)
