"""Pairs kept apart: two experts who do not sit on one panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from selection.request import ApartRow, Candidate
from selection.rules.rule import Seated

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class Apart:
    """At most one of two experts is a member."""

    row: ApartRow
    index: int

    default_code: ClassVar[str] = "APART_TOGETHER"

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
        return f"/apart/{self.index}"

    def add_to(self, model: "cp_model.CpModel", seated: Seated, *, when: "cp_model.IntVar | None") -> None:
        """Allow at most one of the two."""
        both = seated.of((self.row.first, self.row.second))
        if len(both) == 2:
            bound = model.add(sum(both) <= 1)
            if when is not None:
                bound.only_enforce_if(when)

    def kept_by(self, members: Sequence[Candidate]) -> bool:
        """Return whether not both are members."""
        return not {self.row.first, self.row.second} <= {member.id for member in members}

    def facts(self, members: Sequence[Candidate]) -> Mapping[str, Any]:  # noqa: ARG002 -- the pair says it all
        """Return the two ids."""
        return {"ids": sorted((self.row.first, self.row.second))}
