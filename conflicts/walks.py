"""Every path of one row from one person, looked at singly: what a person who asks is shown, and where walks return."""

from collections.abc import Iterator
from datetime import date

from conflicts.fact import Kind
from conflicts.finding import Finding, Step
from conflicts.policy import PolicyRow
from conflicts.question import Question, headings, last_day
from conflicts.tie import STILL, Heading, Tie, own_ways, ways

Trail = tuple[tuple[Tie, Step], ...]


def walks(question: Question, row: PolicyRow, person: str) -> Iterator[Finding]:
    """Yield every path of one row from one person, none visiting a node twice; in no particular order."""
    starts = question.starts(row)
    if row.kind is None:
        if person in starts:
            yield question.finding(row, person, (), STILL, starts[person])
        return
    seen: set[tuple[Tie, ...]] = set()
    earliest = question.earliest_end(row.window)
    for other, ties, forward in question.onward(row.kind, person, own_ways(row.kind)):
        for tie in ties:
            if not question.counts(tie, earliest, row.min_share):
                continue
            first = ((tie, tie.forward if forward else tie.backward),)
            for heading in headings(row):
                for trail in _trails(question, row, heading, first, frozenset((person, other)), depth=1, settled=False):
                    walked = tuple(tie for tie, _ in trail)
                    party = starts.get(trail[-1][1].end)
                    if party is not None and walked not in seen:
                        seen.add(walked)
                        yield question.finding(
                            row, person, tuple(step for _, step in trail), _lasting(row, trail), party
                        )


def _trails(
    question: Question,
    row: PolicyRow,
    heading: Heading,
    trail: Trail,
    nodes: frozenset[str],
    *,
    depth: int,
    settled: bool,
) -> Iterator[Trail]:
    """Yield a trail and every lawful way on from it; `settled` once it went back to a predecessor."""
    yield trail
    node = trail[-1][1].end
    for kind, walkable, earliest_end, min_share in _moves(question, row, heading, depth, settled=settled):
        for other, ties, forward in question.onward(kind, node, walkable):
            if other in nodes:
                continue
            for tie in ties:
                if question.counts(tie, earliest_end, min_share):
                    free = kind is Kind.SUCCESSION
                    yield from _trails(
                        question,
                        row,
                        heading,
                        (*trail, (tie, tie.forward if forward else tie.backward)),
                        nodes | {other},
                        depth=depth if free else depth + 1,
                        settled=free and not forward,
                    )


def _moves(
    question: Question, row: PolicyRow, heading: Heading, depth: int, *, settled: bool
) -> Iterator[tuple[Kind, tuple[bool, bool], int, tuple[int, int] | None]]:
    yield Kind.SUCCESSION, (not settled, True), 0, None
    if depth < row.depth:
        earliest_end = question.earliest_end(row.through_window)
        for kind in row.through:
            yield kind, ways(kind, heading), earliest_end, row.min_share


def walk_ids(path: tuple[Step, ...]) -> tuple[str, ...]:
    """Return the ids of a path's facts in walking order: what finally tells two equal paths apart."""
    return tuple(step.fact.id for step in path)


def walk_order(walk: Finding) -> tuple[int, int, tuple[str, ...]]:
    """Order the paths of one row: the shortest first, then the one that lasts longest, then by the ids of its facts."""
    hops = sum(step.fact.kind is not Kind.SUCCESSION for step in walk.path)
    return hops, -(walk.clears_on or date.max).toordinal(), walk_ids(walk.path)


def _lasting(row: PolicyRow, trail: Trail) -> int:
    """Return the ordinal of the last day on which every tie of a trail counts."""
    own, *further = (tie for tie, _ in trail)
    earliest_further = min((tie.last for tie in further), default=STILL)
    return min(last_day(row.window.months, own.last), last_day(row.through_window.months, earliest_further))
