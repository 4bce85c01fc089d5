"""`expertpool panel`: compose, plan, check, replace in and draw panels from a file. No database, no web, no clock."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.cli import draw
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
    refuse,
    sayer,
)
from service.cli.lottery import lottery
from service.cli.numbered import numbered
from service.cli.plan import plan
from service.cli.problem_file import PROBLEM, TIME_LIMIT, read_problem
from service.cli.simulate import simulate

if TYPE_CHECKING:
    from selection import Exchange, PanelCheck, PanelRequest, PanelResult, RuleCost

_SEED = click.option("--seed", default="", metavar="TEXT", help="Decides between equal panels; the default is empty.")

_PANEL = click.option(
    "--panel", "names", required=True, multiple=True, metavar="IDS", help="Ids with commas between them."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Compose, check and draw panels from a file.

    PROBLEM is a panel-problem/1 file, or - for standard input; see docs/formats/panel-problem-1.md and
    `expertpool schema panel-problem/1`.

    \b
    Exit codes: 0 done, 2 faults in the file, 3 no panel or a broken list, 4 stopped, 70 unforeseen.
    """


for _command in (plan, simulate, lottery, draw.commit, draw.draw, numbered, draw.verify, draw.verifier, draw.rfc3797):
    command.add_command(_command)


@command.command()
@PROBLEM
@_SEED
@TIME_LIMIT
@click.option("--costs", is_flag=True, help="Say of each rule how good the best panel would be without it.")
@AS_JSON
@LANGUAGE
def compose(problem: Path, seed: str, time_limit: float | None, costs: bool, as_json: bool, lang: str | None) -> None:
    """Compose the best panel: least service, then best fit; proven optimal.

    Without a panel, the rules that cannot hold together are named, and the ways out.
    """
    from selection import PanelResult, RuleCost, compose_panel, rule_costs

    request = read_problem(problem, as_json)
    note(f"composing {request.size} of {len(request.candidates):,} candidates")
    stopped = PanelResult(request, "stopped", seed)
    result = interruptible(lambda: compose_panel(request, seed=seed, time_limit=time_limit), stopped)
    costing: tuple[RuleCost, ...] = ()
    if costs:
        costing = interruptible(lambda: rule_costs(request, result, time_limit=time_limit), ())
    if as_json:
        found = result.to_json()
        print_json(found | {"x-costs": [one.to_json() for one in costing]} if costs else found)
    else:
        show_result(result, lang)
        _show_costs(costing, result, lang)
    end({"optimal": 0, "infeasible": REFUSED}.get(result.status, STOPPED))


@command.command()
@PROBLEM
@_PANEL
@_SEED
@TIME_LIMIT
@AS_JSON
@LANGUAGE
def check(
    problem: Path, names: tuple[str, ...], seed: str, time_limit: float | None, as_json: bool, lang: str | None
) -> None:
    """Check a list of names: every rule kept or broken, and the fewest exchanges that repair it.

    An id that holds a comma is given as a --panel of its own.
    """
    from selection import PanelProblemFaults, check_panel

    request = read_problem(problem, as_json)
    ids = _ids(request, names)
    note(f"checking {len(ids)} names")
    try:
        result = interruptible(lambda: check_panel(request, ids, seed=seed, time_limit=time_limit), None)
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    if result is None:
        end(STOPPED)
    if as_json:
        print_json(result.to_json())
    else:
        _show_check(result, lang)
    end(0 if result.status == "kept" else STOPPED if result.repair == "stopped" else REFUSED)


@command.command()
@PROBLEM
@_PANEL
@click.option("--leaves", required=True, metavar="ID", help="The member who leaves.")
@_SEED
@TIME_LIMIT
@AS_JSON
@LANGUAGE
def replace(
    problem: Path,
    names: tuple[str, ...],
    leaves: str,
    seed: str,
    time_limit: float | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Replace a member who leaves: the others stay, the same rules hold.

    Of those who can come in alone it is the best by the aims of compose. Where nobody can, as few others as possible
    are exchanged too.
    """
    from selection import PanelProblemFaults, replace_member

    request = read_problem(problem, as_json)
    ids = _ids(request, names)
    try:
        result = interruptible(lambda: replace_member(request, ids, leaves, seed=seed, time_limit=time_limit), None)
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    if result is None:
        end(STOPPED)
    if as_json:
        print_json(result.to_json())
    else:
        say = sayer(lang)
        click.echo(say(f"REPLACEMENT_{result.status.upper()}", id=leaves))
        _show_exchanges(result.exchanges, say)
        _show_rules(result.rules, say)
        _show_blocking(result.blocking, result.ways_out, say)
    end({"optimal": 0, "infeasible": REFUSED}.get(result.status, STOPPED))


def _ids(request: "PanelRequest", names: Sequence[str]) -> list[str]:
    """Return the ids of a list; a name with a comma that is an id as it stands is one."""
    known = {candidate.id for candidate in request.candidates}
    return [one for name in names for one in ([name] if name in known else name.split(",")) if one]


def show_result(result: "PanelResult", lang: str | None) -> None:
    """Print what became of a problem, for people."""
    say = sayer(lang)
    click.echo(say(f"PANEL_{result.status.upper()}"))
    if result.members and result.objective is not None and result.bound is not None:
        by_id = {candidate.id: candidate for candidate in result.request.candidates}
        print_table(
            [say("席位（专业代码）"), say("专家编号"), say("已参加次数"), say("契合度（0-100）"), say("专业代码")],
            [
                [
                    member.seat or say("不限专业的席位"),
                    member.id,
                    by_id[member.id].service,
                    by_id[member.id].fit,
                    " ".join(by_id[member.id].fields),
                ]
                for member in result.members
            ],
        )
        click.echo(say("PANEL_OBJECTIVE", service=result.objective.service, fit=result.objective.fit))
        if result.status != "optimal":
            click.echo(say("PANEL_BOUND", service=result.bound.service, fit=result.bound.fit))
        if result.reserves:
            print_table(
                [say("候补专家编号"), say("席位（专业代码）"), say("可接替的成员")],
                [[one.id, one.seat or say("不限专业的席位"), ", ".join(one.replaces)] for one in result.reserves],
            )
        if result.reserves_missing:
            click.echo(say("RESERVES_MISSING", count=result.reserves_missing))
        _show_rules(result.rules, say)
    _show_blocking(result.blocking, result.ways_out, say)


def _show_costs(costs: Sequence["RuleCost"], result: "PanelResult", lang: str | None) -> None:
    if not costs:
        return
    say = sayer(lang)
    facts = {rule.at: rule.facts for rule in result.rules}

    def said(cost: "RuleCost") -> str:
        if cost.without is None:
            return say("COST_UNKNOWN")
        if cost.without == result.objective:
            return say("COST_NOTHING")
        return say("PANEL_OBJECTIVE", service=cost.without.service, fit=cost.without.fit)

    print_table(
        [say("组成条件"), say("条款依据"), say("不设此条件时的最佳专家组")],
        [[say(one.code, **facts[one.at]), one.cite, said(one)] for one in costs],
    )


def _show_check(result: "PanelCheck", lang: str | None) -> None:
    say = sayer(lang)
    click.echo(say(f"LIST_{result.status.upper()}"))
    print_table(
        [say("席位（专业代码）"), say("专家编号")],
        [[member.seat or say("不限专业的席位"), member.id] for member in result.members],
    )
    _show_rules(result.rules, say)
    _show_exchanges(result.exchanges or (), say)
    _show_blocking(result.blocking, result.ways_out, say)


def _show_exchanges(exchanges: Sequence["Exchange"], say: Callable[..., str]) -> None:
    if exchanges:
        print_table(
            [say("退出的成员"), say("换入的成员")], [[one.leaves or "—", one.joins or "—"] for one in exchanges]
        )


def _show_rules(rules: Sequence[Any], say: Callable[..., str]) -> None:
    if not rules:
        return
    print_table(
        ["", say("组成条件"), say("条款依据"), say("文件中的位置")],
        [
            [
                say("已满足") if rule.kept else say("已说明理由，可不满足") if rule.waived else say("未满足"),
                say(rule.code, **rule.facts),
                rule.cite,
                rule.at,
            ]
            for rule in rules
        ],
    )


def _show_blocking(blocking: Sequence[Any], ways_out: Sequence[Any], say: Callable[..., str]) -> None:
    if blocking:
        rows = [(say(rule.code, **rule.facts), _counts(rule.facts, say), rule.cite, rule.at) for rule in blocking]
        print_table([say("不能同时满足的条件"), say("现有人选"), say("条款依据"), say("文件中的位置")], rows)
    if ways_out:
        print_table(
            [say("可行的办法"), say("文件中的位置")],
            [[say(way.code, **way.facts), way.facts.get("at", "")] for way in ways_out],
        )


def _counts(facts: Mapping[str, Any], say: Callable[..., str]) -> str:
    return say("BLOCKING_COUNTS", **facts) if "eligible" in facts else ""
