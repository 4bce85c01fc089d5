"""The benchmark of the lottery runs at the smallest size."""

import pytest

from benchmarks import lottery


@pytest.mark.slow
def test_the_benchmark_of_the_lottery_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lottery, "SIZES", (100,))

    figures = lottery.run(short=True)

    assert len(figures) == 4
    assert "100 seats, equal" in capsys.readouterr().out
