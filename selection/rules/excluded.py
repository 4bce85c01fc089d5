"""Exclusions: who may not be a member, each with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from selection.request import Candidate, ExcludedRow
from selection.rules.rule import Seated

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class Excluded:
    """One expert is not a member; the code says why: a conflict of interest, a term that ended, locked out by hand."""

    row: ExcludedRow
    index: int

    default_code: ClassVar[str] = "EXCLUDED"

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
        return f"/excluded/{self.index}"

    def add_to(self, model: "cp_model.CpModel", seated: Seated, *, when: "cp_model.IntVar | None") -> None:
        """Keep the expert out."""
        for variable in seated.of((self.row.id,)):
            bound = model.add(variable == 0)
            if when is not None:
                bound.only_enforce_if(when)

    def kept_by(self, members: Sequence[Candidate]) -> bool:
        """Return whether the expert is no member."""
        return all(member.id != self.row.id for member in members)

    def facts(self, members: Sequence[Candidate]) -> Mapping[str, Any]:  # noqa: ARG002 -- the id says it all
        """Return the id."""
        return {"id": self.row.id}
