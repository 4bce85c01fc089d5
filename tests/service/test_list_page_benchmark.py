"""The benchmark of the list page runs in its short form and prints a ratio for every query."""

import pytest

from benchmarks import list_page


def test_the_short_run_prints_a_ratio_for_each_query(capsys: pytest.CaptureFixture[str]) -> None:
    list_page.run(short=True)

    printed = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1].strip() for line in printed[1:]] == [query[0] for query in list_page.QUERIES]
    assert all(line.endswith("times") for line in printed[1:])
