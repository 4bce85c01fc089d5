"""Cases in mid-term: the six grounds of A26 and breach of duty (A70), what may be decided, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from registry.eligibility import Broken
from registry.expert import State

REFUSAL_OBJECTIVE: Final = "REFUSAL_OBJECTIVE"
CASE_WITHOUT_EVENT: Final = "CASE_WITHOUT_EVENT"
MEASURE_UNFIT: Final = "MEASURE_UNFIT"
STATEMENT_OPEN: Final = "STATEMENT_OPEN"
STRIKING_OFF_NOT_GRAVE: Final = "STRIKING_OFF_NOT_GRAVE"
RECTIFICATION_WITHOUT_DATE: Final = "RECTIFICATION_WITHOUT_DATE"


class Ground(StrEnum):
    """Why a case is opened: items 1 to 6 of A26, and breach of professional ethics or of the regulation (A70)."""

    POST_CHANGED = "post-changed"
    HEALTH = "health"
    REFUSED = "refused"
    DISCIPLINED = "disciplined"
    WITHDREW = "withdrew"
    UNFIT = "unfit"
    BREACH = "breach"


CITES: Final[Mapping[Ground, str]] = {
    Ground.POST_CHANGED: "A26.1",
    Ground.HEALTH: "A26.2",
    Ground.REFUSED: "A26.3",
    Ground.DISCIPLINED: "A26.4",
    Ground.WITHDREW: "A26.5",
    Ground.UNFIT: "A26.6",
    Ground.BREACH: "A70",
}

CONFIDENTIAL_GROUNDS: Final = frozenset({Ground.HEALTH, Ground.DISCIPLINED})
"""Grounds whose evidence only named roles read, each look noted."""


class RefusalReason(StrEnum):
    """Why an expert would not take part. `is_objective` parts them; who classifies can be contradicted."""

    ILLNESS = "illness"
    FAMILY = "family"
    DUTY_ELSEWHERE = "duty-elsewhere"
    FORCE_MAJEURE = "force-majeure"
    OTHER_FIELD = "other-field"
    NO_TIME = "no-time"
    UNWILLING = "unwilling"
    NOT_SAID = "not-said"
    NO_ANSWER = "no-answer"

    @property
    def is_objective(self) -> bool:
        """Whether the reason is objective; A26.3 counts only those that are not."""
        return self not in (
            RefusalReason.NO_TIME,
            RefusalReason.UNWILLING,
            RefusalReason.NOT_SAID,
            RefusalReason.NO_ANSWER,
        )


class Measure(StrEnum):
    """What the director decides."""

    KEEP = "keep"
    ADJUST = "adjust"
    DISMISS = "dismiss"
    LET_GO = "let-go"
    CRITICISE = "criticise"
    RECTIFY = "rectify"
    STRIKE_OFF = "strike-off"


_OF_A26: Final = (Measure.KEEP, Measure.ADJUST, Measure.DISMISS)
MEASURES: Final[Mapping[Ground, tuple[Measure, ...]]] = {
    Ground.POST_CHANGED: _OF_A26,
    Ground.HEALTH: _OF_A26,
    Ground.REFUSED: _OF_A26,
    Ground.DISCIPLINED: _OF_A26,
    Ground.UNFIT: _OF_A26,
    Ground.WITHDREW: (Measure.LET_GO, Measure.KEEP),
    Ground.BREACH: (Measure.KEEP, Measure.CRITICISE, Measure.RECTIFY, Measure.STRIKE_OFF),
}
"""What may be decided on a ground. Dismissal (A26), leaving by own wish and striking off (A70) are different ends."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the director decides about a case.

    Attributes:
        measure: the decision.
        grave: whether the breach had serious consequences; only then is somebody struck off.
        rectify_by: last day for putting a breach right, inclusive; None for other measures.
    """

    measure: Measure
    grave: bool = False
    rectify_by: date | None = None


def why_not_opened(
    ground: Ground, *, refusal: RefusalReason | None, evidence: str, classified: bool = False
) -> tuple[Broken, ...]:
    """Return what keeps a case from being opened: it needs its event, and an objective refusal is none.

    Args:
        ground: of the case.
        refusal: why the expert would not take part; for `REFUSED` alone.
        evidence: what happened, in words.
        classified: whether the center found the refusal not objective, with a reason, whatever was coded.

    Source: A26.1 to A26.6, A70. Reading: U10 (one refusal opens a case and never dismisses).
    """
    broken = []
    if not evidence.strip() or (ground is Ground.REFUSED and refusal is None):
        broken.append(Broken(CASE_WITHOUT_EVENT, {"ground": ground.value}))
    if ground is Ground.REFUSED and refusal is not None and refusal.is_objective and not classified:
        broken.append(Broken(REFUSAL_OBJECTIVE, {"reason": refusal.value}))
    return tuple(broken)


def why_not_ruled(
    ground: Ground, ruling: Ruling, *, on: date, stated: bool, state_until_on: date
) -> tuple[Broken, ...]:
    """Return what stands against a decision; the expert is heard first, by word or by letting the day pass.

    Args:
        ground: of the case.
        ruling: what is decided.
        on: the day of the decision.
        stated: whether the expert has made a statement.
        state_until_on: last day for it, inclusive.

    Source: A26, A70. That the expert is heard is our choice.
    """
    broken = []
    if ruling.measure not in MEASURES[ground]:
        broken.append(Broken(MEASURE_UNFIT, {"measure": ruling.measure.value, "ground": ground.value}))
    if ground is not Ground.WITHDREW and not stated and on <= state_until_on:
        broken.append(Broken(STATEMENT_OPEN, {"until_on": state_until_on.isoformat()}))
    if ruling.measure is Measure.STRIKE_OFF and not ruling.grave:
        broken.append(Broken(STRIKING_OFF_NOT_GRAVE))
    if ruling.measure is Measure.RECTIFY and (ruling.rectify_by is None or ruling.rectify_by <= on):
        broken.append(Broken(RECTIFICATION_WITHOUT_DATE))
    return tuple(broken)


def state_after(measure: Measure) -> State:
    """Return how the expert stands after a decision; who puts something right stays under review until it is done."""
    return {
        Measure.DISMISS: State.DISMISSED,
        Measure.LET_GO: State.WITHDRAWN,
        Measure.STRIKE_OFF: State.STRUCK_OFF,
        Measure.RECTIFY: State.SUSPENDED,
    }.get(measure, State.ACTIVE)
