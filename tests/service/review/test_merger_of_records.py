"""Two records of one person while one of them is invited to a review: only the other one goes."""

from uuid import UUID

import pytest

from service.access import Viewer
from service.actions.record_mergers import Merging, merge_records
from service.problems import Refused
from service.storage.expert_page import load_expert
from service.storage.session import reading
from tests.service.conftest import MONDAY, acting, an_account
from tests.service.review.house import REASON, Review


async def merged(review: Review, kept_id: UUID, gone_id: UUID) -> None:
    county = review.county
    center: Viewer = await an_account(county.database, "center")
    async with reading(county.database) as session:
        kept, gone = [await load_expert(session, center, id_, on=MONDAY.date()) for id_ in (kept_id, gone_id)]
    async with acting(county.database, county.settings, center) as act:
        await merge_records(act, kept_id, Merging(gone_id, gone.version, reason=REASON), seen=kept.version)


async def somebody_else(review: Review) -> UUID:
    """Return an expert who is neither member nor reserve of the panel and has nothing to do with the unit."""
    panel = await review.county.panel()
    chosen = {UUID(one["id"]) for one in (*panel["members"], *panel["reserves"])}
    return min(id_ for name, id_ in review.county.library.experts.items() if id_ not in chosen and name != "本局人")


async def test_a_record_with_an_open_invitation_goes_into_no_other(invited: Review, engine: str) -> None:
    phone, other = invited.phones[0], await somebody_else(invited)

    with pytest.raises(Refused) as refused:
        await merged(invited, other, UUID(phone.expert_id))
    assert [one.code for one in refused.value.refusals] == ["MERGE_WHILE_SERVING"]
    assert [one.href for one in refused.value.refusals[0].remedies] == [f"/matters/{invited.matter}"]
    assert (await phone.answer("accepted")).status_code == 200


async def test_the_other_record_goes_into_it_and_the_invitation_is_answered(invited: Review, engine: str) -> None:
    phone, other = invited.phones[0], await somebody_else(invited)

    await merged(invited, UUID(phone.expert_id), other)

    assert (await phone.answer("accepted")).status_code == 200
    assert (await invited.line(phone))["standing"] == "accepted"
