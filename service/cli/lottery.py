"""`expertpool panel lottery`: the fairest lottery over all panels of a problem, in exact fractions."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from service.cli.from_file import (
    AS_JSON,
    LANGUAGE,
    REFUSED,
    STOPPED,
    end,
    interruptible,
    note,
    print_json,
    print_table,
    sayer,
)
from service.cli.problem_file import PROBLEM, TIME_LIMIT, read_problem

if TYPE_CHECKING:
    from selection import ExpertChance, Lottery

_NAMED: Final = 5
"""Ids that stand in a row of the table."""


@click.command()
@PROBLEM
@click.option("--equal", is_flag=True, help="Take every candidate as equally entitled, whatever the past service.")
@click.option(
    "--explain", is_flag=True, help="Say of every candidate what determined the chance, or why there is none."
)
@TIME_LIMIT
@AS_JSON
@LANGUAGE
def lottery(
    problem: Path, equal: bool, explain: bool, time_limit: float | None, as_json: bool, lang: str | None
) -> None:
    """Find the fairest lottery over all panels that keep the rules.

    The least chance is as large as it can be, then the next, and so on; chances are exact fractions, weighted by past
    service. Without a panel, the rules that cannot hold together are named, and the ways out.
    """
    from selection import Lottery, PanelResult, explain_chances, find_lottery
    from service.cli.panel import show_result

    request = read_problem(problem, as_json)
    note(f"looking for the fairest lottery over panels of {request.size} of {len(request.candidates):,} candidates")
    stopped: Lottery | PanelResult = PanelResult(request, "stopped")
    found = interruptible(lambda: find_lottery(request, equal=equal, time_limit=time_limit), stopped)
    rows = explain_chances(request, found) if explain and isinstance(found, Lottery) else ()
    if as_json:
        print_json(found.to_json() | {"x-experts": [row.to_json() for row in rows]} if rows else found.to_json())
    elif isinstance(found, Lottery):
        _show(found, lang)
        _show_experts(rows, lang)
    else:
        show_result(found, lang)
    if isinstance(found, Lottery):
        end(0)
    end(REFUSED if found.status == "infeasible" else STOPPED)


def _show(found: "Lottery", lang: str | None) -> None:
    say = sayer(lang)
    click.echo(say("LOTTERY_EXACT"))
    by_chance: dict[Fraction, list[str]] = defaultdict(list)
    for one, chance in found.chances.items():
        by_chance[chance].append(one)
    print_table(
        [say("入选机会"), "%", say("人数（候选人）"), say("专家编号")],
        [
            [
                str(chance),
                f"{float(chance):.4%}",
                len(ids),
                ", ".join(ids[:_NAMED]) + (" …" if len(ids) > _NAMED else ""),
            ]
            for chance, ids in sorted(by_chance.items())
        ],
    )
    many = found.panels if found.panels is not None else found.panels_at_least
    code = "PANELS_COUNTED" if found.panels is not None else "PANELS_AT_LEAST"
    click.echo(say(code, count=f"{many:,}"))
    click.echo(say("LOTTERY_SUPPORT", compositions=len(found.support), types=len(found.types)))


def _show_experts(rows: "Sequence[ExpertChance]", lang: str | None) -> None:
    if not rows:
        return
    say = sayer(lang)
    texts = (
        "专家编号",
        "入选机会",
        "权重",
        "可担任的席位",
        "条件所看的情况",
        "机会相同的人数",
        "没有机会的原因",
        "条款依据",
    )
    print_table(
        [say(text) for text in texts],
        [
            [
                row.id,
                str(row.chance),
                str(row.entitlement),
                " ".join(row.seats),
                ", ".join(f"{name}={value}" for name, value in row.values.items()),
                row.alike or "",
                say(row.code) if row.code else "",
                row.cite,
            ]
            for row in rows
        ],
    )
