"""Terms of appointment (聘期): both days inclusive, as long as the edition says."""

from dataclasses import dataclass
from datetime import date

from registry.months import last_day
from registry.refused import TermRefused


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of the edition that govern the library.

    Attributes:
        years: length of one term, whole years.
    """

    years: int


@dataclass(frozen=True, slots=True, order=True)
class Appointment:
    """One term of an expert.

    Attributes:
        starts_on: first day.
        ends_on: last day, inclusive.
        letter_number: number of the letter of appointment, empty when not known.

    Raises:
        TermRefused: TERM_ENDS_BEFORE_START.
    """

    starts_on: date
    ends_on: date
    letter_number: str = ""

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise TermRefused("TERM_ENDS_BEFORE_START", starts_on=self.starts_on, ends_on=self.ends_on)

    def covers(self, on: date) -> bool:
        """Return whether the day lies in the term."""
        return self.starts_on <= on <= self.ends_on

    def overlaps(self, other: "Appointment") -> bool:
        """Return whether the two terms share a day."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def appoint(starts_on: date, *, terms: Terms, letter_number: str = "") -> Appointment:
    """Return the full term that begins on a day.

    Example:
        >>> appoint(date(2022, 3, 1), terms=Terms(years=5)).ends_on
        datetime.date(2027, 2, 28)

    Source: A24.
    """
    return Appointment(starts_on, last_day(starts_on, years=terms.years), letter_number)


def has_full_length(appointment: Appointment, *, terms: Terms) -> bool:
    """Return whether a term is exactly as long as the edition says (A24)."""
    return appointment.ends_on == last_day(appointment.starts_on, years=terms.years)
