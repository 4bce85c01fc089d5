"""One problem has one lottery and one record, byte for byte: over repetitions, processes and orders of hashing."""

import hashlib
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from selection import CapRow, PanelRequest, QuotaRow, SeatRow, canonical_json, find_lottery
from selection.draw import SourceValue, commit, draw_panel
from selection.lottery import Lottery
from service.cli import panel
from tests.selection.builders import expert

ROOT = Path(__file__).parents[3]


def a_request() -> PanelRequest:
    """Fields that overlap, service, a cap that binds and a quota that crosses it."""
    return PanelRequest(
        3,
        tuple(
            expert(
                f"e{number}",
                *(("11",), ("11", "22"), ("22",), ())[number % 4],
                service=number % 3,
                employer=f"o{number % 5}",
                region="out" if number % 7 == 0 else "in",
            )
            for number in range(23)
        ),
        (SeatRow("11"),),
        quotas=(QuotaRow("region", "out", 1),),
        caps=(CapRow("employer", 1),),
        reserves=2,
    )


def digest() -> str:
    """Hash of a lottery, a commitment and a record with a decline, all made anew."""
    request = a_request()
    lottery = find_lottery(request)
    assert isinstance(lottery, Lottery)
    commitment = commit(request, lottery)
    values = [SourceValue("seed", "2026")]
    first = draw_panel(commitment, values)
    record = draw_panel(commitment, values, declined=[first.panel[0].id])
    parts = (lottery.to_json(), commitment.value, record.to_json())
    return hashlib.sha256("".join(map(canonical_json, parts)).encode()).hexdigest()


def test_repetitions_give_the_same_bytes() -> None:
    """Short form of a thousand."""
    assert len({digest() for _ in range(15)}) == 1


@pytest.mark.long
def test_a_thousand_repetitions_give_the_same_bytes() -> None:
    assert len({digest() for _ in range(1_000)}) == 1


def test_another_process_with_another_order_of_hashing_gives_the_same_bytes() -> None:
    work = textwrap.dedent(
        """
        from tests.selection.lottery.test_repetitions import digest
        print(digest())
        """
    )
    found = {digest()}
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", work],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout.strip())

    assert len(found) == 1


@pytest.mark.long
@pytest.mark.parametrize("command", ["compose", "lottery"])
def test_a_million_candidates_end_with_an_answer(command: str, tmp_path: Path) -> None:
    file = tmp_path / "problem.json"
    rows = ({"id": f"e{one}", "fields": [str(one % 40)], "service": one % 4, "fit": one % 101} for one in range(10**6))
    seats = [{"field": "7", "count": 2}, {"field": "12"}]
    candidates = ",".join(map(json.dumps, rows))
    file.write_text(
        f'{{"format": "panel-problem/1", "size": 9, "seats": {json.dumps(seats)}, "candidates": [{candidates}]}}'
    )

    done = CliRunner().invoke(panel.command, [command, str(file), "--json"])

    assert (done.exit_code, json.loads(done.stdout)["status"]) == (0, "optimal" if command == "compose" else "exact")
