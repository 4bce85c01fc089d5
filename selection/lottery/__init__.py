"""The exact leximin lottery over all valid panels: types, levels, support and certificate."""

from selection.lottery.value import Composition, Level, Lottery, Part, parse_lottery

__all__ = ["Composition", "Level", "Lottery", "Part", "parse_lottery"]
