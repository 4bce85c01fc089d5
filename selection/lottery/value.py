"""A lottery over panels as a value, and as `lottery/1`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Literal

from selection.faults import PanelProblemFault, PanelProblemFaults, pointer

FORMAT: Final = "lottery/1"

_FRACTION: Final = re.compile(r"(0|[1-9][0-9]*)(?:/([1-9][0-9]*))?")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
# Digits of one number; far above what a lottery of a million has, and below what Python refuses to read.
_MOST_DIGITS: Final = 4_000
_KEYS: Final = ("format", "status", "chances", "support", "types", "panels", "panels_at_least", "problem_sha256")


@dataclass(frozen=True, slots=True)
class Part:
    """`seats` members of one type on seats of one code.

    Attributes:
        type: position in `Lottery.types`.
        seat: code of the seats as in the problem, None for open seats.
        seats: how many, at least 1.
    """

    type: int
    seat: str | None
    seats: int


@dataclass(frozen=True, slots=True)
class Composition:
    """How many members of each type a panel has, and the weight with which the lottery takes such a panel.

    Attributes:
        weight: above 0; the weights of a lottery sum to 1.
        parts: by type, then seats in file order, open seats last; `seats` sum to the size of the panel.
    """

    weight: Fraction
    parts: tuple[Part, ...]

    def counts(self) -> dict[int, int]:
        """Return type -> members, for the types that have any."""
        found: dict[int, int] = {}
        for part in self.parts:
            found[part.type] = found.get(part.type, 0) + part.seats
        return found


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the certificate: no lottery that keeps the levels below gives its types more.

    Attributes:
        value: chance / entitlement of the types that are settled at this level.
        types: the types settled, ascending.
        weights: type -> whole number above 0; of types settled here or at a level below.
        bound: no composition has a larger sum of weight times members.
    """

    value: Fraction
    types: tuple[int, ...]
    weights: Mapping[int, int]
    bound: int


@dataclass(frozen=True, slots=True)
class Lottery:
    """The fairest lottery over all valid panels.

    A panel is drawn from it in three steps: a composition by weight; where `spread` names an attribute, how many
    members of each value of it, by dependent rounding of the table type x value; the members of each cell, uniformly.
    Members of a type are exchangeable in every rule but the cap on `spread`, and that cap is never above its bound in
    expectation for any composition, so the rounding keeps it, and everybody has exactly the chance named here.

    Attributes:
        status: `exact`: every number is an exact fraction and was verified.
        chances: id -> chance to be a member, 0 for candidates in no panel; in the order of ids.
        support: compositions with their weights, in the order of the rule by which they were found.
        types: disjoint lists of ids, each in code-point order, ordered by first id; candidates in no panel have none.
        spread: the one capped attribute that the drawing itself keeps, None where types keep every cap.
        panels: how many valid panels there are, None where counting would take too long.
        panels_at_least: a proven lower bound then, None otherwise.
        problem_sha256: hash of the problem.
        equal: True when every entitlement was taken as 1.
        certificate: the proof that the lottery is the fairest, level by level, lowest first.
    """

    status: Literal["exact"]
    chances: Mapping[str, Fraction]
    support: tuple[Composition, ...]
    types: tuple[tuple[str, ...], ...]
    spread: str | None
    panels: int | None
    panels_at_least: int | None
    problem_sha256: str
    equal: bool = False
    certificate: tuple[Level, ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the lottery as `lottery/1`; one lottery has one text, whatever machine found it."""
        found: dict[str, Any] = {
            "format": FORMAT,
            "status": self.status,
            "chances": {one: str(self.chances[one]) for one in sorted(self.chances)},
            "support": [
                {
                    "weight": str(composition.weight),
                    "composition": [
                        {"type": part.type, "seat": part.seat, "seats": part.seats} for part in composition.parts
                    ],
                }
                for composition in self.support
            ],
            "types": [list(members) for members in self.types],
            "panels": None if self.panels is None else str(self.panels),
            "problem_sha256": self.problem_sha256,
        }
        if self.panels is None:
            found["panels_at_least"] = str(self.panels_at_least or 1)
        if self.equal:
            found["x-equal"] = True
        if self.spread is not None:
            found["x-spread"] = self.spread
        found["x-certificate"] = [
            {
                "value": str(level.value),
                "types": list(level.types),
                # Weights may be beyond what every JSON reader keeps exactly, so they are texts.
                "weights": {str(one): str(level.weights[one]) for one in sorted(level.weights)},
                "bound": str(level.bound),
            }
            for level in self.certificate
        ]
        return found


def parse_lottery(value: Mapping[str, Any]) -> Lottery:
    """Read `lottery/1` from the object of its JSON, and hold its sums against one another.

    Whether it belongs to a problem, and is the fairest for it, is not asked here: see `check_lottery`.

    Raises:
        PanelProblemFaults: with every fault of form, each at its JSON Pointer; or, where the form is right, with
            every sum that is wrong.
    """
    return _Reading().lottery(value)


Place = tuple[str | int, ...]


class _Reading:
    """One reading of one lottery: collects faults on the way."""

    def __init__(self) -> None:
        self.faults: list[PanelProblemFault] = []

    def lottery(self, value: Any) -> Lottery:
        required = ("format", "status", "chances", "support", "types", "panels", "problem_sha256")
        self.is_object((), value, required, optional=("panels_at_least",))
        self.refuse()
        self.hold(value["format"] == FORMAT, ("format",), "the text lottery/1")
        self.hold(value["status"] == "exact", ("status",), "the text exact")
        types = tuple(self.ids(("types", place), one) for place, one in self.list_of(("types",), value["types"]))
        chances = self.chances(value["chances"])
        support = tuple(
            self.composition(("support", place), one) for place, one in self.list_of(("support",), value["support"])
        )
        panels = None if value["panels"] is None else self.whole(("panels",), value["panels"])
        at_least = self.whole(("panels_at_least",), value["panels_at_least"]) if "panels_at_least" in value else None
        sha256 = value["problem_sha256"]
        good = isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None
        self.hold(good, ("problem_sha256",), "64 hexadecimal digits 0-9, a-f")
        equal, spread = value.get("x-equal", False), value.get("x-spread")
        self.hold(isinstance(equal, bool), ("x-equal",), "true or false")
        self.hold(spread is None or isinstance(spread, str), ("x-spread",), "a text")
        levels = self.list_of(("x-certificate",), value.get("x-certificate", []))
        certificate = tuple(self.level(("x-certificate", place), one) for place, one in levels)
        self.refuse()
        found = Lottery("exact", chances, support, types, spread, panels, at_least, sha256, equal, certificate)
        self.faults += _sum_faults(found)
        self.refuse()
        return found

    def chances(self, value: Any) -> dict[str, Fraction]:
        if not isinstance(value, Mapping):
            self.hold(False, ("chances",), "an object of fractions")
            return {}
        # A hundred thousand chances are a few numbers, one for each type.
        read: dict[Any, Fraction] = {}
        found: dict[str, Fraction] = {}
        for one in sorted(value):
            text = value[one]
            chance = read.get(text) if isinstance(text, str) else None
            if chance is None:
                before = len(self.faults)
                chance = self.fraction(("chances", one), text)
                if len(self.faults) == before:
                    read[text] = chance
            found[one] = chance
        return found

    def composition(self, at: Place, value: Any) -> Composition:
        if not self.is_object(at, value, ("weight", "composition")):
            return Composition(Fraction(0), ())
        parts = self.list_of((*at, "composition"), value["composition"])
        weight = self.fraction((*at, "weight"), value["weight"])
        self.hold(weight > 0, (*at, "weight"), "a fraction above 0")
        return Composition(weight, tuple(self.part((*at, "composition", place), one) for place, one in parts))

    def part(self, at: Place, value: Any) -> Part:
        if not self.is_object(at, value, ("type", "seat", "seats")):
            return Part(0, None, 1)
        kind, seat, seats = value["type"], value["seat"], value["seats"]
        self.hold(_is_whole(kind) and kind >= 0, (*at, "type"), "the position of a type")
        self.hold(seat is None or isinstance(seat, str), (*at, "seat"), "the code of a seat, or null")
        self.hold(_is_whole(seats) and seats >= 1, (*at, "seats"), "a whole number from 1")
        return Part(kind, seat, seats)

    def level(self, at: Place, value: Any) -> Level:
        if not self.is_object(at, value, ("value", "types", "weights", "bound")):
            return Level(Fraction(0), (), {}, 0)
        types = [one for _, one in self.list_of((*at, "types"), value["types"])]
        self.hold(all(_is_whole(one) and one >= 0 for one in types), (*at, "types"), "positions of types")
        weights: dict[int, int] = {}
        if isinstance(value["weights"], Mapping):
            for one, weight in value["weights"].items():
                good = isinstance(one, str) and len(one) < 16 and _WHOLE.fullmatch(one) is not None
                self.hold(good, (*at, "weights"), "an object whose keys are positions of types")
                weights[int(one) if good else -1] = self.whole((*at, "weights", str(one)), weight)
        else:
            self.hold(False, (*at, "weights"), "an object of whole numbers")
        bound = self.whole((*at, "bound"), value["bound"])
        return Level(self.fraction((*at, "value"), value["value"]), tuple(types), weights, bound)

    def ids(self, at: Place, value: Any) -> tuple[str, ...]:
        found = [one for _, one in self.list_of(at, value)]
        texts = all(isinstance(one, str) for one in found)
        self.hold(texts and bool(found), at, "a list of ids, at least one")
        return tuple(found) if texts else ()

    def list_of(self, at: Place, value: Any) -> list[tuple[int, Any]]:
        self.hold(isinstance(value, list), at, "a list")
        return list(enumerate(value)) if isinstance(value, list) else []

    def fraction(self, at: Place, text: Any) -> Fraction:
        match = _FRACTION.fullmatch(text) if isinstance(text, str) and len(text) <= 2 * _MOST_DIGITS else None
        parts = [int(part) for part in match.groups("1")] if match and _is_readable(match.groups("1")) else []
        # Only the lowest terms, so that one number has one text.
        good = bool(parts) and str(Fraction(*parts)) == text
        self.hold(good, at, 'a fraction of at least 0 in lowest terms such as "1/3"')
        return Fraction(*parts) if good else Fraction(0)

    def whole(self, at: Place, text: Any) -> int:
        good = isinstance(text, str) and len(text) <= _MOST_DIGITS and _WHOLE.fullmatch(text) is not None
        self.hold(good, at, 'a whole number as a text such as "31"')
        return int(text) if good else 0

    def is_object(self, at: Place, value: Any, required: Sequence[str], optional: Sequence[str] = ()) -> bool:
        if not isinstance(value, Mapping):
            self.faults.append(PanelProblemFault(pointer(*at), "TYPE_WRONG", {"wanted": "an object"}))
            return False
        for key in value:
            if key not in required and key not in optional and not str(key).startswith("x-"):
                self.faults.append(PanelProblemFault(pointer(*at, str(key)), "KEY_UNKNOWN", {"key": str(key)}))
        missing = [key for key in required if key not in value]
        self.faults += [PanelProblemFault(pointer(*at), "KEY_MISSING", {"key": key}) for key in missing]
        return not missing

    def hold(self, is_right: bool, at: Place, wanted: str) -> None:
        if not is_right:
            self.faults.append(PanelProblemFault(pointer(*at), "TEXT_INVALID", {"wanted": wanted}))

    def refuse(self) -> None:
        if self.faults:
            raise PanelProblemFaults(self.faults)


def _sum_faults(lottery: Lottery) -> Iterator[PanelProblemFault]:
    """Yield where the numbers of a lottery contradict one another."""
    where: dict[str, int] = {}
    for place, members in enumerate(lottery.types):
        if list(members) != sorted(set(members)) or any(one in where for one in members):
            yield _wrong(("types", place), "ids of no other type, each once, in the order of code points")
        where.update(dict.fromkeys(members, place))
    firsts = [members[0] for members in lottery.types]
    if firsts != sorted(firsts):
        yield _wrong(("types",), "types in the order of their first ids")
    yield from (
        PanelProblemFault(pointer("types", place), "ID_UNKNOWN", {"id": one})
        for one, place in where.items()
        if one not in lottery.chances
    )
    expected = [Fraction(0)] * len(lottery.types)
    sizes: set[int] = set()
    for place, composition in enumerate(lottery.support):
        counts = composition.counts()
        sizes.add(sum(counts.values()))
        for kind, count in counts.items():
            if kind >= len(lottery.types) or count > len(lottery.types[kind]):
                yield _wrong(("support", place), "a composition of types that have so many members")
                return
            expected[kind] += composition.weight * count
    if sum((one.weight for one in lottery.support), Fraction(0)) != 1:
        yield _wrong(("support",), "a list of compositions whose weights sum to 1")
    if len(sizes) > 1:
        yield _wrong(("support",), "a list of compositions of one size")
    chances = [share / len(members) for share, members in zip(expected, lottery.types, strict=True)]
    for one, chance in lottery.chances.items():
        kind_of = where.get(one)
        right = Fraction(0) if kind_of is None else chances[kind_of]
        if chance is not right and chance != right:
            yield _wrong(("chances", one), f"{right}, which is what the support gives")
    numbers: Iterable[int] = (kind for level in lottery.certificate for kind in (*level.types, *level.weights))
    if any(kind >= len(lottery.types) for kind in numbers):
        yield _wrong(("x-certificate",), "levels of types that there are")


def _wrong(at: Place, wanted: str) -> PanelProblemFault:
    return PanelProblemFault(pointer(*at), "TEXT_INVALID", {"wanted": wanted})


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_readable(parts: Sequence[str]) -> bool:
    return all(len(part) <= _MOST_DIGITS for part in parts)
