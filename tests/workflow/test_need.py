import pytest

from tests.workflow.builders import a_need
from workflow import Need, NeedFault, Quota, Seat, decode_need, encode_flags, encode_need, find_faults


def test_sound_need_has_no_faults() -> None:
    assert find_faults(Need(9, (Seat("570", 2), Seat("L01", 1)), (Quota("region", "outside", 3),), 2)) == ()
    assert find_faults(Need(3, (Seat("570", 3),))) == ()


def test_every_fault_is_named_with_its_place() -> None:
    need = Need(2, (Seat("570", 2), Seat("水利", 0), Seat("820", 1)), (Quota("region", "outside", 3),), -1)

    assert find_faults(need) == (
        NeedFault("/seats/1/field", "NEED_FIELD_UNREADABLE", {"field": "水利"}),
        NeedFault("/seats/1/count", "NEED_SEAT_COUNT_LOW", {"count": 0}),
        NeedFault("/seats", "NEED_MORE_SEATS_THAN_SIZE", {"seats": 3, "size": 2}),
        NeedFault("/quotas/0", "NEED_QUOTA_CROSSED", {"min": 3, "max": 2}),
        NeedFault("/reserves", "NEED_RESERVES_NEGATIVE", {"reserves": -1}),
    )


@pytest.mark.parametrize(("size", "count"), [(0, 1), (1, 0), (1000, 0), (1001, 1)])
def test_size_lies_between_one_and_a_thousand(size: int, count: int) -> None:
    assert len(find_faults(Need(size))) == count


def test_need_comes_back_from_its_event() -> None:
    need = a_need(9, quotas=(Quota("region", "outside", 3, None), Quota("unit_kind", "university", 0, 4)))

    assert decode_need(encode_need(need)) == need


def test_flags_stand_in_their_fixed_order() -> None:
    assert encode_flags({"sensitive", "wide"}) == ["wide", "sensitive"]
