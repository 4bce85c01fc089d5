from datetime import date
from pathlib import Path

import pytest

from service.problems import Remedy
from service.regulation import (
    EditionUnknown,
    RuleUnknown,
    TomlUnfit,
    edition_ids,
    load_edition,
    load_policy,
)
from service.regulation.edition import read_edition

ISSUED = date(2025, 1, 1)
SMALL = """
id = "small"
title_zh = "小规定"
title_en = "Small"
graph = "graph-0"
valid_months = 24

[[basis]]
zh = "《上位法》"
en = "Higher law"

[[rule]]
code = "PANEL_TOO_SMALL"
ref = "R31a"
also = ["R31b"]
cite = "A31"
force = "generally"
override_by = "center"
numbers = { floor = 5, complex_floor = 9 }
"""


def read(tmp_path: Path, text: str, name: str = "small"):
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return read_edition(path, issued_on=ISSUED)


@pytest.mark.rule("R72a")
@pytest.mark.parametrize(
    ("day", "valid"),
    [
        (date(2024, 12, 31), False),
        (date(2025, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_edition_is_in_force_for_two_years_from_its_issue(day: date, valid: bool) -> None:
    edition = load_edition("changli-trial-1", issued_on=ISSUED)

    assert edition.valid_on(day) is valid
    assert edition.valid_until == date(2026, 12, 31)


@pytest.mark.rule("R1a")
def test_edition_names_the_four_laws_it_rests_on() -> None:
    bases = load_edition("changli-trial-1", issued_on=ISSUED).bases

    assert len(bases) == 4
    assert bases[1][0] == "《重大行政决策程序暂行条例》"
    assert all(zh and en for zh, en in bases)


@pytest.mark.rule("R31a", "R31b", "R24c")
def test_numbers_of_the_regulation_stand_in_the_edition() -> None:
    edition = load_edition("changli-trial-1", issued_on=ISSUED)

    assert edition.number("PANEL_TOO_SMALL", "floor") == 5
    assert edition.number("PANEL_TOO_SMALL", "complex_floor") == 9
    assert edition.number("TERM_EXPIRED", "years") == 5


def test_row_says_article_force_and_who_may_override(tmp_path: Path) -> None:
    row = read(tmp_path, SMALL).rule("PANEL_TOO_SMALL")

    assert (row.refs, row.cite, row.cite_zh, row.force, row.override_by) == (
        ("R31a", "R31b"),
        "A31",
        "第三十一条",
        "generally",
        "center",
    )


def test_refusal_carries_article_edition_and_override(tmp_path: Path) -> None:
    edition = read(tmp_path, SMALL)

    refusal = edition.refusal("PANEL_TOO_SMALL", {"count": 4}, remedies=(Remedy("ADD_MEMBERS"),))

    assert refusal.to_json() == {
        "code": "PANEL_TOO_SMALL",
        "ref": "R31a",
        "cite": "A31",
        "edition": "small",
        "facts": {"count": 4},
        "remedies": [{"code": "ADD_MEMBERS", "href": None}],
        "override": {"role": "center"},
    }
    assert edition.refusal("CAP_EXCEEDED").to_json()["cite"] == ""


def test_code_without_a_row_is_switched_off(tmp_path: Path) -> None:
    edition = read(tmp_path, SMALL)

    assert not edition.has("TERM_EXPIRED")
    assert edition.ref_of("TERM_EXPIRED") == ""
    with pytest.raises(RuleUnknown, match="edition small has no rule TERM_EXPIRED"):
        edition.rule("TERM_EXPIRED")
    with pytest.raises(RuleUnknown, match="no number 'years'"):
        edition.number("PANEL_TOO_SMALL", "years")


def test_hash_follows_the_content_and_not_its_writing(tmp_path: Path) -> None:
    plain = read(tmp_path, SMALL)

    assert read(tmp_path, "# a remark\n" + SMALL.replace(" = ", "=")).sha256 == plain.sha256
    assert read(tmp_path, SMALL.replace("floor = 5", "floor = 6")).sha256 != plain.sha256


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("valid_months = 24", "valid_months = 0", "valid_months: 0 is below 1"),
        ("valid_months = 24", 'valid_months = "24"', "valid_months: must be a whole number"),
        ("valid_months = 24", "valid_months = true", "valid_months: must be a whole number"),
        ("valid_months = 24", "", "valid_months: is missing; write a whole number"),
        ('graph = "graph-0"', 'graph = "graph-9"', "graph: 'graph-9' is not one of graph-0"),
        (
            'force = "generally"',
            'force = "sometimes"',
            "rule[0].force: 'sometimes' is not one of must, generally, duty",
        ),
        ('override_by = "center"', "", "rule[0].override_by: is for rules of force generally, and they need it"),
        ('force = "generally"', 'force = "must"', "rule[0].override_by: is for rules of force generally"),
        ('cite = "A31"', 'cite = "Art. 31"', "rule[0].cite: 'Art. 31' with ref 'R31a'"),
        ('cite = "A31"', 'cite = "A31"\nsource = "x"', "rule[0].source: is unknown; known here: also, cite, code"),
        ("PANEL_TOO_SMALL", "panel too small", "rule[0].code: 'panel too small' is no code"),
        ('id = "small"', 'id = "other"', "id: 'other' must be the name of the file, 'small'"),
        ("floor = 5", "floor = -5", "rule[0].numbers.floor: -5 is below 0"),
    ],
)
def test_fault_of_the_file_is_named_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(TomlUnfit) as unfit:
        read(tmp_path, SMALL.replace(old, new))

    assert [fault for fault in unfit.value.faults if fault.startswith(says)], unfit.value.faults


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    broken = (
        SMALL.replace("valid_months = 24", "").replace('cite = "A31"', 'cite = "31"').replace("[[basis]]", "[[base]]")
    )

    with pytest.raises(TomlUnfit) as unfit:
        read(tmp_path, broken)

    assert len(unfit.value.faults) == 3


def test_code_has_one_row(tmp_path: Path) -> None:
    with pytest.raises(TomlUnfit, match="PANEL_TOO_SMALL has a row already"):
        read(tmp_path, SMALL + SMALL[SMALL.index("[[rule]]") :])


def test_text_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TomlUnfit, match="line 2"):
        read(tmp_path, "id = 'x'\n=")


def test_unknown_edition_names_those_there_are() -> None:
    with pytest.raises(EditionUnknown, match="there are: changli-trial-1"):
        load_edition("nowhere-1", issued_on=ISSUED)
    assert "changli-trial-1" in edition_ids()


def test_edition_and_policy_are_read_once() -> None:
    assert load_edition("changli-trial-1", issued_on=ISSUED) is load_edition("changli-trial-1", issued_on=ISSUED)
    assert load_policy("changli-local-1") is load_policy("changli-local-1")
