import pytest

from benchmarks import roster_import


def test_short_form_of_the_benchmark_runs(capsys: pytest.CaptureFixture[str]) -> None:
    roster_import.run(short=True)

    assert "1,000 rows" in capsys.readouterr().out
