import pytest

from registry import (
    DISCIPLINES,
    DOMAINS,
    Certainty,
    ExpertField,
    FitTable,
    ValueRefused,
    covers,
    depth,
    expand,
    field_name,
    fit_of,
    is_field_code,
    read_field_code,
    recognise_field,
    recognise_fields,
    seating_codes,
)


def test_standard_has_62_first_level_disciplines() -> None:
    assert len(DISCIPLINES) == 62
    assert list(DISCIPLINES) == sorted(DISCIPLINES)
    assert DISCIPLINES["570"].zh == "水利工程"


def test_every_domain_stands_for_known_disciplines() -> None:
    assert len(DOMAINS) >= 12
    for domain in DOMAINS.values():
        assert domain.codes
        assert all(is_field_code(code) for code in domain.codes)


@pytest.mark.parametrize(
    ("code", "known"),
    [("570", True), ("57025", True), ("5702510", True), ("L12", True),
     ("5702", False), ("571", False), ("57", False), ("L99", False), ("l12", False), ("", False)],
)  # fmt: skip
def test_code_is_known_by_its_first_level(code: str, known: bool) -> None:
    assert is_field_code(code) is known


def test_typed_code_is_brought_to_its_form() -> None:
    assert read_field_code("５７０．２５") == "57025"
    assert read_field_code(" l12 ") == "L12"
    with pytest.raises(ValueRefused) as refused:
        read_field_code("水利")
    assert refused.value.code == "FIELD_CODE_UNKNOWN"


def test_deeper_code_is_called_by_its_discipline() -> None:
    assert field_name("570") == "水利工程"
    assert field_name("57025") == "水利工程 57025"
    assert field_name("57025", language="en") == "Hydraulic engineering 57025"
    assert field_name("L12", language="en") == "Water"


def test_depth_counts_levels() -> None:
    assert [depth(code) for code in ("570", "57025", "5702510", "L12")] == [1, 2, 3, 1]


def test_domain_and_discipline_seat_each_other() -> None:
    assert expand("L12") == ("570",)
    assert seating_codes(["57025"]) == ("57025", "L12")
    assert seating_codes(["L12"]) == ("570", "L12")
    assert covers("L12", "57025")
    assert covers("570", "L12")
    assert not covers("57025", "570")


def test_domain_does_not_reach_into_its_neighbour() -> None:
    # Forestry stands in L06 and in L10; a domain's list is no claim to the other domain.
    assert "220" in expand("L10")
    assert "L06" not in seating_codes(["L10"])


@pytest.mark.parametrize(
    ("word", "code"),
    [("水利", "570"), ("法律", "820"), ("财政", "790"), ("水利工程", "570"), ("农学类", "210"), ("570", "570"),
     ("57025", "57025"), ("570 水利工程", "570"), ("水利工程（57025）", "57025"), ("测绘科学", "420"),
     ("Law", "820"), ("乡村振兴", "L10"), ("（1）环境保护", "610"), ("新闻与传播学", "860")],
)  # fmt: skip
def test_common_words_are_exact(word: str, code: str) -> None:
    reading = recognise_field(word)

    assert (reading.certainty, reading.code) == (Certainty.EXACT, code)


def test_phrase_is_only_a_suggestion() -> None:
    reading = recognise_field("水利水电规划设计")

    assert (reading.certainty, reading.code) == (Certainty.SUGGESTION, "570")
    assert "560" in reading.others


def test_near_spelling_is_only_a_suggestion() -> None:
    assert recognise_field("生态环镜保护").certainty is Certainty.SUGGESTION


def test_strange_word_is_unknown() -> None:
    reading = recognise_field("钓鱼")

    assert (reading.certainty, reading.code) == (Certainty.UNKNOWN, "")


def test_agreed_word_becomes_exact() -> None:
    assert recognise_field("钓鱼", agreed={"钓鱼": "240"}).code == "240"


def test_code_that_contradicts_its_name_is_not_taken() -> None:
    assert recognise_field("570 法律").certainty is not Certainty.EXACT


@pytest.mark.parametrize(
    "cell", ["水利、法律", "水利，法律", "水利；法律", "水利/法律", "水利\n法律", "水利 法律", "水利,法律;水利"]
)
def test_several_fields_in_a_cell_are_parted(cell: str) -> None:
    assert [reading.code for reading in recognise_fields(cell)] == ["570", "820"]


def test_name_with_a_comma_of_its_own_stays_whole() -> None:
    assert [r.code for r in recognise_fields("畜牧、兽医科学、航空、航天科学技术")] == ["230", "590"]


def test_fit_counts_levels_and_main_field() -> None:
    table = FitTable(main=(60, 80, 100), further=(30, 50, 70), each_more=5)
    held = [ExpertField("57025", main=True), ExpertField("820")]

    assert fit_of(held, ["570"], table=table).points == 60
    assert fit_of(held, ["57025"], table=table).points == 80
    assert fit_of(held, ["57060"], table=table).points == 60
    assert fit_of(held, ["82030"], table=table).points == 30
    assert fit_of(held, ["790"], table=table).points == 0


def test_fit_adds_for_each_further_need_and_shows_its_parts() -> None:
    table = FitTable(main=(60, 80, 100), further=(30, 50, 70), each_more=5)

    fit = fit_of([ExpertField("57025", main=True), ExpertField("820")], ["820", "57025", "790"], table=table)

    assert fit.points == 85
    assert [(part.need, part.code, part.levels, part.main, part.points) for part in fit.parts] == [
        ("57025", "57025", 2, True, 80),
        ("820", "820", 1, False, 30),
    ]


def test_fit_never_exceeds_a_hundred() -> None:
    table = FitTable(main=(90, 95, 100), further=(90, 95, 100), each_more=10)

    assert fit_of([ExpertField("570", main=True), ExpertField("820")], ["570", "820"], table=table).points == 100


def test_domain_fits_through_its_disciplines() -> None:
    assert fit_of([ExpertField("L12", main=True)], ["570"]).points == 70
    assert fit_of([ExpertField("57025", main=True)], ["L12"]).points == 70
