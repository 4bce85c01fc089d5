"""`expertpool panel plan`: panels for many matters over one pool at once, to be watched, stopped and taken up again."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import click

from service.cli.from_file import (
    AS_JSON,
    LANGUAGE,
    REFUSED,
    STOPPED,
    end,
    note,
    print_json,
    print_table,
    read_file,
    refuse,
    sayer,
)
from service.cli.problem_file import TIME_LIMIT

if TYPE_CHECKING:
    from selection.plan import PlanResult

PLAN: Final = click.argument("plan_file", metavar="PLAN", type=click.Path(allow_dash=True, path_type=Path))
_SHOWN: Final = 60
"""Matters in the table for people; all of them stand in the JSON."""


@click.command()
@PLAN
@click.option("--seed", default="", metavar="TEXT", help="Decides between equal panels; the default is empty.")
@click.option(
    "--fair-fit", is_flag=True, help="At loads as level, raise the least mean fit of a panel before the sum of fit."
)
@TIME_LIMIT
@click.option(
    "--resume",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where a stop leaves the plan, and where it is taken up from if the file is there; gone when done.",
)
@AS_JSON
@LANGUAGE
def plan(
    plan_file: Path,
    seed: str,
    fair_fit: bool,
    time_limit: float | None,
    resume: Path | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Give every matter of a panel-plan/1 file a panel, all at once.

    Loads are levelled first, then fit is raised; both are held against bounds that no plan can pass. A matter that
    cannot have a panel is named with the rules that stand in its way. Ctrl-C stops after the matter in hand; with
    --resume the same command later goes on from there, and ends as if it had never stopped.
    """
    from selection import PanelProblemFaults
    from selection.plan import parse_plan, plan_panels, read_state

    state = None
    try:
        request = parse_plan(read_file(plan_file, as_json))
        if resume is not None and resume.exists():
            state = read_state(read_file(resume, as_json), request, seed=seed)
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    note(f"planning {len(request.matters):,} matters over {len(request.pool):,} candidates")
    with watched(lang) as watch, stopped_by_interrupt() as is_stopped:
        result = plan_panels(
            request,
            seed=seed,
            fair_fit=fair_fit,
            time_limit=time_limit,
            watch=watch,
            is_stopped=is_stopped,
            resume=state,
        )
    found = result.to_json()
    if resume is not None:
        _keep(resume, found if result.state else None)
    if as_json:
        print_json(found)
    else:
        _show(result, resume, lang)
    end({"complete": 0, "partial": REFUSED, "stopped": STOPPED}[result.status])


@contextmanager
def stopped_by_interrupt() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a wish to stop; the second one ends the program."""
    wished = False

    def wish(_number: int, _frame: FrameType | None) -> None:
        nonlocal wished
        if wished:
            raise KeyboardInterrupt
        wished = True
        note("stopping after this matter; again to leave at once")

    before = signal.signal(signal.SIGINT, wish)
    try:
        yield lambda: wished
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def watched(lang: str | None, code: str = "PLAN_STAGE") -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar for each stage on stderr, to a person who waits; `code` begins the messages that name the stages."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    say = sayer(lang)
    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(say(f"{code}_{stage.upper()}"))
            bars.update(tasks[stage], completed=done, total=total)

        yield watch


def _keep(file: Path, found: dict[str, Any] | None) -> None:
    """Write where the plan stands beside the file and put it in its place, or remove what is no longer needed."""
    if found is None:
        file.unlink(missing_ok=True)
        return
    beside = file.with_name(f"{file.name}.{os.getpid()}.part")
    beside.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    beside.replace(file)


def _show(result: "PlanResult", resume: Path | None, lang: str | None) -> None:
    say = sayer(lang)
    click.echo(say(f"PLAN_{result.status.upper()}", staffed=len(result.panels), unstaffed=len(result.unstaffed)))
    load = result.load
    proof = "PLAN_LOAD_PROVEN" if load.is_proven else "PLAN_LOAD_BOUND"
    click.echo(say(proof, squares=load.squares, bound=load.bound, most=max(load.spread, default=0)))
    click.echo(say("PLAN_GINI", gini=f"{float(load.gini):.3f}"))
    if result.fit_bound:
        share = f"{100 * result.fit / result.fit_bound:.1f}"
        click.echo(say("PLAN_FIT", fit=result.fit, bound=result.fit_bound, share=share))
    if result.fair_fit is not None:
        least, bound = result.fair_fit.least, result.fair_fit.bound
        code = "PLAN_LEAST_FIT" if bound is None else "PLAN_LEAST_FIT_BOUND"
        click.echo(say(code, least=f"{float(least):.1f}", bound=f"{float(bound or 0):.1f}"))
    print_table([say("已参加次数"), say("专家（位）")], [[one, load.spread[one]] for one in sorted(load.spread)])
    if result.panels:
        print_table(
            [say("事项编号"), say("专家编号"), say("契合度合计")],
            [[one.matter, ", ".join(member.id for member in one.members), one.fit] for one in result.panels[:_SHOWN]],
        )
    if len(result.panels) > _SHOWN:
        click.echo(say("PLAN_MORE", count=len(result.panels) - _SHOWN))
    if result.unstaffed:
        print_table(
            [say("不能组成专家组的事项"), say("不能同时满足的条件"), say("条款依据"), say("文件中的位置")],
            [
                [one.matter, say(rule.code, **rule.facts), rule.cite, rule.at]
                for one in result.unstaffed
                for rule in one.blocking or ()
            ],
        )
    if result.state is not None and resume is not None:
        click.echo(say("PLAN_RESUME", file=str(resume)))
