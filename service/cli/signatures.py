"""`expertpool signatures`: renewing time stamps, and what outside authorities the installation trusts."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.signing import Outside


@click.group(help="Signed documents: renewing their time stamps, and the outside authorities that are trusted.")
def command() -> None:
    """Group of the commands about signed documents."""


@command.command()
@click.option("--all", "every", is_flag=True, help="Stamp every document now, such as before a change of algorithm.")
def renew(every: bool) -> None:
    """Put a further archive time stamp behind every signed document whose last one is older than two years.

    The service does it by itself every hour, a few at a time; this does all that are due. Ends with 3 when a document
    cannot be stamped any more, with 4 when the time-stamp server stopped it.
    """
    from service.cli.as_user import open_house, run
    from service.jobs.stamps import RENEW_AFTER, Renewed, renew_stamps
    from service.locales import translate
    from service.storage.signing import authority_of

    async def work() -> Renewed:
        async with open_house() as house:
            at = house.clock.now()
            authority = await authority_of(house.database, house.keys, county=house.settings.county, at=at)
            older_than = timedelta(0) if every else RENEW_AFTER
            return await renew_stamps(
                house.database, authority, at=at, older_than=older_than, most=10**9, outside=house.settings.outside
            )

    renewed = run(work())
    click.echo(f"{renewed.done} documents got a further time stamp.")
    for document_id in renewed.unfit:
        click.echo(f"{document_id} cannot be stamped: its bytes are not a signed PDF any more.", err=True)
    if renewed.stopped:
        click.echo(translate(renewed.stopped, "en"), err=True)
        raise click.exceptions.Exit(4)
    if renewed.unfit:
        raise click.exceptions.Exit(3)


@command.command()
@click.option("--try", "trying", is_flag=True, help="Ask the time-stamp server for one stamp.")
def trust(trying: bool) -> None:
    """Show the outside authorities that are trusted, how fresh their revocation lists are, and who stamps the time.

    Ends with 3 when a revocation list is out of date or cannot be read, or the tried server gave no stamp that counts.
    """
    from service.cli.as_user import settings_or_exit
    from service.clock import SystemClock
    from service.signing.outside import list_files

    outside = settings_or_exit().outside
    at = SystemClock().now()
    for root in outside.roots:
        click.echo(f"root   {root.subject.rfc4514_string()}  until {root.not_valid_after_utc:%Y-%m-%d}")
    for issuer in outside.issuers:
        click.echo(f"issuer {issuer.subject.rfc4514_string()}  until {issuer.not_valid_after_utc:%Y-%m-%d}")
    stale = [_show_list(path, at) for path in list_files(outside.lists)].count(False)
    if not outside.roots:
        click.echo("No outside authority is trusted; experts sign with certificates of the center alone.")
    elif not (outside.lists or outside.fetch):
        click.echo(
            "No revocation lists: nobody can sign with a certificate of these (EXPERTPOOL_SIGNING_CRLS).", err=True
        )
    click.echo(f"stamps {outside.stamp_url or 'the clock of the center'}")
    if stale or (trying and outside.stamp_url and not _stamp_counts(outside, at)):
        raise click.exceptions.Exit(3)


def _show_list(path: Path, at: datetime) -> bool:
    """Print a revocation list, and return whether it still counts."""
    from service.signing import ListUnreadable, read_list

    try:
        held = read_list(path)
    except ListUnreadable:
        click.echo(f"list   CANNOT BE READ  ({path.name})")
        return False
    fresh = held.next_update_utc is None or held.next_update_utc > at
    until = f"until {held.next_update_utc:%Y-%m-%d %H:%M} UTC" if held.next_update_utc else "without an end"
    click.echo(f"list   {held.issuer.rfc4514_string()}  {until}{'' if fresh else '  OUT OF DATE'}  ({path.name})")
    return fresh


def _stamp_counts(outside: "Outside", at: datetime) -> bool:
    """Ask for one stamp, and return whether it counts."""
    import asyncio

    from service.locales import translate
    from service.signing.chains import try_stamp
    from service.signing.stamping import StampFailed

    try:
        asyncio.run(try_stamp(outside, at=at))
    except StampFailed as fault:
        click.echo(translate(fault.code, "en"), err=True)
        return False
    click.echo("The server gave a stamp that counts.")
    return True
