"""The benchmarks run, and their peers agree, at the smallest size."""

import json

import pytest

from benchmarks import __main__, blocking, compose, draw, plan, replacement


@pytest.mark.slow
def test_the_benchmark_of_composing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    compose.run(short=True)

    assert ": equal" in capsys.readouterr().out


@pytest.mark.slow
def test_the_benchmark_of_draws_runs(capsys: pytest.CaptureFixture[str]) -> None:
    draw.run(short=True)

    assert "alone CPU" in capsys.readouterr().out


@pytest.mark.slow
def test_the_benchmark_of_blocking_sets_runs() -> None:
    # At this size the plain model takes as long; its rows are never fewer, which the benchmark asserts.
    assert blocking.run(short=True)[0].theirs is not None


@pytest.mark.slow
@pytest.mark.parametrize("subject", [replacement, plan], ids=["replacement", "plan"])
def test_a_benchmark_runs_and_is_ahead_of_its_peer(subject: object) -> None:
    figures = subject.run(short=True)  # type: ignore[attr-defined]

    assert figures[0].theirs is not None
    assert figures[0].ours < figures[0].theirs


@pytest.mark.slow
def test_figures_are_printed_as_data(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "replacement", "--short", "--json"])

    __main__.main()

    (subject,) = json.loads(capsys.readouterr().out)["subjects"]
    assert (subject["subject"], subject["figures"][0]["case"]) == ("replacement", "500 experts")
    assert subject["figures"][0]["ratio"] > 1
