import re
from pathlib import Path

import pytest

from service.regulation.articles import (
    load_articles,
    load_order,
    load_planned,
    load_readings,
    read_articles,
)
from service.regulation.cite import say_cite
from service.regulation.reading import TomlUnfit

BASELINE = Path(__file__).with_name("planned_baseline.txt")
ONE = """
[[article]]
ref = "R1a"
cite = "A1"
en = "Purpose"
zh = "目的"
force = "info"
kind = ["info"]
status = "human"
reason = "Because"
reason_zh = "因为"
checked_on = 2026-11-24
"""


def test_table_has_every_rule_once_in_both_languages() -> None:
    articles = load_articles()

    assert len(articles) == len({article.ref for article in articles}) == 225
    assert all(article.en and article.zh for article in articles)
    assert all(any("一" <= mark <= "鿿" for mark in article.zh) for article in articles)


def test_every_article_of_the_regulation_is_in_the_table() -> None:
    cited = {int(number) for article in load_articles() for number in re.findall(r"A(\d+)", article.cite)}

    assert cited == set(range(1, 73))


def test_planned_list_only_shrinks() -> None:
    baseline = BASELINE.read_text(encoding="utf-8").split()

    assert sorted(baseline) == baseline
    assert load_planned() - set(baseline) == set(), "nothing is added to planned.toml: keep it in code"
    assert set(baseline) - load_planned() == set(), f"take these out of {BASELINE.name} too"


def test_readings_are_numbered_without_a_gap() -> None:
    assert [reading.id for reading in load_readings()] == [f"U{number}" for number in range(1, 49)]
    assert all(reading.question and reading.reading for reading in load_readings())


def test_codes_of_good_order_are_no_law() -> None:
    assert "MATTER_SUSPENDED" in load_order()
    assert "PANEL_TOO_SMALL" not in load_order()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('force = "info"', 'force = "sometimes"', "article[0].force: sometimes is none of"),
        ('kind = ["info"]', 'kind = ["dance"]', "article[0].kind: dance is none of"),
        ('reason_zh = "因为"', "", "article[0].reason: is for assisted and human rules"),
        ('status = "human"', 'status = "enforced"', "article[0].reason: is for assisted and human rules"),
        ('status = "human"', 'status = "done"', "article[0].status: 'done' is not one of"),
        ("checked_on = 2026-11-24", "", "article[0].checked_on: is missing; write a day"),
    ],
)
def test_fault_of_the_table_is_named_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "articles.toml"
    path.write_text(ONE.replace(old, new), encoding="utf-8")

    with pytest.raises(TomlUnfit) as unfit:
        read_articles(path)

    assert [fault for fault in unfit.value.faults if fault.startswith(says)], unfit.value.faults


def test_rule_has_one_row(tmp_path: Path) -> None:
    path = tmp_path / "articles.toml"
    path.write_text(ONE + ONE, encoding="utf-8")

    with pytest.raises(TomlUnfit, match="R1a: has a row already"):
        read_articles(path)


@pytest.mark.parametrize(
    ("cite", "zh", "en"),
    [
        ("A9", "第九条", "Art. 9"),
        ("A10", "第十条", "Art. 10"),
        ("A31", "第三十一条", "Art. 31"),
        ("A70", "第七十条", "Art. 70"),
        ("A15p3", "第十五条第三款", "Art. 15, para. 3"),
        ("A26.1", "第二十六条第（一）项", "Art. 26 (1)"),
        ("A58.1.3", "第五十八条第（一）项第3目", "Art. 58 (1) (3)"),
        ("A3.1–A3.5", "第三条第（一）项至第三条第（五）项", "Art. 3 (1) to Art. 3 (5)"),
        ("A17p1, A17.1", "第十七条第一款、第十七条第（一）项", "Art. 17, para. 1, Art. 17 (1)"),
        ("Chart", "Chart", "Chart"),
    ],
)
def test_place_is_said_as_people_cite_it(cite: str, zh: str, en: str) -> None:
    assert (say_cite(cite, "zh"), say_cite(cite, "en")) == (zh, en)
