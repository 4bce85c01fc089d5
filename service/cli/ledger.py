"""`expertpool ledger`: verify the record, show it, and prove it to strangers."""

import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from service import ledger


@click.group(help="Verify, show and prove the append-only record of everything that was done.")
def command() -> None:
    """Group of the ledger's commands."""


@command.command()
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A signed checkpoint kept elsewhere; only such a one shows a record rewritten as a whole. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def verify(checkpoints: tuple[Path, ...], as_json: bool) -> None:
    """Read every entry again: hashes, chain, tree, streams, head, and all signed checkpoints.

    Ends with 3 and the first faulty place when something is not as it was written.
    """
    from service.cli.as_user import open_house, run
    from service.jobs.ledger_check import verification_json
    from service.storage.session import reading

    for path in checkpoints:
        _checkpoint_of(path)
    notes = [_text_of(path) for path in checkpoints]

    async def work() -> tuple[ledger.Verification, str]:
        async with open_house() as house, reading(house.database) as session:
            head = await ledger.head(session)
            verifier = ledger.verifier_key(head.origin, house.keys.ledger_key()) if head else ""
            progress = None if as_json or not sys.stderr.isatty() else _show_progress
            return (
                await ledger.verify_ledger(session, verifier=verifier or None, outside=notes, progress=progress),
                verifier,
            )

    found, verifier = run(work())
    fault = found.fault
    if as_json:
        _print_json(verification_json(found, verifier))
    elif fault is None:
        click.echo(f"{found.size} entries and {found.checkpoints} checkpoints are as they were written.")
        click.echo(f"root      {base64.b64encode(found.root).decode()}")
        click.echo(f"verifier  {verifier or '-'}")
    else:
        from service.locales import translate

        facts = {"seq": fault.seq, **fault.facts}
        click.echo(f"entry {fault.seq}: {translate(fault.code, 'en', **facts)} ({fault.code})", err=True)
        click.echo(f"{found.size} entries before it are good.", err=True)
    if fault is not None:
        raise click.exceptions.Exit(3)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def head(as_json: bool) -> None:
    """Show how far the record has come, its newest signed checkpoint and its verifier key."""
    from service.cli.as_user import open_house, run
    from service.storage.session import reading

    async def work() -> tuple[ledger.Head | None, str | None, str]:
        async with open_house() as house, reading(house.database) as session:
            now = await ledger.head(session)
            verifier = ledger.verifier_key(now.origin, house.keys.ledger_key()) if now else ""
            return now, await ledger.newest_checkpoint(session), verifier

    now, note, verifier = run(work())
    if now is None:
        if as_json:
            _print_json({"size": 0})
        else:
            click.echo("The record is empty.")
        return
    root = base64.b64encode(now.root).decode()
    if as_json:
        _print_json({"origin": now.origin, "size": now.size, "root": root, "checkpoint": note, "verifier": verifier})
        return
    click.echo(f"origin    {now.origin}\nsize      {now.size}\nroot      {root}\nverifier  {verifier}\n")
    click.echo(note or "No checkpoint has been signed yet.", nl=note is None)


@command.command()
@click.argument("seq", type=click.IntRange(min=1), required=False)
@click.option("--size", type=click.IntRange(min=1), help="Prove against the first SIZE entries.")
@click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Instead of an entry, prove that nothing before this kept checkpoint was rewritten.",
)
def prove(seq: int | None, size: int | None, since: Path | None) -> None:
    """Print a proof (JSON) that entry SEQ stands in the record; give it with the verifier key to whoever doubts.

    Without --size it leads to the newest signed checkpoint that covers the entry.
    """
    from service.cli.as_user import open_house, run
    from service.storage.session import reading

    if (seq is None) == (since is None):
        raise click.UsageError("give either the number of an entry or --since CHECKPOINT")
    old = None if since is None else _checkpoint_of(since)

    async def work() -> dict[str, Any]:
        async with open_house() as house, reading(house.database) as session:
            if seq is not None:
                return await ledger.prove(session, seq, size=size)
            return await ledger.prove_extension(session, old.size if old else 0, size=size)

    try:
        proof = run(work())
    except ledger.NoSuchEntry as missing:
        raise click.UsageError(f"{missing}.") from None
    if old is not None and proof["old_root"] != base64.b64encode(old.root).decode():
        click.echo("The record up to this checkpoint is not what was signed.", err=True)
        raise click.exceptions.Exit(3)
    _print_json(proof)


@command.command()
@click.argument("proof", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verifier", help="The verifier key; without it the signature of the checkpoint is not asked.")
def check(proof: Path, verifier: str | None) -> None:
    """Check a proof that `ledger prove` printed; needs no database. Ends with 3 when it does not hold."""
    try:
        value = json.loads(_text_of(proof))
    except ValueError:
        raise click.UsageError(f"{proof}: is no JSON") from None
    kind = value.get("format") if isinstance(value, dict) else None
    holds = {"ledger-proof/1": ledger.proof_holds, "ledger-extension/1": ledger.extension_holds}.get(str(kind))
    if holds is None:
        raise click.UsageError(f"{proof}: /format is neither ledger-proof/1 nor ledger-extension/1")
    if not holds(value, verifier=verifier):
        click.echo("The proof does not hold.", err=True)
        raise click.exceptions.Exit(3)
    if kind == "ledger-proof/1":
        click.echo(base64.b64decode(value["entry"]).decode())
    click.echo(
        "The proof holds." if verifier else "The proof holds; the signature was not asked (--verifier).", err=True
    )


@command.command()
@click.option("--stream", default="", help="Only this stream, such as matter:ID.")
@click.option("--type", "type_", default="", help="Only this type; `panel.` takes all types of that subject.")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many, newest last.")
@click.option("--json", "as_json", is_flag=True, help="Print each entry's bytes, one a line.")
def show(stream: str, type_: str, last: int, as_json: bool) -> None:
    """Show entries, oldest first."""
    from service.cli.as_user import open_house, run
    from service.storage.session import reading

    async def work() -> list[ledger.Entry]:
        async with open_house() as house, reading(house.database) as session:
            return await ledger.page(session, most=last, stream=stream, type_=type_)

    for entry in reversed(run(work())):
        if as_json:
            click.echo(entry.data.decode())
        else:
            at = entry.at.isoformat(timespec="seconds").replace("+00:00", "Z")
            click.echo(f"{entry.seq:>8}  {at}  {entry.type:<28} {entry.stream}  {_short(entry.body)}")


def _short(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= 100 else f"{text[:97]}..."


def _checkpoint_of(path: Path) -> ledger.Checkpoint:
    try:
        return ledger.read_checkpoint(_text_of(path))
    except ledger.CheckpointUnreadable as fault:
        raise click.UsageError(f"{path}: {fault}") from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.UsageError(f"{path}: is no UTF-8 text") from None


def _show_progress(done: int, total: int) -> None:
    click.echo(f"\r{done} / {total}", nl=done >= total, err=True)


def _print_json(value: Mapping[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
