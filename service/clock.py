"""The time, and the only place that reads it.

Days (`_on`) are China Standard Time, instants (`_at`) are aware UTC. The demonstration county lives in a time of its
own: its clock starts on a fixed Monday and runs on from the moment the county was loaded.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """What tells the time: the system's, the demonstration county's, or a fixed one in tests and replays."""

    def now(self) -> datetime:
        """Return the instant, aware, in UTC."""

    def today(self) -> date:
        """Return the calendar day in China Standard Time."""


def day_of(instant: datetime) -> date:
    """Return the China Standard Time day on which an aware instant falls."""
    return instant.astimezone(CHINA).date()


def day_begins(day: date) -> datetime:
    """Return the instant at which a China Standard Time day begins."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the instant, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 -- this is the one reader of the clock

    def today(self) -> date:
        """Return the calendar day in China Standard Time."""
        return day_of(self.now())


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The machine's clock moved by a fixed span: the demonstration county's."""

    shift: timedelta

    def now(self) -> datetime:
        """Return the instant, aware, in UTC."""
        return SystemClock().now() + self.shift

    def today(self) -> date:
        """Return the calendar day in China Standard Time."""
        return day_of(self.now())


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still at one aware instant."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant, aware, in UTC."""
        return self.at

    def today(self) -> date:
        """Return the calendar day in China Standard Time."""
        return day_of(self.at)
