"""`expertpool matter draw`: a draw by lot from the frozen list to the record, with the same acts as the pages."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click

from service.cli.as_user import House, open_house, run
from service.cli.of_matter import AS_USER, acting, find_matter, law, say_state
from service.cli.seed_source import source_of
from workflow import DECLINE_CAUSES, VOID_CAUSES

if TYPE_CHECKING:
    from service.access import Viewer
    from service.actions.act import Act
    from service.storage.draws import StoredDraw
    from workflow import MatterState

_NUMBER: Final = click.argument("number")
_REASON: Final = click.option("--reason", required=True, help="Why, in words.")


@click.group("draw")
def command() -> None:
    """Draw a panel by lot: freeze, commit, type the seed twice, go on, void."""


@command.command()
@_NUMBER
@acting
def show(number: str, login: str, as_json: bool) -> None:
    """List every draw of a matter, the voided ones too, and say where the draft stands."""
    run(_show(number, login, as_json=as_json))


@command.command()
@_NUMBER
@acting
def freeze(number: str, login: str, as_json: bool) -> None:
    """Freeze the list and find everybody's chance; nothing is promised yet."""
    run(_freeze(number, login, as_json=as_json))


@command.command()
@_NUMBER
@click.option(
    "--source",
    "sources",
    multiple=True,
    required=True,
    metavar="NAME=KIND",
    help="Where the seed will come from, in order: text, rfc3797, or drand:CHAIN:ROUND.",
)
@click.option("--reveal-on", type=click.DateTime(["%Y-%m-%d"]), help="First day for the seed; today when left out.")
@click.option("--witness", "witnesses", multiple=True, required=True, help="Who watches: body and name; repeatable.")
@click.option("--title-public", is_flag=True, help="The public page may say what the matter is.")
@acting
def commit(
    number: str,
    sources: tuple[str, ...],
    reveal_on: datetime | None,
    witnesses: tuple[str, ...],
    title_public: bool,
    login: str,
    as_json: bool,
) -> None:
    """Commit the frozen list and print the hash that is public from now on; a signed checkpoint covers it at once."""
    day = reveal_on and reveal_on.date()
    run(_commit(number, sources, day, witnesses, title_public, login, as_json=as_json))


@command.command()
@_NUMBER
@click.argument("values", nargs=-1, required=True)
@click.option("--signature", "signatures", multiple=True, help="Of drand rounds, in the places of their sources.")
@acting
def seed(number: str, values: tuple[str, ...], signatures: tuple[str, ...], login: str, as_json: bool) -> None:
    """Type what the sources showed, one text each; when a second person types the same, the draw is made."""
    run(_seed(number, values, signatures, login, as_json=as_json))


@command.command("continue")
@_NUMBER
@click.argument("who")
@click.option("--cause", type=click.Choice(DECLINE_CAUSES), required=True, help="Why this person does not sit.")
@_REASON
@click.option(
    "--respond-by", type=click.DateTime(["%Y-%m-%d"]), help="Last day for the answer, once members were invited."
)
@acting
def go_on(
    number: str, who: str, cause: str, reason: str, respond_by: datetime | None, login: str, as_json: bool
) -> None:
    """Let the same draw go on where somebody (WHO: number in the draw) does not sit."""
    run(_continue(number, who, cause, reason, respond_by and respond_by.date(), login, as_json=as_json))


@command.command()
@_NUMBER
@click.option("--cause", type=click.Choice(VOID_CAUSES), required=True, help="One of the closed list.")
@_REASON
@acting
def challenge(number: str, cause: str, reason: str, login: str, as_json: bool) -> None:
    """Ask that the draw be voided; it rests until another person has decided."""

    async def act(act: "Act", matter_id: UUID, seen: int) -> "MatterState":
        from service.actions.draw_voiding import challenge_draw

        return await challenge_draw(act, matter_id, cause=cause, reason=reason, seen=seen)

    run(_acted(number, login, act, as_json=as_json))


@command.command()
@_NUMBER
@acting
def void(number: str, login: str, as_json: bool) -> None:
    """Void a challenged draw as a second person; it keeps its number and stays visible."""

    async def act(act: "Act", matter_id: UUID, seen: int) -> "MatterState":
        from service.actions.draw_voiding import void_draw

        return await void_draw(act, matter_id, seen=seen)

    run(_acted(number, login, act, as_json=as_json))


@command.command()
@_NUMBER
@_REASON
@acting
def uphold(number: str, reason: str, login: str, as_json: bool) -> None:
    """Let a challenged draw stand."""

    async def act(act: "Act", matter_id: UUID, seen: int) -> "MatterState":
        from service.actions.draw_voiding import uphold_draw

        return await uphold_draw(act, matter_id, reason=reason, seen=seen)

    run(_acted(number, login, act, as_json=as_json))


@command.command()
@_NUMBER
@click.option("--smaller-reason", default="", help="The unit's reason for a panel below the floor (A31).")
@click.option("--paper", default="", help="The unit's letter, when the center enters the proposal.")
@acting
def propose(number: str, smaller_reason: str, paper: str, login: str, as_json: bool) -> None:
    """Propose the drawn panel for the unit, as it was drawn (A32.1)."""
    run(_propose(number, smaller_reason, paper, login, as_json=as_json))


@command.command()
@_NUMBER
@AS_USER
def record(number: str, login: str) -> None:
    """Print the record of the draw that stands, byte for byte what is hashed: `expertpool panel verify` takes it."""
    run(_record(number, login))


async def _show(number: str, login: str, *, as_json: bool) -> None:
    from service.storage.draws import draft_of, draws_of
    from service.storage.session import reading

    async with open_house() as house:
        _, matter_id = await _for(house, login, number, "draw:see")
        async with reading(house.database) as session:
            draws, draft = await draws_of(session, matter_id), await draft_of(session, matter_id)
    state = draft.state if draft else "none"
    if as_json:
        click.echo(json.dumps({"draft": state, "draws": [_line(one) for one in draws]}, ensure_ascii=False))
        return
    for one in draws:
        members = " ".join(row["id"] for row in (one.record or {"panel": ()})["panel"])
        click.echo(f"{one.round}.{one.number}  {one.state:<9}  {one.commitment_sha256}  {members}".rstrip())
    click.echo(f"draft: {state}")


async def _freeze(number: str, login: str, *, as_json: bool) -> None:
    from service.actions.draw_freezing import compute, freeze_draw, keep_frozen
    from service.actions.panels import prepare
    from service.storage.draws import draft_of
    from service.storage.residents import Residents
    from service.storage.session import reading

    async with open_house() as house:
        viewer, matter_id = await _for(house, login, number, "draw:run")
        await house.perform(viewer, lambda act: freeze_draw(act, matter_id))
        async with reading(house.database) as session:
            begun = await draft_of(session, matter_id)
            _, problem = await prepare(session, Residents(), matter_id, **law(house))
        if begun is not None and begun.state == "computing":
            frozen = await asyncio.to_thread(compute, problem)
            await house.perform(viewer, lambda act: keep_frozen(act.session, begun.id, frozen))
        async with reading(house.database) as session:
            draft = await draft_of(session, matter_id)
    state = draft.state if draft else "none"
    held, lottery = (draft.problem or {}, draft.lottery or {}) if draft else ({}, {})
    found = {
        "draft": state,
        "candidates": len(held.get("candidates", ())),
        "excluded": len(held.get("excluded", ())),
        "panels": lottery.get("panels"),
        "panels_at_least": lottery.get("panels_at_least"),
    }
    if as_json:
        click.echo(json.dumps(found))
    else:
        panels = found["panels"] or f"at least {found['panels_at_least']}"
        click.echo(f"{number} {state}: {found['candidates']} candidates, {found['excluded']} kept out, {panels} panels")
    if state != "ready":
        raise click.exceptions.Exit(3 if state == "impossible" else 4)


async def _commit(
    number: str,
    sources: tuple[str, ...],
    reveal_on: date | None,
    witnesses: tuple[str, ...],
    title_public: bool,
    login: str,
    *,
    as_json: bool,
) -> None:
    from service import ledger
    from service.actions.draw_commit import Committing, build_commitment, commit_draw
    from service.storage.matter_rows import state_of
    from service.storage.matters import load_matter
    from service.storage.residents import Residents
    from service.storage.session import reading, unit_of_work

    async with open_house() as house:
        viewer, matter_id = await _for(house, login, number, "draw:run")
        day = reveal_on or house.clock.today()
        entered = Committing(tuple(source_of(one) for one in sources), day, witnesses, title_public)
        async with reading(house.database) as session:
            matter = await load_matter(session, viewer, matter_id)
            state = await state_of(session, matter_id)
            built = await build_commitment(session, matter_id, matter.number, entered)
        draw = await house.perform(
            viewer, lambda act: commit_draw(act, Residents(), matter_id, built, seen=state.version)
        )
        at = house.clock.now()
        async with unit_of_work(house.database, at=at) as session:
            await ledger.seal(session, house.keys.ledger_key(), at=at, now=True)
    click.echo(json.dumps(_line(draw), ensure_ascii=False) if as_json else draw.commitment_sha256)


async def _seed(
    number: str, values: tuple[str, ...], signatures: tuple[str, ...], login: str, *, as_json: bool
) -> None:
    from service.actions.draw_seed import read_typed, type_seed
    from service.storage.draws import draws_of
    from service.storage.matter_rows import state_of
    from service.storage.residents import Residents
    from service.storage.session import reading

    async with open_house() as house:
        viewer, matter_id = await _for(house, login, number, "draw:type-seed")
        async with reading(house.database) as session:
            state = await state_of(session, matter_id)
            typed = await read_typed(session, matter_id, viewer.person_id, values, signatures)
            residents = await Residents().current(session)
        await house.perform(viewer, lambda act: type_seed(act, residents, matter_id, typed, seen=state.version))
        async with reading(house.database) as session:
            draw = (await draws_of(session, matter_id))[-1]
    if as_json:
        click.echo(json.dumps(_line(draw), ensure_ascii=False))
    elif draw.record is None:
        click.echo("kept; another person types it now")
    else:
        click.echo(" ".join(row["id"] for row in draw.record["panel"]))


async def _continue(
    number: str, who: str, cause: str, reason: str, respond_by: date | None, login: str, *, as_json: bool
) -> None:
    from service.actions.draw_people import live_draw
    from service.actions.draw_succession import continue_draw, find_succession
    from service.actions.panels import prepare
    from service.storage.draws import draws_of
    from service.storage.residents import Residents
    from service.storage.session import reading

    residents = Residents()
    async with open_house() as house:
        viewer, matter_id = await _for(house, login, number, "draw:run")
        async with reading(house.database) as session:
            draw = await live_draw(session, matter_id, "made")
            if who not in draw.people:
                raise click.UsageError(f"{who} is no number of this draw.")
            state, problem = await prepare(session, residents, matter_id, **law(house))
            succession = await find_succession(session, matter_id, draw.people[who], problem)
        await house.perform(
            viewer,
            lambda act: continue_draw(
                act,
                residents,
                matter_id,
                succession,
                cause=cause,
                reason=reason,
                seen=state.version,
                respond_by=respond_by,
            ),
        )
        async with reading(house.database) as session:
            after = (await draws_of(session, matter_id))[-1]
    panel = [row["id"] for row in (after.record or {"panel": ()})["panel"]]
    click.echo(json.dumps(_line(after), ensure_ascii=False) if as_json else " ".join(panel))


async def _propose(number: str, smaller_reason: str, paper: str, login: str, *, as_json: bool) -> None:
    from service.actions.draw_people import live_draw
    from service.actions.draw_succession import choose_drawn
    from service.actions.panels import prepare, propose_panel
    from service.storage.residents import Residents
    from service.storage.session import reading

    residents = Residents()
    async with open_house() as house:
        viewer, matter_id = await _for(house, login, number, "panel:propose")
        async with reading(house.database) as session:
            draw = await live_draw(session, matter_id, "made")
            state, problem = await prepare(session, residents, matter_id, **law(house))
        chosen = await asyncio.to_thread(choose_drawn, problem, draw, seed=str(matter_id))
        after = await house.perform(
            viewer,
            lambda act: propose_panel(
                act, residents, matter_id, chosen, seen=state.version, smaller_reason=smaller_reason, paper=paper
            ),
        )
    say_state(number, after.status, after.version, as_json=as_json)


async def _record(number: str, login: str) -> None:
    from selection import canonical_json
    from service.actions.draw_people import live_draw
    from service.storage.session import reading

    async with open_house() as house:
        _, matter_id = await _for(house, login, number, "draw:see")
        async with reading(house.database) as session:
            draw = await live_draw(session, matter_id, "made")
    click.echo(canonical_json(draw.record).encode(), nl=False)


async def _acted(
    number: str,
    login: str,
    do: "Callable[[Act, UUID, int], Awaitable[MatterState]]",
    *,
    as_json: bool,
) -> None:
    from service.storage.matter_rows import state_of
    from service.storage.session import reading

    async with open_house() as house:
        viewer, matter_id = await _for(house, login, number, "draw:run")
        async with reading(house.database) as session:
            state = await state_of(session, matter_id)
        after = await house.perform(viewer, lambda act: do(act, matter_id, state.version))
    say_state(number, after.status, after.version, as_json=as_json)


async def _for(house: House, login: str, number: str, operation: str) -> "tuple[Viewer, UUID]":
    """Return who acts and the matter; what is read before the act asks for the same right as the act."""
    from service.access import require
    from service.storage.matters import relations_to
    from service.storage.session import reading

    viewer = await house.viewer(login)
    matter_id = await find_matter(house, viewer, number)
    async with reading(house.database) as session:
        require(viewer, operation, await relations_to(session, viewer, matter_id))
    return viewer, matter_id


def _line(draw: "StoredDraw") -> dict[str, Any]:
    record = draw.record or {"panel": (), "declines": ()}
    return {
        "id": str(draw.id),
        "round": draw.round,
        "number": draw.number,
        "state": draw.state,
        "commitment_sha256": draw.commitment_sha256,
        "record_sha256": draw.record_sha256,
        "reveal_on": draw.reveal_on.isoformat(),
        "cause": draw.cause,
        "waits_for_second": draw.typed_by is not None,
        "members": [row["id"] for row in record["panel"]],
        "declined": [row["id"] for row in record["declines"]],
    }
