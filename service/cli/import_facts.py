"""`expertpool import facts`: read a file of ties, show the dry run, and confirm it; the same acts as the pages."""

import json
from pathlib import Path
from typing import Any

import click

from service.cli.import_ import Bar, pairs


@click.command(name="facts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "login", required=True, metavar="USER", help="Account that imports, with its rights.")
@click.option("--source", required=True, help="Who says so, for rows that do not state it.")
@click.option("--dry-run/--confirm", "dry", default=True, help="Only show what would change (default), or do it.")
@click.option(
    "--confidence",
    type=click.Choice(["sure", "likely", "hint"]),
    default="sure",
    show_default=True,
    help="How sure ties are that state none.",
)
@click.option(
    "--basis",
    type=click.Choice(["statutory-duty", "consent", "contract", "other"]),
    default="statutory-duty",
    show_default=True,
    help="Why these personal data may be held; kept in the ledger.",
)
@click.option("--basis-text", default="", help="More about the basis; needed for `other`.")
@click.option("--column", "columns", multiple=True, metavar="HEADING=COLUMN", help="What an unrecognised column holds.")
@click.option("--name", "names", multiple=True, metavar="KEY=ID|new|skip", help="Whom a name without a number means.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows with errors, marked, here."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def facts(login: str, language: str, *, as_json: bool, **given: Any) -> None:
    """Read the ties in FILE (.xlsx, .xls, .csv, conflict-facts/1): a dry run first, written only with --confirm.

    Ends with 2 when the file cannot be read or columns are unknown, with 3 when the record moved or nothing is to do.
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
    from functools import partial

    from registry import comparable
    from service.actions.fact_import import (
        answer_columns,
        confirm_fact_import,
        discard_fact_import,
        settle_names,
        start_fact_import,
    )
    from service.actions.fact_import_work import errors_workbook, look, settle_import, settle_look
    from service.actions.import_runs import Upload
    from service.cli.as_user import open_house
    from service.locales import translate
    from service.storage.roster import load_run
    from service.storage.session import reading

    upload = Upload(file.name, await asyncio.to_thread(file.read_bytes), given["basis"], given["basis_text"])
    columns = {comparable(heading): held for heading, held in pairs(given["columns"], "--column").items()}
    async with open_house() as house:
        viewer = await house.viewer(login)
        run_id = await house.perform(
            viewer,
            lambda act: start_fact_import(
                act, upload, source=given["source"], confidence=given["confidence"], queue=False
            ),
        )

        async def look_now() -> Any:
            with Bar(quiet=quiet) as bar:
                return await look(house.database, run_id, viewer=viewer, keys=house.keys, tell=bar.tell)

        async def act_on(do: Any, *arguments: Any, **named: Any) -> None:
            async with reading(house.database) as session:
                run = await load_run(session, run_id)
            seen = run.version if run else 0
            await house.perform(viewer, lambda act: do(act, run_id, *arguments, seen=seen, **named))

        async def looked() -> Any:
            found = await look_now()
            await house.perform(viewer, lambda act: settle_look(act, found))
            return found

        found = await looked()
        if found.refused is not None:
            says = translate(found.refused.code, language, **found.refused.facts)
            return {"code": found.refused.code, "says": says, "exit": 2}
        if columns or found.asks:
            await act_on(answer_columns, columns, queue=False)
            found = await looked()
        if given["names"]:
            await act_on(settle_names, pairs(given["names"], "--name"), queue=False)
            found = await looked()
        report = _report(found, language)
        if given["errors"] and found.grids:
            await asyncio.to_thread(given["errors"].write_bytes, await asyncio.to_thread(errors_workbook, found))
        if dry or report["exit"]:
            await act_on(discard_fact_import)
            return report
        await act_on(confirm_fact_import, queue=False)
        settled = "again"
        while settled == "again":
            promised = await look_now()
            settled = (await house.perform(viewer, partial(settle_import, found=promised))).outcome
        report["confirmed"] = settled == "done"
        if not report["confirmed"]:
            await act_on(discard_fact_import)
            report |= {"exit": 3, "code": "ROSTER_LIBRARY_MOVED"}
        return report


def _report(found: Any, language: str) -> dict[str, Any]:
    from service.actions.dry_run import finding_json
    from service.actions.fact_import_work import counts, questions
    from service.exchange.wording import say_tie_finding
    from service.locales import use_language

    use_language(language)
    whole = [finding for sheet in found.file.sheets for finding in sheet.findings]
    findings = [
        finding_json(finding) | {"says": say_tie_finding(finding.code, finding.facts, finding.cell)}
        for finding in (*whole, *(finding for one in found.compared for finding in one.row.findings))
        if finding.severity.value != "note"
    ]
    open_names = {
        question.key: {
            "key": question.key,
            "name": question.name,
            "meant": [{"id": node.id, "name": node.name, "detail": node.detail} for node in question.meant],
        }
        for one in found.compared
        for question in one.questions
    }
    unreadable = not found.compared and any(finding.severity.value == "error" for finding in whole)
    return {
        "counts": counts(found),
        "findings": findings,
        "columns": questions(found.file)["columns"],
        "names": list(open_names.values()),
        "confirmed": False,
        "code": "",
        "exit": 2 if unreadable else 0,
    }


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
        click.echo(f"column  {column['sheet']}!{column['letters']}  {column['heading']}  (--column)")
    for name in report["names"][:shown]:
        meant = "  ".join(f"{node['id']} {node['detail']}".rstrip() for node in name["meant"])
        click.echo(f"name    {name['key']}  {name['name']}  {meant}  (--name)")
    counted = report["counts"]
    click.echo("  ".join(f"{name} {counted[name]}" for name in ("new", "changed", "identical", "hint", "error")))
    click.echo(
        "confirmed" if report["confirmed"] else report["code"] or "dry run: nothing was written (--confirm writes)"
    )
