"""That no panel a lottery can draw breaks a rule of its problem: shown from its types and compositions, with no solver.

The bounds look at each rule alone, so they may refuse a lottery whose rules keep one another; they never let one pass
that could draw a panel which breaks a rule.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from selection.faults import PanelProblemFault, pointer
from selection.lottery.value import Composition, Lottery
from selection.request import Candidate, CapRow, FloorRow, PanelRequest, QuotaRow
from selection.seating import can_fill, seats_filled

_CLOSE: Final = 1e-6


def lottery_faults(request: PanelRequest, lottery: Lottery) -> list[PanelProblemFault]:
    """Return where a lottery does not fit its problem.

    Args:
        request: the problem.
        lottery: whose sums are right, as those of `parse_lottery` are.

    Returns:
        faults with places in the lottery: ids that are no candidates or are excluded, compositions of another size,
        compositions from which a panel could be drawn that breaks a rule. Empty when every panel is valid.
    """
    by_id = {candidate.id: candidate for candidate in request.candidates}
    faults = [
        PanelProblemFault(pointer("types", kind), "ID_UNKNOWN", {"id": one})
        for kind, members in enumerate(lottery.types)
        for one in members
        if one not in by_id or one in request.excluded_ids
    ]
    faults += [
        PanelProblemFault(pointer("chances", one), "ID_UNKNOWN", {"id": one})
        for one in lottery.chances
        if one not in by_id
    ]
    faults += [
        PanelProblemFault(pointer("support", place), "TEXT_INVALID", {"wanted": f"a panel of {request.size} members"})
        for place, composition in enumerate(lottery.support)
        if sum(composition.counts().values()) != request.size
    ]
    if lottery.spread is not None and all(row.attribute != lottery.spread for row in request.caps):
        faults.append(PanelProblemFault("/x-spread", "TEXT_INVALID", {"wanted": "an attribute that has a cap"}))
    return faults or list(_breaches(_Drawable(request, lottery), lottery.support))


def _breaches(drawable: "_Drawable", support: Sequence[Composition]) -> Iterator[PanelProblemFault]:
    checks = drawable.checks()
    for place, composition in enumerate(support):
        counts = composition.counts()
        for at, keeps in checks:
            if not keeps(counts):
                facts = {"composition": place, "rule": at}
                yield PanelProblemFault(pointer("support", place), "RULE_NOT_KEPT", facts)


Check = Callable[[Mapping[int, int]], bool]


def _most_cap(row: CapRow, tallies: Sequence[Mapping[str, int]]) -> Check:
    """Each value is counted as often as a panel can have it at most, type by type."""

    def keeps(counts: Mapping[int, int]) -> bool:
        most: Counter[str] = Counter()
        for kind, count in counts.items():
            for value, tally in tallies[kind].items():
                most[value] += min(count, tally)
        return all(count <= row.max for count in most.values())

    return keeps


class _Drawable:
    """What panels a composition can become."""

    def __init__(self, request: PanelRequest, lottery: Lottery) -> None:
        self.request = request
        self.lottery = lottery
        self._by_id = {candidate.id: candidate for candidate in request.candidates}

    def checks(self) -> list[tuple[str, Check]]:
        """Return for each rule its place, and whether every panel of a composition keeps it."""
        found: list[tuple[str, Check]] = [("/seats", self._seats())]
        found += [(f"/quotas/{index}", self._quota(row)) for index, row in enumerate(self.request.quotas)]
        found += [(f"/caps/{index}", self._cap(row)) for index, row in enumerate(self.request.caps)]
        found.append(("/apart", self._apart()))
        if self.request.floor is not None:
            found.append(("/floor", self._floor(self.request.floor)))
        return found

    def _seats(self) -> Check:
        """All seats filled: a type counts for a seat when each of its members can fill it."""
        fields = dict.fromkeys(row.field for row in self.request.seats)
        able = [
            tuple(field for field in fields if all(can_fill(self._by_id[one], field) for one in members))
            for members in self.lottery.types
        ]
        total = sum(row.count for row in self.request.seats)

        def keeps(counts: Mapping[int, int]) -> bool:
            members = [Candidate(f"{kind}.{number}", able[kind]) for kind in counts for number in range(counts[kind])]
            return seats_filled(members, self.request.seats) == total

        return keeps

    def _floor(self, row: FloorRow) -> Check:
        kept = row.waiver is not None or row.min <= self.request.size
        return lambda _: kept

    def _quota(self, row: QuotaRow) -> Check:
        having = [
            sum(self._value(one, row.attribute) == row.value for one in members) for members in self.lottery.types
        ]
        totals = [len(members) for members in self.lottery.types]
        high = self.request.size if row.max is None else row.max

        def keeps(counts: Mapping[int, int]) -> bool:
            least = sum(max(0, count - (totals[kind] - having[kind])) for kind, count in counts.items())
            return row.min <= least and sum(min(count, having[kind]) for kind, count in counts.items()) <= high

        return keeps

    def _cap(self, row: CapRow) -> Check:
        tallies = [
            Counter(value for one in members if (value := self._value(one, row.attribute)) is not None)
            for members in self.lottery.types
        ]
        return self._spread_cap(row, tallies) if row.attribute == self.lottery.spread else _most_cap(row, tallies)

    def _spread_cap(self, row: CapRow, tallies: Sequence[Mapping[str, int]]) -> Check:
        """The rounding gives each value at most the ceiling of what is expected of it, so that may not pass the cap."""
        totals = [len(members) for members in self.lottery.types]
        numbers = {value: place for place, value in enumerate(dict.fromkeys(one for tally in tallies for one in tally))}
        values = list(numbers)
        shares = np.zeros((len(values), len(totals)))
        for kind, tally in enumerate(tallies):
            shares[[numbers[value] for value in tally], kind] = np.array(list(tally.values())) / totals[kind]

        def keeps(counts: Mapping[int, int]) -> bool:
            expected = shares[:, list(counts)] @ np.array(list(counts.values()))
            # Near the cap, where floating-point numbers do not decide, it is asked in exact fractions.
            return all(
                sum(Fraction(tallies[kind][values[place]] * count, totals[kind]) for kind, count in counts.items())
                <= row.max
                for place in np.flatnonzero(expected > row.max - _CLOSE).tolist()
            )

        return keeps

    def _apart(self) -> Check:
        kind_of = {one: kind for kind, members in enumerate(self.lottery.types) for one in members}
        single = {row.attribute for row in self.request.caps if row.max == 1}
        pairs = [
            (kind_of[pair.first], kind_of[pair.second])
            for pair in self.request.apart
            if pair.first in kind_of
            and pair.second in kind_of
            # Who shares a value of which there is at most one member is kept apart by that cap.
            and not any(
                (value := self._value(pair.first, name)) is not None and value == self._value(pair.second, name)
                for name in single
            )
        ]

        def keeps(counts: Mapping[int, int]) -> bool:
            return not any(
                (counts.get(first, 0) > 1) if first == second else (first in counts and second in counts)
                for first, second in pairs
            )

        return keeps

    def _value(self, one: str, attribute: str) -> str | None:
        return self._by_id[one].attributes.get(attribute)
