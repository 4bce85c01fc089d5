"""`expertpool panel commit | draw | verify | verifier | rfc3797`: draws by lot that anybody can do again."""

import re
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
    read_file,
    refuse,
    sayer,
)
from service.cli.problem_file import PROBLEM, TIME_LIMIT, read_problem
from service.cli.seed_source import source_of

if TYPE_CHECKING:
    from selection import Lottery, PanelRequest
    from selection.draw import Commitment, SourceValue

_FILE: Final = click.Path(allow_dash=True, path_type=Path)
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@click.command()
@PROBLEM
@click.option(
    "--lottery", "lottery_file", type=_FILE, help="The lottery/1 of this problem; found when it is not given."
)
@click.option("--equal", is_flag=True, help="Find the lottery in which past service does not count.")
@TIME_LIMIT
@click.option("--matter", default="", metavar="NAME", help="Opaque name of the matter.")
@click.option("--panel", default=1, show_default=True, help="Number of the panel within the matter.")
@click.option("--draw", "number", default=1, show_default=True, help="Number of the draw within the panel.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=KIND",
    help="Where the seed will come from, in order: text, rfc3797, or drand:CHAIN:ROUND. The default is seed=text.",
)
@click.option("--reveal-on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Day on which they are read.")
@AS_JSON
def commit(
    problem: Path,
    lottery_file: Path | None,
    equal: bool,
    time_limit: float | None,
    matter: str,
    panel: int,
    number: int,
    sources: tuple[str, ...],
    reveal_on: datetime | None,
    as_json: bool,
) -> None:
    """Fix a draw before anybody knows its seed, as commitment/1.

    What is printed are the very bytes that are hashed: the hash is that of the file, by sha256sum or any other tool.
    Publish it before the sources show anything.
    """
    from selection import PanelProblemFaults
    from selection.draw import commit as fix

    if lottery_file is not None and equal:
        raise click.UsageError("A lottery that is given was found before: leave out --equal.")
    request = read_problem(problem, as_json)
    lottery = _found(request, equal, time_limit, as_json) if lottery_file is None else _given(lottery_file, as_json)
    try:
        made = fix(
            request,
            lottery,
            sources=[source_of(text) for text in sources] or [source_of("seed=text")],
            matter=matter,
            panel=panel,
            draw=number,
            reveal_on=reveal_on.date() if reveal_on else None,
        )
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    _print_bytes(made.value)
    click.echo(f"commitment SHA-256: {made.sha256}", err=True)


@click.command()
@click.argument("commitment", type=_FILE)
@click.option("--seed", metavar="TEXT", help="What the one source of the commitment showed.")
@click.option("--seed-rfc3797", metavar="NUMBERS", help='The same as numbers: "9319 / 2 5 8 10 12 / 9 18 26".')
@click.option(
    "--source",
    "shown",
    multiple=True,
    metavar="NAME=VALUE",
    help="What a source showed; of a drand round the JSON that the beacon gives, or @FILE.",
)
@click.option("--decline", "declined", multiple=True, metavar="ID", help="Who declined, in order; the draw goes on.")
@AS_JSON
def draw(
    commitment: Path,
    seed: str | None,
    seed_rfc3797: str | None,
    shown: tuple[str, ...],
    declined: tuple[str, ...],
    as_json: bool,
) -> None:
    """Draw a panel from a commitment and a seed, as draw-record/1.

    Exit code 3 when nobody can join for somebody who declined; the record says so.
    """
    from selection import PanelProblemFaults
    from selection.draw import draw_panel, key_string, parse_commitment

    if sum((seed is not None, seed_rfc3797 is not None, bool(shown))) != 1:
        raise click.UsageError("Give the seed once: by --seed, by --seed-rfc3797, or by a --source for each source.")
    text = read_file(commitment, as_json)
    try:
        fixed = parse_commitment(text)
        if not shown:
            seed = key_string(seed_rfc3797) if seed_rfc3797 is not None else seed
            shown = (f"{fixed.sources[0].name}={seed}",)
        record = draw_panel(fixed, _values(fixed, shown, as_json), declined=declined)
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    _print_bytes(record.to_json())
    click.echo(f"panel: {', '.join(member.id for member in record.panel)}", err=True)
    if not record.is_whole:
        gone = next(decline.id for decline in record.declines if decline.was == "member" and decline.joins is None)
        click.echo(f"Nobody can join in the place of {gone} and keep every rule: this draw gives no panel.", err=True)
        end(REFUSED)


@click.command()
@click.argument("record", type=_FILE)
@click.option("--published", metavar="SHA256", help="Hash of the commitment as it was published before the draw.")
@AS_JSON
@LANGUAGE
def verify(record: Path, published: str | None, as_json: bool, lang: str | None) -> None:
    """Verify a draw record: its hashes, lottery, seed, and the draw done again.

    Exit code 3, and a sentence that names what differs, when it is not true.
    """
    from selection import PanelProblemFaults
    from selection.draw import verify_record

    if published is not None and not _HASH.fullmatch(published := published.lower()):
        raise click.BadParameter("a SHA-256 has 64 hexadecimal digits.", param_hint="--published")
    text = read_file(record, as_json)
    try:
        found = verify_record(text, published_sha256=published)
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    if as_json:
        print_json(found.to_json())
    else:
        say = sayer(lang)
        click.echo(say(found.code or "DRAW_VERIFIED", **found.facts))
        if found.code is None and published is None:
            click.echo(say("COMMITMENT_TO_COMPARE", sha256=found.commitment_sha256))
        for name in found.unchecked:
            click.echo(say("DRAND_SIGNATURE_UNCHECKED", name=name))
    end(REFUSED if found.code else 0)


@click.command()
def verifier() -> None:
    """Print a program that verifies draw records with nothing but Python: one file, to keep and to read."""
    spec = find_spec("selection")
    folder = (spec.submodule_search_locations or ("",))[0] if spec else ""
    click.echo((Path(folder) / "draw" / "verifier.py").read_bytes(), nl=False)


@click.command()
@click.option("--names", type=int, required=True, metavar="N", help="How many names are on the list.")
@click.option("--picks", "count", type=int, required=True, metavar="K", help="How many are picked.")
@click.option("--sources", required=True, metavar="NUMBERS", help='Such as "9319 / 2 5 8 10 12 / 9 18 26".')
@AS_JSON
def rfc3797(names: int, count: int, sources: str, as_json: bool) -> None:
    """Run RFC 3797's own algorithm: which of N numbered names are picked, in order."""
    from selection import PanelProblemFaults
    from selection.draw import key_string, picks

    try:
        key = key_string(sources)
        picked = picks(names, count, key)
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    if as_json:
        print_json({"key": key, "picks": list(picked)})
    else:
        click.echo(f"{key}\n{' '.join(map(str, picked))}")


def _found(request: "PanelRequest", equal: bool, time_limit: float | None, as_json: bool) -> "Lottery":
    """Find the lottery of a problem; without one, say why and end."""
    from selection import Lottery, PanelResult, find_lottery
    from service.cli.panel import show_result

    note(f"looking for the fairest lottery over panels of {request.size} of {len(request.candidates):,} candidates")
    stopped: Lottery | PanelResult = PanelResult(request, "stopped")
    found = interruptible(lambda: find_lottery(request, equal=equal, time_limit=time_limit), stopped)
    if not isinstance(found, Lottery):
        if as_json:
            print_json(found.to_json())
        else:
            show_result(found, None)
        end(REFUSED if found.status == "infeasible" else STOPPED)
    return found


def _given(file: Path, as_json: bool) -> "Lottery":
    from selection import PanelProblemFaults, parse_lottery
    from selection.draw.shape import read_json

    try:
        return parse_lottery(read_json(read_file(file, as_json)))
    except PanelProblemFaults as faults:
        refuse(faults, as_json)


def _values(commitment: "Commitment", shown: Sequence[str], as_json: bool) -> "list[SourceValue]":
    """Return what was shown, in the order of the sources; something that belongs to no source stays, as a fault."""
    from selection.draw import SourceValue, read_value

    given = [(name, value) for name, _, value in (text.partition("=") for text in shown)]
    by_name = {source.name: source for source in commitment.sources}
    order = list(by_name)
    found = []
    for name, value in sorted(given, key=lambda one: order.index(one[0]) if one[0] in by_name else len(order)):
        source = by_name.get(name)
        if source is None:
            found.append(SourceValue(name, value))
        elif source.kind == "drand":
            beacon = _beacon(value, as_json)
            if beacon.get("round", source.round) != source.round:
                raise click.BadParameter(f"{name}: the commitment names round {source.round}.", param_hint="--source")
            randomness, signature = (str(beacon.get(key, "")) for key in ("randomness", "signature"))
            found.append(read_value(source, randomness, signature=signature))
        else:
            found.append(read_value(source, value))
    return found


def _beacon(text: str, as_json: bool) -> dict[str, Any]:
    from selection.draw.shape import read_json

    value = read_json(read_file(Path(text[1:]), as_json) if text.startswith("@") else text)
    return value if isinstance(value, dict) else {}


def _print_bytes(value: Any) -> None:
    """Print the RFC 8785 form and no byte more, so that a file holds exactly what is hashed."""
    from selection import canonical_json

    click.echo(canonical_json(value).encode(), nl=False)
