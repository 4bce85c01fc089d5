"""Seats by field: each filled by its own expert of that field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from selection.request import Candidate, SeatRow
from selection.rules.rule import Seated
from selection.seating import seats_filled

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class SeatsFilled:
    """All seats of one row are filled, each by its own member, one of whose fields begins with the seat's field.

    Rows share the members: earlier rows of the file are seated first, and a row is kept when the members can fill
    its seats besides. By the exchange property of matchings all rows are kept in this sense exactly when all seats
    can be filled at once.
    """

    row: SeatRow
    index: int
    earlier: tuple[SeatRow, ...] = ()

    default_code: ClassVar[str] = "SEAT_UNFILLED"

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
        return f"/seats/{self.index}"

    def add_to(self, model: "cp_model.CpModel", seated: Seated, *, when: "cp_model.IntVar | None") -> None:
        """Fill the row's seats: the sum of its fills is at least their number."""
        bound = model.add(sum(seated.fills[self.index]) >= self.row.count)
        if when is not None:
            bound.only_enforce_if(when)

    def kept_by(self, members: Sequence[Candidate]) -> bool:
        """Return whether the members can fill the row's seats besides those of earlier rows."""
        return self._filled(members) == self.row.count

    def facts(self, members: Sequence[Candidate]) -> Mapping[str, Any]:
        """Return the field, the seats and how many of them are filled."""
        return {"field": self.row.field, "count": self.row.count, "filled": self._filled(members)}

    def _filled(self, members: Sequence[Candidate]) -> int:
        return seats_filled(members, (*self.earlier, self.row)) - seats_filled(members, self.earlier)
