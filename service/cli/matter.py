"""`expertpool matter`: the same acts as the pages, from the command line."""

import asyncio
import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import click

from service.cli.as_user import open_house, run
from service.cli.matter_draw import command as draw
from service.cli.of_matter import acting, find_matter, law, say_state


@click.group()
def command() -> None:
    """Open matters, say what panel is needed, propose and determine it."""


command.add_command(draw)


@command.command("list")
@acting
def list_(login: str, as_json: bool) -> None:
    """List matters, newest first."""
    run(_list(login, as_json=as_json))


@command.command("open")
@click.argument("title")
@click.option("--unit", required=True, help="Name, credit code or id of the undertaking unit.")
@click.option("--kind", default="A3.4", show_default=True, help="Item of A3: A3.1 to A3.5.")
@click.option("--size", default=5, show_default=True, help="Members of the panel.")
@click.option("--seat", "seats", multiple=True, metavar="FIELD:COUNT", help="Seats of a field, repeatable: 570:2.")
@click.option("--reserves", default=2, show_default=True, help="Reserves to name.")
@click.option("--flag", "flags", multiple=True, help="wide, disputed, complex or sensitive; repeatable.")
@acting
def open_(
    title: str, unit: str, kind: str, size: int, seats: tuple[str, ...], reserves: int, flags: tuple[str, ...],
    login: str, as_json: bool,
) -> None:  # fmt: skip
    """Open a matter with its need and print its number."""
    run(_open(title, unit, kind, size, seats, reserves, flags, login, as_json=as_json))


open_.name = "open"


@command.command()
@click.argument("number")
@acting
def panel(number: str, login: str, as_json: bool) -> None:
    """Compose the panel of a matter as of today and say why; records nothing."""
    run(_panel(number, login, as_json=as_json))


@command.command()
@click.argument("number")
@click.option("--member", "members", multiple=True, help="Library number of an expert; repeatable. None: as composed.")
@click.option("--smaller-reason", default="", help="The unit's reason for a panel below the floor (A31).")
@click.option("--paper", default="", help="The unit's letter, when the center enters the proposal.")
@click.option("--designation", default="", help="For a list made by hand: why these people.")
@acting
def propose(
    number: str, members: tuple[str, ...], smaller_reason: str, paper: str, designation: str, login: str, as_json: bool
) -> None:
    """Propose a panel for the unit (A32.1)."""
    run(_propose(number, members, smaller_reason, paper, designation, login, as_json=as_json))


@command.command()
@click.argument("number")
@click.argument("choice", type=click.Choice(["open", "composed", "designated", "drawn"]))
@click.option("--reason", default="", help="Why it is not the way of the local policy.")
@acting
def mode(number: str, choice: str, reason: str, login: str, as_json: bool) -> None:
    """Lay down for the center how the panel of a matter comes about."""
    run(_mode(number, choice, reason, login, as_json=as_json))


@command.command()
@click.argument("number")
@acting
def approve(number: str, login: str, as_json: bool) -> None:
    """Second a list made by hand for the center; neither who proposed it nor who determines it."""
    run(_approve(number, login, as_json=as_json))


@command.command()
@click.argument("number")
@click.option("--on-paper", is_flag=True, help="Enter those that are missing: they came on paper and say nothing new.")
@click.option("--made-on", type=click.DateTime(["%Y-%m-%d"]), help="The day that they bear; today when left out.")
@acting
def declarations(number: str, on_paper: bool, made_on: datetime | None, login: str, as_json: bool) -> None:
    """Say who of the panel has a valid yearly declaration of interest (A28.4)."""
    run(_declarations(number, on_paper, made_on and made_on.date(), login, as_json=as_json))


@command.command()
@click.argument("number")
@click.option("--flag", "flags", multiple=True, help="Flags the center confirms; none: an ordinary matter.")
@click.option("--flags-reason", default="", help="Why they differ from the unit's.")
@click.option("--smaller-reason", default="", help="Why the center accepts a panel below the floor (A31).")
@acting
def determine(
    number: str, flags: tuple[str, ...], flags_reason: str, smaller_reason: str, login: str, as_json: bool
) -> None:
    """Determine the proposed panel for the center (A32.1); never by the person who proposed it."""
    run(_determine(number, flags, flags_reason, smaller_reason, login, as_json=as_json))


async def _list(login: str, *, as_json: bool) -> None:
    from service.storage.matters import list_matters
    from service.storage.session import reading

    async with open_house() as house:
        viewer = await house.viewer(login)
        async with reading(house.database) as session:
            found = await list_matters(session, viewer)
    if as_json:
        rows = [
            {"number": one.number, "title": one.title, "unit": one.unit_name, "state": one.state} for one in found.lines
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for line in found.lines:
        click.echo(f"{line.number}  {line.state:<11} {line.title}  ({line.unit_name})")


async def _open(
    title: str, unit: str, kind: str, size: int, seats: tuple[str, ...], reserves: int, flags: tuple[str, ...],
    login: str, *, as_json: bool,
) -> None:  # fmt: skip
    from service.actions.matters import Opening, open_matter
    from service.storage.matter_choices import find_organisation
    from service.storage.matters import load_matter
    from service.storage.session import reading
    from workflow import Need

    async with open_house() as house:
        viewer = await house.viewer(login)
        async with reading(house.database) as session:
            units = await find_organisation(session, unit)
        if len(units) != 1:
            raise click.UsageError(f"--unit {unit}: found {len(units)} organisations; give the credit code.")
        need = Need(size, tuple(_seat(text) for text in seats), (), reserves)
        opening = Opening(title=title, unit_id=units[0], kind=kind, need=need, flags=frozenset(flags))
        matter_id = await house.perform(viewer, lambda act: open_matter(act, opening))
        async with reading(house.database) as session:
            matter = await load_matter(session, viewer, matter_id)
    click.echo(json.dumps({"id": str(matter_id), "number": matter.number}) if as_json else matter.number)


async def _panel(number: str, login: str, *, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from service.access import may
    from service.actions.assembly import compose
    from service.actions.panels import prepare
    from service.locales import translate
    from service.problems import NotFound
    from service.storage.matters import relations_to
    from service.storage.residents import Residents
    from service.storage.session import reading

    async with open_house() as house:
        viewer = await house.viewer(login)
        matter_id = await find_matter(house, viewer, number)
        async with reading(house.database) as session:
            relations = await relations_to(session, viewer, matter_id)
            if not may(viewer, "panel:see", relations):
                raise NotFound(subject="matter")
            _, problem = await prepare(session, Residents(), matter_id, **law(house))
        assembly = await asyncio.to_thread(compose, problem, seed=str(matter_id))
        private = may(viewer, "panel:see-reasons", relations)
    if as_json:
        result = assembly.result.to_json()
        if not private:
            result["rules"] = [rule for rule in result.get("rules", ()) if not rule["at"].startswith("/excluded")]
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        table = Table("", "number", "name", "employer", "seat", "service", "fit", "why")
        for place, one in enumerate((*assembly.members, *assembly.reserves), 1):
            why = translate(one.why.code, "en", **(one.why.facts or {})) if one.why else ""
            name = one.entry.name if one.role == "member" else f"({one.entry.name})"
            table.add_row(
                str(place), one.entry.number, name, one.employer, one.seat or "·", str(one.service),
                str(one.fit.points), why,
            )  # fmt: skip
        Console().print(table)
        for rule in assembly.result.blocking:
            click.echo(f"{translate(rule.code, 'en', **rule.facts)} ({rule.cite or 'local policy'})")
    if not assembly.possible:
        raise click.exceptions.Exit(4 if assembly.result.status == "stopped" else 3)


async def _propose(
    number: str, members: tuple[str, ...], smaller_reason: str, paper: str, designation: str, login: str,
    *, as_json: bool,
) -> None:  # fmt: skip
    from selection import compose_panel
    from service.actions.panels import choose_from, prepare, propose_panel
    from service.problems import Fault, Invalid
    from service.storage.residents import Residents
    from service.storage.session import reading

    residents = Residents()
    async with open_house() as house:
        viewer = await house.viewer(login)
        matter_id = await find_matter(house, viewer, number)
        async with reading(house.database) as session:
            state, problem = await prepare(session, residents, matter_id, **law(house))
        if members:
            by_number = {one.entry.number: one.id for one in problem.standings.values()}
            if unknown := [member for member in members if member not in by_number]:
                raise click.UsageError(f"--member: no such expert: {', '.join(unknown)}")
            chosen_ids = tuple(by_number[member] for member in members)
        else:
            composed = compose_panel(problem.request, seed=str(matter_id), locked_in=problem.locked_in)
            chosen_ids = tuple(UUID(member.id) for member in composed.members)
        if not chosen_ids:
            raise Invalid([Fault("members", "PANEL_EMPTY")])
        chosen = choose_from(problem, chosen_ids, seed=str(matter_id))
        after = await house.perform(
            viewer,
            lambda act: propose_panel(
                act,
                residents,
                matter_id,
                chosen,
                seen=state.version,
                smaller_reason=smaller_reason,
                paper=paper,
                designation=designation,
            ),
        )
    say_state(number, after.status, after.version, as_json=as_json)


async def _mode(number: str, choice: str, reason: str, login: str, *, as_json: bool) -> None:
    from service.actions.panel_modes import choose_mode
    from service.storage.matter_rows import state_of
    from service.storage.session import reading

    async with open_house() as house:
        viewer = await house.viewer(login)
        matter_id = await find_matter(house, viewer, number)
        async with reading(house.database) as session:
            state = await state_of(session, matter_id)
        after = await house.perform(
            viewer, lambda act: choose_mode(act, matter_id, choice, reason=reason, seen=state.version)
        )
    say_state(number, after.status, after.version, as_json=as_json)


async def _approve(number: str, login: str, *, as_json: bool) -> None:
    from service.actions.panel_modes import approve_designation
    from service.storage.matter_rows import state_of
    from service.storage.session import reading

    async with open_house() as house:
        viewer = await house.viewer(login)
        matter_id = await find_matter(house, viewer, number)
        async with reading(house.database) as session:
            state = await state_of(session, matter_id)
        after = await house.perform(viewer, lambda act: approve_designation(act, matter_id, seen=state.version))
    say_state(number, after.status, after.version, as_json=as_json)


async def _declarations(number: str, on_paper: bool, made_on: date | None, login: str, *, as_json: bool) -> None:
    from service.access import require
    from service.actions.declarations import record_years
    from service.storage.declarations import experts_on, without_valid, yearly_of
    from service.storage.session import reading

    async with open_house() as house:
        viewer = await house.viewer(login)
        require(viewer, "declaration:see")
        matter_id = await find_matter(house, viewer, number)
        today = house.clock.today()

        async def standing() -> list[dict[str, Any]]:
            async with reading(house.database) as session:
                seats = await experts_on(session, matter_id)
                people = [person for _, person, _, _ in seats]
                made = await yearly_of(session, people)
                lacking = await without_valid(session, people, on=today, months=house.policy.declaration_months)
            return [
                {
                    "expert": str(expert),
                    "name": name,
                    "role": role,
                    "made_on": made.get(person),
                    "valid": person not in lacking,
                }
                for expert, person, name, role in seats
            ]

        lines = await standing()
        missing = [UUID(line["expert"]) for line in lines if not line["valid"]]
        if on_paper and missing:
            await house.perform(viewer, lambda act: record_years(act, missing, made_on=made_on or today))
            lines = await standing()
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, default=str))
        return
    for line in lines:
        word, day = "valid" if line["valid"] else "missing", str(line["made_on"] or "-")
        click.echo(f"{word:<8} {day:<11} {line['name']}  ({line['role']})")


async def _determine(
    number: str, flags: tuple[str, ...], flags_reason: str, smaller_reason: str, login: str, *, as_json: bool
) -> None:
    from service.actions.panels import choose_from, determine_panel, prepare
    from service.storage.panels import panels_of
    from service.storage.residents import Residents
    from service.storage.session import reading

    residents = Residents()
    async with open_house() as house:
        viewer = await house.viewer(login)
        matter_id = await find_matter(house, viewer, number)
        async with reading(house.database) as session:
            state, problem = await prepare(session, residents, matter_id, **law(house))
            panels = await panels_of(session, matter_id)
        proposed = next((one for one in reversed(panels) if one.state == "proposed"), None)
        members = tuple(seat.expert_id for seat in proposed.members) if proposed else ()
        chosen = choose_from(problem, members, seed=str(matter_id))
        after = await house.perform(
            viewer,
            lambda act: determine_panel(
                act,
                residents,
                matter_id,
                chosen,
                seen=state.version,
                flags=frozenset(flags),
                flags_reason=flags_reason,
                smaller_reason=smaller_reason,
            ),
        )
    say_state(number, after.status, after.version, as_json=as_json)


def _seat(text: str) -> Any:
    from workflow import Seat

    field, _, count = text.partition(":")
    if count and (not count.isascii() or not count.isdigit()):
        raise click.UsageError(f"--seat {text}: write FIELD:COUNT, such as 570:2.")
    return Seat(field, int(count or 1))
