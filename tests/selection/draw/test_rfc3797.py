"""RFC 3797: its key string and its own published example; the shared copy of it where there is one."""

import json
from pathlib import Path

import pytest

from selection import PanelProblemFaults
from selection.draw import key_string, picks

SHARED = Path(__file__).parents[4] / "shared" / "data" / "rfc3797" / "vector.json"
# Section 6 of the RFC: 25 names, 16 picks.
KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"
PICKS = (17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4)


def test_the_example_of_the_rfc_comes_out_whole() -> None:
    assert picks(25, 16, KEY) == PICKS


@pytest.mark.parametrize(
    "sources",
    [
        "9319 / 2 5 8 10 12 / 9 18 26 34 41 45",
        "9319/12 10 8 5 2/45 41 34 26 18 9/",
        "9319 / 02, 5, 8, 10, 12 / 9 18 26 34 41 45",
        KEY,
    ],
    ids=["as drawn", "in another order", "with commas and zeros", "the key string itself"],
)
def test_the_key_string_sorts_numbers_within_a_source(sources: str) -> None:
    assert key_string(sources) == KEY


@pytest.mark.skipif(not SHARED.exists(), reason="the shared copy of the example is not on this machine")
def test_the_shared_examples_come_out_whole() -> None:
    for example in json.loads(SHARED.read_text(encoding="utf-8")):
        sources = " / ".join(" ".join(map(str, numbers)) for numbers in example["seeds"])

        assert key_string(sources) == example["key"]
        expected = tuple(pick["selected"] for pick in example["picks"])
        assert picks(example["n"], len(expected), example["key"]) == expected


@pytest.mark.parametrize("sources", ["", "/", "1 / / 2", "1 / two", "1 / -2", "1 / ２", "9" * 101])
def test_what_is_no_number_is_a_fault(sources: str) -> None:
    with pytest.raises(PanelProblemFaults):
        key_string(sources)


@pytest.mark.parametrize(
    ("names", "count", "at"), [(0, 1, "/names"), (5, 6, "/picks"), (5, 0, "/picks"), (10**7, 1, "/names")]
)
def test_numbers_out_of_bounds_are_faults(names: int, count: int, at: str) -> None:
    with pytest.raises(PanelProblemFaults) as refused:
        picks(names, count, KEY)

    assert refused.value.faults[0].at == at


def test_all_names_can_be_picked_each_once() -> None:
    assert sorted(picks(25, 25, KEY)) == list(range(1, 26))
