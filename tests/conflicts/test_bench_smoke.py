import pytest

from benchmarks.conflicts import run


def test_the_benchmark_of_conflict_checks_runs_and_prints_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    figures = run(short=True)

    assert {figure.peer for figure in figures} >= {"rebuilding the graph", "networkx"}
    assert "1,000 experts     2,500 ties: p50" in capsys.readouterr().out
