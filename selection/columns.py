"""A pool of candidates as columns, made once and kept: what one request asks of 100,000 is then a few arrays."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self, overload

import numpy as np
from numpy.typing import NDArray

from selection.faults import PanelProblemFaults
from selection.request import LARGEST_FIT, Candidate, candidate_faults

Positions = NDArray[np.int64]

TIE_BITS: Final = 40


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute as a column: a number for every value, -1 for candidates without it."""

    codes: NDArray[np.int32]
    numbers: Mapping[str, int]

    def is_value(self, value: str) -> NDArray[np.bool_]:
        """Return who has exactly this value."""
        return np.asarray(self.codes == self.numbers.get(value, -2))


@dataclass(frozen=True, slots=True)
class PoolColumns(Sequence[Candidate]):
    """Candidates in the order of what they cost: least service first, then best fit, then id.

    Attributes:
        candidates: the candidates in this order; a position is a place in it.
        positions: id -> position.
        cost: `101 * service + 100 - fit`: smaller is better, service before fit. Where it differs from what the
            candidates themselves say (`at_cost`), the column counts.
        class_end: for each position, the first position that costs more.
        everyone: all positions, ascending.
        fields: full field code -> positions, ascending.
        attributes: name -> column.
    """

    candidates: tuple[Candidate, ...]
    positions: Mapping[str, int]
    cost: NDArray[np.int64]
    class_end: NDArray[np.int64]
    everyone: Positions
    fields: Mapping[str, Positions]
    attributes: Mapping[str, Attribute]
    _prefixes: dict[str, Positions] = field(default_factory=dict)
    _ties: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    _ranks: list[NDArray[np.int64]] = field(default_factory=list)

    @classmethod
    def of(cls, candidates: Iterable[Candidate], *, checked: bool = False) -> Self:
        """Make columns of candidates; their order does not matter.

        Args:
            candidates: with ids that differ.
            checked: True when they were checked already, as those of a `PanelRequest` were.

        Raises:
            PanelProblemFaults: with every fault of every candidate.
        """
        given = tuple(candidates)
        if not checked and (faults := tuple(candidate_faults(enumerate(given)))):
            raise PanelProblemFaults(faults)
        ordered = tuple(sorted(given, key=lambda one: (one.service, -one.fit, one.id)))
        service = np.fromiter((one.service for one in ordered), np.int64, len(ordered))
        fit = np.fromiter((one.fit for one in ordered), np.int64, len(ordered))
        cost = service * (LARGEST_FIT + 1) + LARGEST_FIT - fit
        return cls(
            candidates=ordered,
            positions={one.id: position for position, one in enumerate(ordered)},
            cost=cost,
            class_end=np.searchsorted(cost, cost, side="right"),
            everyone=np.arange(len(ordered)),
            fields=_field_columns(ordered),
            attributes=_attribute_columns(ordered),
        )

    @overload
    def __getitem__(self, index: int) -> Candidate: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Candidate]: ...

    def __getitem__(self, index: int | slice) -> Candidate | Sequence[Candidate]:
        return self.candidates[index]

    def __len__(self) -> int:
        return len(self.candidates)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.candidates)

    def able_to_fill(self, seat: str) -> Positions:
        """Return the positions, ascending, of candidates one of whose fields begins with a seat's code."""
        found = self._prefixes.get(seat)
        if found is None:
            parts = [positions for code, positions in self.fields.items() if code.startswith(seat)]
            found = np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
            self._prefixes[seat] = found
        return found

    def ranks(self) -> NDArray[np.int64]:
        """Return for each position the place of its id in the order of code points; made once and kept."""
        if not self._ranks:
            names = [one.id for one in self.candidates]
            ranks = np.empty(len(names), np.int64)
            ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
            self._ranks.append(ranks)
        return self._ranks[0]

    def at_cost(self, service: NDArray[np.int64], fit: NDArray[np.int64]) -> "PoolColumns":
        """Return the same candidates with other service and other fit, each given by present position."""
        cost = service * (LARGEST_FIT + 1) + LARGEST_FIT - fit
        order = np.lexsort((self.ranks(), cost))
        place = np.empty_like(order)
        place[order] = self.everyone
        candidates = tuple(self.candidates[one] for one in order.tolist())
        ordered = cost[order]
        return PoolColumns(
            candidates=candidates,
            positions={one.id: position for position, one in enumerate(candidates)},
            cost=ordered,
            class_end=np.searchsorted(ordered, ordered, side="right"),
            everyone=self.everyone,
            fields={code: np.sort(place[positions]) for code, positions in self.fields.items()},
            attributes={name: Attribute(one.codes[order], one.numbers) for name, one in self.attributes.items()},
            _ties={seed: keys[order] for seed, keys in self._ties.items()},
        )

    def ties(self, seed: str, positions: Iterable[int]) -> list[int]:
        """Return the tie keys of candidates: the first 40 bits, big-endian, of a SHA-256 of seed and id.

        Keys once computed are kept for the seed used last: the same pool is asked with the same seed many times.
        """
        if seed not in self._ties:
            self._ties.clear()
            self._ties[seed] = np.full(len(self.candidates), -1, np.int64)
        known = self._ties[seed]
        lead = b"panel-tie/1\0" + seed.encode() + b"\0"
        wanted = list(positions)
        keys: list[int] = known[wanted].tolist()
        for place, key in enumerate(keys):
            if key < 0:
                digest = hashlib.sha256(lead + self.candidates[wanted[place]].id.encode()).digest()
                keys[place] = int.from_bytes(digest[: TIE_BITS // 8])
        known[wanted] = keys
        return keys


def columns_of(candidates: Sequence[Candidate]) -> PoolColumns:
    """Return the columns of the candidates of a request: themselves, when they are columns already."""
    return candidates if isinstance(candidates, PoolColumns) else PoolColumns.of(candidates, checked=True)


def _field_columns(candidates: Sequence[Candidate]) -> dict[str, Positions]:
    found: dict[str, list[int]] = {}
    for position, candidate in enumerate(candidates):
        for code in candidate.fields:
            found.setdefault(code, []).append(position)
    return {code: np.array(positions, np.int64) for code, positions in found.items()}


def _attribute_columns(candidates: Sequence[Candidate]) -> dict[str, Attribute]:
    codes: dict[str, NDArray[np.int32]] = {}
    numbers: dict[str, dict[str, int]] = {}
    for position, candidate in enumerate(candidates):
        for name, value in candidate.attributes.items():
            if name not in codes:
                codes[name] = np.full(len(candidates), -1, np.int32)
                numbers[name] = {}
            codes[name][position] = numbers[name].setdefault(value, len(numbers[name]))
    return {name: Attribute(codes[name], numbers[name]) for name in codes}
