from datetime import UTC, date, datetime

import pytest

from service.locales import say_date, say_day, say_distance, say_list, say_number, say_when, translate, use_language

TODAY = date(2026, 11, 19)


@pytest.fixture(autouse=True)
def chinese():
    use_language("zh")
    yield
    use_language("zh")


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2026, 11, 28), "9 天后 · 11月28日 周六", "in 9 days · Sat 28 Nov"),
        (date(2026, 11, 19), "今天 · 11月19日 周四", "today · Thu 19 Nov"),
        (date(2026, 11, 20), "明天 · 11月20日 周五", "tomorrow · Fri 20 Nov"),
        (date(2026, 11, 18), "昨天 · 11月18日 周三", "yesterday · Wed 18 Nov"),
        (date(2026, 11, 16), "3 天前 · 11月16日 周一", "3 days ago · Mon 16 Nov"),
        (date(2027, 1, 18), "60 天后 · 2027年1月18日 周一", "in 60 days · Mon 18 Jan 2027"),
        (date(2027, 1, 19), "2027年1月19日 周二", "Tue 19 Jan 2027"),
        (date(2026, 1, 1), "1月1日 周四", "Thu 1 Jan"),
    ],
)
def test_near_day_is_said_both_ways(day: date, zh: str, en: str) -> None:
    assert (say_date(day, TODAY), say_date(day, TODAY, lang="en")) == (zh, en)


def test_day_without_a_today_bears_its_year() -> None:
    assert say_date(date(2026, 11, 28)) == "2026年11月28日 周六"

    use_language("en")
    assert say_date(date(2026, 11, 28)) == "Sat 28 Nov 2026"
    assert say_day(date(2026, 11, 28)) == "28 Nov 2026"
    assert say_day(date(2026, 11, 28), lang="zh") == "2026年11月28日"


def test_two_days_away_has_a_word_in_chinese() -> None:
    assert (say_distance(date(2026, 11, 21), TODAY), say_distance(date(2026, 11, 17), TODAY)) == ("后天", "前天")
    assert say_distance(date(2026, 11, 21), TODAY, lang="en") == "in 2 days"


def test_instant_is_said_in_china_standard_time() -> None:
    late = datetime(2026, 11, 28, 16, 5, tzinfo=UTC)

    assert say_when(late, TODAY) == "11月29日 周日 00:05"
    assert say_when(late, lang="en") == "Sun 29 Nov 2026 00:05"
    with pytest.raises(ValueError, match="aware"):
        say_when(datetime(2026, 11, 28))  # noqa: DTZ001 -- naive on purpose


def test_what_is_absent_is_a_dash() -> None:
    assert (say_date(None), say_when(None), say_day(None), say_number(None)) == ("—", "—", "—", "—")


def test_numbers_and_lists() -> None:
    assert (say_number(100000), say_number(0)) == ("100,000", "0")
    assert (say_list(["甲", "乙"]), say_list(["a", "b"], lang="en"), say_list([])) == ("甲、乙", "a, b", "")


def test_a_list_among_the_parameters_of_a_sentence_is_enumerated_in_its_language() -> None:
    names = ["夏琳", "朱凯"]

    assert "夏琳、朱凯" in translate("WHY_EMPLOYER_SEATED", "zh", names=names)
    assert "夏琳, 朱凯" in translate("WHY_EMPLOYER_SEATED", "en", names=names)
