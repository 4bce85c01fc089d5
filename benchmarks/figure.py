"""One figure of a benchmark: ours, a named peer's in the same run, and the target; printed as data with `--json`."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured.

    Attributes:
        case: what was done, at which size.
        ours: seconds, or what `unit` says.
        peer: name of the peer; empty where the figure stands against its target only.
        theirs: of the peer, in the same unit.
        target: what is aimed at, in words.
        unit: of both values.
    """

    case: str
    ours: float
    peer: str = ""
    theirs: float | None = None
    target: str = ""
    unit: str = "s"

    def to_json(self) -> dict[str, Any]:
        """Return the figure as plain values, with the ratio of the peer's value to ours."""
        return asdict(self) | {"ratio": None if self.theirs is None else self.theirs / self.ours}
