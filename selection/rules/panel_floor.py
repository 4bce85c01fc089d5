"""The least number of experts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from selection.request import Candidate, FloorRow
from selection.rules.rule import Seated

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class PanelFloor:
    """At least `min` experts: five, or nine for a complex matter.

    A floor and not a range: the flow chart's "5-9" is a summary, and the text of the article sets no upper limit
    (reading U5). "Generally": it yields to a recorded reason, the row's waiver.

    Source: A31.
    """

    row: FloorRow

    default_code: ClassVar[str] = "PANEL_TOO_SMALL"

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
        return "/floor"

    @property
    def waived(self) -> bool:
        """Whether a recorded reason lets the floor yield."""
        return self.row.waiver is not None

    def add_to(self, model: "cp_model.CpModel", seated: Seated, *, when: "cp_model.IntVar | None") -> None:
        """Demand at least `min` members."""
        bound = model.add(sum(seated.member) >= self.row.min)
        if when is not None:
            bound.only_enforce_if(when)

    def kept_by(self, members: Sequence[Candidate]) -> bool:
        """Return whether at least `min` different experts are members."""
        return len({member.id for member in members}) >= self.row.min

    def facts(self, members: Sequence[Candidate]) -> Mapping[str, Any]:
        """Return the floor and the number of members."""
        return {"min": self.row.min, "count": len({member.id for member in members})}
