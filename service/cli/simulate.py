"""`expertpool panel simulate`: the years ahead under one policy or another, who would be asked how often."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from service.cli.from_file import (
    AS_JSON,
    LANGUAGE,
    STOPPED,
    end,
    note,
    print_json,
    print_table,
    read_file,
    refuse,
    sayer,
)
from service.cli.plan import PLAN, stopped_by_interrupt, watched
from service.cli.problem_file import TIME_LIMIT

if TYPE_CHECKING:
    from selection.plan import Simulation

_POLICIES: Final = ("fit", "composed", "drawn", "equal")


@click.command()
@PLAN
@click.option(
    "--policy",
    "policies",
    type=click.Choice(_POLICIES),
    multiple=True,
    help="A policy to simulate, repeatable; all four when none is given.",
)
@click.option("--months", default=24, show_default=True, help="Months over which the matters are spread.")
@click.option("--window", default=24, show_default=True, help="Months for which a panel counts as service.")
@click.option("--seed", default="", metavar="TEXT", help="Of ties and of chance; the default is empty.")
@TIME_LIMIT
@AS_JSON
@LANGUAGE
def simulate(
    plan_file: Path,
    policies: tuple[str, ...],
    months: int,
    window: int,
    seed: str,
    time_limit: float | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Staff the matters of a panel-plan/1 file one after the other under each policy, and compare.

    \b
    fit       who suits best; service is not looked at
    composed  least service first, then fit
    drawn     from the fairest lottery, weighted by service
    equal     from the fairest lottery, all equally entitled

    Each matter is staffed at its month, knowing what everybody served within the window before it.
    """
    from selection import PanelProblemFaults
    from selection.plan import POLICIES, parse_plan, simulate_policies

    chosen = [one for one in POLICIES if one in policies] or list(POLICIES)
    try:
        request = parse_plan(read_file(plan_file, as_json))
        note(f"simulating {len(request.matters):,} matters over {len(request.pool):,} candidates")
        with watched(lang, "SIMULATED") as watch, stopped_by_interrupt() as is_stopped:
            result = simulate_policies(
                request,
                policies=chosen,
                months=months,
                window=window,
                seed=seed,
                time_limit=time_limit,
                watch=watch,
                is_stopped=is_stopped,
            )
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    if as_json:
        print_json(result.to_json())
    else:
        _show(result, lang)
    end(0 if result.status == "complete" else STOPPED)


def _show(result: "Simulation", lang: str | None) -> None:
    say = sayer(lang)
    click.echo(
        say(
            f"SIMULATION_{result.status.upper()}",
            matters=len(result.request.matters),
            months=result.months,
            candidates=len(result.request.pool),
            unreachable=result.unreachable,
        )
    )
    print_table(
        [say(text) for text in ("组建方式", "基尼系数", "从未受邀", "最多（次）", "平均契合度", "未能组成的事项")],
        [
            [
                say(f"SIMULATED_{one.policy.upper()}"),
                f"{float(one.gini):.3f}",
                one.never,
                one.most,
                f"{float(one.mean_fit):.1f}",
                len(one.unstaffed),
            ]
            for one in result.outcomes
        ],
    )
