"""Seating: which member fills which seat. A seat takes its own member, one of whose fields begins with its code."""

from collections.abc import Sequence

from selection.request import Candidate, SeatRow
from selection.result import Member


def can_fill(candidate: Candidate, field: str) -> bool:
    """Return whether a candidate may fill a seat: one of the fields begins with its code."""
    return any(code.startswith(field) for code in candidate.fields)


def seats_filled(members: Sequence[Candidate], seats: Sequence[SeatRow]) -> int:
    """Return how many of the seats these members can fill at once; the most that any seating fills."""
    return sum(taken is not None for taken in _seating(members, _seats_of(seats, members)))


def seat_members(members: Sequence[Candidate], seats: Sequence[SeatRow]) -> tuple[Member, ...]:
    """Return the members with their seats: seats in file order, then open members by id.

    Of the seatings that fill most seats, earlier rows first, it is the one whose ids, read by seats in file order,
    come first in code-point order.
    """
    by_id = sorted(members, key=lambda candidate: candidate.id)
    places = _seats_of(seats, by_id)
    taken = _first_seating(by_id, places)
    names = [row.field for row in seats for _ in range(min(row.count, len(by_id)))]
    seated = [Member(by_id[one].id, name) for one, name in zip(taken, names, strict=True) if one is not None]
    open_ids = set(range(len(by_id))) - {one for one in taken if one is not None}
    return (*seated, *(Member(by_id[one].id) for one in sorted(open_ids)))


def _seats_of(seats: Sequence[SeatRow], members: Sequence[Candidate]) -> list[list[int]]:
    """Return for every seat the positions of the members who can fill it, in order; surplus seats are left out."""
    places: list[list[int]] = []
    for row in seats:
        able = [one for one, member in enumerate(members) if can_fill(member, row.field)]
        places += [able] * min(row.count, len(members))
    return places


def _seating(members: Sequence[Candidate], places: Sequence[Sequence[int]]) -> list[int | None]:
    """Return a largest seating that prefers earlier seats: seat -> position of its member."""
    seat_of: list[int | None] = [None] * len(members)
    taken: list[int | None] = [None] * len(places)
    for seat in range(len(places)):
        _augment(seat, places, seat_of, taken, frozenset())
    return taken


def _augment(
    seat: int,
    places: Sequence[Sequence[int]],
    seat_of: list[int | None],
    taken: list[int | None],
    settled: frozenset[int] | set[int],
) -> bool:
    """Seat somebody at a free seat, moving others along an alternating path; settled members keep their seat."""
    # Breadth first instead of recursion: a panel may have a thousand seats.
    came_from: dict[int, int] = {}
    queue = [seat]
    for current in queue:
        for one in places[current]:
            if one in came_from or one in settled:
                continue
            came_from[one] = current
            occupied = seat_of[one]
            if occupied is None:
                _shift(one, seat, came_from, seat_of, taken)
                return True
            queue.append(occupied)
    return False


def _shift(free: int, seat: int, came_from: dict[int, int], seat_of: list[int | None], taken: list[int | None]) -> None:
    one: int | None = free
    while one is not None:
        current = came_from[one]
        before = taken[current]
        taken[current], seat_of[one] = one, current
        one = None if current == seat else before


def _first_seating(members: Sequence[Candidate], places: Sequence[Sequence[int]]) -> list[int | None]:
    """Settle seat by seat the first member with whom all seats that can be filled still can be."""
    taken = _seating(members, places)
    seat_of: list[int | None] = [None] * len(members)
    for seat, holder in enumerate(taken):
        if holder is not None:
            seat_of[holder] = seat
    settled: set[int] = set()
    for seat, able in enumerate(places):
        holder = taken[seat]
        if holder is None:
            continue
        for one in able:
            if one in settled:
                continue
            if one == holder or _can_take(seat, one, places, seat_of, taken, settled):
                settled.add(one)
                break
    return taken


def _can_take(
    seat: int,
    one: int,
    places: Sequence[Sequence[int]],
    seat_of: list[int | None],
    taken: list[int | None],
    settled: set[int],
) -> bool:
    """Try to give a seat to a member; whoever sits elsewhere is replaced there. Changes the seating only on success."""
    trial_seat_of, trial_taken = list(seat_of), list(taken)
    holder, other = trial_taken[seat], trial_seat_of[one]
    if holder is not None:
        trial_seat_of[holder] = None
    trial_taken[seat], trial_seat_of[one] = one, seat
    if other is not None:
        trial_taken[other] = None
        if not _augment(other, places, trial_seat_of, trial_taken, settled | {one}):
            return False
    seat_of[:], taken[:] = trial_seat_of, trial_taken
    return True
