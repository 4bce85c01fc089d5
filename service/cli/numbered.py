"""`expertpool panel numbered`: the list of numbered panels of a commitment, for balls drawn before witnesses."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from service.cli.from_file import AS_JSON, LANGUAGE, REFUSED, end, note, print_json, read_file, refuse, sayer

if TYPE_CHECKING:
    from selection.draw import NumberedPanels

_COMMITMENT: Final = click.argument("commitment", type=click.Path(allow_dash=True, path_type=Path))


@click.command()
@_COMMITMENT
@click.option(
    "--balls", type=int, metavar="N", help="1000, 10000, 100000 or 1000000; as many as are needed when not given."
)
@click.option("--seed", default="", metavar="TEXT", help="Of the order of the list; the default is empty.")
@AS_JSON
@LANGUAGE
def numbered(commitment: Path, balls: int | None, seed: str, as_json: bool, lang: str | None) -> None:
    """List numbered panels for a draw by physical balls, each panel as likely as the others.

    The number is drawn digit by digit with ten balls. Where a list would be unfair, too short for the pool or longer
    than balls can be drawn for, there is none (exit code 3): draw from a seed instead. With --json the very bytes that
    are hashed are printed: publish the hash before the first ball.
    """
    from selection import PanelProblemFaults
    from selection.draw import NoFairList, numbered_panels, parse_commitment

    say = sayer(lang)
    try:
        fixed = parse_commitment(read_file(commitment, as_json))
        note("making the list of numbered panels")
        found = numbered_panels(fixed, balls=balls, seed=seed)
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
    except NoFairList as refused:
        if as_json:
            print_json(_refusal(refused.code, refused.facts))
        else:
            click.echo(say(refused.code, **refused.facts))
        end(REFUSED)
    if as_json:
        click.echo(found.text.encode(), nl=False)
    else:
        _show(found, say("BALLS_NUMBERED", balls=f"{len(found.panels):,}", digits=found.digits))
    click.echo(f"list SHA-256: {found.sha256}", err=True)


def _refusal(code: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {"format": "panel-list/1", "status": "refused", "code": code, "facts": facts}


def _show(found: "NumberedPanels", heading: str) -> None:
    click.echo(heading)
    for place, panel in enumerate(found.panels):
        click.echo(f"{found.numbered(place)}  {', '.join(panel)}")
