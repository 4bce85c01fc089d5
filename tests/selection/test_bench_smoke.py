"""The benchmark runs, and its two peers agree, at the smallest size."""

import pytest

from benchmarks import compose, draw


@pytest.mark.slow
def test_the_benchmark_of_composing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    compose.run(short=True)

    assert ": equal" in capsys.readouterr().out


@pytest.mark.slow
def test_the_benchmark_of_draws_runs(capsys: pytest.CaptureFixture[str]) -> None:
    draw.run(short=True)

    assert "alone CPU" in capsys.readouterr().out
