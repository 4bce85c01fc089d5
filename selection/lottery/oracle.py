"""The compositions as a whole-number model: is there one, and what is the most that a weighted sum can be."""

from collections.abc import Sequence
from typing import Final

from ortools.sat.python import cp_model

from selection.lottery.space import Space
from selection.model import Model
from selection.solving import Answer, Budget, solve

# Sums below this are exact in the solver, whose bounds are floating-point numbers.
LARGEST_SUM: Final = 2**50


class LotteryStopped(Exception):
    """The time or the work allowed was spent before the lottery was found."""


class Oracle:
    """Answers for one space, built once.

    Variables: c_t of each type, and how many members of those with the same choice of seats sit on seats of a code.
    """

    def __init__(self, space: Space) -> None:
        self.model = Model()
        self.members = [self.model.new_int_var(0, space.most(kind), "") for kind in range(len(space.counts))]
        self.model.add(sum(self.members) == space.size)
        for row in space.rows:
            total = sum(self.members[one] for one in row.types)
            self.model.add_linear_constraint(total, row.low, row.high)
        sitting: dict[str, list[cp_model.IntVar]] = {code: [] for code in space.seats}
        for able, kinds in by_choice(space).items():
            seated = [self.model.new_int_var(0, space.seats[code], "") for code in able]
            for code, variable in zip(able, seated, strict=True):
                sitting[code].append(variable)
            self.model.add(sum(seated) <= sum(self.members[one] for one in kinds))
        for code, count in space.seats.items():
            self.model.add(sum(sitting[code]) == count)
        self.size = space.size
        self._bounds: dict[int, tuple[int, int]] = {}

    def most(self, weights: Sequence[int], budget: Budget) -> Answer:
        """Return a composition with the largest weighted sum; infeasible where there is no composition at all.

        Raises:
            LotteryStopped: when the budget is spent, or the sum would be too large to be exact.
        """
        if self.size * max(map(abs, weights), default=0) >= LARGEST_SUM:
            raise LotteryStopped
        answer = solve(self.model, self.members, budget, objective=[-one for one in weights])
        if answer.outcome not in ("optimal", "infeasible"):
            raise LotteryStopped
        return answer

    def add_bounded_sum(self, types: Sequence[int]) -> cp_model.IntVar:
        """Return a variable for the members of some types together, whose bounds can be set again and again."""
        total = self.model.new_int_var(0, self.size, "")
        self.model.add(sum(self.members[kind] for kind in types) == total)
        return total

    def set_bounds(self, variable: cp_model.IntVar, low: int, high: int) -> None:
        """Set the bounds of a variable."""
        if self._bounds.get(variable.index) != (low, high):
            domain = self.model.proto.variables[variable.index].domain
            domain[0], domain[1] = low, high
            self._bounds[variable.index] = low, high

    def first(
        self, order: Sequence[int], budget: Budget, *, weights: Sequence[int] = (), least: int = 0
    ) -> tuple[int, ...] | None:
        """Return the composition that is first in an order; None where there is none.

        Args:
            order: all types; the first composition has the most members of the first type, of those that have, the
                most of the second, and so on.
            budget: what may be spent.
            weights, least: where given, only compositions whose weighted sum is at least so much.

        Raises:
            LotteryStopped: when the budget is spent.
        """
        model = self.model.clone()
        members = [model.get_int_var_from_proto_index(one.index) for one in self.members]
        if weights:
            model.add(cp_model.LinearExpr.weighted_sum(members, list(weights)) >= least)
        in_order = [members[kind] for kind in order]
        model.add_decision_strategy(in_order, cp_model.CHOOSE_FIRST, cp_model.SELECT_MAX_VALUE)
        answer = solve(model, members, budget, in_order=True)
        if answer.outcome == "infeasible":
            return None
        if answer.outcome != "optimal":
            raise LotteryStopped
        return answer.chosen


def by_choice(space: Space) -> dict[tuple[str, ...], list[int]]:
    """Return the types by the codes of seats they can take; those who can take none are left out."""
    found: dict[tuple[str, ...], list[int]] = {}
    for kind, able in enumerate(space.able):
        if able:
            found.setdefault(able, []).append(kind)
    return found


def weighted_sum(weights: Sequence[int], composition: Sequence[int]) -> int:
    """Return the weighted sum of a composition."""
    return sum(weight * count for weight, count in zip(weights, composition, strict=True))
