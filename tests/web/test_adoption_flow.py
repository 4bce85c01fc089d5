"""The flow of points: bands are as thick as their points, and nothing gets lost between the two sides."""

from service.web.adoption_flow import flow_of


def test_every_point_leaves_an_expert_and_arrives_at_a_fate() -> None:
    flow = flow_of({"甲": {"adopted": 2, "not": 1}, "乙": {"adopted": 1}})

    assert [(node.key, node.count, node.y, node.height) for node in flow.sources] == [
        ("甲", 3, 0, 36),
        ("乙", 1, 46, 12),
    ]
    assert [(node.key, node.count, node.y) for node in flow.fates] == [("adopted", 3, 0), ("not", 1, 46)]
    assert [(band.source, band.fate, band.count) for band in flow.bands] == [
        ("甲", "adopted", 2),
        ("甲", "not", 1),
        ("乙", "adopted", 1),
    ]
    assert flow.height == 58


def test_bands_of_one_node_lie_one_below_the_other() -> None:
    first, second = flow_of({"甲": {"adopted": 1}, "乙": {"adopted": 2}}).bands

    assert (first.path.startswith("M128 0C"), "300 0V12" in first.path) == (True, True)
    assert (second.path.startswith("M128 22C"), "300 12V36" in second.path) == (True, True)


def test_without_points_there_is_no_picture() -> None:
    assert flow_of({}).height == 0
