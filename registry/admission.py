"""How somebody comes into the library: application, first check, proposed list, approval, letter (A24, A26)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from registry.appointment import Appointment, Terms, appoint
from registry.eligibility import Broken

SOURCE_REQUIRED: Final = "SOURCE_REQUIRED"
NOT_FIRST_CHECKED: Final = "NOT_FIRST_CHECKED"
NOT_APPROVED_BY_GOVERNMENT: Final = "NOT_APPROVED_BY_GOVERNMENT"
DIRECTOR_APPROVAL_MISSING: Final = "DIRECTOR_APPROVAL_MISSING"
APPROVED_BEFORE_CHECK: Final = "APPROVED_BEFORE_CHECK"
DISCIPLINE_NOT_ANSWERED: Final = "DISCIPLINE_NOT_ANSWERED"
LETTER_BEFORE_APPROVAL: Final = "LETTER_BEFORE_APPROVAL"
TERMS_OVERLAP: Final = "TERMS_OVERLAP"


class Source(StrEnum):
    """A channel of A24; `OTHER` says in words which."""

    SELF = "self"
    ORGANISATION = "organisation"
    INVITED = "invited"
    OPEN_CALL = "open-call"
    OTHER = "other"


class Stage(StrEnum):
    """How far a candidate has come. The last three are ends; each stage but these follows the one before."""

    RECEIVED = "received"
    CHECKED = "checked"
    PROPOSED = "proposed"
    APPROVED = "approved"
    APPOINTED = "appointed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


RUNNING: Final = (Stage.RECEIVED, Stage.CHECKED, Stage.PROPOSED, Stage.APPROVED)
"""Stages of a candidate who waits for something."""


class BatchKind(StrEnum):
    """What a list asks approval for."""

    INTAKE = "intake"
    REAPPOINTMENT = "reappointment"
    ADDITION = "addition"


class Approver(StrEnum):
    """Who approves; neither is the center."""

    COUNTY_GOVERNMENT = "county-government"
    DIRECTOR = "director"


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval as it is recorded.

    Attributes:
        by: who approved.
        number: of the document.
        on: its date.
    """

    by: Approver
    number: str
    on: date


@dataclass(frozen=True, slots=True)
class Listed:
    """A person on a list when it is decided.

    Attributes:
        id: of the candidate.
        checked_on: day of the first check; None when there was none.
        needs_answer: known discipline or liability must be answered (U8).
        answered: it is.
    """

    id: str
    checked_on: date | None
    needs_answer: bool = False
    answered: bool = False


def approver_of(kind: BatchKind, *, reappointed_by: Approver = Approver.COUNTY_GOVERNMENT) -> Approver:
    """Return who approves a list.

    Lists at the beginning of a term go to the county government, single additions in mid-term to the committee's
    director; for another term the regulation names nobody, and the local policy does.

    Source: A24, A26. Reading: U7.
    """
    if kind is BatchKind.REAPPOINTMENT:
        return reappointed_by
    return Approver.DIRECTOR if kind is BatchKind.ADDITION else Approver.COUNTY_GOVERNMENT


def why_not_received(source: str, evidence: str) -> tuple[Broken, ...]:
    """Return what is wrong with the channel of an application: it is named, and all but one's own says from whom.

    Args:
        source: one of `Source`, or empty.
        evidence: the recommending organisation, the call, who invited, or which other way.

    Source: A24.
    """
    if source not in set(Source):
        return (Broken(SOURCE_REQUIRED, {"found": "source"}),)
    if source != Source.SELF and not evidence.strip():
        return (Broken(SOURCE_REQUIRED, {"found": "evidence"}),)
    return ()


def why_not_proposed(checked_on: date | None) -> tuple[Broken, ...]:
    """Return what keeps a candidate from the proposed list: nobody gets there without the first check (A24)."""
    return () if checked_on is not None else (Broken(NOT_FIRST_CHECKED),)


def why_not_approved(
    kind: BatchKind,
    approval: Approval,
    listed: Iterable[Listed],
    *,
    reappointed_by: Approver = Approver.COUNTY_GOVERNMENT,
) -> tuple[Broken, ...]:
    """Return every rule against an approval; empty when it may be recorded.

    Args:
        kind: of the list.
        approval: who approved, and when.
        listed: everybody who would be approved.
        reappointed_by: who approves another term, of the local policy (U7).

    Source: A24, A25.5, A26. Readings: U7, U8.
    """
    broken = []
    needed = approver_of(kind, reappointed_by=reappointed_by)
    if approval.by is not needed:
        code = DIRECTOR_APPROVAL_MISSING if needed is Approver.DIRECTOR else NOT_APPROVED_BY_GOVERNMENT
        broken.append(Broken(code, {"by": approval.by.value}))
    listed = tuple(listed)
    if any(one.checked_on is None for one in listed):
        broken.append(Broken(NOT_FIRST_CHECKED))
    days = [one.checked_on for one in listed if one.checked_on is not None]
    if days and approval.on < max(days):
        facts = {"approved_on": approval.on.isoformat(), "checked_on": max(days).isoformat()}
        broken.append(Broken(APPROVED_BEFORE_CHECK, facts))
    if open_ := sum(one.needs_answer and not one.answered for one in listed):
        broken.append(Broken(DISCIPLINE_NOT_ANSWERED, {"count": open_}))
    return tuple(broken)


def why_no_letter(approval: Approval | None, *, letter_on: date) -> tuple[Broken, ...]:
    """Return what is wrong with the day of a letter: it never comes before the approval (A24)."""
    if approval is None:
        return (Broken(LETTER_BEFORE_APPROVAL, {"letter_on": letter_on.isoformat(), "approved_on": ""}),)
    if letter_on < approval.on:
        facts = {"letter_on": letter_on.isoformat(), "approved_on": approval.on.isoformat()}
        return (Broken(LETTER_BEFORE_APPROVAL, facts),)
    return ()


def term_by_letter(
    letter_on: date, *, terms: Terms, align_on: date | None = None, standing: Iterable[Appointment] = ()
) -> Appointment:
    """Return the term that a letter begins.

    It runs from the letter, or from the day on which the whole batch begins. An early letter for another term must not
    cost the days still left: the new term follows the one that lasts on its first day.

    Args:
        letter_on: date of the letter.
        terms: the numbers of the edition.
        align_on: first day of everybody in the batch, or None.
        standing: the terms that the person has.

    Source: A24. Reading: U9.
    """
    starts_on = align_on or letter_on
    for term in sorted(standing):
        if term.covers(starts_on):
            starts_on = term.ends_on + timedelta(days=1)
    return appoint(starts_on, terms=terms)


def why_overlapping(term: Appointment, standing: Iterable[Appointment]) -> tuple[Broken, ...]:
    """Return the terms that share a day with a new one: nobody is appointed twice for the same day (A24)."""
    return tuple(
        Broken(TERMS_OVERLAP, {"starts_on": other.starts_on.isoformat(), "ends_on": other.ends_on.isoformat()})
        for other in sorted(standing)
        if other.overlaps(term)
    )
