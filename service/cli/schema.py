"""`expertpool schema NAME`: the JSON Schema of a format."""

from importlib.util import find_spec
from pathlib import Path

import click


def schemas() -> dict[str, Path]:
    """Return the formats that have a schema: `panel-problem/1` -> its file."""
    found: dict[str, Path] = {}
    for package in ("selection", "conflicts"):
        # Found without importing the package: its solver and arrays are not needed to print a file.
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for file in (Path(folder) / "schemas").glob("*-*.json"):
                name, _, version = file.stem.rpartition("-")
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
