"""The numbers of the library that the regulation does not set: the county's own, from its local policy."""

from dataclasses import dataclass

from registry.admission import Approver


@dataclass(frozen=True, slots=True)
class LibraryPolicy:
    """How the county runs its library where the regulation leaves it open.

    Attributes:
        reappointed_by: who approves another term; A24 does not say (reading U7).
        renewal_days: days before the end of a term from which another one may be prepared.
        reminder_days: days before the end of a term on which the expert is reminded, most first.
        statement_days: calendar days in which an expert can be heard after a case was opened.
        assessment_events: panels on which an assessment rests without a further reason.
        assessment_months: months after which an expert in office is due for an assessment again.
        rejected_kept_months: months for which an application that came to nothing is kept.
        unconfirmed_kept_months: months for which one that its person never confirmed is kept, from what was last done.
        evidence_kept_months: months for which the evidence of a decided request for a change is kept.
        field_least: experts of a field below which it counts as dry.
    """

    reappointed_by: Approver
    renewal_days: int
    reminder_days: tuple[int, ...]
    statement_days: int
    assessment_events: int
    assessment_months: int
    rejected_kept_months: int
    unconfirmed_kept_months: int
    evidence_kept_months: int
    field_least: int
