"""The canonical form is that of RFC 8785, and one problem has one hash."""

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from selection import PanelRequest, canonical_json, parse_problem, problem_json, problem_sha256
from tests.selection.builders import requests

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

PROBLEM: dict[str, Any] = {
    "format": "panel-problem/1",
    "size": 2,
    "seats": [{"field": "570"}],
    "quotas": [{"attribute": "r", "value": "caf\u00e9", "min": 1}],
    "caps": [{"attribute": "employer", "max": 1}],
    "apart": [["e1", "e2"], ["e1", "e3"]],
    "floor": {"min": 2},
    "candidates": [
        {"id": "e1", "fields": ["570", "110"], "attributes": {"r": "caf\u00e9", "employer": "o1"}},
        {"id": "e2"},
        {"id": "e3"},
    ],
    "excluded": [{"id": "e8"}, {"id": "e9"}],
}


@given(VALUES)
@settings(derandomize=True, deadline=None)
def test_the_canonical_form_is_that_of_another_implementation(value: Any) -> None:
    assert canonical_json(value).encode() == rfc8785.dumps(value)


def test_keys_are_sorted_by_utf16_units() -> None:
    # U+1F600 begins with the unit D83D and so stands before U+FB33, though its code point is larger.
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'


@pytest.mark.parametrize("value", [1.5, 2**53, "\ud800", {"a": object()}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical_json(value)


@given(requests())
@settings(max_examples=60, derandomize=True, deadline=None)
def test_the_hash_is_that_of_the_normal_problem(request: PanelRequest) -> None:
    assert problem_sha256(request) == hashlib.sha256(rfc8785.dumps(problem_json(request))).hexdigest()
    assert problem_sha256(parse_problem(problem_json(request))) == problem_sha256(request)


SAME = {
    "keys in another order": dict(reversed(PROBLEM.items())),
    "candidates in another order": PROBLEM | {"candidates": PROBLEM["candidates"][::-1]},
    "exclusions in another order": PROBLEM | {"excluded": PROBLEM["excluded"][::-1]},
    "pairs in another order, turned, one twice": PROBLEM | {"apart": [["e3", "e1"], ["e2", "e1"], ["e1", "e2"]]},
    "fields in another order": PROBLEM
    | {"candidates": [PROBLEM["candidates"][0] | {"fields": ["110", "570"]}, *PROBLEM["candidates"][1:]]},
    "defaults written": PROBLEM
    | {
        "reserves": 0,
        "seats": [{"field": "570", "count": 1, "code": "SEAT_UNFILLED", "cite": ""}],
        "quotas": [{"attribute": "r", "value": "caf\u00e9", "min": 1, "max": 2}],
        "excluded": [{"id": "e8", "never_relax": False, "code": "EXCLUDED"}, {"id": "e9"}],
        "apart": [["e1", "e2"], {"pair": ["e1", "e3"], "code": "APART_TOGETHER"}],
    },
    "another normal form": PROBLEM | {"quotas": [{"attribute": "r", "value": "cafe\u0301", "min": 1}]},
    "remarks": PROBLEM | {"x-remark": [1, 2], "seats": [{"field": "570", "x-why": "hydrology"}]},
}

OTHER = {
    "seats in another order": (
        PROBLEM | {"seats": [{"field": "57"}, {"field": "570"}]},
        PROBLEM | {"seats": [{"field": "570"}, {"field": "57"}]},
    ),
    "another size": (PROBLEM, PROBLEM | {"size": 3}),
    "without its floor": (PROBLEM, {key: value for key, value in PROBLEM.items() if key != "floor"}),
    "another reason for an exclusion": (PROBLEM, PROBLEM | {"excluded": [{"id": "e8", "code": "X"}, {"id": "e9"}]}),
    "an attribute of another name": (
        PROBLEM,
        PROBLEM | {"candidates": [*PROBLEM["candidates"][:2], {"id": "e3", "attributes": {"x-data": "1"}}]},
    ),
}


@pytest.mark.parametrize("same", SAME.values(), ids=SAME)
def test_what_changes_nothing_keeps_the_hash(same: dict[str, Any]) -> None:
    assert problem_sha256(parse_problem(json.dumps(same))) == problem_sha256(parse_problem(PROBLEM))


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_what_changes_the_problem_changes_the_hash(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert problem_sha256(parse_problem(one)) != problem_sha256(parse_problem(other))
