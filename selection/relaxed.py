"""Every row of a request behind a switch: which rows can hold together, on the few candidates who matter for that.

For each role and kind of `kernel` a few candidates are kept. Once so many have no capped value in common that the
others of a panel cannot keep all of them out, these are enough: whatever rows are switched on, one of them can take
the place of a member who was not kept. Where that never happens everybody is kept, but of those who have all values
in common no more than a panel has members: one of them is always free. An excluded candidate is kept with a switch of
his own, unless the same holds for him. Members of pairs kept apart stand in for nobody.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ortools.sat.python import cp_model

from selection.columns import PoolColumns, Positions
from selection.kernel import Kinds, by_kind, kinds_of
from selection.model import Model
from selection.request import Candidate, PanelRequest
from selection.rules import Excluded, Rule, Seated, add_seating, binds, exclusions_of, locked_rules, rules_of
from selection.solving import Budget, Outcome, solve


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A model in which every row can be switched off; only the size and what is never relaxed always bind.

    Attributes:
        request: the problem.
        model, seated: the model and its variables.
        rules: the rows that can be switched off, in file order.
        switches: for each of them a variable, 1 where it binds.
        exclusion_of: id -> place of the exclusion among the rules.
        others: places of the rules that are no exclusions.
    """

    request: PanelRequest
    model: cp_model.CpModel
    seated: Seated
    rules: tuple[Rule, ...]
    switches: tuple[cp_model.IntVar, ...]
    exclusion_of: Mapping[str, int]
    others: tuple[int, ...]

    @classmethod
    def of(
        cls,
        request: PanelRequest,
        pool: PoolColumns,
        *,
        locked_in: AbstractSet[str],
        staying: AbstractSet[str] = frozenset(),
    ) -> "Relaxed":
        """Build the model of a request.

        Args:
            request: the problem.
            pool: its candidates.
            locked_in: ids locked in; each is a row, after those of the file.
            staying: ids of candidates who are in the model in any case and take nobody's place there.
        """
        kept, exclusions = _relevant(request, pool, locked_in | staying)
        candidates = [pool.candidates[position] for position in kept]
        model = Model()
        member = [model.new_bool_var("") for _ in candidates]
        model.add(sum(member) == request.size)
        positions = {candidate.id: place for place, candidate in enumerate(candidates)}
        seated = Seated(candidates, member, positions, add_seating(model, candidates, member, request.seats))
        rules = (*(rule for rule in rules_of(request) if binds(rule)), *exclusions, *locked_rules(locked_in))
        switches = tuple(model.new_bool_var("") for _ in rules)
        for rule, switch in zip(rules, switches, strict=True):
            rule.add_to(model, seated, when=switch)
        exclusion_of = {rule.row.id: place for place, rule in enumerate(rules) if isinstance(rule, Excluded)}
        others = tuple(place for place, rule in enumerate(rules) if not isinstance(rule, Excluded))
        return cls(request, model, seated, rules, switches, exclusion_of, others)

    def left_out(
        self, held: AbstractSet[int], budget: Budget
    ) -> tuple[Outcome, tuple[int, ...], tuple[Candidate, ...]]:
        """Hold some rows, and as many others as can be held with them.

        Returns:
            the outcome of the solve, the fewest rows that then must be left out, and the panel; empty without one.
        """
        self._fix(held, 1)
        many = len(self.switches)
        variables = [*self.switches, *self.seated.member]
        objective = [-1] * many + [0] * len(self.seated.member)
        answer = solve(self.model, variables, budget, objective=objective, as_small=many)
        self._fix(held, 0)
        left = tuple(place for place, is_on in enumerate(answer.chosen[:many]) if not is_on)
        return answer.outcome, left, self._panel(answer.chosen[many:])

    def panel_holding(self, held: AbstractSet[int], budget: Budget) -> tuple[Outcome, tuple[Candidate, ...]]:
        """Return the outcome of looking for a panel that keeps these rows, and the panel."""
        self._fix(held, 1)
        answer = solve(self.model, self.seated.member, budget, as_small=0)
        self._fix(held, 0)
        return answer.outcome, self._panel(answer.chosen)

    def broken_by(self, panel: Sequence[Candidate]) -> frozenset[int]:
        """Return the rows that a panel of the right size, without direct interest, breaks; asks no solver."""
        lifted = frozenset({self.exclusion_of[one.id] for one in panel if one.id in self.exclusion_of})
        return lifted | {place for place in self.others if not self.rules[place].kept_by(panel)}

    def _panel(self, chosen: Sequence[int]) -> tuple[Candidate, ...]:
        return tuple(one for one, taken in zip(self.seated.candidates, chosen, strict=False) if taken)

    def can_hold(self, held: AbstractSet[int], budget: Budget) -> Outcome:
        """Return the outcome of looking for a panel that keeps these rows, whatever becomes of the others."""
        self._fix(held, 1)
        outcome = solve(self.model, (), budget).outcome
        self._fix(held, 0)
        return outcome

    def core(self, held: Sequence[int], budget: Budget) -> tuple[Outcome, tuple[int, ...]]:
        """Return whether these rows can hold together and, if not, some of them that cannot."""
        self.model.add_assumptions([self.switches[place] for place in held])
        answer = solve(self.model, (), budget)
        self.model.clear_assumptions()
        places = {self.switches[place].index: place for place in held}
        return answer.outcome, tuple(sorted(places[index] for index in answer.core if index in places))

    def all_but(self, *places: int) -> frozenset[int]:
        """Return the places of all rows but these."""
        return frozenset(range(len(self.rules))) - set(places)

    def least(self, held: AbstractSet[int], variables: Sequence[cp_model.IntVar], budget: Budget) -> int | None:
        """Return the least sum of variables in a panel that keeps these rows; None without such a panel."""
        return self._extreme(held, variables, 1, budget)

    def most(self, held: AbstractSet[int], variables: Sequence[cp_model.IntVar], budget: Budget) -> int | None:
        """Return the largest sum of variables in a panel that keeps these rows; None without such a panel."""
        return self._extreme(held, variables, -1, budget)

    def least_peak(
        self, held: AbstractSet[int], groups: Sequence[Sequence[cp_model.IntVar]], budget: Budget
    ) -> int | None:
        """Return the least that the largest of several sums can be in a panel that keeps these rows."""
        peak = self.model.new_int_var(0, self.request.size, "")
        for group in groups:
            self.model.add(sum(group) <= peak)
        return self._extreme(held, [peak], 1, budget)

    def _extreme(
        self, held: AbstractSet[int], variables: Sequence[cp_model.IntVar], sign: int, budget: Budget
    ) -> int | None:
        self._fix(held, 1)
        answer = solve(self.model, variables, budget, objective=[sign] * len(variables))
        self._fix(held, 0)
        return sum(answer.chosen) if answer.outcome == "optimal" else None

    def _fix(self, held: AbstractSet[int], low: int) -> None:
        # A bound instead of an assumption: the solver takes no objective together with assumptions.
        for place in held:
            self.model.proto.variables[self.switches[place].index].domain[0] = low


def _relevant(request: PanelRequest, pool: PoolColumns, staying: AbstractSet[str]) -> tuple[list[int], list[Excluded]]:
    """Return the positions of the candidates who matter, and the exclusions that can be lifted and matter."""
    paired = {one for pair in request.apart for one in (pair.first, pair.second)}
    exclusions = {rule.row.id: rule for rule in exclusions_of(request) if rule.row.id in pool.positions}
    never = {one for one, rule in exclusions.items() if rule.row.never_relax}
    special = frozenset(paired | (exclusions.keys() - never))
    kinds = kinds_of(request, pool)
    kept: set[int] = set()
    for role in dict.fromkeys([*(row.field for row in request.seats if row.count), None]):
        able = pool.everyone if role is None else pool.able_to_fill(role)
        for members in by_kind(able, kinds):
            kept.update(_kept(members, pool, kinds, request.size, staying | never, special))
    kept.update(pool.positions[one] for one in staying - never if one in pool.positions)
    ids = {pool.candidates[position].id for position in kept}
    return sorted(kept), [rule for one, rule in exclusions.items() if one in ids]


def _kept(
    members: Positions,
    pool: PoolColumns,
    kinds: Kinds,
    size: int,
    out: AbstractSet[str],
    special: AbstractSet[str],
) -> list[int]:
    """Return who of one role and kind matters; the special stand in for nobody."""
    kept: list[int] = []
    later: list[tuple[tuple[int, ...], int]] = []
    different: list[int] = []
    alike: Counter[tuple[int, ...]] = Counter()
    used: set[tuple[int, int]] = set()
    for position in members.tolist():
        one = pool.candidates[position].id
        if one in out:
            continue
        values = kinds.values(position)
        if one in special:
            later.append((values, position))
            continue
        alike[values] += 1
        if alike[values] <= size:
            kept.append(position)
        mine = {(place, value) for place, value in enumerate(values) if value >= 0}
        if used.isdisjoint(mine):
            used |= mine
            different.append(position)
            if len(different) == kinds.enough(size):
                return different
    return kept + [position for values, position in later if alike[values] < size]
