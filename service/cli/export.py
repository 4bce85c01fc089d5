"""`expertpool export`: the list of experts as a workbook, numbers masked."""

from pathlib import Path

import click


@click.command(name="export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "login", required=True, metavar="USER", help="Account that exports, with its rights.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def command(file: Path, login: str, language: str) -> None:
    """Write the experts of the library to FILE (.xlsx).

    Identity and telephone numbers are masked. The ledger notes that the list was taken out.
    """
    from service.cli.as_user import run

    written = run(_export(file, login, language), language=language)
    click.echo(f"{file}: {written} experts")


async def _export(file: Path, login: str, language: str) -> int:
    import asyncio
    import sys

    from rich.console import Console

    from service.actions.library_export import export_workbook, read_export
    from service.cli.as_user import open_house
    from service.locales import gettext, use_language

    async with open_house() as house:
        viewer = await house.viewer(login)
        lines = await house.perform(viewer, read_export)
        day = house.clock.today().isoformat()

        def make() -> bytes:
            use_language(language)
            return export_workbook(lines, title=gettext("专家名册"), day=day)

        console = Console(stderr=True, quiet=not sys.stderr.isatty())
        with console.status(f"{len(lines)} experts"):
            content = await asyncio.to_thread(make)
    await asyncio.to_thread(file.write_bytes, content)
    return len(lines)
