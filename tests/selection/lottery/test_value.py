"""A lottery as `lottery/1`: written, read, and refused where its numbers contradict one another."""

from fractions import Fraction
from typing import Any

import pytest

from selection import Composition, Level, Lottery, PanelProblemFaults, Part, parse_lottery

THIRD = Fraction(1, 3)
LOTTERY = Lottery(
    "exact",
    chances={"a": THIRD, "b": THIRD, "c": THIRD, "d": Fraction(1), "z": Fraction(0)},
    support=(
        Composition(Fraction(2, 3), (Part(0, "570", 1), Part(2, None, 1))),
        Composition(THIRD, (Part(1, "570", 1), Part(2, None, 1))),
    ),
    types=(("a", "b"), ("c",), ("d",)),
    spread="employer",
    panels=3,
    panels_at_least=None,
    problem_sha256="0" * 64,
    certificate=(Level(THIRD, (0, 1), {0: 1, 1: 1}, 1), Level(Fraction(1), (2,), {2: 1}, 1)),
)


def doctored(*steps: Any, to: Any) -> dict[str, Any]:
    value = LOTTERY.to_json()
    place: Any = value
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = to
    return value


def test_a_lottery_is_read_as_it_was_written() -> None:
    assert parse_lottery(LOTTERY.to_json()) == LOTTERY


def test_remarks_of_ones_own_are_allowed() -> None:
    assert parse_lottery(LOTTERY.to_json() | {"x-remark": 1}) == LOTTERY


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (doctored("format", to="lottery/2"), "/format"),
        (doctored("colour", to=1), "/colour"),
        (doctored("chances", "a", to="2/6"), "/chances/a"),
        (doctored("chances", "a", to=0.3), "/chances/a"),
        (doctored("chances", "a", to="1/" + "9" * 5000), "/chances/a"),
        (doctored("chances", "a", to="1/4"), "/chances/a"),
        (doctored("support", 0, "weight", to="1/3"), "/support"),
        (doctored("support", 0, "weight", to="-1/3"), "/support/0/weight"),
        (doctored("support", 1, "composition", 0, "type", to=9), "/support/1"),
        (doctored("support", 1, "composition", 0, "seats", to=True), "/support/1/composition/0/seats"),
        (doctored("types", 0, to=["b", "a"]), "/types/0"),
        (doctored("types", 1, to=["a"]), "/types/1"),
        (doctored("types", 2, to=["e"]), "/types/2"),
        (doctored("panels", to=3), "/panels"),
        (doctored("problem_sha256", to="0"), "/problem_sha256"),
        (doctored("x-certificate", 0, "types", to=[7]), "/x-certificate"),
        (doctored("x-certificate", 0, to={"value": "0"}), "/x-certificate/0"),
    ],
    ids=[
        "another version",
        "unknown key",
        "not in lowest terms",
        "a float",
        "endless digits",
        "a chance that the support does not give",
        "weights that do not sum to 1",
        "a negative weight",
        "a type that is not there",
        "true is no number",
        "ids out of order",
        "an id in two types",
        "an id without a chance",
        "a number instead of a text",
        "no hash",
        "a level of no type",
        "half a level",
    ],
)
def test_a_doctored_lottery_is_refused_with_its_place(value: dict[str, Any], at: str) -> None:
    with pytest.raises(PanelProblemFaults) as refused:
        parse_lottery(value)

    assert at in [fault.at for fault in refused.value.faults]
