"""Rules of the beginning of a matter. Source: A2, A3, A72."""

from typing import ClassVar

from workflow.command import IN_SCOPE, KINDS, OpenCase
from workflow.rules.rule import Attempt, Facts


class EditionInForce:
    """A matter is launched under an edition that is in force on that day.

    Reading: a matter in progress at the expiry keeps the edition it was stamped with (U31).
    """

    code: ClassVar[str] = "EDITION_NOT_IN_FORCE"
    remedies: ClassVar[tuple[str, ...]] = ("PUBLISH_EDITION",)

    def broken_by(self, attempt: Attempt[OpenCase]) -> Facts | None:
        """Return the day and the edition's first and last days."""
        terms = attempt.terms
        if terms.issued_on <= attempt.on <= terms.valid_until:
            return None
        return {"on": str(attempt.on), "issued_on": str(terms.issued_on), "valid_until": str(terms.valid_until)}


class IsInScope:
    """Emergencies, internal management and secret matters are not decided in this procedure (A3p2)."""

    code: ClassVar[str] = "OUT_OF_SCOPE"
    remedies: ClassVar[tuple[str, ...]] = ("HANDLE_ELSEWHERE",)

    def broken_by(self, attempt: Attempt[OpenCase]) -> Facts | None:
        """Return which exclusion the screening named."""
        scope = attempt.command.scope
        return {"scope": scope} if scope not in (IN_SCOPE, "department") else None


class IsForTheCounty:
    """What a department can decide itself goes back to it (A3p4)."""

    code: ClassVar[str] = "DEPARTMENT_LEVEL"
    remedies: ClassVar[tuple[str, ...]] = ("RETURN_TO_DEPARTMENT",)

    def broken_by(self, attempt: Attempt[OpenCase]) -> Facts | None:
        """Return the breach when the screening says so."""
        return {} if attempt.command.scope == "department" else None


class KindIsGiven:
    """A matter is of one of the five kinds of A3."""

    code: ClassVar[str] = "MATTER_TYPE_REQUIRED"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_KIND",)

    def broken_by(self, attempt: Attempt[OpenCase]) -> Facts | None:
        """Return the kind that was given."""
        kind = attempt.command.kind
        return None if kind in KINDS else {"kind": kind}


class OtherKindIsReasoned:
    """Why a matter outside the four named kinds is major is said in words (A3.5)."""

    code: ClassVar[str] = "TYPE_REASON_REQUIRED"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_REASON",)

    def broken_by(self, attempt: Attempt[OpenCase]) -> Facts | None:
        """Return the breach when the reason's hash is empty."""
        command = attempt.command
        return {} if command.kind == "A3.5" and not command.kind_reason_sha256 else None


class AdjustmentHasParent:
    """An adjustment names the decision it adjusts, so that both are found together (A2)."""

    code: ClassVar[str] = "ADJUSTMENT_WITHOUT_PARENT"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_PARENT", "RECORD_PARENT")

    def broken_by(self, attempt: Attempt[OpenCase]) -> Facts | None:
        """Return the breach when no earlier matter is named."""
        command = attempt.command
        return {} if command.adjusts and command.parent_id is None else None


class UnitIsNamed:
    """A matter has an undertaking unit (A10p2)."""

    code: ClassVar[str] = "UNIT_NOT_NAMED"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_UNIT",)

    def broken_by(self, attempt: Attempt[OpenCase]) -> Facts | None:
        """Return the breach when there is none."""
        return None if attempt.command.unit_id else {}
