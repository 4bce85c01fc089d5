"""Reading the state of a stopped plan from its `plan-result/1`, and holding it against the request it belongs to."""

from collections.abc import Mapping
from typing import Any, Final, NoReturn, get_args

from selection.faults import PanelProblemFault, PanelProblemFaults, pointer
from selection.parse import decoded
from selection.plan.request import PlanRequest
from selection.plan.result import FORMAT, PlanState, Stage
from selection.plan.year import Year

_LARGEST_ROUND: Final = 1_000


def read_state(source: bytes | str | Mapping[str, Any], request: PlanRequest, *, seed: str = "") -> PlanState:
    """Read where a plan was stopped.

    Args:
        source: the text of the file (UTF-8), or the object it holds.
        request: the plan that is to be taken up again.
        seed: its seed.

    Raises:
        PanelProblemFaults: when the file is no stopped plan of this request with this seed, or a panel in it breaks a
            rule: it was changed by hand.
    """
    value = source if isinstance(source, Mapping) else decoded(source)
    if not isinstance(value, Mapping) or value.get("format") != FORMAT:
        _refuse("/format", "FORMAT_OTHER", wanted=FORMAT)
    if "resume" not in value:
        _refuse("/resume", "PLAN_NOT_STOPPED")
    if value.get("plan_sha256") != request.plan_sha256 or value.get("seed") != seed:
        _refuse("/plan_sha256", "PLAN_OTHER")
    try:
        state = _state(value)
    except (KeyError, TypeError, AttributeError, ValueError):
        _refuse("", "PLAN_DAMAGED")
    _hold(state, request, seed)
    return state


def _state(value: Mapping[str, Any]) -> PlanState:
    resume = value["resume"]
    if resume["stage"] not in get_args(Stage) or type(resume["changed"]) is not bool:
        raise ValueError("not a state")
    if type(resume["round"]) is not int or not 0 <= resume["round"] <= _LARGEST_ROUND:
        raise ValueError("not a round")
    return PlanState(
        resume["stage"],
        resume["round"],
        tuple(resume["todo"]),
        resume["changed"],
        {panel["matter"]: tuple(member["id"] for member in panel["panel"]) for panel in value["panels"]},
        tuple(matter["matter"] for matter in value["unstaffed"]),
    )


def _hold(state: PlanState, request: PlanRequest, seed: str) -> None:
    year = Year.of(request, seed=seed)
    place = {one: matter for matter, one in enumerate(year.ids)}
    waiting = set(state.todo) if state.stage == "first" else set()
    known = [*state.panels, *state.unstaffed, *waiting]
    if len(set(known)) != len(known) or set(known) != set(place) or not set(state.todo) <= set(place):
        _refuse("", "PLAN_DAMAGED")
    is_again = state.stage in ("mend", "improve", "fair")
    if len(set(state.todo)) != len(state.todo) or (is_again and not set(state.todo) <= state.panels.keys()):
        _refuse("/resume/todo", "PLAN_DAMAGED")
    faults = []
    for index, (matter, panel) in enumerate(state.panels.items()):
        if not set(panel) <= year.pool.positions.keys() or not year.keeps_rules(
            place[matter], [year.pool.positions[one] for one in panel]
        ):
            faults.append(PanelProblemFault(pointer("panels", index), "PLAN_DAMAGED"))
    if faults:
        raise PanelProblemFaults(faults)


def _refuse(at: str, code: str, **facts: Any) -> NoReturn:
    raise PanelProblemFaults([PanelProblemFault(at, code, facts)])
