"""The kernel keeps a best panel: composing from it equals composing from everybody."""

from collections.abc import Callable

import numpy as np
import pytest
from ortools.sat.python import cp_model

from selection import ApartRow, Candidate, CapRow, PanelRequest, PoolColumns, QuotaRow, SeatRow, compose_panel
from selection.kernel import kernel_of
from selection.rules import Seated, add_seating, rules_of
from tests.selection.builders import expert


def random_request(seed: int) -> PanelRequest:
    """Two hundred candidates with few costs, several caps and quotas: much to dominate, much to go wrong."""
    random = np.random.default_rng(seed)
    candidates = []
    for one in range(200):
        fields = tuple(f"{code}" for code in random.choice([110, 120, 130, 570, 820], random.integers(0, 3), False))
        attributes = {
            name: str(random.choice(list(values)))
            for name, values in (("employer", "abcdefghij"), ("region", "io"), ("school", "xyz"))
            if random.random() < 0.8
        }
        candidates.append(Candidate(f"e{one}", fields, attributes, int(random.integers(3)), int(random.integers(4))))
    caps = [CapRow("employer", int(random.integers(1, 3))), CapRow("school", 3), CapRow("region", 5)]
    quotas = [
        QuotaRow("region", "o", int(random.integers(4))),
        QuotaRow("school", "x", 1, 3),
        QuotaRow("school", "y", 0, 2),
    ]
    return PanelRequest(
        7,
        tuple(candidates),
        tuple(SeatRow(code, 1) for code in random.permutation(["110", "12", "820"])[: random.integers(0, 4)]),
        tuple(quotas[: random.integers(0, 4)]),
        tuple(caps[: random.integers(0, 4)]),
    )


def many_valued_request(seed: int) -> PanelRequest:
    """Small panels, three capped attributes of many values each, and cheap candidates who share them."""
    random = np.random.default_rng(seed)
    candidates = []
    for one in range(120):
        service = int(random.integers(6))
        # The cheapest crowd on few values, so that a list ends only after many entries.
        spread = 3 if service < 2 else 16
        attributes = {
            name: f"{name}{random.integers(spread)}" for name in ("employer", "school", "town") if random.random() < 0.9
        }
        fields = tuple(str(code) for code in random.choice([110, 570, 820], random.integers(0, 3), False))
        candidates.append(Candidate(f"e{one}", fields, attributes, service, int(random.integers(4))))
    ids = [one.id for one in candidates]
    apart = [ApartRow(ids[a], ids[b]) for a, b in random.integers(0, 120, (random.integers(0, 60), 2)) if a != b]
    caps = [CapRow(name, int(random.integers(1, 3))) for name in ("employer", "school", "town")]
    return PanelRequest(
        4,
        tuple(candidates),
        (SeatRow("570"), SeatRow("820"))[: random.integers(0, 3)],
        caps=tuple(caps[: random.integers(1, 4)]),
        apart=tuple(apart),
    )


def best_of_everybody(request: PanelRequest) -> tuple[int, int] | None:
    model = cp_model.CpModel()
    everyone = list(request.candidates)
    member = [model.new_bool_var("") for _ in everyone]
    model.add(sum(member) == request.size)
    positions = {one.id: place for place, one in enumerate(everyone)}
    seated = Seated(everyone, member, positions, add_seating(model, everyone, member, request.seats))
    for rule in rules_of(request):
        rule.add_to(model, seated, when=None)
    weight = 100 * request.size + 1
    model.minimize(
        sum(((2 * one.service + 1) * weight - one.fit) * var for one, var in zip(everyone, member, strict=True))
    )
    solver = cp_model.CpSolver()
    if solver.solve(model) != cp_model.OPTIMAL:
        return None
    chosen = [one for one, var in zip(everyone, member, strict=True) if solver.value(var)]
    return sum(2 * one.service + 1 for one in chosen), sum(one.fit for one in chosen)


@pytest.mark.parametrize("make", [random_request, many_valued_request])
@pytest.mark.parametrize("seed", range(25))
def test_the_kernel_has_a_panel_as_good_as_any(make: Callable[[int], PanelRequest], seed: int) -> None:
    request = make(seed)

    result = compose_panel(request)

    found = None if result.objective is None else (result.objective.service, result.objective.fit)
    assert found == best_of_everybody(request)


def kernel_ids(request: PanelRequest, staying: frozenset[str] = frozenset()) -> list[str]:
    pool = PoolColumns.of(request.candidates)
    kernel = kernel_of(request, pool, staying=staying, seed="")
    return [pool[position].id for position in kernel.positions]


def test_of_those_who_can_take_a_role_only_the_cheapest_are_kept() -> None:
    candidates = tuple(expert(f"e{one}", "570" if one > 5 else "820", service=one) for one in range(10))

    kept = kernel_ids(PanelRequest(2, candidates, seats=(SeatRow("570"),)))

    # Two for the open seat, two for the seat of field 570.
    assert kept == ["e0", "e1", "e6", "e7"]


def test_without_open_seats_nobody_is_kept_for_them() -> None:
    candidates = tuple(expert(f"e{one}", "570" if one > 5 else "820", service=one) for one in range(10))

    assert kernel_ids(PanelRequest(2, candidates, seats=(SeatRow("570", 2),))) == ["e6", "e7"]


def test_of_one_employer_no_more_are_kept_than_its_cap_allows() -> None:
    candidates = tuple(expert(f"e{one}", employer="o1" if one < 8 else "o2", service=one) for one in range(10))

    assert kernel_ids(PanelRequest(3, candidates, caps=(CapRow("employer", 2),))) == ["e0", "e1", "e8"]


def test_whoever_helps_a_minimum_stands_in_for_others_but_not_the_other_way() -> None:
    candidates = (
        expert("a", region="out"),
        expert("b", region="in", service=1),
        expert("c", region="in", service=2),
        expert("d", region="out", service=3),
    )

    assert kernel_ids(PanelRequest(2, candidates, quotas=(QuotaRow("region", "out", 1),))) == ["a", "b", "d"]
    assert kernel_ids(PanelRequest(2, candidates, quotas=(QuotaRow("region", "out", 1, 1),))) == ["a", "b", "c", "d"]


def test_those_who_stay_are_kept_and_count_for_nobody() -> None:
    candidates = tuple(expert(f"e{one}", service=one) for one in range(6))

    assert kernel_ids(PanelRequest(2, candidates), frozenset({"e0", "e5"})) == ["e0", "e1", "e2", "e5"]


def test_more_quotas_than_fit_into_a_machine_word_are_kept_apart() -> None:
    candidates = tuple(expert(f"e{one}", **{f"a{one}": "y"}, service=one) for one in range(70))
    quotas = tuple(QuotaRow(f"a{one}", "y", 0, 0) for one in range(69))

    result = compose_panel(PanelRequest(1, candidates, quotas=quotas))

    assert [member.id for member in result.members] == ["e69"]
