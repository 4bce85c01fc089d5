"""Whatever people or files hold, reading ends in values, findings or a refusal: never in an error of the program."""

from contextlib import suppress
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from registry import (
    ValueRefused,
    read_credit_code,
    read_identity,
    read_name,
    read_phone,
    recognise_fields,
    recognise_title,
)
from service.exchange import SEVERITIES, Answers, FileRefused, Grid, Library, compare, read_roster
from service.exchange.child import read_grids
from service.exchange.days import read_day, read_span
from tests.service.exchange.builders import HEADINGS, TERMS, a_row, xlsx

TYPED = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("0123456789Xx./-年月日 　、，（）E+张水利法律教授")),
    max_size=40,
)
VALUES = st.one_of(st.none(), TYPED, st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes())
GOOD = xlsx([HEADINGS, a_row(), a_row(姓名="李四")])


@given(TYPED)
def test_typed_text_is_read_or_refused(text: str) -> None:
    for read in (read_identity, read_credit_code, read_phone, read_name, recognise_fields, recognise_title, read_span):
        with suppress(ValueRefused):
            read(text)


@given(VALUES)
def test_day_is_read_or_refused(value: object) -> None:
    with suppress(ValueRefused):
        assert isinstance(read_day(value).day, date)  # type: ignore[arg-type]


@settings(max_examples=60)
@given(st.lists(st.lists(VALUES, max_size=9), max_size=6))
def test_any_rows_under_good_headings_become_rows_with_known_findings(rows: list[list[object]]) -> None:
    grid = Grid("名单", (tuple(HEADINGS), *(tuple(row) for row in rows)))  # type: ignore[arg-type]

    roster = read_roster([grid], terms=TERMS, answers=Answers(starts_on=date(2026, 1, 1)))
    compared = compare(roster.rows, Library(), key_of=lambda identity: identity.key_text)

    findings = [finding for one in compared for finding in one.row.findings] + list(roster.sheets[0].findings)
    assert {finding.code for finding in findings} <= set(SEVERITIES)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=4))
def test_damaged_workbook_is_read_or_refused(place: int, noise: bytes) -> None:
    with suppress(FileRefused):
        read_grids(GOOD[:place] + noise + GOOD[place + len(noise) :])
