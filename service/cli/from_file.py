"""What the commands share that work on files alone: reading, faults, JSON and tables out, Ctrl-C, exit codes."""

import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from selection import PanelProblemFaults

T = TypeVar("T")

INPUT_FAULTY: Final = 2
REFUSED: Final = 3
STOPPED: Final = 4

AS_JSON: Final = click.option(
    "--json", "as_json", is_flag=True, help="Print the result format, and nothing else, to stdout."
)
LANGUAGE: Final = click.option(
    "--lang", type=click.Choice(("zh", "en")), help="Language of the tables; by default that of the environment."
)


def read_file(path: Path, as_json: bool) -> bytes:
    """Return what is in a file, or in standard input for `-`; a file that cannot be read is a fault."""
    from selection import PanelProblemFault, PanelProblemFaults

    try:
        text = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as fault:
        why = {"file": str(path), "why": fault.strerror or type(fault).__name__}
        refuse(PanelProblemFaults([PanelProblemFault("", "FILE_UNREADABLE", why)]), as_json)
    note(f"reading {len(text):,} bytes")
    return text


def refuse(faults: "PanelProblemFaults", as_json: bool) -> NoReturn:
    """Name every fault with its place, and end with 2."""
    if as_json:
        print_json({"format": "faults/1", "faults": [fault.to_json() for fault in faults.faults]})
    else:
        for fault in faults.faults:
            click.echo(f"{fault.at or '/'}: {fault.says} [{fault.code}]", err=True)
    end(INPUT_FAULTY)


def interruptible(work: Callable[[], T], otherwise: T) -> T:
    """Do the work beside the main thread, so that Ctrl-C ends it; then return the other value."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as fault:  # noqa: BLE001 -- raised again in the main thread
            failed.append(fault)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(0.1)
    except KeyboardInterrupt:
        note("stopped")
        return otherwise
    if failed:
        raise failed[0]
    return done[0]


def note(text: str) -> None:
    """Say on stderr what is going on, to a person who waits."""
    if sys.stderr.isatty():
        click.echo(f"… {text}", err=True)


def print_json(value: Any) -> None:
    """Print a value as JSON for people and programs, whatever the encoding of the terminal."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2).encode())


def end(code: int) -> NoReturn:
    """End the program with an exit code, all that was printed written out."""
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)


def sayer(lang: str | None) -> Callable[..., str]:
    """Return what says a message in the reader's language."""
    from service.locales import Catalogues, install, translate

    install(Catalogues.load())
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    chosen = lang or ("zh" if named.startswith("zh") else "en")

    def say(message: str, **facts: Any) -> str:
        listed = {name: ", ".join(map(str, fact)) if isinstance(fact, list) else fact for name, fact in facts.items()}
        return translate(message, chosen, **listed)

    return say


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console(highlight=False, soft_wrap=False).print(table)
