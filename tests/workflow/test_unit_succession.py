"""A matter passes on to who took its unit's place, and comes back when that was entered by mistake."""

from dataclasses import replace

import pytest

from tests.workflow.builders import (
    CENTER,
    CLERK,
    STRANGER,
    UNIT,
    a_proposal,
    cancelled,
    opened,
    refused,
    run,
    suspended,
    with_need,
)
from workflow import MatterState, PassBack, PassOn

HEIR = str(STRANGER.unit_id)
ON = PassOn(HEIR, "reorganisation-1")
BACK = PassBack(UNIT, "reorganisation-1")


@pytest.mark.parametrize("state", [opened(), with_need(), suspended(opened())], ids=["opened", "need said", "resting"])
def test_an_open_matter_passes_on_and_only_the_successor_proposes(state: MatterState) -> None:
    after = run(state, ON, by=CENTER)

    assert (after.unit_id, after.former_units) == (HEIR, (UNIT,))
    assert (after.need, after.status) == (state.need, state.status)


def test_the_successors_clerk_proposes_and_the_old_units_no_longer() -> None:
    after = run(with_need(), ON, by=CENTER)

    assert refused(after, a_proposal(), by=STRANGER) == []
    assert refused(after, a_proposal(), by=CLERK) == ["PROPOSER_NOT_OF_UNIT"]


def test_a_matter_given_back_is_as_it_was() -> None:
    before = with_need()

    after = run(run(before, ON, by=CENTER), BACK, by=CENTER)

    assert replace(after, version=before.version, people=before.people) == before


def test_a_matter_that_passes_on_twice_keeps_every_unit_it_had() -> None:
    after = run(run(opened(), ON, by=CENTER), PassOn("unit-third", "reorganisation-2"), by=CENTER)
    returned = run(after, PassOn(UNIT, "reorganisation-3"), by=CENTER)

    assert (after.unit_id, after.former_units) == ("unit-third", (UNIT, HEIR))
    assert (returned.unit_id, returned.former_units) == (UNIT, (HEIR, "unit-third"))


def test_a_cancelled_matter_stays_where_it_ended_but_comes_back_from_a_mistake() -> None:
    assert refused(cancelled(opened()), ON, by=CENTER) == ["MATTER_CANCELLED"]
    assert refused(cancelled(run(opened(), ON, by=CENTER)), BACK, by=CENTER) == []


def test_no_unit_gives_a_matter_away_itself() -> None:
    assert refused(opened(), ON, by=CLERK) == ["NOT_OF_CENTER"]
