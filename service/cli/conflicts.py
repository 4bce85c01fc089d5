"""`expertpool conflicts`: who may not judge whom, from a file; needs no database."""

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, BinaryIO, Final

import click

if TYPE_CHECKING:
    from conflicts import ConflictFacts, Finding, InputRefused

BAD_INPUT: Final = 2
RULE_SAYS_NO: Final = 3

_TEXT: Final = {
    "zh": {
        "matter": "事项 {matter}（截至 {as_of}，政策 {policy}）",
        "none": "  未发现利害关系：{people} 人均无需回避。",
        "finding": "  {person}：{outcome}  {code}（{basis}）",
        "policy": "县内政策，非规定原文",
        "clears": "    期满：{day} 起",
        "stays": "    期满：目前无法确定",
        "never": "    任何人不得豁免",
        "count": "  {people} 人中：应当回避 {excluded}，需豁免 {restricted}，需披露 {disclosed}，"
        "其余 {clear} 人无需回避。",
        "no_matter": "没有编号为 {id} 的事项；文件中有：{known}",
        "no_person": "没有编号为 {id} 的人员",
        "bad": "文件有 {count} 处错误：",
    },
    "en": {
        "matter": "Matter {matter} (as of {as_of}, policy {policy})",
        "none": "  No interest was found: all {people} people are clear.",
        "finding": "  {person}: {outcome}  {code} ({basis})",
        "policy": "local policy, not the wording of the regulation",
        "clears": "    clears on {day}",
        "stays": "    no end is known",
        "never": "    nobody can waive it",
        "count": "  Of {people} people {excluded} are excluded, {restricted} need a waiver, {disclosed} disclose, "
        "the other {clear} are clear.",
        "no_matter": "there is no matter {id}; the file has: {known}",
        "no_person": "there is no person {id}",
        "bad": "the file has {count} faults:",
    },
}


@click.group()
def command() -> None:
    """Check conflicts of interest from a file; needs no database."""


@command.command()
@click.argument("facts", type=click.File("rb"))
@click.option("--matter", "matter_id", metavar="ID", help="Judge this matter only; else all of the file.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Judge this day instead of the file's.")
@click.option("--person", "people", metavar="ID", multiple=True, help="Ask about this person only; repeatable.")
@click.option("--paths", "all_paths", is_flag=True, help="Every explaining path instead of the shortest.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print conflict-findings/1 and nothing else.")
def check(
    facts: BinaryIO,
    matter_id: str | None,
    as_of: "date | None",
    people: tuple[str, ...],
    all_paths: bool,
    language: str,
    as_json: bool,
) -> None:
    """Report who may not judge the matters of a conflict-facts/1 file, why, and until when.

    FACTS is a file, or - for standard input. Exit code 2 names every fault of the file with its place. With --person
    the question is whether these people may sit: exit code 3 if one of them may not.
    """
    from conflicts import InputRefused, Outcome, findings_json, parse_facts

    try:
        known = parse_facts(facts.read())
    except InputRefused as refused:
        _refuse(refused, language=language, as_json=as_json)
        raise click.exceptions.Exit(BAD_INPUT) from None
    if as_of is not None:
        known = replace(known, as_of=date(as_of.year, as_of.month, as_of.day))
    _check_asked(known, matter_id, people, language=language)
    findings = list(_findings(known, matter_id, people, all_paths=all_paths))
    if as_json:
        said = findings_json(findings, policy_version=known.policy.version, as_of=known.as_of, known_at=known.known_at)
        json.dump(said, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        asked = len(people) or len(known.people)
        for matter in known.matters:
            if matter_id in {None, matter.id}:
                _say(known, matter.id, [f for f in findings if f.matter == matter.id], asked, language=language)
    barred = {Outcome.EXCLUDED, Outcome.RESTRICTED}
    if people and any(finding.outcome in barred for finding in findings):
        raise click.exceptions.Exit(RULE_SAYS_NO)


def _findings(
    known: "ConflictFacts", matter_id: str | None, people: tuple[str, ...], *, all_paths: bool
) -> Iterable["Finding"]:
    graph = known.graph()
    for matter in known.matters:
        if matter_id not in {None, matter.id}:
            continue
        found = graph.check(
            matter, policy=known.policy, as_of=known.as_of, known_at=known.known_at, people=people or None
        )
        if not all_paths:
            yield from found
            continue
        for person in dict.fromkeys(finding.person for finding in found):
            yield from (finding for finding in found if finding.person == person and finding.row is None)
            yield from graph.paths(matter, person, policy=known.policy, as_of=known.as_of, known_at=known.known_at)


def _check_asked(known: "ConflictFacts", matter_id: str | None, people: tuple[str, ...], *, language: str) -> None:
    text = _TEXT[language]
    matters = [matter.id for matter in known.matters]
    if matter_id is not None and matter_id not in matters:
        raise click.UsageError(text["no_matter"].format(id=matter_id, known=", ".join(matters)))
    listed = {person.id for person in known.people}
    for person in people:
        if person not in listed:
            raise click.UsageError(text["no_person"].format(id=person))


def _refuse(refused: "InputRefused", *, language: str, as_json: bool) -> None:
    from conflicts import say_fault

    faults = refused.faults
    if as_json:
        said = {"faults": [{"at": fault.at, "code": fault.code, "facts": dict(fault.facts)} for fault in faults]}
        json.dump(said, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    click.echo(_TEXT[language]["bad"].format(count=len(faults)), err=True)
    for fault in faults:
        click.echo("  " + say_fault(fault, language=language), err=True)


def _say(known: "ConflictFacts", matter_id: str, findings: list["Finding"], asked: int, *, language: str) -> None:
    from conflicts import Outcome, outcomes, say_outcome, say_path

    text, name = _TEXT[language], known.names().get
    head = text["matter"].format(matter=matter_id, as_of=known.as_of, policy=known.policy.version)
    click.echo(head)
    if not findings:
        click.echo(text["none"].format(people=asked))
        return
    for finding in findings:
        click.echo(
            text["finding"].format(
                person=name(finding.person) or finding.person,
                outcome=say_outcome(finding.outcome, language=language),
                code=finding.code,
                basis=finding.cite or text["policy"],
            )
        )
        click.echo("    " + say_path(finding, name=name, language=language))
        click.echo(text["clears"].format(day=finding.clears_on) if finding.clears_on else text["stays"])
        if finding.never_relax:
            click.echo(text["never"])
    strongest = list(outcomes(findings).values())
    click.echo(
        text["count"].format(
            people=asked,
            excluded=strongest.count(Outcome.EXCLUDED),
            restricted=strongest.count(Outcome.RESTRICTED),
            disclosed=strongest.count(Outcome.DISCLOSED),
            clear=asked - len(strongest),
        )
    )
