"""`expertpool doctor`: is everything as it should be?"""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from service import ledger

if TYPE_CHECKING:
    from service.cli.as_user import House
    from service.storage.doctor import Difference


@click.command("doctor")
@click.option("--repair", is_flag=True, help="Write rows that differ anew from the ledger. Make a backup first.")
def command(repair: bool) -> None:
    """Check the installation: the database file, the ledger, each matter's rows against its stream, time stamps.

    For matters the ledger is the truth and the rows follow from it. Ends with 3 when something differs.
    """
    from service.cli.as_user import run

    if run(_examine(repair=repair)):
        raise click.exceptions.Exit(3)


async def _examine(*, repair: bool) -> bool:
    """Say everything that is found and return whether anything is still wrong."""
    from service.cli.as_user import open_house
    from service.storage.doctor import counts_of, integrity_of
    from service.storage.session import reading

    async with open_house() as house:
        async with reading(house.database) as session:
            faults = await integrity_of(session)
            matters, entries = await counts_of(session)
        for fault in faults:
            click.echo(f"database: {fault}", err=True)
        found = await _verified(house)
        if found is not None:
            click.echo(f"ledger: {found}", err=True)
        differences = await _compared(house, repair=repair and found is None)
        overdue = await _overdue_stamps(house)
        if overdue:
            click.echo(
                f"signatures: {overdue} documents wait for a further time stamp; run `expertpool signatures renew`",
                err=True,
            )
        for each in differences:
            click.echo(f"{each.stream}: {each.table} {each.key} {each.what}".replace("  ", " "), err=True)
    if differences and repair and found is None:
        put_right = sum(each.can_be_put_right for each in differences)
        click.echo(f"{put_right} differences were put right from the ledger.")
        differences = [each for each in differences if not each.can_be_put_right]
    if not (faults or found or differences or overdue):
        click.echo(f"All well: {matters} matters are what {entries} ledger entries say.")
    return bool(faults or found or differences or overdue)


async def _overdue_stamps(house: "House") -> int:
    """Return how many documents should have got a further time stamp a month ago: nobody has renewed them."""
    from service.jobs.stamps import RENEW_AFTER
    from service.storage.session import reading
    from service.storage.signatures import stamped_before

    async with reading(house.database) as session:
        return len(await stamped_before(session, house.clock.now() - RENEW_AFTER - timedelta(days=30)))


async def _verified(house: "House") -> str | None:
    from service.locales import translate
    from service.storage.session import reading

    async with reading(house.database) as session:
        head = await ledger.head(session)
        verifier = ledger.verifier_key(head.origin, house.keys.ledger_key()) if head else None
        fault = (await ledger.verify_ledger(session, verifier=verifier)).fault
    if fault is None:
        return None
    facts = {"seq": fault.seq, **fault.facts}
    return f"{translate(fault.code, 'en', **facts)} ({fault.code})"


async def _compared(house: "House", *, repair: bool) -> "list[Difference]":
    from service.storage.doctor import compare_matter, matters_to_check
    from service.storage.session import reading, unit_of_work

    class _OnlyCompared(Exception):
        pass

    async with reading(house.database) as session:
        ids = await matters_to_check(session)
    differences: list[Difference] = []
    for matter_id in ids:
        # One short transaction a matter: people go on working meanwhile.
        try:
            async with unit_of_work(house.database, at=house.clock.now()) as session:
                found = await compare_matter(session, matter_id)
                differences += found
                if not (repair and found):
                    raise _OnlyCompared
        except _OnlyCompared:
            continue
    return differences
