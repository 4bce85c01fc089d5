"""Types of the events of a review; they stand in the stream of the matter."""

from typing import Final

EXPERT_INVITED: Final = "expert.invited"
INVITATION_SEEN: Final = "invitation.seen"
INVITATION_ACCEPTED: Final = "invitation.accepted"
INVITATION_DECLINED: Final = "invitation.declined"
INVITATION_RECUSED: Final = "invitation.recused"
RELEASE_ASKED: Final = "release.asked"
EXPERT_RELEASED: Final = "expert.released"
UNDERTAKING_SIGNED: Final = "undertaking.signed"
STUDY_SHORTENED: Final = "study.shortened"
MATERIAL_SENT: Final = "material.sent"
MATERIAL_DELIVERED: Final = "material.delivered"
