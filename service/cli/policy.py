"""`expertpool policy`: versions of the local policy of conflicts: drawn up by one person, published by another."""

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from service.cli.of_matter import AS_USER

if TYPE_CHECKING:
    from service.actions.act import Act
    from service.storage.policies import PolicyVersion

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Only JSON.")


@click.group("policy", short_help="Versions of the local policy of conflicts.")
def command() -> None:
    """List the versions of the local policy; draw one up, withdraw it, publish it as a second person."""


@command.command("list")
@AS_USER
@_AS_JSON
def list_command(*, login: str, as_json: bool) -> None:
    """List every version with what it changed: the draft first, then the published ones, the newest first."""
    from service.access import require
    from service.cli.as_user import open_house, run
    from service.storage.policies import policy_versions
    from service.storage.session import reading

    async def work() -> tuple["PolicyVersion", ...]:
        async with open_house() as house:
            require(await house.viewer(login), "policy:see")
            async with reading(house.database) as session:
                return await policy_versions(session, house.settings.policy)

    versions = run(work())
    if as_json:
        click.echo(json.dumps([_json(one) for one in versions], ensure_ascii=False, indent=1))
        return
    for one in versions:
        click.echo(f"{one.id}  {one.name or '-'}  {one.state}  from {one.from_on}  {one.sha256[:12]}")
        for change in one.differences:
            click.echo(f"  ~ {change.row}: {change.key} {change.before} -> {change.after}")
    if not versions:
        click.echo("no version yet: the policy is in force as shipped")


@command.command("draft")
@AS_USER
@click.option(
    "--change",
    "changes",
    multiple=True,
    required=True,
    metavar="ROW=SEVERITY[:WINDOW]",
    help="block, waiver, disclose or off; the window in months, current or forever. Repeat for several rows.",
)
@click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day of the version.")
@click.option("--reason", required=True, help="Why, for the record.")
def draft_command(*, login: str, changes: tuple[str, ...], from_on: datetime, reason: str) -> None:
    """Draw up the next version; nothing is judged by it before another person publishes it."""
    from service.actions.policies import PolicyDraft, draft_policy
    from service.regulation import RowChange

    read = []
    for text in changes:
        row, _, what = text.partition("=")
        severity, _, window = what.partition(":")
        read.append(RowChange(row.strip(), severity.strip(), window.strip()))
    draft = PolicyDraft(read, from_on.date(), reason)

    async def act(act: "Act") -> UUID:
        return await draft_policy(act, draft)

    click.echo(f"{_done(login, act)}  drafted; another person publishes it")


@command.command("publish")
@AS_USER
@click.argument("version_id", type=click.UUID)
def publish_command(*, login: str, version_id: UUID) -> None:
    """Publish a draft that another person drew up."""
    from service.actions.policies import publish_policy
    from service.storage.policies import load_version

    async def act(act: "Act") -> str:
        seen = (await load_version(act.session, version_id)).version
        return await publish_policy(act, version_id, seen=seen)

    click.echo(f"{_done(login, act)}  published")


@command.command("withdraw")
@AS_USER
@click.argument("version_id", type=click.UUID)
@click.option("--reason", required=True, help="Why, for the record.")
def withdraw_command(*, login: str, version_id: UUID, reason: str) -> None:
    """Withdraw a draft; it stays in the list and takes no number."""
    from service.actions.policies import withdraw_policy_draft
    from service.storage.policies import load_version

    async def act(act: "Act") -> UUID:
        seen = (await load_version(act.session, version_id)).version
        await withdraw_policy_draft(act, version_id, reason=reason, seen=seen)
        return version_id

    click.echo(f"{_done(login, act)}  withdrawn")


def _done(login: str, act: Any) -> Any:
    """Do one act as an account and return what it says."""
    from service.cli.as_user import open_house, run

    async def work() -> Any:
        async with open_house() as house:
            return await house.perform(await house.viewer(login), act)

    return run(work())


def _json(one: "PolicyVersion") -> dict[str, Any]:
    def said(day: date | datetime | None) -> str | None:
        return None if day is None else day.isoformat()

    return {
        "id": str(one.id),
        "number": one.number,
        "name": one.name,
        "state": one.state,
        "from_on": said(one.from_on),
        "differences": [[each.row, each.key, each.before, each.after] for each in one.differences],
        "reason": one.reason,
        "drafted_by": one.drafted_by,
        "drafted_at": said(one.drafted_at),
        "settled_by": one.settled_by,
        "settled_at": said(one.settled_at),
        "settled_reason": one.settled_reason,
        "sha256": one.sha256,
    }
