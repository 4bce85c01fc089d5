"""`expertpool export`: the list of experts as a workbook, numbers masked unless opened with a reason."""

from pathlib import Path

import click


@click.command(name="export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "login", required=True, metavar="USER", help="Account that exports, with its rights.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--open", "opened", type=click.Choice(["identity", "phone"]), multiple=True, help="Numbers in full.")
@click.option("--reason", default="", help="Why; with --open. It is noted with every expert.")
def command(file: Path, login: str, language: str, opened: tuple[str, ...], reason: str) -> None:
    """Write the experts of the library to FILE (.xlsx).

    Identity and telephone numbers are masked unless opened with a reason. The ledger notes that the list was taken out.
    """
    from service.cli.as_user import run

    written = run(_export(file, login, language, opened, reason), language=language)
    click.echo(f"{file}: {written} experts")


async def _export(file: Path, login: str, language: str, opened: tuple[str, ...], reason: str) -> int:
    import asyncio
    import sys

    from rich.console import Console

    from service.actions.library_export import Opening, export_workbook, read_export
    from service.cli.as_user import open_house
    from service.locales import gettext, use_language

    async with open_house() as house:
        viewer = await house.viewer(login)
        opening = Opening(opened, reason)
        lines = await house.perform(viewer, lambda act: read_export(act, opening=opening))
        day = house.clock.today().isoformat()

        def make() -> bytes:
            use_language(language)
            return export_workbook(lines, title=gettext("专家名册"), day=day, opened=opened)

        console = Console(stderr=True, quiet=not sys.stderr.isatty())
        with console.status(f"{len(lines)} experts"):
            content = await asyncio.to_thread(make)
    await asyncio.to_thread(file.write_bytes, content)
    return len(lines)
