"""What a matter asks of its panel: size, seats by field, quotas, reserves, and the four flags of A31."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

WIDE: Final = "wide"
DISPUTED: Final = "disputed"
COMPLEX: Final = "complex"
SENSITIVE: Final = "sensitive"
FLAGS: Final = (WIDE, DISPUTED, COMPLEX, SENSITIVE)

MOST_MEMBERS: Final = 1000
_FIELD: Final = re.compile(r"[0-9A-Z]{1,16}")


@dataclass(frozen=True, slots=True)
class Seat:
    """`count` seats for members one of whose fields begins with the code `field`."""

    field: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Quota:
    """Between `min` and `max` members (both inclusive) whose `attribute` has exactly `value`; no `max` is the size."""

    attribute: str
    value: str
    min: int = 0
    max: int | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What the undertaking unit asks for.

    Attributes:
        size: members of the panel, 1 to 1,000.
        seats: rows of seats; members beyond their sum sit in open seats.
        quotas: counts by attribute, whatever seat a member fills.
        reserves: how many reserves to name, 0 or more.
    """

    size: int
    seats: tuple[Seat, ...] = ()
    quotas: tuple[Quota, ...] = ()
    reserves: int = 0


@dataclass(frozen=True, slots=True)
class NeedFault:
    """One fault of a need: a JSON Pointer into it, the code of the sentence, and its parameters."""

    at: str
    code: str
    facts: Mapping[str, int | str]


def find_faults(need: Need) -> tuple[NeedFault, ...]:
    """Return every fault of a need, in the order of its parts; empty when it can be used.

    These are faults of the input. A need that is sound but too small for its matter is judged by the rules.
    """
    faults = []
    if not 1 <= need.size <= MOST_MEMBERS:
        faults.append(NeedFault("/size", "NEED_SIZE_OUTSIDE", {"size": need.size, "most": MOST_MEMBERS}))
    for index, seat in enumerate(need.seats):
        if not _FIELD.fullmatch(seat.field):
            faults.append(NeedFault(f"/seats/{index}/field", "NEED_FIELD_UNREADABLE", {"field": seat.field}))
        if seat.count < 1:
            faults.append(NeedFault(f"/seats/{index}/count", "NEED_SEAT_COUNT_LOW", {"count": seat.count}))
    seated = sum(seat.count for seat in need.seats)
    if seated > need.size:
        faults.append(NeedFault("/seats", "NEED_MORE_SEATS_THAN_SIZE", {"seats": seated, "size": need.size}))
    for index, quota in enumerate(need.quotas):
        most = need.size if quota.max is None else quota.max
        if quota.min < 0 or most < 0:
            faults.append(NeedFault(f"/quotas/{index}", "NEED_QUOTA_NEGATIVE", {"min": quota.min, "max": most}))
        if quota.min > most:
            faults.append(NeedFault(f"/quotas/{index}", "NEED_QUOTA_CROSSED", {"min": quota.min, "max": most}))
    if need.reserves < 0:
        faults.append(NeedFault("/reserves", "NEED_RESERVES_NEGATIVE", {"reserves": need.reserves}))
    return tuple(faults)
