"""Lotteries for tests, made by hand from all panels of small problems: any weights, fair or not."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

from selection import Candidate, CapRow, PanelRequest, SeatRow, canonical_json, problem_sha256
from selection.draw import DrawRecord, SourceValue, commit, draw_panel
from selection.draw.consistency import lottery_faults
from selection.lottery import Composition, Lottery, Part
from selection.seating import seat_members
from tests.selection.builders import panels


def a_request(**changes: object) -> PanelRequest:
    """Nine candidates of three employers and two without, three seats, one of them for water, two reserves."""
    water, law = ("57020",), ("820",)
    candidates = tuple(
        Candidate(f"e{number}", fields, {} if employer is None else {"employer": employer}, service=number % 3)
        for number, (fields, employer) in enumerate(
            zip([water] * 3 + [law] * 4 + [()] * 2, [*"甲甲乙甲乙丙丙", None, None], strict=True)
        )
    )
    request = PanelRequest(3, candidates, (SeatRow("570"),), caps=(CapRow("employer", 1),), reserves=2)
    return replace(request, **changes)  # type: ignore[arg-type]


def a_lottery(request: PanelRequest, dice: Random, *, spread: str | None = None, most: int = 4) -> Lottery | None:
    """A lottery over some of the panels of a problem; None when it has none, or none that spreads so."""
    paired = {one for row in request.apart for one in (row.first, row.second)}
    kinds: dict[object, list[str]] = {}
    kind_of: dict[str, object] = {}
    for one in sorted(request.candidates, key=lambda one: one.id):
        if one.id in request.excluded_ids:
            continue
        attributes = sorted((name, value) for name, value in one.attributes.items() if name != spread)
        kind = (sorted(one.fields), attributes, one.id if one.id in paired else "")
        kind_of[one.id] = str(kind)
        kinds.setdefault(str(kind), []).append(one.id)
    found = sorted({tuple(sorted(Counter(kind_of[one.id] for one in panel).items())) for panel in panels(request)})
    found = [counts for counts in found if spread is None or _spreads(request, spread, kinds, dict(counts))]
    if not found:
        return None
    chosen = dice.sample(found, min(len(found), dice.randint(1, most)))
    weights = [dice.randint(1, 9) for _ in chosen]
    used = {kind for counts in chosen for kind, _ in counts}
    # A lottery may have types that are in no composition.
    types = sorted(kinds[kind] for kind in (kinds if dice.random() < 0.5 else used))
    place = {kind_of[members[0]]: number for number, members in enumerate(types)}
    support = tuple(
        Composition(Fraction(weight, sum(weights)), tuple(_parts(request, kinds, place, counts)))
        for weight, counts in zip(weights, chosen, strict=True)
    )
    chances = dict.fromkeys(sorted(one.id for one in request.candidates), Fraction(0))
    for composition in support:
        for kind, count in composition.counts().items():
            for one in types[kind]:
                chances[one] += composition.weight * Fraction(count, len(types[kind]))
    sha256 = problem_sha256(request)
    return Lottery("exact", chances, support, tuple(map(tuple, types)), spread, None, 1, sha256)


def _parts(request: PanelRequest, kinds: dict, place: dict, counts: Sequence[tuple[object, int]]) -> Iterator[Part]:
    by_id = {one.id: one for one in request.candidates}
    kind_of = {one: kind for kind, members in kinds.items() for one in members}
    members = [by_id[one] for kind, count in counts for one in kinds[kind][:count]]
    seats = Counter((place[kind_of[member.id]], member.seat) for member in seat_members(members, request.seats))
    for (kind, seat), count in sorted(seats.items(), key=lambda item: (item[0][0], item[0][1] or "~")):
        yield Part(kind, seat, count)


def _spreads(request: PanelRequest, spread: str, kinds: dict, counts: dict) -> bool:
    by_id = {one.id: one for one in request.candidates}
    cap = min(row.max for row in request.caps if row.attribute == spread)
    expected: dict[str, Fraction] = {}
    for kind, count in counts.items():
        for one in kinds[kind]:
            value = by_id[one].attributes.get(spread)
            if value is not None:
                expected[value] = expected.get(value, Fraction(0)) + Fraction(count, len(kinds[kind]))
    return all(share <= cap for share in expected.values())


def random_record(seed: int, request: PanelRequest | None = None) -> dict[str, Any]:
    """A record of a random lottery, seed, spread attribute and course of declines; None when there is no lottery."""
    dice = Random(seed)
    request = request or a_request(reserves=dice.randint(0, 4))
    spread = dice.choice([None, *{row.attribute for row in request.caps}])
    lottery = a_lottery(request, dice, spread=spread)
    if lottery is None or lottery_faults(request, lottery):
        return None  # type: ignore[return-value]
    commitment = commit(request, lottery, matter=f"m{seed}", draw=dice.randint(1, 3))
    values, gone = [SourceValue("seed", f"种子 {seed}")], list[str]()
    record = draw_panel(commitment, values)
    for _ in range(dice.randint(0, 4)):
        waiting = [one.id for one in record.reserves if one.id not in gone and one.id not in _ids(record)]
        gone.append(dice.choice(_ids(record) + waiting[:1]))
        record = draw_panel(commitment, values, declined=gone)
        if not record.panel:
            break
    return json.loads(canonical_json(record.to_json()))


def _ids(record: DrawRecord) -> list[str]:
    return [member.id for member in record.panel]
