"""Problems for tests: random small ones, and an answer by trying every panel, which shares no line with the package."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, permutations
from typing import Any

from hypothesis import strategies as st

from selection import (
    ApartRow,
    Candidate,
    CapRow,
    ExcludedRow,
    FloorRow,
    PanelRequest,
    QuotaRow,
    SeatRow,
)

FIELDS = ("570", "57020", "820", "8", "110")


def expert(name: str, *fields: str, service: int = 0, fit: int = 0, **attributes: str) -> Candidate:
    return Candidate(name, fields, attributes, service, fit)


@st.composite
def requests(draw: st.DrawFn, *, largest: int = 9, scarce: bool = False) -> PanelRequest:
    """Small problems in which rules meet one another: few values, few costs, many ties."""
    count = draw(st.integers(2, largest))
    size = draw(st.integers(1, min(4, count)))
    ids = [f"e{number}" for number in draw(st.permutations(range(count)))]
    attribute = st.fixed_dictionaries(
        {},
        optional={
            "employer": st.sampled_from("abc"),
            "region": st.sampled_from(("in", "out")),
            "school": st.sampled_from("xy"),
        },
    )
    candidates = tuple(
        Candidate(
            one,
            tuple(draw(st.lists(st.sampled_from(FIELDS), max_size=1 if scarce else 2, unique=True))),
            draw(attribute),
            draw(st.integers(0, 2)),
            draw(st.sampled_from((0, 50, 100))),
        )
        for one in ids
    )
    seats = []
    left = size
    for _ in range(draw(st.integers(0, 3))):
        wanted = draw(st.integers(0, left))
        left -= wanted
        seats.append(SeatRow(draw(st.sampled_from(("570", "57", "82", "110"))), wanted))
    quotas = tuple(
        QuotaRow("region", draw(st.sampled_from(("in", "out"))), low, draw(st.none() | st.integers(low, size)))
        for low in draw(st.lists(st.integers(0, size), max_size=2))
    )
    caps = tuple(
        CapRow(draw(st.sampled_from(("employer", "region", "school"))), draw(st.integers(1, 2)))
        for _ in range(draw(st.integers(0, 3)))
    )
    pairs = st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda pair: pair[0] != pair[1])
    apart = tuple(ApartRow(*pair) for pair in draw(st.lists(pairs, max_size=3)))
    excluded = tuple(
        ExcludedRow(one, never_relax=draw(st.booleans()))
        for one in draw(st.lists(st.sampled_from(ids), unique=True, max_size=count if scarce else 2))
    )
    floor = draw(st.none() | st.builds(FloorRow, st.integers(0, size + (1 if scarce else 0))))
    return PanelRequest(size, candidates, tuple(seats), quotas, caps, apart, floor, draw(st.integers(0, 4)), excluded)


def can_be_seated(members: Sequence[Candidate], seats: Iterable[SeatRow]) -> bool:
    places = [row.field for row in seats for _ in range(row.count)]
    if len(places) > len(members):
        return False
    return any(
        all(any(code.startswith(field) for code in one.fields) for field, one in zip(places, order, strict=False))
        for order in permutations(members, len(places))
    )


def rows_of(request: PanelRequest) -> list[tuple[str, Any]]:
    """Every row that may be blamed, with its place, in file order; a repeated pair once."""
    rows: list[tuple[str, Any]] = []
    for name in ("seats", "quotas", "caps"):
        rows += [(f"/{name}/{index}", row) for index, row in enumerate(getattr(request, name))]
    seen: set[frozenset[str]] = set()
    for index, row in enumerate(request.apart):
        pair = frozenset((row.first, row.second))
        if pair not in seen:
            rows.append((f"/apart/{index}", row))
        seen.add(pair)
    if request.floor is not None and request.floor.waiver is None:
        rows.append(("/floor", request.floor))
    rows += [(f"/excluded/{index}", row) for index, row in enumerate(request.excluded) if not row.never_relax]
    return rows


def keeps(members: Sequence[Candidate], rows: Iterable[Any], size: int) -> bool:
    """Whether a set of members keeps rows, all of them together."""
    rows = list(rows)
    ids = {one.id for one in members}
    for row in rows:
        match row:
            case QuotaRow():
                count = sum(one.attributes.get(row.attribute) == row.value for one in members)
                if not row.min <= count <= (size if row.max is None else row.max):
                    return False
            case CapRow():
                counts = Counter(one.attributes[row.attribute] for one in members if row.attribute in one.attributes)
                if any(count > row.max for count in counts.values()):
                    return False
            case ApartRow() if row.first in ids and row.second in ids:
                return False
            case FloorRow() if len(ids) < row.min:
                return False
            case ExcludedRow() if row.id in ids:
                return False
            case _:
                pass
    return can_be_seated(members, [row for row in rows if isinstance(row, SeatRow)])


def panels(request: PanelRequest, rows: Iterable[Any] | None = None) -> list[tuple[Candidate, ...]]:
    """Every panel that keeps the rows given (all rows by default) and what is never relaxed."""
    never = {row.id for row in request.excluded if row.never_relax}
    rows = [row for _, row in rows_of(request)] if rows is None else list(rows)
    free = [one for one in request.candidates if one.id not in never]
    return [members for members in combinations(free, request.size) if keeps(members, rows, request.size)]


def tie_key(seed: str, one: str) -> int:
    return int(hashlib.sha256(f"panel-tie/1\0{seed}\0{one}".encode()).hexdigest()[:10], 16)


def rank(members: Sequence[Candidate], seed: str) -> tuple[int, int, int, list[str]]:
    return (
        sum(2 * one.service + 1 for one in members),
        -sum(one.fit for one in members),
        sum(tie_key(seed, one.id) for one in members),
        sorted(one.id for one in members),
    )


def best(request: PanelRequest, seed: str = "") -> list[str] | None:
    found = [rank(members, seed) for members in panels(request)]
    return min(found)[3] if found else None
