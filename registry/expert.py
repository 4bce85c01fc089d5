"""An expert as the library knows one, and how the expert stands on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.appointment import Appointment
from registry.identity import IdentityKind
from registry.titles import TitleLevel


class State(StrEnum):
    """What was decided about an expert, apart from terms.

    Three are different ends: left by own wish, removed in mid-term on a ground of A26, struck off for a breach (A70). A
    term that ran out is no state; it follows from the day. `MERGED` is no end of a person but of a record: it was found
    to be of somebody who has another one.
    """

    ACTIVE = "active"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    STRUCK_OFF = "struck-off"
    MERGED = "merged"


class Status(StrEnum):
    """How an expert stands on a day."""

    APPOINTED = "appointed"
    NOT_APPOINTED = "not-appointed"
    NOT_YET = "not-yet"
    LAPSED = "lapsed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    STRUCK_OFF = "struck-off"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class ExpertField:
    """A field of an expert: its code, and whether it is the main one."""

    code: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class Employment:
    """Work at an organisation.

    Attributes:
        organisation_id: the organisation.
        main: whether it is the main employer; side posts are not.
        post: what the person is there.
        from_on: first day, None when not known.
        to_on: last day, inclusive; None while it lasts.
    """

    organisation_id: str
    main: bool = True
    post: str = ""
    from_on: date | None = None
    to_on: date | None = None

    def current(self, on: date) -> bool:
        """Return whether the employment lasts on the day; an unknown start counts as long ago."""
        return (self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True)
class Expert:
    """A member of the library.

    Attributes:
        id: opaque.
        identity: kind of the identity document, None while the person is unidentified.
        appointments: all terms, in any order.
        state: what was decided last.
        state_since_on: first day on which `state` holds; None means ever since.
        fields: at most one main field, further ones.
        title_level: level of the professional title.
        employments: all known employments, in any order.
        natural_person: False for an institution in the library; it takes part through named persons.
    """

    id: str
    identity: IdentityKind | None = None
    appointments: tuple[Appointment, ...] = ()
    state: State = State.ACTIVE
    state_since_on: date | None = None
    fields: tuple[ExpertField, ...] = ()
    title_level: TitleLevel = TitleLevel.NONE
    employments: tuple[Employment, ...] = ()
    natural_person: bool = True

    def status(self, on: date) -> Status:
        """Return how the expert stands on a day; what was decided outweighs the term."""
        return status_of(self.appointments, self.state, self.state_since_on, on=on)

    def main_employer(self, on: date) -> str | None:
        """Return the organisation of the current main employment, the latest begun of several, None without one."""
        current = [job for job in self.employments if job.main and job.current(on)]
        return (
            max(current, key=lambda job: (job.from_on or date.min, job.organisation_id)).organisation_id
            if current
            else None
        )


def status_of(appointments: Iterable[Appointment], state: State, state_since_on: date | None, *, on: date) -> Status:
    """Return how someone with these terms and this state stands on a day.

    Selectable on the last day of the term, not on the day after.

    Source: A24, A26, A70.
    """
    if state is not State.ACTIVE and (state_since_on is None or state_since_on <= on):
        return Status(state.value)
    terms = list(appointments)
    if not terms:
        return Status.NOT_APPOINTED
    if any(term.covers(on) for term in terms):
        return Status.APPOINTED
    return Status.LAPSED if any(term.ends_on < on for term in terms) else Status.NOT_YET
