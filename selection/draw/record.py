"""A draw and its record: what came out of a commitment and a seed, for everybody to do again: `draw-record/1`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from selection.draw.commitment import Commitment
from selection.draw.drawing import draw_members, spread_of
from selection.draw.shape import LIST, NUMBER, OBJECT, TEXT, TEXT_OR_NULL, Shape, hold_format, read_json, shape_faults
from selection.draw.sources import SourceValue, seed_of, value_faults
from selection.draw.stream import Stream
from selection.draw.succession import Decline, DrawnReserve, Succession
from selection.draw.validity import Validity
from selection.faults import PanelProblemFaults
from selection.result import Member
from selection.seating import seat_members

FORMAT: Final = "draw-record/1"

_KEYS: Final = {
    "format": TEXT,
    "commitment": OBJECT,
    "commitment_sha256": TEXT,
    "sources": LIST,
    "seed": TEXT,
    "composition": NUMBER,
    "drawn": LIST,
    "reserves": LIST,
    "reserves_missing": NUMBER,
    "declines": LIST,
    "panel": LIST,
}


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """What was drawn.

    Attributes:
        commitment: what had been fixed before.
        values: what the sources showed.
        seed: made of them.
        composition: position of the composition drawn, in the support of the lottery.
        drawn: the panel as it was drawn, with its seats.
        reserves: in the order in which they were drawn.
        declines: in the order in which they came.
        panel: the panel after all declines; where nobody could join it is none any more, and nobody has a seat.
    """

    commitment: Commitment = field(repr=False)
    values: tuple[SourceValue, ...]
    seed: str
    composition: int
    drawn: tuple[Member, ...]
    reserves: tuple[DrawnReserve, ...]
    declines: tuple[Decline, ...]
    panel: tuple[Member, ...]

    @property
    def is_whole(self) -> bool:
        """Whether somebody could join for every member who declined."""
        return len(self.panel) == len(self.drawn)

    def to_json(self) -> dict[str, Any]:
        """Return the record as `draw-record/1`."""
        return {
            "format": FORMAT,
            "commitment": self.commitment.value,
            "commitment_sha256": self.commitment.sha256,
            "sources": [value.to_json() for value in self.values],
            "seed": self.seed,
            "composition": self.composition,
            "drawn": [member.to_json() for member in self.drawn],
            "reserves": [reserve.to_json() for reserve in self.reserves],
            "reserves_missing": self.commitment.reserves - len(self.reserves),
            "declines": [decline.to_json() for decline in self.declines],
            "panel": [member.to_json() for member in self.panel],
        }


def draw_panel(commitment: Commitment, values: Sequence[SourceValue], *, declined: Sequence[str] = ()) -> DrawRecord:
    """Draw a panel: everything in the record follows from the commitment, the values and who declined.

    Args:
        commitment: what was fixed before the values were known.
        values: what each source showed, in the order of the sources.
        declined: ids of those who declined, in order; the draw goes on after each.

    Raises:
        PanelProblemFaults: when values do not fit the sources, or somebody declined who was not in the draw.
    """
    if faults := list(value_faults(commitment.sources, values)):
        raise PanelProblemFaults(faults)
    request, lottery, seed = commitment.request, commitment.lottery, seed_of(values)
    by_id = {candidate.id: candidate for candidate in request.candidates}
    stream_of = partial(Stream, seed, commitment.sha256)
    composition, drawn = draw_members(lottery.support, lottery.types, spread_of(request, lottery.spread), stream_of)
    eligible = sorted(one for one in by_id if one not in request.excluded_ids)
    succession = Succession(lottery, eligible, Validity(request, by_id), stream_of)
    reserves = succession.reserves(drawn, commitment.reserves)
    panel, declines = succession.after(drawn, reserves, declined)
    return DrawRecord(
        commitment,
        tuple(values),
        seed,
        composition,
        seat_members([by_id[one] for one in drawn], request.seats),
        reserves,
        declines,
        seat_members([by_id[one] for one in panel], request.seats if len(panel) == request.size else ()),
    )


def read_record(source: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record whose shape is right; whether it is true is asked by `verify_record`.

    Raises:
        PanelProblemFaults: with every fault of its shape.
    """
    value = hold_format(source if isinstance(source, Mapping) else read_json(source), FORMAT)
    if faults := list(shape_faults((), value, _KEYS)):
        raise PanelProblemFaults(faults)
    rows: dict[str, tuple[Shape, Shape]] = {
        "sources": ({"name": TEXT, "value": TEXT}, {"signature": TEXT}),
        "drawn": ({"id": TEXT, "seat": TEXT_OR_NULL}, {}),
        "panel": ({"id": TEXT, "seat": TEXT_OR_NULL}, {}),
        "reserves": ({"id": TEXT, "replaces": LIST}, {}),
        "declines": ({"id": TEXT, "was": TEXT, "joins": TEXT_OR_NULL}, {}),
    }
    for key, (required, optional) in rows.items():
        for place, row in enumerate(value[key]):
            faults += shape_faults((key, place), row, required, optional)
    if faults:
        raise PanelProblemFaults(faults)
    return value
