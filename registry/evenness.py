"""How evenly work is shared: the Lorenz curve of counts, and Gini's number for it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly panels are shared among people.

    Attributes:
        people: how many.
        total: panels of all of them.
        never: people without any.
        most: the largest count.
        gini: 0 when all have the same, towards 1 when one has everything; 0 where there is nothing to share.
        curve: points (share of people, share of panels), from (0, 0) to (1, 1), the least loaded first; one for each
            count that occurs, so that it is as short for a hundred thousand people as for a hundred.
    """

    people: int
    total: int
    never: int
    most: int
    gini: float
    curve: tuple[tuple[float, float], ...]


def evenness_of(counts: Iterable[int]) -> Evenness:
    """Return how evenly counts are spread; exact until the last step.

    Example:
        >>> evenness_of([0, 1, 1, 2]).gini
        0.375
    """
    found = Counter(counts)
    people, total = found.total(), sum(count * times for count, times in found.items())
    if not total:
        return Evenness(people, 0, people, 0, 0.0, ((0.0, 0.0), (1.0, 1.0)))
    area, held, before = Fraction(0), 0, 0
    curve = [(0.0, 0.0)]
    for count in sorted(found):
        times = found[count]
        after = before + count * times
        area += Fraction(times * (before + after), 2 * people * total)
        held, before = held + times, after
        curve.append((held / people, before / total))
    return Evenness(people, total, found[0], max(found), float(1 - 2 * area), tuple(curve))
