"""What every composition rule can do: say itself to the solver, and judge a finished panel without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from selection.request import Candidate, SeatRow

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


class Rule(Protocol):
    """One row of a request as a rule."""

    @property
    def code(self) -> str:
        """Permanent name of the rule, or the row's own."""

    @property
    def cite(self) -> str:
        """Article, empty for local policy."""

    @property
    def at(self) -> str:
        """JSON Pointer of the row."""

    def add_to(self, model: "cp_model.CpModel", seated: "Seated", *, when: "cp_model.IntVar | None") -> None:
        """Say the rule to the solver; with `when`, it binds only where that literal is true."""

    def kept_by(self, members: Sequence[Candidate]) -> bool:
        """Return whether a finished panel keeps the rule, asking no solver."""

    def facts(self, members: Sequence[Candidate]) -> Mapping[str, Any]:
        """Return the counts and ids by which a reader sees whether a panel keeps the rule."""


@dataclass(frozen=True, slots=True)
class Seated:
    """The variables of a model.

    Attributes:
        candidates: who is in the model.
        member: for each candidate a 0/1 variable, 1 for a member.
        positions: id -> position in `candidates`.
        fills: for each seat row variables whose sum is the number of its seats that are filled; all rows together
            fill no more seats than there are members able to, each member one.
    """

    candidates: Sequence[Candidate]
    member: "Sequence[cp_model.IntVar]"
    positions: Mapping[str, int]
    fills: "Sequence[Sequence[cp_model.IntVar]]" = field(default_factory=list)

    def of(self, ids: Sequence[str]) -> "list[cp_model.IntVar]":
        """Return the variables of those of the ids that are in the model."""
        return [self.member[self.positions[one]] for one in ids if one in self.positions]

    def with_value(self, attribute: str, value: str) -> "list[cp_model.IntVar]":
        """Return the variables of the candidates whose attribute is exactly this value."""
        return [
            variable
            for candidate, variable in zip(self.candidates, self.member, strict=True)
            if candidate.attributes.get(attribute) == value
        ]

    def by_value(self, attribute: str) -> "dict[str, list[cp_model.IntVar]]":
        """Return the variables by value of an attribute, without those who have no such attribute."""
        found: dict[str, list[cp_model.IntVar]] = {}
        for candidate, variable in zip(self.candidates, self.member, strict=True):
            value = candidate.attributes.get(attribute)
            if value is not None:
                found.setdefault(value, []).append(variable)
        return found


def add_seating(
    model: "cp_model.CpModel",
    candidates: Sequence[Candidate],
    member: "Sequence[cp_model.IntVar]",
    seats: Sequence[SeatRow],
) -> "list[list[cp_model.IntVar]]":
    """Add the variables by which members fill seats, and return them by seat row (see `Seated.fills`).

    Candidates who can fill the same rows are interchangeable, so that one whole number per row and kind is enough:
    the members of a kind are at least as many as the seats that this kind fills.
    """
    kinds: dict[tuple[int, ...], list[cp_model.IntVar]] = {}
    able_by_fields: dict[tuple[str, ...], tuple[int, ...]] = {}
    for candidate, variable in zip(candidates, member, strict=True):
        rows = able_by_fields.get(candidate.fields)
        if rows is None:
            rows = able_by_fields[candidate.fields] = tuple(
                index for index, row in enumerate(seats) if any(code.startswith(row.field) for code in candidate.fields)
            )
        if rows:
            kinds.setdefault(rows, []).append(variable)
    fills: list[list[cp_model.IntVar]] = [[] for _ in seats]
    for rows, variables in kinds.items():
        if len(rows) == 1:
            # Who can fill one row only fills it whenever a member: no variable needed.
            fills[rows[0]] += variables
            continue
        filled = []
        for index in rows:
            variable = model.new_int_var(0, min(seats[index].count, len(variables)), "")
            fills[index].append(variable)
            filled.append(variable)
        model.add(sum(filled) <= sum(variables))
    return fills
