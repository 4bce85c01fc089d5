"""The steps of a matter as data: a graph has an id, an edition names it, and a published graph is never edited.

Step ids are those of the whole life of a decision; `graph-0` is its first stretch, `graph-1` goes on to the experts
who take part, `graph-2` to their opinions and what becomes of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a matter.

    Attributes:
        id: permanent name.
        cites: the articles it rests on.
        actor: role that does it.
        confirms: role that confirms it, if another must.
        requires: steps that must be done before.
        outcomes: outcome -> step it loops back to, or None to go on.
        branch: the parallel branch it belongs to (`launch` or `experts` here), for the picture.
    """

    id: str
    cites: tuple[str, ...]
    actor: str
    confirms: str | None
    requires: tuple[str, ...]
    outcomes: Mapping[str, str | None]
    branch: str


@dataclass(frozen=True, slots=True)
class StepGraph:
    """A published graph: its steps in the order in which they are drawn."""

    id: str
    steps: tuple[Step, ...]

    def step(self, step_id: str) -> Step:
        """Return a step by its id.

        Raises:
            KeyError: when the graph has no such step.
        """
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def has(self, step_id: str) -> bool:
        """Return whether the graph has a step."""
        return any(step.id == step_id for step in self.steps)

    def downstream(self, step_id: str) -> tuple[str, ...]:
        """Return the ids of all steps that rest on a step, itself excluded, in drawing order."""
        reached = {step_id}
        for step in self.steps:
            if reached.intersection(step.requires):
                reached.add(step.id)
        return tuple(step.id for step in self.steps if step.id in reached and step.id != step_id)


CASE_OPENED: Final = "case_opened"
EXPERT_NEED: Final = "expert_need"
PANEL_PROPOSED: Final = "panel_proposed"
PANEL_DETERMINED: Final = "panel_determined"
DECLARATIONS: Final = "declarations"
PACKAGE_SENT: Final = "package_sent"
OPINIONS: Final = "opinions"
EXPERT_DISPOSITION: Final = "expert_disposition"

GRAPH_0: Final = StepGraph(
    "graph-0",
    (
        Step(CASE_OPENED, ("A2", "A3", "A72"), "center", None, (), {"in_scope": None}, "launch"),
        Step(
            EXPERT_NEED, ("A7p7", "A31"), "unit", "center", (CASE_OPENED,), {"normal": None, "complex": None}, "experts"
        ),
        Step(PANEL_PROPOSED, ("A30", "A32.1"), "unit", None, (EXPERT_NEED,), {"ok": None}, "experts"),
        Step(
            PANEL_DETERMINED,
            ("A30", "A31", "A32.1"),
            "center",
            None,
            (PANEL_PROPOSED,),
            {"ok": None, "redo": PANEL_PROPOSED},
            "experts",
        ),
    ),
)

GRAPH_1: Final = StepGraph(
    "graph-1",
    (
        *GRAPH_0.steps,
        Step(
            DECLARATIONS,
            ("A28.2", "A28.4"),
            "expert",
            None,
            (PANEL_DETERMINED,),
            {"complete": None, "shortfall": PANEL_PROPOSED},
            "experts",
        ),
        Step(PACKAGE_SENT, ("A32.2",), "unit", None, (PANEL_DETERMINED,), {"ok": None}, "experts"),
    ),
)
"""The first stretch and the expert review. Material goes out to each expert as soon as that expert has undertaken."""

GRAPH_2: Final = StepGraph(
    "graph-2",
    (
        *GRAPH_1.steps,
        Step(
            OPINIONS,
            ("A27", "A28.1", "A31", "A32.3"),
            "expert",
            "center",
            (PANEL_DETERMINED,),
            {"complete": None, "shortfall": PANEL_PROPOSED},
            "experts",
        ),
        Step(EXPERT_DISPOSITION, ("A32.4",), "unit", None, (OPINIONS,), {"ok": None}, "experts"),
    ),
)
"""The whole expert review: signed opinions, and what becomes of every point of them."""

GRAPHS: Final[Mapping[str, StepGraph]] = {graph.id: graph for graph in (GRAPH_0, GRAPH_1, GRAPH_2)}

StepStatus = Literal["done", "now", "later", "stopped"]


@dataclass(frozen=True, slots=True)
class StepState:
    """How one step of a matter stands: done, to be done now, later, or stopped with the matter."""

    step: Step
    status: StepStatus
    round: int
