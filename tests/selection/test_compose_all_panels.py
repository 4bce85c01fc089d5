"""Everything compose and check promise, held against trying every panel of small random problems."""

from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from selection import PanelRequest, check_panel, compose_panel
from tests.selection.builders import best, keeps, panels, rank, requests, rows_of


@given(requests(), st.sampled_from(("", "a", "2026")))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_the_panel_is_the_best_of_all_panels(request: PanelRequest, seed: str) -> None:
    result = compose_panel(request, seed=seed)

    expected = best(request, seed)
    assert (result.status, sorted(member.id for member in result.members)) == (
        ("infeasible", []) if expected is None else ("optimal", expected)
    )


@given(requests(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_order_of_candidates_changes_nothing(request: PanelRequest, random) -> None:
    shuffled = list(request.candidates)
    random.shuffle(shuffled)

    other = compose_panel(replace(request, candidates=tuple(shuffled)))

    result = compose_panel(request)
    assert other.to_json() == result.to_json()


@given(requests(scarce=True))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_blocking_rows_are_the_fewest_and_first_in_file_order(request: PanelRequest) -> None:
    result = compose_panel(request)

    if panels(request):
        assert result.status == "optimal"
        return
    rows = rows_of(request)
    smallest = next(
        chosen
        for count in range(len(rows) + 1)
        for chosen in combinations(rows, count)
        if not panels(request, [row for _, row in chosen])
    )
    assert [rule.at for rule in result.blocking] == [at for at, _ in smallest]
    assert result.fewest_proven


@given(requests())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_a_reserve_in_the_place_of_any_it_replaces_gives_a_valid_panel(request: PanelRequest) -> None:
    result = compose_panel(request)

    by_id = {one.id: one for one in request.candidates}
    members = [member.id for member in result.members]
    rows = [row for _, row in rows_of(request)] + list(request.excluded)
    for reserve in result.reserves:
        assert reserve.id not in members
        assert reserve.replaces
        for leaving in reserve.replaces:
            panel = [by_id[reserve.id if one == leaving else one] for one in members]
            assert keeps(panel, rows, request.size)
    assert len({reserve.id for reserve in result.reserves}) == len(result.reserves)
    if result.members:
        assert len(result.reserves) + result.reserves_missing == request.reserves


@given(requests(), st.data())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_a_list_is_repaired_with_the_fewest_new_members(request: PanelRequest, data: st.DataObject) -> None:
    ids = sorted(one.id for one in request.candidates)
    given_ids = data.draw(st.lists(st.sampled_from(ids), unique=True, max_size=5))

    check = check_panel(request, given_ids)

    valid = panels(request)
    assert (check.status == "kept") == (sorted(given_ids) in [sorted(one.id for one in panel) for panel in valid])
    if not valid:
        assert (check.exchanges, check.repair) == (None, "infeasible")
        return
    fewest = min((sum(one.id not in given_ids for one in panel), rank(panel, "")) for panel in valid)
    assert sorted(member.id for member in check.repaired) == fewest[1][3]
    joined = [exchange.joins for exchange in check.exchanges if exchange.joins]
    left = [exchange.leaves for exchange in check.exchanges if exchange.leaves]
    assert sorted((set(given_ids) - set(left)) | set(joined)) == fewest[1][3]
    assert len(joined) == fewest[0]


@given(requests(scarce=True))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_way_out_leads_to_a_panel(request: PanelRequest) -> None:
    result = compose_panel(request)

    never = {row.id for row in request.excluded if row.never_relax}
    for way in result.ways_out:
        facts = way.facts
        match way.code:
            case "FEWER_SEATS":
                index = int(facts["at"].split("/")[2])
                seats = list(request.seats)
                seats[index] = replace(seats[index], count=facts["possible"])
                assert panels(replace(request, seats=tuple(seats)))
                seats[index] = replace(seats[index], count=facts["possible"] + 1)
                assert not panels(replace(request, seats=tuple(seats)))
            case "RAISE_CAP":
                index = int(facts["at"].split("/")[2])
                caps = list(request.caps)
                caps[index] = replace(caps[index], max=facts["possible"])
                assert panels(replace(request, caps=tuple(caps)))
                caps[index] = replace(caps[index], max=facts["possible"] - 1)
                assert not panels(replace(request, caps=tuple(caps)))
            case "LIFT_EXCLUSION":
                assert not never & set(facts["ids"])
                for one in facts["ids"]:
                    rest = tuple(row for row in request.excluded if row.id != one)
                    assert panels(replace(request, excluded=rest))
            case "WAIVE_FLOOR":
                assert panels(replace(request, floor=None))
            case "LET_TOGETHER":
                rest = tuple(row for row in request.apart if sorted((row.first, row.second)) != facts["ids"])
                assert panels(replace(request, apart=rest))
            case "LOWER_QUOTA" | "RAISE_QUOTA":
                index = int(facts["at"].split("/")[2])
                quotas = list(request.quotas)
                bound = "min" if way.code == "LOWER_QUOTA" else "max"
                quotas[index] = replace(quotas[index], **{bound: facts["possible"]})
                assert panels(replace(request, quotas=tuple(quotas)))
            case "RELAX_TOGETHER":
                places = {row["at"] for row in facts["rows"]}
                assert panels(request, [row for at, row in rows_of(request) if at not in places])
            case _:
                assert way.code in ("ADD_CANDIDATES", "RAISE_SIZE")
