"""The published working days: a seed from the notices of the State Council, as `chinesecalendar` holds them."""

from functools import cache

from chinese_calendar.constants import holidays, workdays

from workflow import WorkCalendar


@cache
def work_calendar() -> WorkCalendar:
    """Return the calendar of every year that is published; past it whatever is counted says that it is provisional."""
    published = {day.year for day in holidays}
    changed = {day: False for day in holidays if day.weekday() < 5}
    changed |= {day: True for day in workdays if day.weekday() >= 5}
    return WorkCalendar(changed=changed, first_year=min(published), last_year=max(published))
