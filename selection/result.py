"""What comes out: the panel with its seats and reserves, or the rules that cannot hold together, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from selection.canonical import problem_sha256
from selection.request import PanelRequest

Status = Literal["optimal", "feasible", "infeasible", "stopped"]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a panel; `seat` is the field code of the seat filled, None for an open seat."""

    id: str
    seat: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the member as plain values."""
        return {"id": self.id, "seat": self.seat}


@dataclass(frozen=True, slots=True)
class Reserve:
    """Somebody outside the panel who, put in the place of any one of `replaces`, gives a valid panel.

    `seat` is the field code of the seats this reserve was named for, None for the open seats.
    """

    id: str
    seat: str | None
    replaces: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the reserve as plain values."""
        return {"id": self.id, "for": self.seat, "replaces": list(self.replaces)}


@dataclass(frozen=True, slots=True)
class Objective:
    """The sum of `2*service + 1` (to be small), then the sum of `fit` (to be large), over the members."""

    service: int
    fit: int

    def to_json(self) -> dict[str, int]:
        """Return the objective as plain values."""
        return {"service": self.service, "fit": self.fit}


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """Whether a panel keeps one row of the request.

    Attributes:
        code, cite: of the row.
        at: JSON Pointer of the row.
        kept: True when the panel keeps it; a waived rule is not kept.
        waived: True when it is not kept and yields to a recorded reason.
        facts: counts and ids that show it; ids of candidates, never personal data.
    """

    code: str
    cite: str
    at: str
    kept: bool
    waived: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain values; `waived` and `facts` stand there only when they say something."""
        found: dict[str, Any] = {"code": self.code, "cite": self.cite, "at": self.at, "kept": self.kept}
        if self.waived:
            found["waived"] = True
        if not self.kept:
            found["facts"] = dict(self.facts)
        return found


@dataclass(frozen=True, slots=True)
class WayOut:
    """A lawful change that makes a panel possible; `code` has a sentence with `facts` as its parameters."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the way out as plain values."""
        return {"code": self.code, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class BlockingRule:
    """One row of a smallest set of rules that cannot hold together."""

    code: str
    cite: str
    at: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the rule as `refusal/1` with its place; edition and ref are not known here."""
        return {
            "code": self.code,
            "ref": "",
            "cite": self.cite,
            "edition": "",
            "at": self.at,
            "facts": dict(self.facts),
            "remedies": [],
            "override": None,
        }


@dataclass(frozen=True, slots=True)
class PanelResult:
    """The answer to a request.

    Attributes:
        status: `optimal` only with a proof; `feasible` when time ran out with a panel in hand; `infeasible` with
            `blocking`; `stopped` when time ran out with nothing found.
        seed: the seed of the tie keys.
        members: seated members in file order of the seats, then open ones by id; empty without a panel.
        reserves: reserves in the order they were named.
        reserves_missing: how many fewer than asked.
        objective: of the panel, None without one.
        bound: what no panel can be better than; equal to `objective` when optimal.
        rules: a verdict for every row of the request but the exclusions, in file order. Every panel keeps all
            exclusions; `to_json` lists them too.
        blocking: fewest rows that cannot hold together, in file order.
        fewest_proven: False when the search for fewer rows ran out of its budget; `blocking` is minimal all the same.
        ways_out: lawful ways out, best first.
        solver: name and version of the solver.
    """

    request: PanelRequest = field(repr=False)
    status: Status
    seed: str = ""
    members: tuple[Member, ...] = ()
    reserves: tuple[Reserve, ...] = ()
    reserves_missing: int = 0
    objective: Objective | None = None
    bound: Objective | None = None
    rules: tuple[RuleVerdict, ...] = ()
    blocking: tuple[BlockingRule, ...] = ()
    fewest_proven: bool = True
    ways_out: tuple[WayOut, ...] = ()
    solver: str = ""

    @property
    def problem_sha256(self) -> str:
        """The hash of the request; takes about a second at 100,000 candidates."""
        return problem_sha256(self.request)

    def to_json(self) -> dict[str, Any]:
        """Return the result as `panel-result/1`."""
        found: dict[str, Any] = {"format": "panel-result/1", "status": self.status, "seed": self.seed}
        if self.members:
            found["panel"] = [member.to_json() for member in self.members]
            found["reserves"] = [reserve.to_json() for reserve in self.reserves]
            found["reserves_missing"] = self.reserves_missing
            found["objective"] = self.objective.to_json() if self.objective else None
            found["bound"] = self.bound.to_json() if self.bound else None
            found["rules"] = [verdict.to_json() for verdict in self.rules] + [
                RuleVerdict(row.code, row.cite, f"/excluded/{index}", kept=True).to_json()
                for index, row in enumerate(self.request.excluded)
            ]
        if self.status == "infeasible":
            found["blocking"] = [rule.to_json() for rule in self.blocking]
            found["ways_out"] = [way.to_json() for way in self.ways_out]
            if not self.fewest_proven:
                found["x-fewest-proven"] = False
        found["problem_sha256"] = self.problem_sha256
        found["solver"] = self.solver
        return found


@dataclass(frozen=True, slots=True)
class Exchange:
    """One step of a repair: `leaves` gives the place to `joins`; None where a list only grows or shrinks."""

    leaves: str | None
    joins: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the exchange as plain values."""
        return {"out": self.leaves, "in": self.joins}


@dataclass(frozen=True, slots=True)
class PanelCheck:
    """What was found about a list of names.

    Attributes:
        status: `kept` when the list is a valid panel; `broken` otherwise.
        members: the list with the seats it can fill, seats in file order.
        rules: a verdict for the size (`/size`) and for every row of the request, in file order.
        exchanges: the fewest changes that make the list valid and of the right size; None when no panel exists or
            time ran out before one was found.
        repaired: the panel after the exchanges; empty without one.
        repair: status of the search for the exchanges; `optimal` when nothing is to be repaired.
        blocking, ways_out: as in `PanelResult`, when no panel exists at all.
    """

    request: PanelRequest = field(repr=False)
    status: Literal["kept", "broken"]
    members: tuple[Member, ...]
    rules: tuple[RuleVerdict, ...]
    exchanges: tuple[Exchange, ...] | None = ()
    repaired: tuple[Member, ...] = ()
    repair: Status = "optimal"
    blocking: tuple[BlockingRule, ...] = ()
    ways_out: tuple[WayOut, ...] = ()
    seed: str = ""
    solver: str = ""

    @property
    def broken(self) -> tuple[RuleVerdict, ...]:
        """The rules that are broken and not waived."""
        return tuple(verdict for verdict in self.rules if not verdict.kept and not verdict.waived)

    def to_json(self) -> dict[str, Any]:
        """Return the check as `panel-check/1`."""
        found: dict[str, Any] = {
            "format": "panel-check/1",
            "status": self.status,
            "seed": self.seed,
            "panel": [member.to_json() for member in self.members],
            "rules": [verdict.to_json() for verdict in self.rules],
            "refusals": [
                BlockingRule(verdict.code, verdict.cite, verdict.at, verdict.facts).to_json() for verdict in self.broken
            ],
            "repair": self.repair,
            "exchanges": None if self.exchanges is None else [exchange.to_json() for exchange in self.exchanges],
            "repaired": [member.to_json() for member in self.repaired],
        }
        if self.repair == "infeasible":
            found["blocking"] = [rule.to_json() for rule in self.blocking]
            found["ways_out"] = [way.to_json() for way in self.ways_out]
        found["problem_sha256"] = problem_sha256(self.request)
        found["solver"] = self.solver
        return found
