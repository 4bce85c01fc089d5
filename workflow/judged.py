"""Which rules judge which command, and in what order they are asked."""

from collections.abc import Mapping
from typing import Any, Final

from workflow.command import (
    ApproveDesignation,
    Cancel,
    ChangeParties,
    ChangeProposal,
    ChooseMode,
    ConfirmFlags,
    DeterminePanel,
    OpenCase,
    PassBack,
    PassOn,
    ProposePanel,
    RecordMatter,
    ReopenPanel,
    ReplaceMember,
    Resume,
    ReturnProposal,
    SetNeed,
    Suspend,
    WaiveFloor,
)
from workflow.draw import ChallengeDraw, CommitDraw, ContinueDraw, MakeDraw, UpholdDraw, VoidDraw
from workflow.review.judging import JUDGED as REVIEW_JUDGED
from workflow.rules import draw, launch, mode, order, panel
from workflow.rules.rule import Judged
from workflow.steps import PANEL_DETERMINED, PANEL_PROPOSED

_LIVE: Final = (order.IsOpened(), order.IsNotCancelled(), order.IsNotSuspended())
_RUNNING: Final = (*_LIVE, order.IsUnderEdition())
_REASON: Final = order.ReasonIsGiven()
_CENTER: Final = panel.DoneByCenter()
_NO_DRAW: Final = draw.NoDrawStands()
_DISTINCT: Final = (order.HasMembers(), order.MembersAreDistinct())
_TO_PROPOSE: Final = (*_RUNNING, order.PanelIsOpen(), order.StepIsReady(PANEL_PROPOSED))
_TO_DETERMINE: Final = (*_RUNNING, order.PanelIsOpen(), order.StepIsReady(PANEL_DETERMINED))

JUDGED: Final[Mapping[type[Any], Judged]] = {
    OpenCase: Judged(
        (order.IsNew(),),
        rules=(
            launch.EditionInForce(),
            launch.IsInScope(),
            launch.IsForTheCounty(),
            launch.KindIsGiven(),
            launch.OtherKindIsReasoned(),
            launch.AdjustmentHasParent(),
            launch.UnitIsNamed(),
        ),
    ),
    RecordMatter: Judged((order.IsNew(),), (*_DISTINCT, order.RecordedFromBefore()), (_CENTER, launch.UnitIsNamed())),
    ChangeParties: Judged(_LIVE),
    SetNeed: Judged((*_RUNNING, order.PanelIsOpen(), _NO_DRAW)),
    ConfirmFlags: Judged(_TO_PROPOSE, (), (_CENTER, panel.OtherFlagsAreReasoned())),
    WaiveFloor: Judged(_TO_PROPOSE, (_REASON, panel.WaiverIsNeeded()), (_CENTER,)),
    ChooseMode: Judged(
        (*_RUNNING, order.PanelIsOpen(), _NO_DRAW), (mode.ModeIsKnown(), mode.OtherModeIsReasoned()), (_CENTER,)
    ),
    ProposePanel: Judged(
        _TO_PROPOSE,
        (
            *_DISTINCT,
            mode.ModeIsAsChosen(),
            mode.DesignationIsReasoned(),
            draw.ProposalIsAsDrawn(),
            draw.IsNotChallenged(),
        ),
        (panel.ProposedByUnit(), panel.PanelFloor()),
    ),
    ApproveDesignation: Judged(_TO_DETERMINE, (mode.IsDesignated(), mode.ApproverIsAnother()), (_CENTER,)),
    ChangeProposal: Judged(_TO_DETERMINE, _DISTINCT, (_CENTER, panel.ChangesAreReasoned())),
    DeterminePanel: Judged(
        _TO_DETERMINE,
        (mode.DesignationIsApproved(), mode.DeterminerIsNotApprover(), draw.IsNotChallenged()),
        (
            _CENTER,
            panel.TwoPersons(),
            panel.FlagsAreConfirmed(),
            panel.OtherFlagsAreReasoned(),
            panel.PanelFloor(),
        ),
    ),
    ReturnProposal: Judged(_TO_DETERMINE, (_REASON,), (_CENTER,)),
    ReplaceMember: Judged(
        (*_RUNNING, panel.PanelIsDetermined()), (_REASON, order.ReserveIsNamed(), draw.DrawGoesOn()), (_CENTER,)
    ),
    ReopenPanel: Judged((*_RUNNING, panel.PanelIsDetermined()), (_REASON,), (_CENTER,)),
    Cancel: Judged((order.IsOpened(), order.IsNotCancelled(), order.IsUnderEdition()), (_REASON,)),
    Suspend: Judged(_RUNNING, (_REASON,)),
    # A matter that rests passes on too; one that was cancelled since still comes back.
    PassOn: Judged((order.IsOpened(), order.IsNotCancelled(), order.IsUnderEdition()), (), (_CENTER,)),
    PassBack: Judged((order.IsOpened(), order.IsUnderEdition()), (), (_CENTER,)),
    CommitDraw: Judged(
        (*_TO_PROPOSE, draw.NoProposalIsOpen(), _NO_DRAW),
        (draw.NumberIsNext(), draw.RevealIsAhead(), mode.ModeIsAsChosen()),
        (_CENTER,),
    ),
    MakeDraw: Judged(
        (*_RUNNING, draw.DrawIsOpen(), draw.IsNotChallenged()),
        (*_DISTINCT, draw.RevealDayHasCome(), draw.SeedIsTypedByTwo()),
    ),
    ContinueDraw: Judged(
        (*_RUNNING, draw.DrawIsMade(), draw.IsNotChallenged()),
        (_REASON, draw.DeclineCauseIsKnown(), draw.SomebodyJoins(), draw.PanelIsAsDrawn()),
        (_CENTER,),
    ),
    ChallengeDraw: Judged(
        (*_RUNNING, order.PanelIsOpen(), draw.DrawIsThere(), draw.IsNotChallenged()),
        (_REASON, draw.VoidCauseIsKnown()),
        (_CENTER,),
    ),
    VoidDraw: Judged((*_RUNNING, order.PanelIsOpen(), draw.IsChallenged()), (draw.VoiderIsAnother(),), (_CENTER,)),
    UpholdDraw: Judged((*_RUNNING, order.PanelIsOpen(), draw.IsChallenged()), (_REASON,), (_CENTER,)),
    Resume: Judged((order.IsOpened(), order.IsNotCancelled(), order.IsSuspended()), (_REASON,)),
    **REVIEW_JUDGED,
}
