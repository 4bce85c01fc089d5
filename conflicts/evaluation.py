"""Who may evaluate a decision afterwards: what an earlier part in it means, by rows of the policy (A54p2, A64p1).

Bodies that did the main work before the decision are out; what everything else means is the county's own policy.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from conflicts.policy import LOCAL, Severity


class Who(StrEnum):
    """Whose part a row judges."""

    BODY = "body"
    PERSON = "person"


class Part(StrEnum):
    """An earlier part in the matter."""

    ASSESSOR = "assessor"
    DRAFTER = "drafter"
    ADVISER = "adviser"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class EvaluatorRow:
    """One row: what follows for somebody who had a part in the matter.

    Attributes:
        id: unique in the policy and permanent.
        who: bodies or persons.
        part: what they did before the decision.
        severity: block, needs the center's reason (`waiver`), or disclose.
        basis: an article (`A64p1`), or `policy` for local policy.
    """

    id: str
    who: Who
    part: Part
    severity: Severity
    basis: str = LOCAL

    @property
    def cite(self) -> str:
        """Return the article, or nothing for local policy."""
        return "" if self.basis == LOCAL else self.basis


def rows_against(rows: Iterable[EvaluatorRow], who: Who, parts: Collection[Part]) -> tuple[EvaluatorRow, ...]:
    """Return the rows that hold some parts against a body or a person, in the order of the rows."""
    return tuple(row for row in rows if row.who is who and row.part in parts)
