"""The exact leximin lottery over all valid panels: types, levels, support and certificate."""

from selection.lottery.certificate import LotteryFault, check_lottery
from selection.lottery.find import find_lottery
from selection.lottery.types import entitlement_of
from selection.lottery.value import Composition, Level, Lottery, Part, parse_lottery

__all__ = [
    "Composition",
    "Level",
    "Lottery",
    "LotteryFault",
    "Part",
    "check_lottery",
    "entitlement_of",
    "find_lottery",
    "parse_lottery",
]
