"""The sample rosters: the same for the same seed, and as messy as offices keep them."""

import io
from datetime import datetime

import openpyxl
import pytest

from registry import ValueRefused, read_identity
from service.demo import demo_county
from service.demo.roster import roster_workbook

Cells = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def clean() -> Cells:
    return _cells(roster_workbook(messy=False))


@pytest.fixture(scope="module")
def messy() -> Cells:
    return _cells(roster_workbook(messy=True))


@pytest.mark.parametrize("messy", [False, True])
def test_a_roster_is_the_same_file_every_time(messy: bool) -> None:
    assert roster_workbook(messy=messy) == roster_workbook(messy=messy)


def test_the_clean_roster_has_one_row_of_headings_and_only_good_numbers(clean: Cells) -> None:
    assert clean[0][:3] == ("姓名", "性别", "身份证号")
    assert len(clean) == 1 + 47
    assert all(read_identity(str(row[2])) for row in clean[1:])


def test_the_clean_roster_holds_known_people_and_new_ones(clean: Cells) -> None:
    held = {expert.id_number: expert for expert in demo_county().experts}
    known = [row for row in clean[1:] if row[2] in held]

    assert len(known) == 11
    assert sum(row[8] == held[str(row[2])].phone for row in known) == 5


def test_the_messy_roster_begins_with_a_title_and_ends_with_notes(messy: Cells) -> None:
    assert messy[0][0] == "示范县决策咨询专家库专家信息汇总表"
    assert messy[2][:3] == ("序号", "专家姓名", "工作单位")
    assert str(messy[-2][0]).startswith("注：")


def test_the_messy_roster_repeats_its_headings_and_has_empty_rows(messy: Cells) -> None:
    assert [row[1] for row in messy].count("专家姓名") == 2
    assert sum(all(cell is None for cell in row) for row in messy[:-3]) == 2


def test_the_messy_roster_has_three_unreadable_identity_numbers_and_one_of_fifteen_digits(messy: Cells) -> None:
    numbers = [row[6] for row in messy[3:-2] if isinstance(row[0], int | float)]
    faulty = [number for number in numbers if not _readable(number)]

    assert len(numbers) == 47
    assert [type(number) for number in faulty].count(str) == 1
    assert len(faulty) == 3  # the 15-digit one has no check character and is read
    assert numbers.count(None) == 1


def test_the_messy_roster_spells_days_in_four_ways(messy: Cells) -> None:
    days = [row[8] for row in messy[3:-2] if isinstance(row[0], int | float)]

    assert sum(isinstance(day, datetime) for day in days) == 11
    assert sum(isinstance(day, str) and "年" in day for day in days) == 12
    assert sum(isinstance(day, str) and "-" in day for day in days) == 12
    assert sum(isinstance(day, str) and "." in day for day in days) == 12


def _readable(number: object) -> bool:
    if not isinstance(number, str):
        return False
    try:
        read_identity(number)
    except ValueRefused:
        return False
    return True


def _cells(workbook: bytes) -> Cells:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    return list(sheet.iter_rows(values_only=True))
