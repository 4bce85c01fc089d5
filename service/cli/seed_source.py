"""Sources of a seed as they are written on the command line."""

from typing import TYPE_CHECKING, get_args

import click

if TYPE_CHECKING:
    from selection.draw import Source


def source_of(text: str) -> "Source":
    """Read NAME=KIND; what is no source is named as a fault when it is committed to."""
    from selection.draw import Source
    from selection.draw.sources import Kind

    name, _, kind = text.partition("=")
    what, *rest = kind.split(":")
    if what not in get_args(Kind) or (len(rest) != 2 if what == "drand" else rest):
        raise click.BadParameter(
            f"{text}: write NAME=text, NAME=rfc3797 or NAME=drand:CHAIN:ROUND.", param_hint="--source"
        )
    if what != "drand":
        return Source(name, what)  # type: ignore[arg-type]
    if not rest[1].isascii() or not rest[1].isdigit() or len(rest[1]) > 16:
        raise click.BadParameter(f"{text}: the round is a whole number.", param_hint="--source")
    return Source(name, "drand", rest[0].lower(), int(rest[1]))
