"""Members locked in by hand: they stay when the panel is composed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from selection.request import Candidate
from selection.rules.rule import Seated

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class LockedIn:
    """One expert is a member, because a person wants it so; part of the question, not of the problem file."""

    id: str
    index: int

    code: ClassVar[str] = "LOCKED_IN"
    cite: ClassVar[str] = ""

    @property
    def at(self) -> str:
        """Place among the locked ids in code-point order."""
        return f"/locked/{self.index}"

    def add_to(self, model: "cp_model.CpModel", seated: Seated, *, when: "cp_model.IntVar | None") -> None:
        """Keep the expert in; impossible when the expert is not in the model."""
        bound = model.add(sum(seated.of((self.id,))) >= 1)
        if when is not None:
            bound.only_enforce_if(when)

    def kept_by(self, members: Sequence[Candidate]) -> bool:
        """Return whether the expert is a member."""
        return any(member.id == self.id for member in members)

    def facts(self, members: Sequence[Candidate]) -> Mapping[str, Any]:  # noqa: ARG002 -- the id says it all
        """Return the id."""
        return {"id": self.id}
