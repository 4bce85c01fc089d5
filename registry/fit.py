"""How well an expert's fields fit the fields that a matter needs: points from the policy's table, with their parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from registry.expert import ExpertField
from registry.fields import depth, expand

HIGHEST_FIT = 100
_LEVELS = (3, 5, 7)


@dataclass(frozen=True, slots=True)
class FitTable:
    """The county's points for a match.

    Attributes:
        main: points of the main field when it agrees with the need in one, two or three levels of the code.
        further: the same for a further field.
        each_more: points for every needed field beyond the best one that the expert covers too.
    """

    main: tuple[int, int, int] = (70, 85, 95)
    further: tuple[int, int, int] = (40, 55, 65)
    each_more: int = 5


DEFAULT_FIT = FitTable()


@dataclass(frozen=True, slots=True)
class FitPart:
    """The best match of one needed field.

    Attributes:
        need: the needed code.
        code: the expert's code that matched.
        levels: levels of the code that agree, 1 to 3.
        main: whether it is the expert's main field.
        points: what the table gives for it.
    """

    need: str
    code: str
    levels: int
    main: bool
    points: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Fit of an expert, 0 to 100, and what it is made of: the best part, and `each_more` for each other part."""

    points: int
    parts: tuple[FitPart, ...] = ()


def fit_of(fields: Iterable[ExpertField], needs: Iterable[str], *, table: FitTable = DEFAULT_FIT) -> Fit:
    """Return the fit of an expert's fields for the needed fields.

    A need is matched by the field that agrees with it in most levels of the code, a main field before a further one.
    An expert for 570 fits a need for 57025 in one level although he cannot fill that seat; an expert for 57025 fits
    a need for 570 in all the levels the need has.

    Args:
        fields: the expert's fields.
        needs: needed codes; repeated ones count once.
        table: the points.

    Returns:
        The fit; its parts are in order of points, best first, then of need. No part means 0 points.

    Source: house decision 9.
    """
    held = list(fields)
    parts = [part for need in sorted(set(needs)) if (part := _best(need, held, table))]
    parts.sort(key=lambda part: (-part.points, part.need))
    if not parts:
        return Fit(0)
    return Fit(min(HIGHEST_FIT, parts[0].points + table.each_more * (len(parts) - 1)), tuple(parts))


def _best(need: str, fields: list[ExpertField], table: FitTable) -> FitPart | None:
    parts = []
    for field in fields:
        if levels := _levels_agreeing(need, field.code):
            points = (table.main if field.main else table.further)[levels - 1]
            parts.append(FitPart(need, field.code, levels, field.main, points))
    return min(parts, key=lambda part: (-part.points, part.code), default=None)


@lru_cache(maxsize=65536)
def _levels_agreeing(need: str, code: str) -> int:
    if need == code:
        return depth(code)
    return max(
        (
            sum(wanted[:digits] == held[:digits] and min(len(wanted), len(held)) >= digits for digits in _LEVELS)
            for wanted in expand(need)
            for held in expand(code)
        ),
        default=0,
    )
