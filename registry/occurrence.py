"""What happens to experts and may be ground for a case (A26, A70): noted as it happens, judged by the center."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from registry.cases import Ground, RefusalReason
from registry.eligibility import Broken

CLASSIFICATION_WITHOUT_REASON: Final = "CLASSIFICATION_WITHOUT_REASON"
SAME_PERSON_CLASSIFIED: Final = "SAME_PERSON_CLASSIFIED"


class OccurrenceKind(StrEnum):
    """How the center learns of it; each kind stands for one ground."""

    REFUSAL = "refusal"
    POST_CHANGE = "post-change"
    LOST_PROOF = "lost-proof"
    REPORT = "report"

    @property
    def ground(self) -> Ground:
        """The ground of the case that it opens, if the center opens one."""
        return _GROUNDS[self]


_GROUNDS: Final = {
    OccurrenceKind.REFUSAL: Ground.REFUSED,
    OccurrenceKind.POST_CHANGE: Ground.POST_CHANGED,
    OccurrenceKind.LOST_PROOF: Ground.UNFIT,
    OccurrenceKind.REPORT: Ground.BREACH,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the center says about an occurrence.

    Attributes:
        opens: whether a case is opened; for a refusal the same as calling its reason not objective.
        reason: why, in words.
    """

    opens: bool
    reason: str = ""


def why_not_judged(
    kind: OccurrenceKind, judgement: Judgement, *, refusal: RefusalReason | None = None
) -> tuple[Broken, ...]:
    """Return what is wrong with a judgement.

    The reason that was coded says what a refusal is presumed to be; the center departs from it only with a reason, and
    gives one too where it opens a case, or lets something pass that is no refusal.

    Args:
        kind: of the occurrence.
        judgement: what the center says.
        refusal: the coded reason of a refusal, None for other kinds.

    Source: A26.1, A26.3, A26.6, A70. Reading: U10.
    """
    presumed = kind is OccurrenceKind.REFUSAL and refusal is not None and refusal.is_objective
    if not judgement.reason.strip() and (judgement.opens or not presumed):
        facts = {} if refusal is None else {"reason": refusal.value}
        return (Broken(CLASSIFICATION_WITHOUT_REASON, facts),)
    return ()


def why_not_reviewed(*, judged_by: str, reviewed_by: str) -> tuple[Broken, ...]:
    """Return what keeps somebody from settling a contested judgement: another person of the center does it.

    Source: A26.3. That somebody else settles it is our choice.
    """
    return (Broken(SAME_PERSON_CLASSIFIED),) if judged_by == reviewed_by else ()
