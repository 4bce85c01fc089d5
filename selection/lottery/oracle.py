"""The compositions as a whole-number model: is there one, and what is the most that a weighted sum can be."""

from collections.abc import Sequence
from typing import Final

from ortools.sat.python import cp_model

from selection.lottery.space import Space
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
        self.model = cp_model.CpModel()
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

    def first_of_equals(self, weights: Sequence[int], best: tuple[int, ...], budget: Budget) -> tuple[int, ...]:
        """Return, of the compositions with as large a weighted sum as this, the one whose list of numbers comes first.

        Every other one is asked for until there is none, so the answer does not depend on the solver.

        Raises:
            LotteryStopped: when the budget is spent.
        """
        model = self.model.clone()
        members = [model.get_int_var_from_proto_index(one.index) for one in self.members]
        model.add(cp_model.LinearExpr.weighted_sum(members, list(weights)) >= weighted_sum(weights, best))
        found = best
        while True:
            # Every composition has one sum, so another one has more of some type.
            more = [model.new_bool_var("") for _ in members]
            for member, count, is_more in zip(members, found, more, strict=True):
                model.add(member >= count + 1).only_enforce_if(is_more)
            model.add_bool_or(more)
            answer = solve(model, members, budget)
            if answer.outcome == "infeasible":
                return best
            if answer.outcome != "optimal":
                raise LotteryStopped
            found = answer.chosen
            best = min(best, found)


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
