"""Numbered panels for physical balls: a list of valid panels, each as likely as the others, in a number that is fair.

A list cannot meet the chances of the lottery exactly: everybody stands in a whole number of its panels. So it must be
long enough. It has the least power of ten of panels, 1,000 or more, with which a candidate stands in ten panels on
average and even the one of least chance in five; where that is more than balls can be drawn for, there is no list, and
a draw from a seed is the fair way.

Making the list: the compositions of the lottery, each as often as its weight says (largest remainders), in shuffled
order; the seats of every type are filled from its members in shuffled order, round and round, so that members of a type
stand in as many panels, or in one more. Panels in which an attribute passes its cap then exchange members of the same
type with other panels, which changes nothing of how often anybody is listed.
"""

from array import array
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Any, Final

from selection.canonical import canonical_json
from selection.draw.commitment import Commitment, sha256_of
from selection.draw.drawing import StreamOf, spread_of
from selection.draw.stream import Stream
from selection.faults import PanelProblemFault, PanelProblemFaults

FORMAT: Final = "panel-list/1"
FEWEST_BALLS: Final = 1_000
MOST_BALLS: Final = 1_000_000
# Panels that a candidate is in: on average at least so many, and the one of least chance so many.
_MEAN: Final = 10
_LEAST: Final = 5
# Exchanges tried for one panel that passes a cap; far more than are ever needed where a list exists at all.
_EXCHANGES: Final = 1_000


class NoFairList(Exception):
    """There is no list of numbered panels that would be fair.

    Attributes:
        code: `BALLS_TOO_FEW`: with so few balls it would be unfair; `BALLS_TOO_MANY`: more balls would be needed than
            can be drawn; `BALLS_PASS_CAP`: no exchange of members keeps a cap in every panel.
        facts: parameters of its sentence.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        """Keep code and facts."""
        self.code = code
        self.facts = facts
        super().__init__(f"{code} {facts}")


@dataclass(frozen=True, slots=True)
class NumberedPanels:
    """A list of panels, one for each ball.

    Attributes:
        commitment: whose problem and lottery it is of.
        seed: of the shuffles; chance comes from the balls, so it may be empty.
        panels: the panel of number 0, 1, 2 ...; ids in code-point order.
        exchanges: how many exchanges of members it took to keep a cap in every panel.
    """

    commitment: Commitment = field(repr=False)
    seed: str
    panels: tuple[tuple[str, ...], ...] = field(repr=False)
    exchanges: int

    @property
    def listed(self) -> dict[str, int]:
        """Id -> in how many panels, for every candidate of the problem."""
        counts = Counter(one for panel in self.panels for one in panel)
        return {one: counts[one] for one in self.commitment.lottery.chances}

    @property
    def difference(self) -> Fraction:
        """The most by which anybody's chance by this list differs from that of the lottery."""
        chances, many = self.commitment.lottery.chances, len(self.panels)
        return max(
            (abs(Fraction(count, many) - chances[one]) for one, count in self.listed.items()), default=Fraction(0)
        )

    @property
    def digits(self) -> int:
        """How many digits a number has: so many drawings of one of ten balls."""
        return len(str(len(self.panels))) - 1

    def numbered(self, place: int) -> str:
        """Return the number of a panel as it is drawn, leading zeros included."""
        return f"{place:0{self.digits}}"

    def to_json(self) -> dict[str, Any]:
        """Return the list as `panel-list/1`."""
        return {
            "format": FORMAT,
            "commitment_sha256": self.commitment.sha256,
            "seed": self.seed,
            "balls": len(self.panels),
            "difference": str(self.difference),
            "panels": [list(panel) for panel in self.panels],
        }

    @property
    def sha256(self) -> str:
        """Hash of the RFC 8785 form of `panel-list/1`, in hexadecimal: what is published before a ball is drawn."""
        return sha256_of(self.to_json())

    @property
    def text(self) -> str:
        """The RFC 8785 form: the bytes that are hashed."""
        return canonical_json(self.to_json())


def balls_needed(chances: Mapping[str, Fraction], size: int) -> int:
    """Return how many panels a list must have to be fair: a power of ten, however large.

    Args:
        chances: of the lottery, by id.
        size: members of a panel.
    """
    above = [chance for chance in chances.values() if chance > 0]
    wanted = max(FEWEST_BALLS, ceil(Fraction(_MEAN * len(above), size)), ceil(_LEAST / min(above)))
    balls = FEWEST_BALLS
    while balls < wanted:
        balls *= 10
    return balls


def numbered_panels(commitment: Commitment, *, balls: int | None = None, seed: str = "") -> NumberedPanels:
    """Make the list of numbered panels of a commitment; the same for everybody who makes it.

    Args:
        commitment: with the problem and the lottery.
        balls: panels of the list, a power of ten from 1,000 to 1,000,000; None for as many as are needed.
        seed: of the shuffles.

    Raises:
        PanelProblemFaults: when `balls` is no such number.
        NoFairList: when the list would be unfair.
    """
    powers = [10**digits for digits in range(3, 7)]
    if balls is not None and balls not in powers:
        wanted = "1000, 10000, 100000 or 1000000"
        raise PanelProblemFaults([PanelProblemFault("/balls", "TEXT_INVALID", {"wanted": wanted})])
    lottery, request = commitment.lottery, commitment.request
    needed = balls_needed(lottery.chances, request.size)
    if needed > MOST_BALLS:
        raise NoFairList("BALLS_TOO_MANY", needed=needed, most=MOST_BALLS)
    if balls is not None and balls < needed:
        raise NoFairList("BALLS_TOO_FEW", balls=balls, needed=needed)
    stream_of = partial(Stream, seed, commitment.sha256)
    rows, kinds = _filled(commitment, balls or needed, stream_of)
    value_of = spread_of(request, lottery.spread)
    cap = min((row.max for row in request.caps if row.attribute == lottery.spread), default=request.size)
    exchanges = _Exchange(rows, kinds, value_of, cap, stream_of("list-exchanges")).run()
    _prove(rows, kinds, lottery.types, value_of, cap)
    found = NumberedPanels(commitment, seed, tuple(tuple(sorted(row)) for row in rows), exchanges)
    listed = found.listed
    if any(not listed[one] for one, chance in lottery.chances.items() if chance):
        raise RuntimeError("somebody with a chance is in no panel of the list")
    return found


def _filled(commitment: Commitment, balls: int, stream_of: StreamOf) -> tuple[list[list[str]], list[Sequence[int]]]:
    """Return the panels, caps of the spread attribute not looked at, and the types of their members, place by place."""
    lottery = commitment.lottery
    shares = [one.weight * balls for one in lottery.support]
    often = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: (often[place] - shares[place], place))
    for place in by_remainder[: balls - sum(often)]:
        often[place] += 1
    kinds_of = [
        tuple(kind for kind, count in sorted(one.counts().items()) for _ in range(count)) for one in lottery.support
    ]
    order = [place for place, count in enumerate(often) for _ in range(count)]
    _shuffle(order, stream_of("list-panels"))
    rosters = []
    for kind, members in enumerate(lottery.types):
        roster = list(members)
        _shuffle(roster, stream_of(f"list-type-{kind}"))
        rosters.append(roster)
    taken = [0] * len(rosters)
    rows: list[list[str]] = []
    for place in order:
        row = []
        for kind in kinds_of[place]:
            roster = rosters[kind]
            row.append(roster[taken[kind] % len(roster)])
            taken[kind] += 1
        rows.append(row)
    return rows, [kinds_of[place] for place in order]


def _shuffle(items: list[Any], stream: Stream) -> None:
    """Put a list into random order: from the last place on, each with one of those up to it."""
    for last in range(len(items) - 1, 0, -1):
        other = stream.below(last + 1)
        items[last], items[other] = items[other], items[last]


def _prove(
    rows: Sequence[Sequence[str]],
    kinds: Sequence[Sequence[int]],
    types: Sequence[Sequence[str]],
    value_of: Mapping[str, str],
    cap: int,
) -> None:
    """Hold every panel against its composition, whose panels keep every rule but the one cap, and against that cap."""
    kind_of = {one: kind for kind, members in enumerate(types) for one in members}
    for row, of_row in zip(rows, kinds, strict=True):
        values = Counter(value_of[one] for one in row if one in value_of)
        is_of_types = [kind_of[one] for one in row] == list(of_row)
        if len(set(row)) != len(row) or not is_of_types or max(values.values(), default=0) > cap:
            raise RuntimeError("a panel of the list breaks a rule")


class _Exchange:
    """Exchanges of members of one type between panels, until no panel passes the cap."""

    def __init__(
        self, rows: list[list[str]], kinds: list[Sequence[int]], value_of: Mapping[str, str], cap: int, stream: Stream
    ) -> None:
        self._rows = rows
        self._kinds = kinds
        self._value_of = value_of
        self._cap = cap
        self._stream = stream
        self._width = max(len(row) for row in rows)
        values: dict[int, set[str | None]] = {}
        for row, of_row in zip(rows, kinds, strict=True):
            for one, kind in zip(row, of_row, strict=True):
                values.setdefault(kind, set()).add(value_of.get(one))
        self._mixed = {kind for kind, found in values.items() if len(found) > 1}
        self._places: dict[int, array[int]] = {}
        for number, of_row in enumerate(kinds):
            for there, kind in enumerate(of_row):
                self._places.setdefault(kind, array("q")).append(number * self._width + there)

    def run(self) -> int:
        """Mend every panel; return how many exchanges it took.

        Raises:
            NoFairList: when that does not come to an end.
        """
        waiting = deque(place for place in range(len(self._rows)) if self._crowded(place))
        left = _EXCHANGES * len(waiting)
        done = 0
        while waiting:
            row = waiting[0]
            crowded = self._crowded(row)
            if not crowded:
                waiting.popleft()
                continue
            if left <= 0 or not (self._settle(row, crowded) or self._push(row, crowded, waiting)):
                raise NoFairList("BALLS_PASS_CAP", panels=len(waiting))
            left -= 1
            done += 1
        return done

    def _crowded(self, number: int) -> list[int]:
        """Return the places of members of whose value a panel has too many, and whom one of another could follow."""
        values = [self._value_of.get(one) for one in self._rows[number]]
        return [
            place
            for place, value in enumerate(values)
            if value is not None and values.count(value) > self._cap and self._kinds[number][place] in self._mixed
        ]

    def _settle(self, row: int, crowded: Sequence[int]) -> bool:
        """Exchange one of the crowded with a member of another panel that has room; False where none has."""
        for place in crowded:
            for other, there in self._others(row, place):
                if self._fits(row, place, self._rows[other][there]) and self._fits(
                    other, there, self._rows[row][place]
                ):
                    self._swap(row, place, other, there)
                    return True
        return False

    def _push(self, row: int, crowded: Sequence[int], waiting: deque[int]) -> bool:
        """Exchange one of the crowded with a member of a panel that is then crowded itself, and waits."""
        for place in crowded:
            for other, there in self._others(row, place):
                leaves = self._rows[row][place]
                if self._fits(row, place, self._rows[other][there]) and leaves not in self._rows[other]:
                    self._swap(row, place, other, there)
                    waiting.append(other)
                    return True
        return False

    def _others(self, row: int, place: int) -> Iterator[tuple[int, int]]:
        """Yield the places of the same type in other panels, from a random one on round."""
        kind = self._kinds[row][place]
        places = self._places[kind]
        start = self._stream.below(len(places))
        for step in range(len(places)):
            other, there = divmod(places[(start + step) % len(places)], self._width)
            if other != row:
                yield other, there

    def _fits(self, row: int, place: int, joins: str) -> bool:
        """Return whether somebody is no member yet and the cap of his value has room when the one at a place leaves."""
        members = self._rows[row]
        if joins in members:
            return False
        value = self._value_of.get(joins)
        others = (one for there, one in enumerate(members) if there != place)
        return value is None or sum(self._value_of.get(one) == value for one in others) < self._cap

    def _swap(self, row: int, place: int, other: int, there: int) -> None:
        mine, its = self._rows[row], self._rows[other]
        mine[place], its[there] = its[there], mine[place]
