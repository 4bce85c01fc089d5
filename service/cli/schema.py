"""`expertpool schema NAME`: the JSON Schema of a format."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import click


def schemas() -> dict[str, Traversable]:
    """Return the formats that have a schema: `panel-problem/1` -> its file."""
    found: dict[str, Traversable] = {}
    for package in ("selection", "conflicts"):
        folder = files(package) / "schemas"
        if folder.is_dir():
            for file in folder.iterdir():
                name, _, version = file.name.removesuffix(".json").rpartition("-")
                if file.name.endswith(".json"):
                    found[f"{name}/{version}"] = file
    return dict(sorted(found.items()))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print the JSON Schema (draft 2020-12) of a format such as panel-problem/1; without NAME, list the formats."""
    known = schemas()
    if name is None:
        click.echo("\n".join(known))
        return
    if name not in known:
        raise click.UsageError(f"{name} has no schema. Known are: {', '.join(known)}.")
    click.echo(known[name].read_text(encoding="utf-8"), nl=False)
