"""Panels that prove that rows can hold together: one found by the solver proves it of many, a member swapped each."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from selection.relaxed import Relaxed
from selection.request import Candidate
from selection.rules import Excluded
from selection.solving import Budget, Outcome

# Panels tried before the solver is asked again, the latest first.
_TRIED: Final = 8

Panel = tuple[Candidate, ...]


class Witnesses:
    """Panels found so far, by the excluded candidate whom each lets in."""

    def __init__(self, relaxed: Relaxed) -> None:
        self._relaxed = relaxed
        self._found: list[tuple[str, Panel]] = []

    def can_spare(self, place: int, held: AbstractSet[int]) -> Outcome:
        """Return `optimal` when some panel keeps these rows, where the row at a place is left out.

        For an exclusion, panels found for others are tried first, its candidate in the place of theirs. What a panel
        keeps is looked up rule by rule.
        """
        rule = self._relaxed.rules[place]
        if not isinstance(rule, Excluded):
            return self._relaxed.can_hold(held, Budget())
        for panel in self._swapped(rule.row.id):
            if not self._relaxed.broken_by(panel) & held:
                return "optimal"
        outcome, panel = self._relaxed.panel_holding(held, Budget())
        if any(member.id == rule.row.id for member in panel):
            self._found.append((rule.row.id, panel))
        return outcome

    def _swapped(self, joining: str) -> Iterator[Panel]:
        seated = self._relaxed.seated
        for lifted, panel in self._found[: -_TRIED - 1 : -1]:
            yield from swapped(panel, lifted, seated.candidates[seated.positions[joining]])


def swapped(panel: Panel, leaving: str, joining: Candidate) -> Iterator[Panel]:
    """Yield the panel with one candidate in the place of another, unless he is on it already."""
    if all(member.id != joining.id for member in panel):
        yield (*(member for member in panel if member.id != leaving), joining)
