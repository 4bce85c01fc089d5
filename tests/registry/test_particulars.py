"""What an expert asks to have changed is what differs from what is said."""

from dataclasses import replace
from datetime import date

from registry import ChangeItem, ExpertField, Particulars, differing

SAID = Particulars(
    name="何一",
    identity="a" * 64,
    phone="13800138000",
    email="he@example.cn",
    title="高级工程师",
    title_level="deputy_senior",
    fields=(ExpertField("570", main=True), ExpertField("820")),
    unit="县水利局",
    post="总工",
    from_on=date(2020, 1, 1),
)


def test_each_respect_is_told_apart_and_in_order() -> None:
    asked = replace(SAID, words="取得注册证书", left_on=date(2026, 8, 31), email="", name="何壹")

    assert differing(SAID, asked) == (ChangeItem.NAME, ChangeItem.EMAIL, ChangeItem.WORK, ChangeItem.OTHER)
    assert differing(SAID, asked, [ChangeItem.EMAIL]) == (ChangeItem.EMAIL,)


def test_order_of_fields_and_the_first_day_alone_are_no_change() -> None:
    same = replace(SAID, fields=SAID.fields[::-1], from_on=date(2021, 1, 1), phone_masked="138****8000")
    other_main = replace(SAID, fields=(ExpertField("570"), ExpertField("820", main=True)))

    assert differing(SAID, same) == ()
    assert differing(SAID, other_main) == (ChangeItem.FIELDS,)


def test_another_level_of_the_same_title_is_a_change() -> None:
    assert differing(SAID, replace(SAID, title_level="senior")) == (ChangeItem.TITLE,)


def test_numbers_stay_out_of_what_is_printed_of_it() -> None:
    assert "13800138000" not in repr(SAID)
