"""`expertpool matrix`: which article is kept by which rule and proved by which test."""

import json
import sys
from collections import Counter

import click

from service.regulation.matrix import ROOT, Matrix, make_matrix

_GAPS = 3


@click.command("matrix", short_help="Which article is kept by which rule and proved by which test.")
@click.option("--json", "as_json", is_flag=True, help="One object a rule of the regulation, as an array.")
@click.option("--html", "as_html", is_flag=True, help="A page that stands alone, in Chinese and English.")
@click.option("--check", is_flag=True, help="Name every gap; end with 3 when there is one.")
def command(*, as_json: bool, as_html: bool, check: bool) -> None:
    """Join the table of the regulation, the editions, the source and the marks of the tests.

    Nothing is run: codes and marks are read from the source, so this belongs into a checkout with its tests.
    """
    if as_json and as_html:
        raise click.UsageError("choose --json or --html.")
    if not (ROOT / "tests").is_dir():
        raise click.UsageError(f"there is no folder {ROOT / 'tests'}: run this in a checkout of the source.")
    matrix = make_matrix()
    if as_json:
        click.echo(json.dumps([row.to_json() for row in matrix.rows], ensure_ascii=False, indent=1))
    elif as_html:
        from service.regulation.matrix_page import render

        click.echo(render(matrix))
    elif not check:
        _print_table(matrix)
    if check:
        for gap in matrix.gaps:
            click.echo(gap, err=True)
        if matrix.gaps:
            click.echo(f"{len(matrix.gaps)} gaps", err=True)
            sys.exit(_GAPS)
        click.echo(_summary(matrix), err=as_json or as_html)


def _print_table(matrix: Matrix) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for heading in ("ref", "article", "status", "says", "codes", "tests"):
        table.add_column(heading, justify="right" if heading == "tests" else "left", overflow="fold")
    for row in matrix.rows:
        article = row.article
        table.add_row(
            article.ref, article.cite, article.status, article.en, ", ".join(row.codes), str(len(row.tests) or "")
        )
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(_summary(matrix))
    if matrix.gaps:
        console.print(f"{len(matrix.gaps)} gaps; `expertpool matrix --check` names them")


def _summary(matrix: Matrix) -> str:
    counts = Counter(row.article.status for row in matrix.rows)
    parts = [f"{counts[status]} {status}" for status in ("enforced", "assisted", "human", "missing")]
    return f"{len(matrix.rows)} rules: {', '.join(parts)}"
