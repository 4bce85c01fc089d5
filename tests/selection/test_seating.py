"""Seating: each seat its own member, and of all seatings the first."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from selection import Member, SeatRow
from selection.seating import seat_members, seats_filled
from tests.selection.builders import FIELDS, expert

MEMBERS = st.lists(st.lists(st.sampled_from(FIELDS), max_size=3, unique=True), min_size=1, max_size=6).map(
    lambda lists: [expert(f"e{one}", *fields) for one, fields in enumerate(lists)]
)
SEATS = st.lists(st.builds(SeatRow, st.sampled_from(("57", "570", "82", "110")), st.integers(0, 2)), max_size=4).map(
    tuple
)


@given(MEMBERS, SEATS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_of_all_seatings_the_first_in_code_point_order_is_printed(members, seats) -> None:
    places = [row.field for row in seats for _ in range(row.count)]
    seatings = [
        [one.id for one in order]
        for order in permutations(members, min(len(places), len(members)))
        if len(places) <= len(members)
        and all(any(code.startswith(place) for code in one.fields) for place, one in zip(places, order, strict=True))
    ]

    seated = seat_members(members, seats)

    assert (seats_filled(members, seats) == len(places)) == bool(seatings)
    if seatings:
        first = min(seatings)
        rest = sorted({one.id for one in members} - set(first))
        assert seated == (*map(Member, first, places), *map(Member, rest))


def test_a_long_chain_of_moves_is_followed() -> None:
    members = [expert(f"e{one:03}", f"{one:03}", f"{one + 1:03}") for one in range(300)]
    seats = tuple(SeatRow(f"{one:03}") for one in range(1, 301))

    assert seats_filled(members, seats) == 300
    assert seats_filled(members, (*seats[1:], SeatRow("000"), seats[0])) == 300


def test_a_list_that_cannot_fill_all_seats_fills_what_it_can() -> None:
    members = [expert("a", "570"), expert("b", "110")]

    assert seat_members(members, (SeatRow("820"), SeatRow("570"))) == (Member("a", "570"), Member("b"))
