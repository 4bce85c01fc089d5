"""The benchmark of the lottery runs at the smallest size."""

import pytest

from benchmarks import lottery


@pytest.mark.slow
def test_the_benchmark_of_the_lottery_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lottery, "SIZES", (100,))

    figures = lottery.run(short=True)

    assert len(figures) == 4
    assert "100 seats, equal" in capsys.readouterr().out


@pytest.mark.slow
def test_a_line_whose_seconds_are_spent_says_how_many_seeds_it_had(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lottery, "SIZES", (100,))

    lottery.run(short=True)
    assert capsys.readouterr().out.count("  3 seeds") == 4

    monkeypatch.setattr(lottery, "LINE", 0.0)
    lottery.run(short=True)
    assert capsys.readouterr().out.count("  1 of 3 seeds, as the 0 s of a line were spent") == 4
