"""How long a tie still counts after it ended: whole months, or for ever."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """A span after the end of a tie.

    Attributes:
        months: 0 means only while the tie lasts; None means for ever.
    """

    months: int | None = 0

    def last_day(self, ended_on: date) -> date | None:
        """Return the last day, inclusive, on which a tie that ended on `ended_on` counts; None means for ever.

        A window of 36 months after an end on D counts up to and including the anniversary of D; where that month is
        shorter, up to its last day (29 February: 28 February). Source: local policy; house convention for time.
        """
        if self.months is None:
            return None
        years, month = divmod(ended_on.year * 12 + ended_on.month - 1 + self.months, 12)
        if years > date.max.year:
            return date.max
        return date(years, month + 1, min(ended_on.day, calendar.monthrange(years, month + 1)[1]))

    def earliest_end(self, as_of: date) -> date:
        """Return the earliest end with which a tie still counts on `as_of`.

        `last_day` never decreases when the end moves on, so every end from this day on counts and none before does.
        """
        if self.months is None:
            return date.min
        years, month = divmod(as_of.year * 12 + as_of.month - 1 - self.months, 12)
        if years < date.min.year:
            return date.min
        last = calendar.monthrange(years, month + 1)[1]
        end = date(years, month + 1, min(as_of.day, last))
        # Where `as_of` is a day the earlier month lacks (31 in a month of 30), its last day falls short of `as_of`.
        return end if (self.last_day(end) or as_of) >= as_of else end + timedelta(days=1)


CURRENT = Window(0)
FOREVER = Window(None)
