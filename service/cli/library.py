"""`expertpool library`: official papers of the library, as PDF/A or Word, for who scripts them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.actions.act import Act
    from service.documents.official import OfficialPaper

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_AS = click.option("--as", "login", required=True, metavar="USER", help="Account that makes it, with its rights.")


@click.group(name="library")
def command() -> None:
    """Make official papers of the library: FILE.pdf is PDF/A, FILE.docx is for Word."""


@command.command(name="roster")
@_FILE
@_AS
def roster(file: Path, login: str) -> None:
    """Write the roster of who is in office today."""
    from service.actions.library_papers import read_roster

    _make(file, login, read_roster)


@command.command(name="contacts")
@_FILE
@_AS
@click.option("--phones", is_flag=True, help="Telephone numbers in full; needs --reason.")
@click.option("--reason", default="", help="Why; it is noted with every expert.")
def contacts(file: Path, login: str, *, phones: bool, reason: str) -> None:
    """Write the contact list of who is in office today."""
    from service.actions.library_papers import read_contacts

    _make(file, login, lambda act: read_contacts(act, phones=phones, reason=reason))


@command.command(name="report")
@_FILE
@_AS
@click.option("--year", type=int, help="The year; the running one up to today when left out.")
def report(file: Path, login: str, year: int | None) -> None:
    """Write the yearly report on the library's use."""
    from service.actions.library_papers import read_report

    _make(file, login, lambda act: read_report(act, year=year or act.on.year))


@command.command(name="unit-letter")
@_FILE
@click.argument("number")
@_AS
@click.option("--purpose", required=True, help="What the expert is wanted for.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Inclusive; the same day when left out.")
@click.option("--letter-number", default="", help="Number of the letter.")
@click.option("--contact", default="", help="Whom the unit may ask.")
def unit_letter(
    file: Path,
    number: str,
    login: str,
    purpose: str,
    first: datetime,
    last: datetime | None,
    letter_number: str,
    contact: str,
) -> None:
    """Write the letter that asks the unit of expert NUMBER to let the expert take part."""
    from service.actions.library_papers import UnitLetterEntry, read_unit_letter
    from service.storage.experts import expert_numbered

    entry = UnitLetterEntry(purpose, first.date(), (last or first).date(), letter_number, contact)

    async def read(act: "Act") -> "OfficialPaper":
        return await read_unit_letter(act, await expert_numbered(act.session, number), entry)

    _make(file, login, read)


def _make(file: Path, login: str, read: "Callable[[Act], Awaitable[OfficialPaper]]") -> None:
    from service.cli.as_user import run

    form = file.suffix.removeprefix(".").lower()
    if form not in ("pdf", "docx"):
        raise click.BadParameter("the file ends in .pdf or .docx", param_hint="FILE")
    run(_made(file, login, read, form))
    click.echo(str(file))


async def _made(file: Path, login: str, read: "Callable[[Act], Awaitable[OfficialPaper]]", form: str) -> None:
    import asyncio

    from service.actions.library_papers import set_paper
    from service.cli.as_user import open_house

    async with open_house() as house:
        paper = await house.perform(await house.viewer(login), read)
        content = await asyncio.to_thread(set_paper, paper, form)
    await asyncio.to_thread(file.write_bytes, content)
