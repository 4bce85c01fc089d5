"""Which rules the commands of a review are asked."""

from collections.abc import Mapping
from typing import Any, Final

from workflow.review.command import (
    AnswerInvitation,
    AnswerPoint,
    AskRelease,
    CloseOpinions,
    ConfirmPaper,
    DeliverMaterial,
    EnterPaper,
    FileDisposition,
    Invite,
    NameSigner,
    OpenOpinions,
    RateMaterial,
    RecordOral,
    RecordUrgency,
    RejectPaper,
    ReleaseMember,
    ReplyOnce,
    SeeInvitation,
    SendMaterial,
    SetAsideOpinion,
    ShortenStudy,
    SignOpinion,
    SignUndertaking,
)
from workflow.review.meeting import CancelMeeting, ChooseForm, HoldMeeting, SetMeeting
from workflow.rules import meeting, opinions, order, panel, review
from workflow.rules.rule import Judged

_LIVE: Final = (order.IsOpened(), order.IsNotCancelled(), order.IsNotSuspended(), order.IsUnderEdition())
_REVIEW: Final = (*_LIVE, panel.PanelIsDetermined(), review.ReviewIsInGraph())
_PART: Final = (*_REVIEW, review.IsInvited())
_OWN: Final = (*_PART, review.IsOwnPart())
_OPINIONS: Final = (*_REVIEW, opinions.OpinionsAreInGraph())
_CENTER: Final = panel.DoneByCenter()
_REASON: Final = order.ReasonIsGiven()

_MEETING: Final = (*_OPINIONS, meeting.FormIsMeeting(), meeting.MeetingIsNotHeld())

JUDGED: Final[Mapping[type[Any], Judged]] = {
    Invite: Judged(
        _REVIEW,
        (review.InvitedAreMembers(), review.ResponseDayIsAhead(), review.AbstractIsGiven()),
        (_CENTER,),
    ),
    ChooseForm: Judged((*_REVIEW, meeting.MeetingIsNotHeld(), meeting.NoMeetingIsSet()), (), (meeting.FormIsNamed(),)),
    SetMeeting: Judged(
        _MEETING,
        (meeting.MeetingIsWhole(), meeting.LeaderTakesPart(), meeting.MoveIsReasoned()),
        (meeting.StudyIsOverByMeeting(),),
    ),
    CancelMeeting: Judged((*_MEETING, meeting.MeetingIsSet()), (_REASON,)),
    HoldMeeting: Judged((*_MEETING, meeting.MeetingIsSet()), (meeting.MeetingWasHeld(), meeting.LeaderTakesPart())),
    SeeInvitation: Judged(_OWN),
    AnswerInvitation: Judged((*_OWN, review.AnswerIsOpen()), (review.AnswerIsCoded(),)),
    AskRelease: Judged((*_OWN, review.TakesPart()), (_REASON,)),
    ReleaseMember: Judged((*_PART, review.CanBeReleased()), (_REASON,), (_CENTER,)),
    SignUndertaking: Judged((*_OWN, review.TakesPart(), review.UndertakingIsNew())),
    ShortenStudy: Judged(_REVIEW, (_REASON, review.StudyIsShorter()), (_CENTER,)),
    SendMaterial: Judged(_REVIEW, (review.ChangeIsSaid(),), (review.PackageIsComplete(),)),
    DeliverMaterial: Judged(
        (*_PART, review.TakesPart()),
        (),
        (review.MaterialIsThere(), review.HasUndertaken(), review.StudyTimeIsEnough()),
    ),
    SignOpinion: Judged(
        (*_OPINIONS, review.IsInvited(), review.TakesPart(), opinions.OpinionsAreOpen()),
        (),
        (
            opinions.OpinionIsTheAuthors(),
            review.HasUndertaken(),
            opinions.MaterialWasDelivered(),
            opinions.OpinionIsSigned(),
        ),
    ),
    RecordUrgency: Judged((*_OPINIONS, opinions.OpinionsAreOpen(), opinions.NotUrgentYet()), (_REASON,), (_CENTER,)),
    RecordOral: Judged(
        (*_OPINIONS, review.IsInvited(), review.TakesPart(), opinions.OpinionsAreOpen(), opinions.NothingIsGivenYet()),
        (),
        (_CENTER, opinions.UrgencyIsRecorded(), review.HasUndertaken(), opinions.MaterialWasDelivered()),
    ),
    NameSigner: Judged(
        (
            *_OPINIONS,
            opinions.SignerIsNamed(),
            review.IsInvited(),
            review.TakesPart(),
            opinions.OpinionsAreOpen(),
            opinions.NothingIsGivenYet(),
        ),
        (opinions.InstitutionIsNoParty(),),
        (_CENTER,),
    ),
    EnterPaper: Judged(
        (*_OPINIONS, review.IsInvited(), review.TakesPart(), opinions.OpinionsAreOpen(), opinions.NoPaperWaits()),
        (),
        (_CENTER, review.HasUndertaken(), opinions.MaterialWasDelivered(), opinions.OpinionIsSigned()),
    ),
    ConfirmPaper: Judged(
        (*_OPINIONS, review.IsInvited(), review.TakesPart(), opinions.OpinionsAreOpen(), opinions.PaperWaits()),
        (opinions.SecondPersonConfirms(),),
        (_CENTER,),
    ),
    RejectPaper: Judged((*_OPINIONS, review.IsInvited(), opinions.PaperWaits()), (_REASON,), (_CENTER,)),
    SetAsideOpinion: Judged(
        (*_OPINIONS, review.IsInvited(), opinions.OpinionsAreOpen(), opinions.OpinionCounts()), (_REASON,), (_CENTER,)
    ),
    OpenOpinions: Judged(_OPINIONS, (), (_CENTER,)),
    CloseOpinions: Judged(
        (*_OPINIONS, opinions.OpinionsAreOpen()),
        (opinions.PaperIsConfirmed(),),
        (_CENTER, opinions.SpokenIsWritten(), opinions.EnoughOpinions()),
    ),
    AnswerPoint: Judged(
        (*_OPINIONS, review.IsInvited(), opinions.OpinionsAreIn(), opinions.NotFiledYet(), opinions.OpinionCounts()),
        (opinions.PointIsThere(),),
        (opinions.ReasonableIsAdopted(), opinions.AnswerIsReasoned()),
    ),
    FileDisposition: Judged(
        (*_OPINIONS, opinions.OpinionsAreIn(), opinions.NotFiledYet()), (), (opinions.EveryPointIsAnswered(),)
    ),
    RateMaterial: Judged((*_OWN, opinions.OpinionsAreInGraph()), (opinions.RatingIsOpen(),)),
    ReplyOnce: Judged((*_OWN, opinions.OpinionsAreInGraph()), (opinions.ReplyIsOpen(),)),
}
