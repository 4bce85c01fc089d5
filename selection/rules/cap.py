"""Caps: at most so many members of one employer, or of any other attribute's one value."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from selection.request import Candidate, CapRow
from selection.rules.rule import Seated

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class Cap:
    """For every value of the attribute at most `max` members; who has no such attribute does not count."""

    row: CapRow
    index: int

    default_code: ClassVar[str] = "CAP_EXCEEDED"

    @property
    def code(self) -> str:
        """The row's code."""
        return self.row.code

    @property
    def cite(self) -> str:
        """The row's article."""
        return self.row.cite

    @property
    def at(self) -> str:
        """JSON Pointer of the row."""
        return f"/caps/{self.index}"

    def add_to(self, model: "cp_model.CpModel", seated: Seated, *, when: "cp_model.IntVar | None") -> None:
        """Bound the number of members of every value."""
        for variables in seated.by_value(self.row.attribute).values():
            if len(variables) > self.row.max:
                bound = model.add(sum(variables) <= self.row.max)
                if when is not None:
                    bound.only_enforce_if(when)

    def kept_by(self, members: Sequence[Candidate]) -> bool:
        """Return whether no value has more members than allowed."""
        return not self._above(members)

    def facts(self, members: Sequence[Candidate]) -> Mapping[str, Any]:
        """Return the attribute, the cap, and value -> count of those above it."""
        return {"attribute": self.row.attribute, "max": self.row.max, "above": self._above(members)}

    def _above(self, members: Sequence[Candidate]) -> dict[str, int]:
        values = (member.attributes.get(self.row.attribute) for member in members)
        counts = Counter(value for value in values if value is not None)
        return {value: count for value, count in sorted(counts.items()) if count > self.row.max}
