"""Pictures of ties are laid out so that nothing lies over anything else."""

from itertools import pairwise

from conflicts import Fact, Kind
from service.web.tie_views import TieLine, draw_ego


def a_line(state: str, number: int) -> TieLine:
    fact = Fact(f"f{number}", "p", Kind.SIDE_POST, f"o{number}")
    return TieLine(fact, "在…兼职", "SPAN_OPEN", state, None, 1)


def test_branches_stand_below_one_another_in_the_order_of_their_state() -> None:
    drawing = draw_ego("赵明", [a_line("future", 1), a_line("now", 2), a_line("past", 3)])

    tops = [branch.y for branch in drawing.branches]
    assert [branch.line.state for branch in drawing.branches] == ["now", "past", "future"]
    assert all(below - above >= 92 for above, below in pairwise(tops))
    assert tops[0] >= 44
    assert drawing.high >= tops[-1] + 92


def test_many_ties_are_drawn_in_part_and_the_rest_is_counted() -> None:
    drawing = draw_ego("赵明", [a_line("now", number) for number in range(30)])

    assert (len(drawing.branches), drawing.left_out) == (24, 6)
    assert draw_ego("赵明", []).branches == ()
