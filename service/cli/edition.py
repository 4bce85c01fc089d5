"""`expertpool edition`: the editions of the regulation and the versions of the local policy."""

import json
import sys
from datetime import date, datetime
from typing import Any

import click

from service.regulation import (
    Edition,
    EditionUnknown,
    Policy,
    PolicyUnknown,
    TomlUnfit,
    edition_ids,
    load_edition,
    load_policy,
    policy_ids,
)
from service.settings import Settings, SettingsInvalid

_ISSUED = click.option(
    "--issued-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of issue; EXPERTPOOL_EDITION_ISSUED_ON when absent.",
)


@click.group("edition", short_help="Show the edition of the regulation and the local policy.")
def command() -> None:
    """Look at the editions of the regulation and at the county's local policy."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Only JSON.")
@_ISSUED
def list_command(*, as_json: bool, issued_on: datetime | None) -> None:
    """List the shipped editions and local policies."""
    day = _issued_on(issued_on)
    editions = [load_edition(edition_id, issued_on=day) for edition_id in edition_ids()]
    policies = [load_policy(policy_id) for policy_id in policy_ids()]
    if as_json:
        _print_json(
            {
                "editions": [_head(edition) for edition in editions],
                "policies": [
                    {"id": policy.id, "title": policy.title_en, "sha256": policy.sha256} for policy in policies
                ],
            }
        )
        return
    for edition in editions:
        click.echo(
            f"edition  {edition.id}  {edition.issued_on} to {edition.valid_until}  "
            f"{len(edition.rules)} rules  {edition.sha256[:12]}  {edition.title_zh}"
        )
    for policy in policies:
        click.echo(
            f"policy   {policy.id}  {len(policy.conflicts)} conflict rows  {policy.sha256[:12]}  {policy.title_zh}"
        )


@command.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Only JSON.")
@_ISSUED
def show_command(*, name: str, as_json: bool, issued_on: datetime | None) -> None:
    """Show one edition or local policy, every row."""
    thing = _find(name, _issued_on(issued_on))
    content = _edition_json(thing) if isinstance(thing, Edition) else _policy_json(thing)
    if as_json:
        _print_json(content)
    elif isinstance(thing, Edition):
        _print_edition(thing)
    else:
        _print_policy(thing)


@command.command("diff")
@click.argument("older")
@click.argument("newer")
@click.option("--json", "as_json", is_flag=True, help="Only JSON.")
@_ISSUED
def diff_command(*, older: str, newer: str, as_json: bool, issued_on: datetime | None) -> None:
    """Show what differs between two editions: codes that come or go, and changed rows."""
    day = _issued_on(issued_on)
    before, after = _edition(older, day), _edition(newer, day)
    old = {row["code"]: row for row in _edition_json(before)["rules"]}
    new = {row["code"]: row for row in _edition_json(after)["rules"]}
    changed = [
        {"code": code, "key": key, "before": old[code][key], "after": new[code][key]}
        for code in sorted(old.keys() & new.keys())
        for key in old[code]
        if old[code][key] != new[code][key]
    ]
    answer = {"added": sorted(new.keys() - old.keys()), "removed": sorted(old.keys() - new.keys()), "changed": changed}
    if as_json:
        _print_json(answer)
        return
    for code in answer["added"]:
        click.echo(f"+ {code}")
    for code in answer["removed"]:
        click.echo(f"- {code}")
    for change in changed:
        click.echo(f"~ {change['code']}: {change['key']} {change['before']} -> {change['after']}")
    if not any(answer.values()):
        click.echo("no difference in the rules")


def _find(name: str, day: date) -> Edition | Policy:
    if name in policy_ids():
        return _policy(name)
    if name in edition_ids():
        return _edition(name, day)
    known = ", ".join((*edition_ids(), *policy_ids()))
    raise click.UsageError(f"there is no edition or policy {name!r}; there are: {known}")


def _edition(name: str, day: date) -> Edition:
    try:
        return load_edition(name, issued_on=day)
    except (EditionUnknown, TomlUnfit) as fault:
        raise click.UsageError(str(fault)) from None


def _policy(name: str) -> Policy:
    try:
        return load_policy(name)
    except (PolicyUnknown, TomlUnfit) as fault:
        raise click.UsageError(str(fault)) from None


def _issued_on(typed: datetime | None) -> date:
    if typed is not None:
        return typed.date()
    try:
        return Settings.from_environment().edition_issued_on
    except SettingsInvalid as fault:
        raise click.UsageError(str(fault)) from None


def _head(edition: Edition) -> dict[str, Any]:
    return {
        "id": edition.id,
        "title_zh": edition.title_zh,
        "title_en": edition.title_en,
        "graph": edition.graph,
        "issued_on": edition.issued_on.isoformat(),
        "valid_until": edition.valid_until.isoformat(),
        "sha256": edition.sha256,
    }


def _edition_json(edition: Edition) -> dict[str, Any]:
    rules = [
        {
            "code": row.code,
            "refs": list(row.refs),
            "cite": row.cite,
            "force": row.force,
            "override_by": row.override_by,
            "numbers": dict(row.numbers),
        }
        for row in edition.rules
    ]
    return _head(edition) | {"bases": [{"zh": zh, "en": en} for zh, en in edition.bases], "rules": rules}


def _policy_json(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "title_zh": policy.title_zh,
        "title_en": policy.title_en,
        "employer_cap": policy.employer_cap,
        "service_months": policy.service_months,
        "odd_preferred": policy.odd_preferred,
        "reserves": policy.reserves,
        "reason_least": policy.reason_least,
        "declaration": {"valid_months": policy.declaration_months, "due_at_determination": policy.declaration_due},
        "library": {
            "reappointed_by": policy.library.reappointed_by.value,
            "renewal_days": policy.library.renewal_days,
            "reminder_days": list(policy.library.reminder_days),
            "statement_days": policy.library.statement_days,
            "assessment_events": policy.library.assessment_events,
            "assessment_months": policy.library.assessment_months,
            "rejected_kept_months": policy.library.rejected_kept_months,
            "unconfirmed_kept_months": policy.library.unconfirmed_kept_months,
            "evidence_kept_months": policy.library.evidence_kept_months,
            "field_least": policy.library.field_least,
        },
        "fit": {
            "main": list(policy.fit_table.main),
            "further": list(policy.fit_table.further),
            "each_more": policy.fit_table.each_more,
        },
        "conflicts": [dict(row) for row in policy.conflicts],
        "sha256": policy.sha256,
    }


def _print_edition(edition: Edition) -> None:
    click.echo(f"{edition.id}  {edition.title_zh}")
    click.echo(f"in force {edition.issued_on} to {edition.valid_until}  graph {edition.graph}  {edition.sha256}")
    for row in edition.rules:
        numbers = "  ".join(f"{name}={value}" for name, value in row.numbers.items())
        yields = f" unless {row.override_by}" if row.override_by else ""
        click.echo(f"  {row.code}  {row.cite}  {', '.join(row.refs)}  {row.force}{yields}  {numbers}".rstrip())


def _print_policy(policy: Policy) -> None:
    click.echo(f"{policy.id}  {policy.title_zh}  {policy.sha256}")
    click.echo(
        f"  employer_cap={policy.employer_cap}  service_months={policy.service_months}  reserves={policy.reserves}"
    )
    for row in policy.conflicts:
        window = row.get("window", "current")
        click.echo(f"  {row['id']}  {row['code']}  {row['severity']}  {row.get('basis', 'policy')}  window {window}")


def _print_json(content: object) -> None:
    json.dump(content, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
