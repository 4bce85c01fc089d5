"""Dates as an iCalendar file, for the calendars of phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """One whole day, or some hours of it.

    Attributes:
        uid: the same for the same date of the same matter, so that a later file moves it instead of adding another.
        on: the day.
        title: what is due.
        link: where it is done.
        starts_at, ends_at: aware instants of what has its hours; None for a whole day.
        place: where it is, empty for nowhere.
    """

    uid: str
    on: date
    title: str
    link: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str = ""


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
        event.add("dtstart", one.starts_at or one.on)
        event.add("dtend", one.ends_at or one.on + timedelta(days=1))
        if one.place:
            event.add("location", one.place)
        event.add("summary", one.title)
        event.add("url", one.link)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
