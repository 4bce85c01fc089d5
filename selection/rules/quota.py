"""Quotas: at least so many, or at most so many, members with one value of an attribute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from selection.request import Candidate, QuotaRow
from selection.rules.rule import Seated

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class Quota:
    """From `min` to `max` members have exactly this value, whatever seat they fill; both bounds are inclusive.

    The code of a row without its own is QUOTA_HIGH for a row that only bounds from above, else QUOTA_LOW; a panel
    with too many members of the value breaks it as QUOTA_HIGH (`code_for`).
    """

    row: QuotaRow
    index: int
    size: int

    low_code: ClassVar[str] = "QUOTA_LOW"
    high_code: ClassVar[str] = "QUOTA_HIGH"

    @property
    def high(self) -> int:
        """The upper bound, the panel's size when the row has none."""
        return self.size if self.row.max is None else self.row.max

    @property
    def code(self) -> str:
        """The row's code, or the default of the bound it sets."""
        return self.row.code or (self.low_code if self.row.min > 0 or self.high >= self.size else self.high_code)

    @property
    def cite(self) -> str:
        """The row's article."""
        return self.row.cite

    @property
    def at(self) -> str:
        """JSON Pointer of the row."""
        return f"/quotas/{self.index}"

    def code_for(self, members: Sequence[Candidate]) -> str:
        """Return the code under which this panel keeps or breaks the row."""
        return self.row.code or (self.high_code if self._count(members) > self.high else self.code)

    def add_to(self, model: "cp_model.CpModel", seated: Seated, *, when: "cp_model.IntVar | None") -> None:
        """Bound the number of members with the value from both sides."""
        count = sum(seated.with_value(self.row.attribute, self.row.value))
        bounds = []
        if self.row.min > 0:
            bounds.append(model.add(count >= self.row.min))
        if self.high < self.size:
            bounds.append(model.add(count <= self.high))
        if when is not None:
            for bound in bounds:
                bound.only_enforce_if(when)

    def kept_by(self, members: Sequence[Candidate]) -> bool:
        """Return whether the number of members with the value is within the bounds."""
        return self.row.min <= self._count(members) <= self.high

    def facts(self, members: Sequence[Candidate]) -> Mapping[str, Any]:
        """Return attribute, value, bounds and the number found."""
        return {
            "attribute": self.row.attribute,
            "value": self.row.value,
            "min": self.row.min,
            "max": self.high,
            "count": self._count(members),
        }

    def _count(self, members: Sequence[Candidate]) -> int:
        return sum(member.attributes.get(self.row.attribute) == self.row.value for member in members)
