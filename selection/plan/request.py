"""What is asked of a plan: many matters over one pool: `panel-plan/1` as values."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from selection.canonical import candidates_json, canonical_json, rules_json
from selection.columns import PoolColumns
from selection.faults import PanelProblemFault, PanelProblemFaults, pointer
from selection.request import (
    LARGEST_FIT,
    ApartRow,
    Candidate,
    CapRow,
    ExcludedRow,
    FloorRow,
    PanelRequest,
    QuotaRow,
    SeatRow,
    id_fault,
    range_faults,
)

FORMAT: Final = "panel-plan/1"
# Matters times candidates: the fit of everybody for every matter is one byte each.
LARGEST_PLAN: Final = 200_000_000


@dataclass(frozen=True, slots=True)
class Matter:
    """A panel problem without its candidates, which it shares with the other matters of the plan.

    Attributes:
        id: opaque name, as of candidates.
        size: members wanted, 1 to 1,000.
        seats, quotas, caps, apart, floor, excluded: the rules, as of a `PanelRequest`.
        fit: id -> how well the candidate suits this matter, 0 to 100; who is not in it has the fit of the candidate.
    """

    id: str
    size: int
    seats: tuple[SeatRow, ...] = ()
    quotas: tuple[QuotaRow, ...] = ()
    caps: tuple[CapRow, ...] = ()
    apart: tuple[ApartRow, ...] = ()
    floor: FloorRow | None = None
    excluded: tuple[ExcludedRow, ...] = ()
    fit: Mapping[str, int] = field(default_factory=dict)

    def problem(self, candidates: Sequence[Candidate]) -> PanelRequest:
        """Return the panel problem of this matter; the fit is not part of it.

        Raises:
            PanelProblemFaults: with places as in a file of this matter alone.
        """
        return PanelRequest(
            self.size,
            candidates,
            self.seats,
            self.quotas,
            self.caps,
            self.apart,
            self.floor,
            excluded=self.excluded,
        )


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """All matters of a period over one pool. The order of candidates and of matters changes nothing.

    Attributes:
        candidates: the pool; their `service` is what they served before the plan.
        matters: the matters, each with an id of its own.
        pool: the candidates as columns, derived.
        problems: for each matter its panel problem, derived.

    Raises:
        PanelProblemFaults: when a value is out of its bounds or rows contradict one another; all at once.
    """

    candidates: Sequence[Candidate]
    matters: tuple[Matter, ...]
    pool: PoolColumns = field(init=False, repr=False, compare=False)
    problems: tuple[PanelRequest, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what contradicts the format."""
        pool = self.candidates if isinstance(self.candidates, PoolColumns) else PoolColumns.of(self.candidates)
        faults: list[PanelProblemFault] = []
        problems: list[PanelRequest] = []
        if len(pool) * len(self.matters) > LARGEST_PLAN:
            facts = {"low": 0, "high": LARGEST_PLAN // max(len(pool), 1)}
            raise PanelProblemFaults([PanelProblemFault("/matters", "NUMBER_OUT_OF_RANGE", facts)])
        for index, matter in enumerate(self.matters):
            try:
                problems.append(matter.problem(pool))
            except PanelProblemFaults as found:
                faults += found.under("matters", index).faults
        faults += matter_faults(enumerate(self.matters), pool.positions)
        if faults:
            raise PanelProblemFaults(faults)
        object.__setattr__(self, "pool", pool)
        object.__setattr__(self, "problems", tuple(problems))

    @property
    def plan_sha256(self) -> str:
        """SHA-256 of the canonical form (RFC 8785): defaults filled in, matters and all of `panel-problem/1` sorted."""
        digest = hashlib.sha256()
        for part in _plan_parts(self):
            digest.update(part.encode())
        return digest.hexdigest()


def matter_faults(numbered: Iterable[tuple[int, Matter]], known: Mapping[str, int]) -> Iterator[PanelProblemFault]:
    """Yield every fault of matters that is none of their problems: repeated ids, and the fit."""
    seen: set[str] = set()
    for index, matter in numbered:
        if matter.id in seen:
            yield PanelProblemFault(pointer("matters", index, "id"), "ID_REPEATED", {"id": matter.id})
        seen.add(matter.id)
        yield from id_fault(("matters", index, "id"), matter.id)
        for one in matter.fit.keys() - known.keys():
            yield PanelProblemFault(pointer("matters", index, "fit", one), "ID_UNKNOWN", {"id": one})
        if matter.fit and not (min(matter.fit.values()) >= 0 and max(matter.fit.values()) <= LARGEST_FIT):
            for one, fit in matter.fit.items():
                yield from range_faults(("matters", index, "fit", one), fit, 0, LARGEST_FIT)


def plan_json(request: PlanRequest) -> dict[str, Any]:
    """Return a request as the normal `panel-plan/1`: the value whose canonical form is hashed."""
    matters = [_rules_of(request, index) | {"fit": dict(request.matters[index].fit)} for index in in_order(request)]
    return {"format": FORMAT, "candidates": candidates_json(request.pool), "matters": matters}


def in_order(request: PlanRequest) -> list[int]:
    """Return the positions of the matters in the order of their ids."""
    return sorted(range(len(request.matters)), key=lambda index: request.matters[index].id)


def _rules_of(request: PlanRequest, index: int) -> dict[str, Any]:
    found = rules_json(request.problems[index])
    return {"id": request.matters[index].id} | {key: found[key] for key in found.keys() - {"format", "reserves"}}


def _plan_parts(request: PlanRequest) -> Iterator[str]:
    # A thousand matters with the fit of two thousand each are written one after the other, names quoted once.
    names = sorted((one.id for one in request.pool), key=lambda one: one.encode("utf-16-be"))
    quoted = [(one, json.dumps(one, ensure_ascii=False)) for one in names]
    yield f'{{"candidates":{canonical_json(candidates_json(request.pool))},"format":"{FORMAT}","matters":['
    for place, index in enumerate(in_order(request)):
        fit = request.matters[index].fit
        known = ",".join([f"{text}:{fit[one]}" for one, text in quoted if one in fit]) if fit else ""
        # Quotes within texts are escaped, so that only the key itself reads like this.
        rules = canonical_json(_rules_of(request, index) | {"fit": {}})
        yield ("," if place else "") + rules.replace('"fit":{}', f'"fit":{{{known}}}', 1)
    yield "]}"
