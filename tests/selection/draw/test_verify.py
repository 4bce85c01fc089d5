"""Verifying a record: what is true passes, what was altered is named, whatever hashes were made to fit again."""

import contextlib
import copy
import hashlib
import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from selection import PanelProblemFaults
from selection.canonical import canonical_json
from selection.draw import Source, SourceValue, commit, draw_panel, read_value, verify_record
from selection.faults import SENTENCES as FAULT_SENTENCES
from tests.selection.draw.lotteries import a_lottery, a_request

Record = dict[str, Any]


def sha256(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def a_record(seed: str = "2026", *, declines: int = 1) -> Record:
    request = a_request()
    lottery = a_lottery(request, Random(3), spread="employer")
    assert lottery is not None
    commitment = commit(request, lottery, matter="m1", draw=2)
    gone: list[str] = []
    for _ in range(declines):
        gone.append(draw_panel(commitment, [SourceValue("seed", seed)], declined=gone).panel[-1].id)
    return copy.deepcopy(draw_panel(commitment, [SourceValue("seed", seed)], declined=gone).to_json())


def fit_again(record: Record) -> None:
    """Make every hash right again, as somebody would who has something to hide."""
    commitment = record["commitment"]
    commitment["problem_sha256"] = commitment["lottery"]["problem_sha256"] = sha256(commitment["problem"])
    record["commitment_sha256"] = sha256(commitment)


def swap_expert(record: Record) -> None:
    inside = {row["id"] for row in record["panel"]}
    outside = next(one["id"] for one in record["commitment"]["problem"]["candidates"] if one["id"] not in inside)
    record["panel"][0]["id"] = outside


def double_member(record: Record) -> None:
    record["panel"][1]["id"] = record["panel"][0]["id"]


def other_seed(record: Record) -> None:
    record["seed"] = "2027"


def other_seed_and_source(record: Record) -> None:
    record["seed"] = record["sources"][0]["value"] = "2027"


def other_source_name(record: Record) -> None:
    record["sources"][0]["name"] = "dice"


def altered_cap(record: Record) -> None:
    record["commitment"]["problem"]["caps"][0]["max"] = 2


def altered_seat(record: Record) -> None:
    record["commitment"]["problem"]["seats"][0]["field"] = "820"


def altered_weight(record: Record) -> None:
    record["commitment"]["lottery"]["support"][0]["weight"] = "1/100"


def altered_chance(record: Record) -> None:
    record["commitment"]["lottery"]["chances"]["e0"] = "1/2"


def unsorted_pool(record: Record) -> None:
    record["commitment"]["problem"]["candidates"].reverse()


def doubled_candidate(record: Record) -> None:
    record["commitment"]["problem"]["candidates"].insert(0, record["commitment"]["problem"]["candidates"][0])


def look_alike(record: Record) -> None:
    """The Cyrillic letter that looks like the e of the ids."""
    record["panel"][0]["id"] = "\u0435" + record["panel"][0]["id"][1:]


def look_alike_everywhere(record: Record) -> None:
    """A candidate renamed in pool and lottery by a look-alike: nothing contradicts but what was drawn."""
    text = json.dumps(record["commitment"], ensure_ascii=False).replace('"e0"', '"\u04350"')
    record["commitment"] = json.loads(text)
    record["commitment"]["problem"]["candidates"].sort(key=lambda one: one["id"])
    for members in record["commitment"]["lottery"]["types"]:
        members.sort()
    record["commitment"]["lottery"]["types"].sort()


def other_reserve_order(record: Record) -> None:
    record["reserves"].reverse()


def other_who_joined(record: Record) -> None:
    record["declines"][0]["joins"] = None


def forgotten_decline(record: Record) -> None:
    record["declines"] = []


def other_draw_number(record: Record) -> None:
    record["commitment"]["draw"] = 1


def spread_removed(record: Record) -> None:
    del record["commitment"]["lottery"]["x-spread"]


def excluded_in_the_draw(record: Record) -> None:
    row = {"id": "e0", "code": "EXCLUDED", "cite": "", "never_relax": True}
    record["commitment"]["problem"]["excluded"] = [row]


ALTERED: dict[Callable[[Record], None], tuple[str, str | None]] = {
    # alteration -> (code as it is, code once every hash was made to fit; None where nothing but the hash can tell)
    swap_expert: ("DRAW_DIFFERS", "DRAW_DIFFERS"),
    double_member: ("DRAW_DIFFERS", "DRAW_DIFFERS"),
    look_alike: ("DRAW_DIFFERS", "DRAW_DIFFERS"),
    other_seed: ("SEED_DIFFERS", "SEED_DIFFERS"),
    other_seed_and_source: ("DRAW_DIFFERS", "DRAW_DIFFERS"),
    other_source_name: ("SEED_DIFFERS", "SEED_DIFFERS"),
    altered_cap: ("PROBLEM_HASH_DIFFERS", "DRAW_DIFFERS"),
    altered_seat: ("PROBLEM_HASH_DIFFERS", "LOTTERY_WRONG"),
    altered_weight: ("COMMITMENT_HASH_DIFFERS", "LOTTERY_WRONG"),
    altered_chance: ("COMMITMENT_HASH_DIFFERS", "LOTTERY_WRONG"),
    unsorted_pool: ("PROBLEM_HASH_DIFFERS", "PROBLEM_NOT_NORMAL"),
    doubled_candidate: ("PROBLEM_HASH_DIFFERS", "PROBLEM_NOT_NORMAL"),
    look_alike_everywhere: ("PROBLEM_HASH_DIFFERS", "DRAW_DIFFERS"),
    other_reserve_order: ("DRAW_DIFFERS", "DRAW_DIFFERS"),
    other_who_joined: ("DRAW_DIFFERS", "DRAW_DIFFERS"),
    forgotten_decline: ("DRAW_DIFFERS", "DRAW_DIFFERS"),
    other_draw_number: ("COMMITMENT_HASH_DIFFERS", "DRAW_DIFFERS"),
    spread_removed: ("COMMITMENT_HASH_DIFFERS", "LOTTERY_WRONG"),
    excluded_in_the_draw: ("PROBLEM_HASH_DIFFERS", "LOTTERY_WRONG"),
}


def test_a_true_record_is_verified() -> None:
    record = a_record()

    found = verify_record(json.dumps(record))

    assert (found.code, found.says, found.commitment_sha256) == (None, "", record["commitment_sha256"])


@pytest.mark.parametrize("alter", ALTERED, ids=lambda alter: alter.__name__)
def test_an_altered_record_is_rejected(alter: Callable[[Record], None]) -> None:
    record = a_record()
    alter(record)

    found = verify_record(json.dumps(record))

    assert found.code == ALTERED[alter][0]
    assert found.says


@pytest.mark.parametrize("alter", ALTERED, ids=lambda alter: alter.__name__)
def test_an_altered_record_is_rejected_even_with_fitting_hashes(alter: Callable[[Record], None]) -> None:
    record = a_record()
    alter(record)
    fit_again(record)

    assert verify_record(json.dumps(record)).code == ALTERED[alter][1]


def test_another_commitment_than_the_published_one_is_named() -> None:
    record = a_record()
    published = record["commitment_sha256"]

    assert verify_record(record, published_sha256=published).code is None
    assert verify_record(record, published_sha256="0" * 64).code == "COMMITMENT_OTHER"


# Round 367 of drand's first main network, as its documentation prints it.
BEACON = Source("beacon", "drand", "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce", 367)
RANDOMNESS = "3439d92d58e47d342131d446a3abe264396dd264717897af30525c98408c834f"
SIGNATURE = (
    "90957ebc0719f8bfb67640aff8ca219bf9f2c5240e60a8711c968d93370d38f87b38ed234a8c63863eb81f234efce55b"
    "047478848c0de025527b3d3476dfe860632c1b799550de50a6b9540463e9fb66c8016b89c04a9f52dabdc988e69463c1"
)


def a_drand_record() -> Record:
    """A record whose seed is a round of a beacon and two dice."""
    request, dice = a_request(), Source("dice")
    lottery = a_lottery(request, Random(3))
    assert lottery is not None
    values = [read_value(BEACON, RANDOMNESS.upper(), signature=SIGNATURE), read_value(dice, " 3 5 ")]
    return copy.deepcopy(draw_panel(commit(request, lottery, sources=(BEACON, dice)), values).to_json())


def drand_altered() -> list[Record]:
    """Records with another signature, with none, and with other randomness."""
    other, none, random = (a_drand_record() for _ in range(3))
    other["sources"][0]["signature"] = SIGNATURE[:-2] + "c2"
    del none["sources"][0]["signature"]
    random["sources"][0]["value"] = "0" * 64
    random["seed"] = "0" * 64 + "\n3 5"
    return [other, none, random]


def test_a_drand_round_is_checked_against_its_signature_and_said_to_be_half_checked() -> None:
    record = a_drand_record()

    assert record["seed"] == f"{RANDOMNESS}\n3 5"
    found = verify_record(record)
    assert (found.code, found.unchecked) == (None, ("beacon",))
    with pytest.raises(PanelProblemFaults):
        read_value(BEACON, RANDOMNESS, signature=SIGNATURE[:-2] + "c2")
    assert [verify_record(altered).code for altered in drand_altered()] == ["SEED_DIFFERS"] * 3


def test_numbers_of_a_public_lottery_are_kept_as_a_key_string() -> None:
    request = a_request()
    source = Source("福彩", "rfc3797")
    commitment = commit(request, a_lottery(request, Random(3)), sources=(source,))
    record = draw_panel(commitment, [read_value(source, "9319 / 12 2 5 8 10")]).to_json()

    assert record["seed"] == "9319./2.5.8.10.12./"
    assert verify_record(record).code is None
    record["seed"] = record["sources"][0]["value"] = "9319./12.2.5.8.10./"
    assert verify_record(record).code == "SEED_DIFFERS"


@pytest.mark.parametrize(
    "text", ["", "a\nb", "a\0b", "x" * 10_001, "\ud800"], ids=["empty", "lines", "nul", "long", "no Unicode"]
)
def test_a_seed_that_is_no_line_of_text_is_refused(text: str) -> None:
    with pytest.raises(PanelProblemFaults):
        read_value(Source("seed"), text)


def test_a_seed_is_brought_into_one_form() -> None:
    assert read_value(Source("seed"), " e\u0301 ").value == "\u00e9"


@pytest.mark.parametrize(
    ("text", "at", "code"),
    [
        ("", "", "JSON_INVALID"),
        ("[]", "", "TYPE_WRONG"),
        ("[" * 100_000, "", "JSON_INVALID"),
        ('{"format": "draw-record/2"}', "/format", "FORMAT_OTHER"),
        ('{"format": "draw-record/1"}', "", "KEY_MISSING"),
        ('{"format": "draw-record/1", "format": "draw-record/1"}', "", "JSON_INVALID"),
        ('{"format": 1.5}', "", "JSON_INVALID"),
        (b"\xff\xfe", "", "JSON_INVALID"),
        ('{"a": ' + "9" * 5_000 + "}", "", "JSON_INVALID"),
    ],
    ids=[
        "empty",
        "a list",
        "deep",
        "other version",
        "nothing in it",
        "a key twice",
        "a fraction",
        "bytes",
        "a huge number",
    ],
)
def test_what_is_no_record_is_a_fault(text: str | bytes, at: str, code: str) -> None:
    with pytest.raises(PanelProblemFaults) as refused:
        verify_record(text)

    assert (refused.value.faults[0].at, refused.value.faults[0].code) == (at, code)
    assert refused.value.faults[0].says


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("commitment",), []),
        (("commitment", "problem"), 1),
        (("commitment", "sources", 0), "seed"),
        (("commitment", "draw"), "2"),
        (("commitment", "draw"), 2**60),
        (("commitment", "reveal_on"), "tomorrow"),
        (("commitment", "algorithm"), "panel-draw/2"),
        (("panel", 0), "e1"),
        (("panel", 0, "seat"), 570),
        (("declines", 0, "joins"), 1),
        (("sources", 0, "value"), None),
        (("composition",), True),
        (("colour",), 1),
    ],
    ids=lambda part: "/".join(map(str, part)) if isinstance(part, tuple) else "",
)
def test_a_record_of_another_shape_is_a_fault(path: tuple[str | int, ...], value: Any) -> None:
    record: Any = a_record()
    part = record
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value

    with pytest.raises(PanelProblemFaults) as refused:
        verify_record(record)

    assert all(fault.code in FAULT_SENTENCES and fault.says for fault in refused.value.faults)


def test_remarks_of_others_are_hashed_with_the_commitment_and_change_no_rule() -> None:
    record = a_record()
    record["x-note"] = "printed for the archive"

    assert verify_record(record).code is None
    record["commitment"]["x-note"] = "slipped in"
    assert verify_record(record).code == "COMMITMENT_HASH_DIFFERS"


def test_what_stands_inside_the_problem_never_ends_unforeseen() -> None:
    """Every scalar of a record is replaced by something strange: each ends in a fault or a finding, or is true."""
    strange: list[Any] = [None, -1, 2**53, "", "𠮷", [], {}, True]
    places = list(_scalars(a_record(), ()))
    dice = Random(7)
    for place in dice.sample(places, 120):
        record: Any = a_record()
        part = record
        for step in place[:-1]:
            part = part[step]
        part[place[-1]] = dice.choice(strange)
        if dice.random() < 0.7:
            with contextlib.suppress(ValueError, TypeError, AttributeError):
                fit_again(record)
        try:
            said = [verify_record(record).says or "true"]
        except PanelProblemFaults as faults:
            said = [fault.says for fault in faults.faults]
        assert said
        assert all(said)


def _scalars(value: Any, at: tuple[Any, ...]):
    if isinstance(value, dict):
        for key in value:
            yield from _scalars(value[key], (*at, key))
    elif isinstance(value, list):
        for key, item in enumerate(value):
            yield from _scalars(item, (*at, key))
    else:
        yield at
