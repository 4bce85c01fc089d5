"""`expertpool import`: a roster of experts, or `import facts` for ties; a dry run first, the same acts as the pages."""

import json
import sys
from pathlib import Path
from typing import Any

import click


class _RosterFirst(click.Group):
    """A group in which a file alone is a roster: `expertpool import FILE` was there before ties could be imported."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command before a file or an option."""
        if args and args[0] not in ("roster", "facts", "--help", "-h"):
            args = ["roster", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click calls it so
        """Return the two."""
        return ["roster", "facts"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- same
        """Import one."""
        if cmd_name == "facts":
            from service.cli.import_facts import facts

            return facts
        return roster if cmd_name == "roster" else None


@click.group(name="import", cls=_RosterFirst)
def command() -> None:
    """Read a roster of experts (a FILE alone is one) or ties: a dry run first, written only with --confirm."""


@click.command(name="roster")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "login", required=True, metavar="USER", help="Account that imports, with its rights.")
@click.option("--dry-run/--confirm", "dry", default=True, help="Only show what would change (default), or do it.")
@click.option(
    "--basis",
    type=click.Choice(["statutory-duty", "consent", "contract", "other"]),
    default="statutory-duty",
    show_default=True,
    help="Why these personal data may be held; kept in the ledger.",
)
@click.option("--basis-text", default="", help="More about the basis; needed for `other`.")
@click.option("--starts-on", type=click.DateTime(["%Y-%m-%d"]), help="First day of the term for rows that state none.")
@click.option("--column", "columns", multiple=True, metavar="HEADING=COLUMN", help="What an unrecognised column holds.")
@click.option(
    "--word", "words", multiple=True, metavar="WORD=CODE", help="Field code of a word that is not recognised."
)
@click.option(
    "--row", "rows", multiple=True, metavar="SHEET!ROW=new|same|skip", help="Decision about a possible duplicate."
)
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows with errors, marked, here."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def roster(login: str, language: str, *, as_json: bool, **given: Any) -> None:
    """Read the roster FILE (.xlsx, .xls, .csv): a dry run first, written only with --confirm.

    Ends with 2 when the file cannot be read or columns are unknown, with 3 when the library moved or nothing is to do.
    """
    from service.cli.as_user import run

    report = run(_import(login, language, quiet=as_json, **given), language=language)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _print(report)
    raise click.exceptions.Exit(report["exit"])


async def _import(login: str, language: str, *, quiet: bool, file: Path, dry: bool, **given: Any) -> dict[str, Any]:
    import asyncio

    from registry import Terms, comparable
    from service.actions.import_runs import Upload
    from service.actions.roster import (
        answer_questions,
        confirm_import,
        decide_hints,
        discard_import,
        start_import,
    )
    from service.actions.roster_work import dry_run, errors_workbook, prepare, settle_dry_run
    from service.actions.roster_writing import draft_import, settle_import
    from service.cli.as_user import open_house
    from service.locales import use_language
    from service.storage.roster import load_run
    from service.storage.session import reading

    starts_on = given["starts_on"].date() if given["starts_on"] else None
    upload = Upload(file.name, await asyncio.to_thread(file.read_bytes), given["basis"], given["basis_text"], starts_on)
    columns = {comparable(heading): held for heading, held in pairs(given["columns"], "--column").items()}
    words = {comparable(word): code for word, code in pairs(given["words"], "--word").items()}
    async with open_house() as house:
        viewer = await house.viewer(login)
        terms = Terms(years=house.edition.number("TERM_EXPIRED", "years"))
        run_id = await house.perform(viewer, lambda act: start_import(act, upload, queue=False))

        async def version() -> int:
            async with reading(house.database) as session:
                found = await load_run(session, run_id)
            return found.version if found else 0

        async def look() -> tuple[Any, Any]:
            async with reading(house.database) as session:
                prepared = await prepare(session, run_id, keys=house.keys, terms=terms, on=house.clock.today())
            with Bar(quiet=quiet) as bar:

                def work() -> Any:
                    use_language(language)
                    return dry_run(prepared, tell=bar.tell)

                return prepared, await asyncio.to_thread(work)

        async def act_on(do: Any, *arguments: Any, **named: Any) -> None:
            seen = await version()
            await house.perform(viewer, lambda act: do(act, run_id, *arguments, seen=seen, **named))

        prepared, found = await look()
        await house.perform(viewer, lambda act: settle_dry_run(act, prepared, found))
        if found.refused is not None:
            return _refused(found.refused, language)
        if columns or words or found.asks:
            await act_on(answer_questions, columns=columns, words=words, queue=False)
            prepared, found = await look()
            await house.perform(viewer, lambda act: settle_dry_run(act, prepared, found))
        if given["rows"]:
            await act_on(decide_hints, pairs(given["rows"], "--row"), queue=False)
            prepared, found = await look()
            await house.perform(viewer, lambda act: settle_dry_run(act, prepared, found))
        report = _report(found, language)
        if given["errors"]:
            await asyncio.to_thread(given["errors"].write_bytes, await asyncio.to_thread(errors_workbook, found))
        if dry or report["exit"]:
            await act_on(discard_import)
            return report
        await act_on(confirm_import, queue=False)
        prepared, found = await look()
        drafts = await asyncio.to_thread(draft_import, prepared, found)
        report["confirmed"] = await house.perform(viewer, lambda act: settle_import(act, prepared, found, drafts))
        if not report["confirmed"]:
            await act_on(discard_import)
            report |= {"exit": 3, "code": "ROSTER_LIBRARY_MOVED"}
        return report


def _report(found: Any, language: str) -> dict[str, Any]:
    from service.actions.dry_run import finding_json
    from service.actions.roster_work import counts, questions
    from service.exchange.wording import say_finding
    from service.locales import use_language

    use_language(language)
    asked = questions(found.roster)
    findings = [
        finding_json(finding) | {"says": say_finding(finding.code, finding.facts)}
        for one in found.compared
        for finding in one.row.findings
        if finding.severity.value != "note"
    ]
    hints = [f"{one.row.sheet}!{one.row.number}" for one in found.compared if one.outcome.value == "hint"]
    nameless = not any(sheet.layout and sheet.layout.has_key for sheet in found.roster.sheets)
    return {
        "counts": counts(found),
        "findings": findings,
        "hints": hints,
        "columns": asked["columns"],
        "words": asked["words"],
        "confirmed": False,
        "code": "NAME_COLUMN_MISSING" if nameless else "",
        "exit": 2 if nameless else 0,
    }


def _refused(refused: Any, language: str) -> dict[str, Any]:
    from service.locales import translate

    return {"code": refused.code, "says": translate(refused.code, language, **refused.facts), "exit": 2}


def _print(report: dict[str, Any]) -> None:
    if "counts" not in report:
        click.echo(report["says"], err=True)
        return
    shown = 200
    for finding in report["findings"][:shown]:
        place = f"{finding['sheet']}!{finding['cell']}".lstrip("!")
        click.echo(f"{finding['severity']:8}{place:14}{finding['says']}")
    if len(report["findings"]) > shown:
        click.echo(f"... {len(report['findings']) - shown} more; --json lists all of them")
    for column in report["columns"]:
        click.echo(
            f"column  {column['sheet']}!{column['letters']}  {column['heading'] or '#' + column['letters']}  (--column)"
        )
    for word in report["words"]:
        click.echo(f"word    {word['text']}  x{word['count']}  {' '.join(word['suggestions'])}  (--word)")
    for hint in report["hints"]:
        click.echo(f"hint    {hint}  (--row {hint}=new|same|skip)")
    counted = report["counts"]
    click.echo("  ".join(f"{name} {counted[name]}" for name in ("new", "changed", "identical", "hint", "error")))
    click.echo(
        "confirmed" if report["confirmed"] else report["code"] or "dry run: nothing was written (--confirm writes)"
    )


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """Return the pairs NAME=VALUE of an option that can be given several times.

    Raises:
        click.UsageError: for a text that is none.
    """
    found = {}
    for text in texts:
        name, sign, value = text.rpartition("=")
        if not sign or not name:
            raise click.UsageError(f"{option} {text}: write NAME=VALUE.")
        found[name] = value
    return found


class Bar:
    """A progress bar on standard error where a person watches; silent elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(
            console=Console(stderr=True), transient=True, disable=quiet or not sys.stderr.isatty()
        )

    def __enter__(self) -> "Bar":
        self._progress.start()
        self._task = self._progress.add_task("", total=100)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, done: int, total: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done, total=total)
