"""`expertpool panel`: compose and check panels from a file. No database, no web, no clock."""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from selection import PanelCheck, PanelProblemFaults, PanelRequest, PanelResult

T = TypeVar("T")

_INPUT_FAULTY: Final = 2
_REFUSED: Final = 3
_STOPPED: Final = 4

_PROBLEM = click.argument("problem", type=click.Path(allow_dash=True, path_type=Path))
_SEED = click.option("--seed", default="", metavar="TEXT", help="Decides between equal panels; the default is empty.")
_TIME_LIMIT = click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Stop after so many seconds."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result format, and nothing else, to stdout.")
_LANGUAGE = click.option(
    "--lang", type=click.Choice(("zh", "en")), help="Language of the tables; by default that of the environment."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Compose and check panels from a file.

    PROBLEM is a panel-problem/1 file, or - for standard input; see docs/formats/panel-problem-1.md and
    `expertpool schema panel-problem/1`.

    \b
    Exit codes: 0 done, 2 faults in the file, 3 no panel or a broken list, 4 stopped, 70 unforeseen.
    """


@command.command()
@_PROBLEM
@_SEED
@_TIME_LIMIT
@_JSON
@_LANGUAGE
def compose(problem: Path, seed: str, time_limit: float | None, as_json: bool, lang: str | None) -> None:
    """Compose the best panel: least service, then best fit; proven optimal.

    Without a panel, the rules that cannot hold together are named, and the ways out.
    """
    from selection import PanelResult, compose_panel

    request = _read(problem, as_json)
    _note(f"composing {request.size} of {len(request.candidates):,} candidates")
    stopped = PanelResult(request, "stopped", seed)
    result = _interruptible(lambda: compose_panel(request, seed=seed, time_limit=time_limit), stopped)
    if as_json:
        _print_json(result.to_json())
    else:
        _show_result(result, lang)
    _end({"optimal": 0, "infeasible": _REFUSED}.get(result.status, _STOPPED))


@command.command()
@_PROBLEM
@click.option("--panel", "names", required=True, multiple=True, metavar="IDS", help="Ids with commas between them.")
@_SEED
@_TIME_LIMIT
@_JSON
@_LANGUAGE
def check(
    problem: Path, names: tuple[str, ...], seed: str, time_limit: float | None, as_json: bool, lang: str | None
) -> None:
    """Check a list of names: every rule kept or broken, and the fewest exchanges that repair it.

    An id that holds a comma is given as a --panel of its own.
    """
    from selection import PanelProblemFaults, check_panel

    request = _read(problem, as_json)
    known = {candidate.id for candidate in request.candidates}
    ids = [one for name in names for one in ([name] if name in known else name.split(",")) if one]
    _note(f"checking {len(ids)} names")
    try:
        result = _interruptible(lambda: check_panel(request, ids, seed=seed, time_limit=time_limit), None)
    except PanelProblemFaults as faults:
        _refuse(faults, as_json)
    if result is None:
        _end(_STOPPED)
    if as_json:
        _print_json(result.to_json())
    else:
        _show_check(result, lang)
    _end(0 if result.status == "kept" else _STOPPED if result.repair == "stopped" else _REFUSED)


def _read(problem: Path, as_json: bool) -> "PanelRequest":
    from selection import PanelProblemFault, PanelProblemFaults, parse_problem

    try:
        text = sys.stdin.buffer.read() if str(problem) == "-" else problem.read_bytes()
    except OSError as fault:
        why = {"file": str(problem), "why": fault.strerror or type(fault).__name__}
        _refuse(PanelProblemFaults([PanelProblemFault("", "FILE_UNREADABLE", why)]), as_json)
    _note(f"reading {len(text):,} bytes")
    try:
        return parse_problem(text)
    except PanelProblemFaults as faults:
        _refuse(faults, as_json)


def _refuse(faults: "PanelProblemFaults", as_json: bool) -> NoReturn:
    """Name every fault with its place, and end with 2."""
    if as_json:
        _print_json({"format": "faults/1", "faults": [fault.to_json() for fault in faults.faults]})
    else:
        for fault in faults.faults:
            click.echo(f"{fault.at or '/'}: {fault.says} [{fault.code}]", err=True)
    _end(_INPUT_FAULTY)


def _interruptible(work: Callable[[], T], otherwise: T) -> T:
    """Do the work beside the main thread, so that Ctrl-C ends it; then return the other value."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as fault:  # noqa: BLE001 -- raised again in the main thread
            failed.append(fault)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(0.1)
    except KeyboardInterrupt:
        _note("stopped")
        return otherwise
    if failed:
        raise failed[0]
    return done[0]


def _note(text: str) -> None:
    """Say on stderr what is going on, to a person who waits."""
    if sys.stderr.isatty():
        click.echo(f"… {text}", err=True)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2).encode())


def _end(code: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)


def _say(lang: str | None) -> Callable[..., str]:
    """Return what says a message in the reader's language."""
    from service.locales import Catalogues, install, translate

    install(Catalogues.load())
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    chosen = lang or ("zh" if named.startswith("zh") else "en")

    def say(message: str, **facts: Any) -> str:
        listed = {name: ", ".join(map(str, fact)) if isinstance(fact, list) else fact for name, fact in facts.items()}
        return translate(message, chosen, **listed)

    return say


def _show_result(result: "PanelResult", lang: str | None) -> None:
    say = _say(lang)
    click.echo(say(f"PANEL_{result.status.upper()}"))
    if result.members and result.objective is not None and result.bound is not None:
        by_id = {candidate.id: candidate for candidate in result.request.candidates}
        _table(
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
            _table(
                [say("候补专家编号"), say("席位（专业代码）"), say("可接替的成员")],
                [[one.id, one.seat or say("不限专业的席位"), ", ".join(one.replaces)] for one in result.reserves],
            )
        if result.reserves_missing:
            click.echo(say("RESERVES_MISSING", count=result.reserves_missing))
        _show_rules(result.rules, say)
    _show_blocking(result.blocking, result.ways_out, say)


def _show_check(result: "PanelCheck", lang: str | None) -> None:
    say = _say(lang)
    click.echo(say(f"LIST_{result.status.upper()}"))
    _table(
        [say("席位（专业代码）"), say("专家编号")],
        [[member.seat or say("不限专业的席位"), member.id] for member in result.members],
    )
    _show_rules(result.rules, say)
    if result.exchanges:
        _table(
            [say("退出的成员"), say("换入的成员")], [[one.leaves or "—", one.joins or "—"] for one in result.exchanges]
        )
    _show_blocking(result.blocking, result.ways_out, say)


def _show_rules(rules: Sequence[Any], say: Callable[..., str]) -> None:
    if not rules:
        return
    _table(
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
        _table([say("不能同时满足的条件"), say("现有人选"), say("条款依据"), say("文件中的位置")], rows)
    if ways_out:
        _table(
            [say("可行的办法"), say("文件中的位置")],
            [[say(way.code, **way.facts), way.facts.get("at", "")] for way in ways_out],
        )


def _counts(facts: Mapping[str, Any], say: Callable[..., str]) -> str:
    return say("BLOCKING_COUNTS", **facts) if "eligible" in facts else ""


def _table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console(highlight=False, soft_wrap=False).print(table)
