import pytest

from registry import Certainty, TitleLevel, ValueRefused, half_width, read_name, recognise_title


@pytest.mark.parametrize(
    ("title", "level"),
    [("教授", TitleLevel.SENIOR), ("副教授", TitleLevel.DEPUTY_SENIOR), ("讲师", TitleLevel.INTERMEDIATE),
     ("教授级高工", TitleLevel.SENIOR), ("正高级工程师", TitleLevel.SENIOR), ("高级工程师", TitleLevel.DEPUTY_SENIOR),
     ("工程师", TitleLevel.INTERMEDIATE), ("助理工程师", TitleLevel.ASSISTANT), ("技术员", TitleLevel.JUNIOR),
     ("推广研究员", TitleLevel.SENIOR), ("主任医师", TitleLevel.SENIOR), ("副主任医师", TitleLevel.DEPUTY_SENIOR),
     ("一级律师", TitleLevel.SENIOR), ("二级律师", TitleLevel.DEPUTY_SENIOR), ("译审", TitleLevel.SENIOR),
     ("研究馆员", TitleLevel.SENIOR), ("副研究馆员", TitleLevel.DEPUTY_SENIOR), ("正高", TitleLevel.SENIOR),
     ("副高级职称", TitleLevel.DEPUTY_SENIOR), ("无", TitleLevel.NONE), ("高级工程师（正高）", TitleLevel.SENIOR),
     ("水利高级工程师", TitleLevel.DEPUTY_SENIOR), ("二级律师、讲师", TitleLevel.DEPUTY_SENIOR),
     ("高级工程师/一级建造师", TitleLevel.DEPUTY_SENIOR), ("高级　工程师", TitleLevel.DEPUTY_SENIOR)],
)  # fmt: skip
def test_title_stands_at_its_level(title: str, level: TitleLevel) -> None:
    reading = recognise_title(title)

    assert reading.level is level


@pytest.mark.parametrize("title", ["一级建造师", "高级技师", "四级调研员", "副总工程师", "总经济师"])
def test_qualification_grade_or_post_is_no_title(title: str) -> None:
    reading = recognise_title(title)

    assert (reading.level, reading.certainty) == (TitleLevel.NONE, Certainty.UNKNOWN)


def test_word_in_front_that_could_change_the_level_is_only_a_suggestion() -> None:
    assert recognise_title("准高级工程师").certainty is Certainty.SUGGESTION


@pytest.mark.rule("R25d")
@pytest.mark.parametrize(("level", "senior"), [("senior", True), ("deputy_senior", True), ("intermediate", False)])
def test_senior_title_means_full_and_deputy_senior(level: str, senior: bool) -> None:
    assert TitleLevel(level).is_senior is senior


@pytest.mark.parametrize(
    ("typed", "name"),
    [("张 三", "张三"), ("张　　三", "张三"), ("欧阳\n修", "欧阳修"), ("买买提•阿不都", "买买提·阿不都"),
     ("John  Smith", "John Smith"), ("Ｊｏｈｎ Smith", "John Smith"), ("㐂田", "㐂田"), ("王𠮷", "王𠮷")],
)  # fmt: skip
def test_name_has_one_form(typed: str, name: str) -> None:
    assert read_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [("张", "NAME_TOO_SHORT"), ("", "NAME_TOO_SHORT"), ("张三1", "NAME_NOT_A_NAME"), ("=1+1", "NAME_NOT_A_NAME"),
     ("张三\u202e", "NAME_ODD_CHARACTERS"), ("张三" * 30, "NAME_TOO_LONG"), ("·张三", "NAME_NOT_A_NAME")],
)  # fmt: skip
def test_what_is_no_name_is_refused(typed: str, code: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        read_name(typed)
    assert refused.value.code == code


def test_half_width_keeps_chinese_and_drops_the_invisible() -> None:
    assert half_width("Ａ１　水\u200b利（甲）") == "A1 水利(甲)"
