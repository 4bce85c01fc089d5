"""Reading panel-problem/1: every fault at once, each with its place."""

import json
from typing import Any

import pytest

from selection import PanelProblemFaults, parse_problem

SMALL: dict[str, Any] = {
    "format": "panel-problem/1",
    "size": 2,
    "candidates": [{"id": "e1"}, {"id": "e2"}, {"id": "e3"}],
}


def faults_of(source: Any) -> list[tuple[str, str]]:
    with pytest.raises(PanelProblemFaults) as refused:
        parse_problem(source)
    return [(fault.at, fault.code) for fault in refused.value.faults]


def test_defaults_are_filled_in() -> None:
    request = parse_problem(
        SMALL
        | {
            "seats": [{"field": "820"}],
            "quotas": [{"attribute": "region", "value": "out"}],
            "caps": [{"attribute": "employer", "max": 1}],
            "excluded": [{"id": "e9"}],
        }
    )

    assert (request.seats[0].count, request.seats[0].code) == (1, "SEAT_UNFILLED")
    assert (request.quotas[0].min, request.quotas[0].max, request.quotas[0].code) == (0, None, "")
    assert (request.excluded[0].code, request.excluded[0].never_relax) == ("EXCLUDED", False)
    assert (request.reserves, request.floor, request.apart) == (0, None, ())
    assert (request.candidates[0].service, request.candidates[0].fit, request.candidates[0].fields) == (0, 0, ())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"format": "panel-problem/2"}, ("/format", "FORMAT_UNKNOWN"), id="unknown version"),
        pytest.param({"size": 0}, ("/size", "NUMBER_OUT_OF_RANGE"), id="size 0"),
        pytest.param({"size": 1001}, ("/size", "NUMBER_OUT_OF_RANGE"), id="size 1001"),
        pytest.param({"size": True}, ("/size", "NUMBER_OUT_OF_RANGE"), id="true is no number"),
        pytest.param({"size": 1.5}, ("/size", "NUMBER_OUT_OF_RANGE"), id="not whole"),
        pytest.param({"size": "2"}, ("/size", "NUMBER_OUT_OF_RANGE"), id="a text is no number"),
        pytest.param({"reserves": -1}, ("/reserves", "NUMBER_OUT_OF_RANGE"), id="negative"),
        pytest.param({"colour": 1}, ("/colour", "KEY_UNKNOWN"), id="unknown key"),
        pytest.param({"a/b~c": 1}, ("/a~1b~0c", "KEY_UNKNOWN"), id="the pointer is escaped"),
        pytest.param({"seats": {}}, ("/seats", "TYPE_WRONG"), id="seats is a list"),
        pytest.param({"seats": [{"field": "8-2"}]}, ("/seats/0/field", "TEXT_INVALID"), id="field code"),
        pytest.param({"seats": [{"field": "820", "count": 3}]}, ("/seats", "SEATS_ABOVE_SIZE"), id="too many seats"),
        pytest.param({"seats": [{"count": 1}]}, ("/seats/0", "KEY_MISSING"), id="seat without field"),
        pytest.param(
            {"quotas": [{"attribute": "r", "value": "x", "min": 2, "max": 1}]},
            ("/quotas/0", "MIN_ABOVE_MAX"),
            id="min above max",
        ),
        pytest.param(
            {"quotas": [{"attribute": "r", "value": "x", "min": 3}]},
            ("/quotas/0", "MIN_ABOVE_MAX"),
            id="min above size",
        ),
        pytest.param(
            {"caps": [{"attribute": "r", "max": 0}]}, ("/caps/0/max", "NUMBER_OUT_OF_RANGE"), id="a cap of nobody"
        ),
        pytest.param({"apart": [["e1", "e1"]]}, ("/apart/0", "PAIR_OF_ONE"), id="pair of one"),
        pytest.param({"apart": [["e1", "e9"]]}, ("/apart/0/1", "ID_UNKNOWN"), id="pair with a stranger"),
        pytest.param({"apart": [["e1"]]}, ("/apart/0", "TYPE_WRONG"), id="pair of three words"),
        pytest.param({"floor": {}}, ("/floor", "KEY_MISSING"), id="floor without min"),
        pytest.param(
            {"floor": {"min": 1, "waiver": {"by": "center", "reason_sha256": "x"}}},
            ("/floor/waiver/reason_sha256", "TEXT_INVALID"),
            id="waiver without hash",
        ),
        pytest.param(
            {"excluded": [{"id": "e1"}, {"id": "e1"}]}, ("/excluded/1/id", "ID_REPEATED"), id="excluded twice"
        ),
        pytest.param(
            {"excluded": [{"id": "e1", "never_relax": 1}]}, ("/excluded/0/never_relax", "TYPE_WRONG"), id="never_relax"
        ),
    ],
)
def test_a_fault_is_named_with_its_place(change: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults_of(SMALL | change) == [fault]


@pytest.mark.parametrize(
    ("candidate", "fault"),
    [
        pytest.param({"id": "e1"}, ("/candidates/3/id", "ID_REPEATED"), id="repeated"),
        pytest.param({"id": ""}, ("/candidates/3/id", "TEXT_INVALID"), id="empty"),
        pytest.param({"id": "x" * 129}, ("/candidates/3/id", "TEXT_INVALID"), id="129 characters"),
        pytest.param({"id": "a\nb"}, ("/candidates/3/id", "TEXT_INVALID"), id="control character"),
        pytest.param({"id": "a\u202eb"}, ("/candidates/3/id", "TEXT_INVALID"), id="bidirectional character"),
        pytest.param({"id": "a\ud800"}, ("/candidates/3/id", "TEXT_INVALID"), id="half a character"),
        pytest.param({"id": "e4", "fit": 101}, ("/candidates/3/fit", "NUMBER_OUT_OF_RANGE"), id="fit 101"),
        pytest.param({"id": "e4", "service": -1}, ("/candidates/3/service", "NUMBER_OUT_OF_RANGE"), id="service -1"),
        pytest.param(
            {"id": "e4", "service": 1_000_001}, ("/candidates/3/service", "NUMBER_OUT_OF_RANGE"), id="service 1,000,001"
        ),
        pytest.param({"id": "e4", "fields": ["82a"]}, ("/candidates/3/fields/0", "TEXT_INVALID"), id="small letters"),
        pytest.param(
            {"id": "e4", "fields": ["0" * 17]}, ("/candidates/3/fields/0", "TEXT_INVALID"), id="17 characters"
        ),
        pytest.param({"id": "e4", "fields": [820]}, ("/candidates/3/fields/0", "TYPE_WRONG"), id="field is a text"),
        pytest.param(
            {"id": "e4", "attributes": {"r": 1}}, ("/candidates/3/attributes/r", "TYPE_WRONG"), id="attribute"
        ),
        pytest.param(
            {"id": "e4", "entitlement": "0/3"}, ("/candidates/3/entitlement", "TEXT_INVALID"), id="entitlement 0"
        ),
        pytest.param({"id": "e4", "name": "x"}, ("/candidates/3/name", "KEY_UNKNOWN"), id="no names in a problem"),
        pytest.param({}, ("/candidates/3", "KEY_MISSING"), id="without id"),
        pytest.param([], ("/candidates/3", "TYPE_WRONG"), id="no object"),
    ],
)
def test_a_fault_of_a_candidate_is_named_with_its_place(candidate: Any, fault: tuple[str, str]) -> None:
    assert faults_of(SMALL | {"candidates": [*SMALL["candidates"], candidate]}) == [fault]


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param({"id": "x" * 128}, id="128 characters"),
        pytest.param({"id": "专家 1"}, id="any script, and spaces"),
        pytest.param({"id": "e4", "fit": 100, "service": 1_000_000}, id="largest numbers"),
        pytest.param({"id": "e4", "fit": 7.0}, id="7.0 is whole"),
        pytest.param({"id": "e4", "fields": ["0" * 16], "x-note": {"a": 1}}, id="16 characters, and a remark"),
        pytest.param({"id": "e4", "entitlement": "1/3"}, id="entitlement"),
    ],
)
def test_what_is_just_allowed_is_read(candidate: dict[str, Any]) -> None:
    request = parse_problem(SMALL | {"candidates": [*SMALL["candidates"], candidate]})

    assert request.candidates[3].id == candidate["id"]


def test_all_faults_are_named_at_once_in_file_order() -> None:
    source = SMALL | {
        "size": 0,
        "caps": [{"attribute": "r", "max": 0}],
        "candidates": [{"id": "e1", "fit": -1}, {"id": "e1"}],
        "colour": 1,
    }

    assert faults_of(source) == [
        ("/colour", "KEY_UNKNOWN"),
        ("/size", "NUMBER_OUT_OF_RANGE"),
        ("/caps/0/max", "NUMBER_OUT_OF_RANGE"),
        ("/candidates/0/fit", "NUMBER_OUT_OF_RANGE"),
        ("/candidates/1/id", "ID_REPEATED"),
    ]


def test_ids_that_differ_only_in_their_normal_form_are_one() -> None:
    assert faults_of(SMALL | {"candidates": [{"id": "\u00e9"}, {"id": "e\u0301"}]}) == [
        ("/candidates/1/id", "ID_REPEATED")
    ]


def test_a_repeated_key_is_found_wherever_it_stands() -> None:
    text = '{"format": "panel-problem/1", "size": 1, "size": 1, "candidates": [{"id": "a", "id": "b"}]}'

    assert faults_of(text) == [("/size", "KEY_REPEATED"), ("/candidates/0/id", "KEY_REPEATED")]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, '{"size": NaN}', b"\xff", '{"size": ' + "9" * 5000 + "}", "{'size': 1}"],
    ids=["empty", "cut off", "too deep", "NaN", "not UTF-8", "5,000 digits", "other quotes"],
)
def test_what_is_no_json_is_said_to_be_none(text: str | bytes) -> None:
    assert faults_of(text) == [("", "JSON_INVALID")]


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "null"])
def test_what_is_no_object_is_said_to_be_none(text: str) -> None:
    assert faults_of(text) == [("", "TYPE_WRONG")]


def test_a_fault_says_its_remedy() -> None:
    with pytest.raises(PanelProblemFaults) as refused:
        parse_problem(SMALL | {"seats": [{"field": "820", "count": 3}]})

    assert refused.value.faults[0].says == (
        "The seats by field are 3, but the panel has 2 members. Ask for fewer seats."
    )


def test_a_byte_order_mark_is_read_over() -> None:
    assert parse_problem(b"\xef\xbb\xbf" + json.dumps(SMALL).encode()).size == 2
