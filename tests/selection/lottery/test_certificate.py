"""A lottery is checked against its problem without being looked for; a doctored one is rejected."""

from dataclasses import replace
from fractions import Fraction

import pytest

from selection import (
    ApartRow,
    Candidate,
    CapRow,
    Composition,
    ExcludedRow,
    Level,
    Lottery,
    PanelRequest,
    Part,
    QuotaRow,
    SeatRow,
    check_lottery,
    find_lottery,
)
from tests.selection.builders import expert

REQUEST = PanelRequest(
    3,
    (
        expert("e1", "570", "820", employer="o1", region="out", service=1),
        expert("e2", "820", employer="o1"),
        expert("e3", "570", employer="o2"),
        expert("e4", employer="o3", region="out"),
        expert("e5", employer="o4", region="out"),
        expert("e6", "820", employer="o5", service=2),
        expert("e7", "110"),
        expert("e8", "570"),
    ),
    seats=(SeatRow("570"), SeatRow("820")),
    quotas=(QuotaRow("region", "out", 1),),
    caps=(CapRow("employer", 1),),
    apart=(ApartRow("e6", "e7"),),
    excluded=(ExcludedRow("e8"),),
)
FOUND = find_lottery(REQUEST)
assert isinstance(FOUND, Lottery)
THIRD = Fraction(1, 3)


def codes(lottery: Lottery, request: PanelRequest = REQUEST) -> set[str]:
    return {fault.code for fault in check_lottery(request, lottery)}


def with_level(place: int, **changes) -> Lottery:
    levels = list(FOUND.certificate)
    levels[place] = replace(levels[place], **changes)
    return replace(FOUND, certificate=tuple(levels))


def a_valid_lottery_that_is_not_the_fairest() -> Lottery:
    """All weight on the panel e1, e6, e4 or e5: valid, with a certificate that claims its own chances."""
    support = (Composition(Fraction(1), (Part(0, "570", 1), Part(3, None, 1), Part(4, "820", 1))),)
    chances = {one: Fraction(0) for one in FOUND.chances} | {
        "e1": Fraction(1),
        "e4": Fraction(1, 2),
        "e5": Fraction(1, 2),
        "e6": Fraction(1),
    }
    certificate = (
        Level(Fraction(0), (1, 2, 5), {1: 1, 2: 1, 5: 1}, 0),
        Level(Fraction(1, 2), (3,), {3: 1}, 1),
        Level(Fraction(2), (0,), {0: 1}, 1),
        Level(Fraction(3), (4,), {4: 1}, 1),
    )
    return replace(FOUND, support=support, chances=chances, certificate=certificate)


def test_the_lottery_found_is_proved() -> None:
    assert FOUND.types == (("e1",), ("e2",), ("e3",), ("e4", "e5"), ("e6",), ("e7",))
    assert check_lottery(REQUEST, FOUND) == ()


def test_a_valid_lottery_that_is_not_the_fairest_has_no_proof() -> None:
    assert codes(a_valid_lottery_that_is_not_the_fairest()) == {"BOUND_TOO_LOW"}


@pytest.mark.parametrize(
    ("lottery", "code"),
    [
        (with_level(0, bound=FOUND.certificate[0].bound + 1), "LEVEL_WRONG"),
        (with_level(0, value=Fraction(1, 7)), "LEVEL_WRONG"),
        (with_level(0, types=()), "LEVEL_WRONG"),
        (with_level(0, weights={kind: 2 * y for kind, y in FOUND.certificate[0].weights.items()}), "LEVEL_WRONG"),
        (replace(FOUND, certificate=FOUND.certificate[:-1]), "LEVEL_WRONG"),
        (replace(FOUND, certificate=FOUND.certificate[::-1]), "LEVEL_WRONG"),
        (replace(FOUND, chances=FOUND.chances | {"e2": THIRD / 2}), "CHANCE_WRONG"),
        (replace(FOUND, chances=FOUND.chances | {"e8": THIRD}), "CHANCE_WRONG"),
        (replace(FOUND, types=(("e1", "e2"), *FOUND.types[2:], ())), "CANDIDATES_OTHER"),
        (replace(FOUND, types=(("e1",), ("e2",), ("e3", "e7"), ("e4", "e5"), ("e6",))), "TYPE_MIXED"),
        (replace(FOUND, types=(*FOUND.types, ("e8",))), "CANDIDATES_OTHER"),
        (replace(FOUND, problem_sha256="0" * 64), "PROBLEM_OTHER"),
        (replace(FOUND, equal=True), "LEVEL_WRONG"),
        (
            replace(
                FOUND,
                support=(Composition(Fraction(1), (Part(0, "570", 1), Part(1, "820", 1), Part(3, None, 1))),),
            ),
            "COMPOSITION_INVALID",
        ),
        (
            replace(
                FOUND, support=(Composition(Fraction(1), (Part(1, "570", 1), Part(0, "820", 1), Part(3, None, 1))),)
            ),
            "COMPOSITION_INVALID",
        ),
    ],
    ids=[
        "a higher bound",
        "another value",
        "no types",
        "weights doubled, the bound not",
        "a level left out",
        "levels in the wrong order",
        "a chance halved",
        "a chance for somebody excluded",
        "an empty type",
        "two kinds of people in one type",
        "somebody excluded in a type",
        "another problem",
        "entitlements that were not equal",
        "two of one employer",
        "a seat that its member cannot take",
    ],
)
def test_a_doctored_lottery_is_rejected(lottery: Lottery, code: str) -> None:
    assert code in codes(lottery)


def test_a_swapped_expert_is_rejected() -> None:
    # e7 could not sit on 570; the names of e3 and e7 exchanged.
    swap = {"e3": "e7", "e7": "e3"}
    types = tuple(tuple(swap.get(one, one) for one in members) for members in FOUND.types)
    chances = {swap.get(one, one): chance for one, chance in FOUND.chances.items()}

    assert codes(replace(FOUND, types=types, chances=chances)) != set()


def test_a_composition_that_expects_too_many_of_an_employer_is_rejected() -> None:
    # Two of three from a type of which two thirds work for o1: the cap holds for no drawing with these chances.
    request = PanelRequest(
        2,
        tuple(Candidate(one, (), {"employer": "o1"} if one != "c" else {}) for one in "abc"),
        caps=(CapRow("employer", 1),),
    )
    found = find_lottery(request)
    assert isinstance(found, Lottery)
    assert found.chances == {"a": Fraction(1, 2), "b": Fraction(1, 2), "c": Fraction(1)}
    assert check_lottery(request, found) == ()

    naive = replace(
        found,
        chances=dict.fromkeys("abc", Fraction(2, 3)),
        types=(("a", "b", "c"),),
        support=(Composition(Fraction(1), (Part(0, None, 2),)),),
        spread="employer",
        certificate=(Level(Fraction(2, 3), (0,), {0: 1}, 2),),
    )
    assert codes(naive, request) == {"CAP_IN_EXPECTATION"}
    assert "TYPE_MIXED" in codes(replace(naive, spread=None), request)
