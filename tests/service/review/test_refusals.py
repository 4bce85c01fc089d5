"""What an answer to an invitation leaves behind in the library: a refusal that the center judges."""

import pytest

from service.storage.occurrences import occurrences_waiting
from service.storage.session import Database, reading
from tests.service.review.house import Review


@pytest.mark.rule("R26d")
async def test_declined_invitation_is_noted_with_its_reason(review: Review, database: Database) -> None:
    assert (await review.invite()).status_code == 200
    first, second, third = review.phones[:3]
    assert (await first.answer("declined", "unwilling")).status_code == 200
    assert (await second.answer("declined", "ill")).status_code == 200
    assert (await third.answer("recused", "employer")).status_code == 200

    async with reading(database) as session:
        waiting = await occurrences_waiting(session, review.center.viewer)

    assert sorted((str(one.expert_id), one.refusal and one.refusal.value) for one in waiting) == sorted(
        [(first.expert_id, "unwilling"), (second.expert_id, "illness")]
    )
    assert {str(one.matter_id) for one in waiting} == {review.matter}
