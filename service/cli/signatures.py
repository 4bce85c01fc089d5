"""`expertpool signatures`: how the time stamps of signed documents stand, and renewing them."""

from datetime import timedelta

import click


@click.group(help="Signed documents: how their archive time stamps stand, and renewing them.")
def command() -> None:
    """Group of the commands about signed documents."""


@command.command()
@click.option("--all", "every", is_flag=True, help="Stamp every document now, such as before a change of algorithm.")
def renew(every: bool) -> None:
    """Put a further archive time stamp behind every signed document whose last one is older than two years.

    The service does it by itself every hour, a few at a time; this does all that are due. Ends with 3 when a document
    cannot be stamped any more.
    """
    from service.cli.as_user import open_house, run
    from service.jobs.stamps import RENEW_AFTER, Renewed, renew_stamps
    from service.storage.signing import authority_of

    async def work() -> Renewed:
        async with open_house() as house:
            at = house.clock.now()
            authority = await authority_of(house.database, house.keys, county=house.settings.county, at=at)
            older_than = timedelta(0) if every else RENEW_AFTER
            return await renew_stamps(house.database, authority, at=at, older_than=older_than, most=10**9)

    renewed = run(work())
    click.echo(f"{renewed.done} documents got a further time stamp.")
    for document_id in renewed.unfit:
        click.echo(f"{document_id} cannot be stamped: its bytes are not a signed PDF any more.", err=True)
    if renewed.unfit:
        raise click.exceptions.Exit(3)
