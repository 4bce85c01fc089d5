"""Reading `panel-plan/1`: every fault at once with its JSON Pointer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from selection.faults import PanelProblemFaults, pointer
from selection.parse import Place, Reading, decoded, in_file_order
from selection.plan.request import FORMAT, Matter, PlanRequest, matter_faults
from selection.request import (
    LARGEST_FIT,
    LARGEST_SIZE,
    apart_faults,
    candidate_faults,
    cap_faults,
    excluded_faults,
    quota_faults,
    seat_faults,
)

_RULES: Final = ("size", "seats", "quotas", "caps", "apart", "floor", "excluded")


def parse_plan(source: bytes | str | Mapping[str, Any]) -> PlanRequest:
    """Read a plan.

    Args:
        source: the text of the file (UTF-8), or the object it holds.

    Raises:
        PanelProblemFaults: with every fault, each at its JSON Pointer.

    Example:
        >>> text = '{"format": "panel-plan/1", "candidates": [{"id": "e1"}], "matters": [{"id": "m1", "size": 1}]}'
        >>> [matter.size for matter in parse_plan(text).matters]
        [1]
    """
    value = source if isinstance(source, Mapping) else decoded(source)
    reading = Reading()
    if not reading.is_object(
        (), value, ("format", "candidates", "matters"), required=("format", "candidates", "matters")
    ):
        raise PanelProblemFaults(reading.faults)
    if "format" in value and value["format"] != FORMAT:
        reading.fault(("format",), "FORMAT_OTHER", wanted=FORMAT)
    candidates = reading.rows(value, "candidates", reading.candidate)
    reading.faults += candidate_faults(candidates)
    known = {candidate.id: place for place, candidate in candidates}
    matters = reading.rows(value, "matters", lambda at, item: _matter(reading, at, item, known))
    reading.faults += matter_faults(matters, known)
    if reading.faults:
        raise PanelProblemFaults(in_file_order(reading.faults))
    return PlanRequest(tuple(one for _, one in candidates), tuple(one for _, one in matters))


def _matter(outer: Reading, at: Place, value: Any, known: Mapping[str, int]) -> Matter | None:
    if not outer.is_object(at, value, ("id", "fit", *_RULES), required=("id", "size")):
        return None
    # Rows are read as those of a file of their own; only their places lie deeper.
    reading = Reading()
    size = reading.number((), value, "size", 1, LARGEST_SIZE, None)
    seats = reading.rows(value, "seats", reading.seat)
    quotas = reading.rows(value, "quotas", reading.quota)
    caps = reading.rows(value, "caps", reading.cap)
    apart = reading.rows(value, "apart", reading.pair)
    floor = reading.floor(value["floor"]) if "floor" in value else None
    excluded = reading.rows(value, "excluded", reading.exclusion)
    name = reading.text((), value, "id")
    fit = _fit(reading, value)
    reading.faults += seat_faults(seats, size)
    reading.faults += quota_faults(quotas, size)
    reading.faults += cap_faults(caps)
    reading.faults += apart_faults(apart, known)
    reading.faults += excluded_faults(excluded)
    outer.faults += [replace(fault, at=pointer(*at) + fault.at) for fault in reading.faults]
    if name is None or size is None or reading.faults:
        return None
    return Matter(
        name,
        size,
        tuple(row for _, row in seats),
        tuple(row for _, row in quotas),
        tuple(row for _, row in caps),
        tuple(row for _, row in apart),
        floor,
        tuple(row for _, row in excluded),
        fit,
    )


def _fit(reading: Reading, value: Mapping[str, Any]) -> dict[str, int]:
    given = value.get("fit", {})
    if not isinstance(given, Mapping):
        reading.fault(("fit",), "TYPE_WRONG", wanted="an object of whole numbers")
        return {}
    reading.repeats(("fit",), given)
    found: dict[str, int] = {}
    for key, number in given.items():
        # Two thousand numbers for each of a thousand matters: what is plainly right is not looked at twice.
        if type(number) is int and 0 <= number <= LARGEST_FIT and key.isascii():
            found[key] = number
        elif (read := reading.number(("fit",), given, key, 0, LARGEST_FIT, None)) is not None:
            name = reading.name(("fit",), key)
            if name in found:
                reading.fault(("fit",), "KEY_REPEATED", key=name)
            found[name] = read
    return found
