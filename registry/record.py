"""The record of an expert's work on panels: how invitations were answered, dates kept, and points taken up.

Everything is counted from what happened; nobody types a score. Who assesses an expert for another term reads it (A24),
and so does the expert.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an expert was asked on one panel, and what came of it.

    Attributes:
        answer: `accepted`, `declined`, `recused`, or empty while there is none.
        objective: whether what kept the expert from taking part was an objective reason (A26.3).
        left: whether the expert was let go or replaced.
        due_on: last day for the opinion, None before the material was delivered.
        signed_on: day of the first signed written opinion, None before.
        late: whether that came after its day.
        set_aside: whether the opinion does not count (U40).
        points: what became of the points, counted once the unit has filed its answers: `adopted`, `partly`, `not`,
            `already`, `out-of-scope`.
    """

    answer: str = ""
    objective: bool = True
    left: bool = False
    due_on: date | None = None
    signed_on: date | None = None
    late: bool = False
    set_aside: bool = False
    points: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What the assignments of an expert amount to.

    Attributes:
        asked: invitations.
        accepted: answered with yes.
        declined: answered that the expert cannot, for an objective reason.
        refused: the same without one; what A26.3 asks about.
        recused: withdrawn because of an interest, which is a duty (A28.4) and counts against nobody.
        on_time: opinions signed in time.
        late: opinions signed after their day.
        missing: opinions whose day has passed without one.
        points: point's fate -> how many.
    """

    asked: int = 0
    accepted: int = 0
    declined: int = 0
    refused: int = 0
    recused: int = 0
    on_time: int = 0
    late: int = 0
    missing: int = 0
    points: Mapping[str, int] = field(default_factory=dict)

    @property
    def timeliness(self) -> tuple[int, int]:
        """Opinions in time, of all that were due (A28.1); (0, 0) when none was."""
        return self.on_time, self.on_time + self.late + self.missing

    @property
    def adoption(self) -> tuple[int, int]:
        """Points adopted in full or in part, of those that could be.

        What the draft held already, and what is outside the matter, says nothing either way.
        """
        taken = self.points.get("adopted", 0) + self.points.get("partly", 0)
        return taken, taken + self.points.get("not", 0)


def record_of(assignments: Iterable[Assignment], *, on: date) -> Record:
    """Return what the assignments amount to on a day.

    Who was let go before an opinion was due owes none; a signed opinion stays in the record when its author leaves
    later. Opinions set aside are no merit and no fault: they count nowhere.

    Args:
        assignments: of one expert, in any order.
        on: the day, China Standard Time; an opinion is missing from the day after it was due.

    Source: A24, A26.3, A28.1.
    """
    held = list(assignments)
    written = [one for one in held if one.signed_on is not None and not one.set_aside]
    owed = [one for one in held if one.answer == "accepted" and not one.left and one.signed_on is None]
    points: dict[str, int] = {}
    for one in written:
        for fate, count in one.points.items():
            points[fate] = points.get(fate, 0) + count
    return Record(
        asked=len(held),
        accepted=sum(one.answer == "accepted" for one in held),
        declined=sum(one.answer == "declined" and one.objective for one in held),
        refused=sum(one.answer == "declined" and not one.objective for one in held),
        recused=sum(one.answer == "recused" for one in held),
        on_time=sum(not one.late for one in written),
        late=sum(one.late for one in written),
        missing=sum(one.due_on is not None and one.due_on < on for one in owed),
        points=points,
    )
