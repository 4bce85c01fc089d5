"""What the commands about a matter share: who acts, which matter, the law of the day, what is said at the end."""

import json
from typing import Any, Final
from uuid import UUID

import click

from service.cli.as_user import House

AS_USER: Final = click.option("--as", "login", required=True, help="Login of the account that acts; its rights apply.")
_AS_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Only JSON on standard output.")


def acting(function: Any) -> Any:
    """Give a command the account that acts, and its output as JSON."""
    return _AS_JSON(AS_USER(function))


async def find_matter(house: House, viewer: Any, number: str) -> UUID:
    """Return the matter with this number or id, among those that the viewer may know.

    Raises:
        NotFound: when there is none.
    """
    from service.storage.matters import matter_named
    from service.storage.session import reading

    async with reading(house.database) as session:
        return await matter_named(session, viewer, number)


def law(house: House) -> dict[str, Any]:
    """Return what a panel problem of today is made under."""
    return {
        "settings": house.settings,
        "edition": house.edition,
        "policy": house.policy,
        "on": house.clock.today(),
    }


def say_state(number: str, state: str, version: int, *, as_json: bool) -> None:
    """Say where a matter stands after an act."""
    click.echo(json.dumps({"number": number, "state": state, "version": version}) if as_json else f"{number} {state}")
