"""Who comes after the panel: reserves in their order, and who joins when somebody declines."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any, Literal

from selection.draw.drawing import StreamOf
from selection.draw.stream import Stream
from selection.draw.validity import Validity
from selection.faults import PanelProblemFault, PanelProblemFaults
from selection.lottery.value import Lottery


@dataclass(frozen=True, slots=True)
class DrawnReserve:
    """Somebody outside the panel who, in the place of any one of `replaces`, gives a valid panel."""

    id: str
    replaces: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the reserve as plain values."""
        return {"id": self.id, "replaces": list(self.replaces)}


@dataclass(frozen=True, slots=True)
class Decline:
    """Somebody who declined, and who joined the panel instead.

    Attributes:
        id: who declined.
        was: what the decliner was.
        joins: who joined; None when the decliner was a reserve, or when nobody makes the panel valid again.
    """

    id: str
    was: Literal["member", "reserve"]
    joins: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the decline as plain values."""
        return {"id": self.id, "was": self.was, "joins": self.joins}


class Succession:
    """The order of those outside a panel: who is drawn next, in proportion to the lottery's chances."""

    def __init__(self, lottery: Lottery, eligible: Sequence[str], validity: Validity, stream_of: StreamOf) -> None:
        """Keep what the order follows from; `eligible` are the candidates not excluded, in code-point order."""
        self._lottery = lottery
        self._eligible = eligible
        self._validity = validity
        self._stream_of = stream_of

    def reserves(self, members: Collection[str], count: int) -> tuple[DrawnReserve, ...]:
        """Draw reserves for a panel: the first so many of the order who can take the place of somebody."""
        found: list[DrawnReserve] = []
        if not count:
            return ()
        for one in self._order(members, self._stream_of("reserves")):
            replaces = tuple(
                leaver
                for leaver in sorted(members)
                if self._validity.holds([*(stays for stays in members if stays != leaver), one])
            )
            if replaces:
                found.append(DrawnReserve(one, replaces))
                if len(found) == count:
                    break
        return tuple(found)

    def after(
        self, members: Collection[str], reserves: Sequence[DrawnReserve], declined: Sequence[str]
    ) -> tuple[tuple[str, ...], tuple[Decline, ...]]:
        """Let people decline, one after the other.

        The others stay. The first reserve who makes the panel valid again joins; without one, the draw goes on among
        the others. A reserve who declines is passed over from then on; nobody who declined comes back.

        Returns:
            the members then, in code-point order, and what happened at each decline.

        Raises:
            PanelProblemFaults: with an id that is neither a member nor a waiting reserve at that moment.
        """
        panel, waiting = sorted(members), [reserve.id for reserve in reserves]
        size = len(panel)
        found: list[Decline] = []
        for number, one in enumerate(declined, 1):
            if one in waiting:
                waiting.remove(one)
                found.append(Decline(one, "reserve", None))
                continue
            if one not in panel:
                raise PanelProblemFaults([PanelProblemFault(f"/declines/{number - 1}", "NOT_IN_DRAW", {"id": one})])
            panel.remove(one)
            joins = None
            if len(panel) == size - 1:
                gone = {*panel, *declined[:number], *waiting}
                order = self._order(gone, self._stream_of(f"decline-{number}"))
                joins = self._first(panel, waiting) or self._first(panel, order)
            if joins is not None:
                panel = sorted([*panel, joins])
                waiting = [reserve for reserve in waiting if reserve != joins]
            found.append(Decline(one, "member", joins))
        return tuple(panel), tuple(found)

    def _first(self, panel: Sequence[str], order: Iterator[str] | Sequence[str]) -> str | None:
        return next((one for one in order if self._validity.holds([*panel, one])), None)

    def _order(self, out: Collection[str], stream: Stream) -> Iterator[str]:
        """Yield everybody who is not out, drawn one after the other in proportion to the chances of those left;
        those with chance 0 last, each as likely as the other.
        """
        out = frozenset(out)
        chances = [self._lottery.chances[members[0]] for members in self._lottery.types]
        whole = lcm(*(chance.denominator for chance in chances))
        shares = [chance.numerator * (whole // chance.denominator) for chance in chances]
        left = [[one for one in members if one not in out] for members in self._lottery.types]
        while total := sum(share * len(members) for share, members in zip(shares, left, strict=True)):
            yield _taken(stream.below(total), shares, left)
        rest = [one for one in self._eligible if one not in out and not self._chance_of(one)]
        while rest:
            yield rest.pop(stream.below(len(rest)))

    def _chance_of(self, one: str) -> bool:
        chances: Mapping[str, Any] = self._lottery.chances
        return bool(chances.get(one))


def _taken(ticket: int, shares: Sequence[int], left: Sequence[list[str]]) -> str:
    """Take out the member whose stretch holds the ticket; members of a type stand side by side, types in order."""
    for share, members in zip(shares, left, strict=True):
        if ticket < share * len(members):
            return members.pop(ticket // share)
        ticket -= share * len(members)
    raise RuntimeError("a ticket is below the sum of the shares")
