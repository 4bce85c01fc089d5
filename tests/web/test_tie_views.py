"""Pictures of ties are laid out so that nothing lies over anything else."""

from datetime import date
from itertools import pairwise
from uuid import UUID

from conflicts import Fact, Kind, NodeType, Stance
from service.storage.facts import Node
from service.web.tie_views import WIDTH, TieLine, draw_ego, tie_line


def a_line(number: int, state: str = "now") -> TieLine:
    fact = Fact(f"f{number}", "p", Kind.SIDE_POST, f"o{number}")
    return TieLine(fact, "在…兼职", "SPAN_OPEN", state, None, 1)


def test_branches_stand_below_one_another_each_after_the_one_that_leads_to_it() -> None:
    drawing = draw_ego("赵明", [(a_line(1), None), (a_line(2), None), (a_line(3), 0), (a_line(4), 2)], 5)

    assert [branch.line.fact.id for branch in drawing.drawn] == ["f1", "f3", "f4", "f2"]
    assert all(below.y - above.y == 92 for above, below in pairwise(drawing.drawn))
    assert drawing.high >= drawing.drawn[-1].y + 92
    assert drawing.left_out == 5


def test_line_of_a_further_tie_of_one_node_goes_on_where_the_one_before_turned() -> None:
    first, second = draw_ego("赵明", [(a_line(1), None), (a_line(2), None)]).drawn

    assert second.y - second.rise == first.y + 69


def test_line_begins_at_the_frame_above_and_every_frame_ends_inside_the_picture() -> None:
    drawing = draw_ego("赵明", [(a_line(1), None), (a_line(2), 0), (a_line(3), 1)])

    frames = {branch.line.fact.id: branch.y + 88 for branch in drawing.drawn}
    assert [branch.y - branch.rise for branch in drawing.drawn] == [42, frames["f1"], frames["f2"]]
    assert all(branch.x + 24 + branch.wide == WIDTH - 4 for branch in drawing.drawn)


def test_sentence_of_a_tie_has_both_ends_in_their_order() -> None:
    firm, person = Node(UUID(int=1), NodeType.ORGANISATION, "水务局"), Node(UUID(int=2), NodeType.PERSON, "赵明")
    nodes = {node.id: node for node in (firm, person)}
    job = Fact("f", str(person.id), Kind.EMPLOYMENT, str(firm.id))

    def said(at: Node, language: str) -> str:
        line = tie_line(job, at.id, nodes=nodes, version=None, today=date(2026, 9, 14), language=language)
        return (line.other.name if line.other else "—").join(line.sentence)

    assert [said(at, "zh") for at in (firm, person)] == ["赵明任职于水务局", "赵明任职于水务局"]
    assert [said(at, "en") for at in (firm, person)] == ["赵明, employee of 水务局", "赵明, employee of 水务局"]
    view = Fact("v", str(person.id), Kind.STATEMENT, str(UUID(int=3)), stance=Stance.AGAINST)
    line = tie_line(view, person.id, nodes=nodes, version=1, today=date(2026, 9, 14), language="zh")
    assert (line.says, line.sentence) == ("公开表态：…", ("赵明公开表态：", ""))


def test_nobody_has_an_empty_picture() -> None:
    assert draw_ego("赵明", []).drawn == ()
