"""Dates as an iCalendar file, for the calendars of phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """One whole day.

    Attributes:
        uid: the same for the same date of the same matter, so that a later file moves it instead of adding another.
        on: the day.
        title: what is due.
        link: where it is done.
    """

    uid: str
    on: date
    title: str
    link: str


def calendar_file(dates: Sequence[CalendarDate], *, at: datetime) -> bytes:
    """Return the dates as text/calendar; titles are plain text.

    Args:
        dates: in any order.
        at: when the file is made.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//expertpool//review//ZH")
    calendar.add("version", "2.0")
    for one in dates:
        event = Event()
        event.add("uid", one.uid)
        event.add("dtstamp", at)
        event.add("dtstart", one.on)
        event.add("dtend", one.on + timedelta(days=1))
        event.add("summary", one.title)
        event.add("url", one.link)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
