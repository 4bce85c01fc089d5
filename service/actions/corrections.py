"""Correcting what was entered about an expert: with a reason where it matters, and what stood there before is kept."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from registry import State, field_name, one_line
from service.actions.act import Act, commit_to, same_version
from service.actions.experts import (
    AboutExpert,
    CheckedAbout,
    already_there,
    check_about,
    person_changes,
    said_columns,
)
from service.actions.own_affair import not_own_work
from service.actions.reason import reason_faults
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.corrections import drop_employment, drop_term, held_employment, held_term
from service.storage.expert_writing import HeldExpert, expert_with_identity, hold_expert, keep_text
from service.storage.roster_writing import ExpertChange, change_experts

WRONG: Final = "wrong"
"""What stood there was never so; the reason says how that came about."""
CHANGED: Final = "changed"
"""What stood there was so, until it changed in life; the day says since when."""
ASKED: Final = "asked"
"""The expert asked for it, and the request says what it is."""
NATURES: Final = (CHANGED, WRONG)
# How somebody is reached is neither right nor wrong about the person, and what was never said is only filled in.
_REACHED: Final = frozenset({"email", "phone"})
_UNSAID: Final = frozenset({"", "none"})


async def change_expert(
    act: Act,
    expert_id: UUID,
    about: AboutExpert,
    *,
    seen: int,
    reason: str = "",
    nature: str = "",
    since_on: date | None = None,
    compared: bool = False,
) -> frozenset[str]:
    """Change what is said about an expert; an empty identity or telephone number leaves what is kept.

    What stood there before stays in the record, beside the ledger, which knows it by its salted hash.

    Args:
        act: who, when.
        expert_id: whom.
        about: what is said now.
        seen: version that was seen.
        reason: why; another name needs one, for it changes who is meant, and so does every wrong entry put right.
        nature: `CHANGED` in life or `WRONG` as it was entered, needed where something that was said becomes something
            else; `ASKED` for what an expert asked.
        since_on: from which day it is so, for `CHANGED`.
        compared: whether the expert's identity document was compared, so that a wrong number may be put right.

    Returns:
        Names of what changed; empty when nothing did, and then nothing is written.

    Raises:
        NotFound: when there is no such expert.
        Stale: when the expert changed since.
        Invalid: with every fault of the input.
        Refused: when another expert has the identity number, or the known number would be replaced by another one;
            RECORD_MERGED for a record that went into another one.

    Source: A24.
    """
    held = await _held(act, expert_id, seen)
    if held.state is State.MERGED:
        raise Refused([Refusal("RECORD_MERGED")])
    checked, faults = check_about(act.keys, about)
    if faults:
        raise Invalid(faults)
    if checked.digest and checked.digest != held.identity_hash:
        known = await expert_with_identity(act.session, checked.digest)
        if known is not None:
            raise await already_there(act, known[0]) if known[0] else Refused([Refusal("PERSON_ALREADY_KNOWN")])
        if held.identity_hash and not compared:
            # Another number is another person; a wrong one is corrected by merging records, not by typing over it.
            raise Refused([Refusal("IDENTITY_DIFFERS", remedies=(Remedy("ADD_AS_NEW_EXPERT", "/experts/new"),))])
    person, expert = person_changes(act, held, checked), _expert_changes(held, checked)
    fields = None if set(checked.fields) == set(held.fields) else checked.fields
    changed = frozenset(said_columns(person) | set(expert) | ({"fields"} if fields is not None else set()))
    if not changed:
        return changed
    why = one_line(reason)
    values = _before_and_after(held, checked, changed)
    replaced = any(before not in _UNSAID for name, (before, _) in values.items() if name not in _REACHED)
    if faults := _nature_faults(act, changed, why, nature if replaced else ASKED, since_on):
        raise Invalid(faults)
    said = {} if not replaced or nature == ASKED else {"nature": nature}
    if said and nature == CHANGED and since_on is not None:
        said["since_on"] = since_on.isoformat()
    change = ExpertChange(
        expert_id=expert_id,
        person_id=held.person_id,
        columns=changed,
        person=person,
        expert=expert,
        fields=fields,
        term=None,
        employment_id=None,
        ends_on=None,
        new_unit_id=None,
        starts_on=act.on,
        post=None,
    )
    await change_experts(act.session, [change], at=act.at)
    act.record(
        "expert.changed",
        stream=f"expert:{expert_id}",
        body={
            "columns": sorted(changed),
            "source": "form",
            **said,
            **note_values(act, f"expert:{expert_id}", values, why),
        },
        edition=act.edition.id,
    )
    return changed


def _nature_faults(act: Act, changed: frozenset[str], why: str, nature: str, since_on: date | None) -> list[Fault]:
    """Return what is missing: whether it changed or was wrong, the day of the one, the reason of the other."""
    faults = []
    if nature not in (*NATURES, ASKED):
        faults.append(Fault("nature", "FIELD_NOT_A_CHOICE" if nature else "CHOICE_REQUIRED"))
    if nature == CHANGED and since_on is None:
        faults.append(Fault("since", "FIELD_REQUIRED"))
    elif nature == CHANGED and since_on is not None and since_on > act.on:
        faults.append(Fault("since", "DAY_IN_FUTURE"))
    if why or "name" in changed or nature == WRONG:
        faults += reason_faults(act.policy, "reason", why)
    return faults


async def withdraw_employment(act: Act, expert_id: UUID, employment_id: UUID, *, reason: str, seen: int) -> None:
    """Withdraw work that was entered by mistake: it never was. Checks that look back still see what was known then.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when there is no such work, or the reason is missing or too short.
        Refused: OWN_AFFAIR as for `service.actions.expert_life.end_employment`.
    """
    held = await _held(act, expert_id, seen)
    not_own_work(act, held.person_id, employment_id)
    faults = reason_faults(act.policy, "reason", reason)
    work = await held_employment(act.session, held.person_id, employment_id)
    if work is None:
        faults.append(Fault("employment", "FIELD_NOT_A_CHOICE"))
    if faults or work is None:
        raise Invalid(faults)
    await drop_employment(act.session, expert_id, employment_id, at=act.at)
    values = {"employment": (" ".join(filter(None, (work.name, work.post, _span(work.from_on, work.to_on)))), "")}
    stream = f"expert:{expert_id}"
    body = {"organisation": str(work.organisation_id), **note_values(act, stream, values, one_line(reason))}
    act.record("employment.withdrawn", stream=stream, body=body)


async def withdraw_term(act: Act, expert_id: UUID, term_id: UUID, *, reason: str, seen: int) -> None:
    """Withdraw a term that was entered from paper by mistake.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when there is no such term, or the reason is missing or too short.
        Refused: TERM_HAS_LETTER for one that came by a list: its letter is out, and only a case ends it (A26, A70).

    Source: A24.
    """
    held = await _held(act, expert_id, seen)
    faults = reason_faults(act.policy, "reason", reason)
    term = await held_term(act.session, expert_id, term_id)
    if term is None:
        faults.append(Fault("term", "FIELD_NOT_A_CHOICE"))
    if faults or term is None:
        raise Invalid(faults)
    if term.lettered:
        raise Refused([Refusal("TERM_HAS_LETTER")])
    await drop_term(act.session, held.id, term_id)
    span = _span(term.starts_on, term.ends_on)
    stream = f"expert:{expert_id}"
    values = {"term": (" ".join(filter(None, (span, term.letter_number, term.approval_number))), "")}
    body = {"starts_on": term.starts_on.isoformat(), "ends_on": term.ends_on.isoformat()}
    act.record("term.withdrawn", stream=stream, body=body | note_values(act, stream, values, one_line(reason)))


def note_values(act: Act, stream: str, values: Mapping[str, tuple[str, str]], reason: str) -> dict[str, str]:
    """Keep what stood before and stands now, with the reason, beside the ledger; return what the ledger says of it.

    Args:
        act: who, when.
        stream: whose record.
        values: column -> (before, now), confidential numbers masked.
        reason: on one line, may be empty.
    """
    text = json.dumps({"values": {name: list(pair) for name, pair in values.items()}}, ensure_ascii=False)
    said = {"values_sha256": text} | ({"reason_sha256": reason} if reason else {})
    body = {}
    for name, words in said.items():
        digest, salt = commit_to(words)
        keep_text(act.session, stream, sha256=digest, salt=salt, text=words)
        body[name] = digest
    return body


async def _held(act: Act, expert_id: UUID, seen: int) -> HeldExpert:
    act.require("expert:change")
    held = await hold_expert(act.session, expert_id)
    same_version(seen, held.version, subject=f"expert:{expert_id}")
    return held


def _before_and_after(held: HeldExpert, checked: CheckedAbout, changed: frozenset[str]) -> dict[str, tuple[str, str]]:
    """Return column -> (before, now); of the numbers only that they changed, masked as the page shows them."""

    def fields(some: Any) -> str:
        return "、".join(field_name(one.code, language="zh") for one in some)

    identity = "" if checked.identity is None else checked.identity.masked
    phone = "" if checked.phone is None else checked.phone.masked
    pairs = {
        "name": (held.name, checked.name),
        "email": (held.email, checked.email),
        "title": (held.title, checked.title),
        "title_level": (held.title_level, checked.title_level.value),
        "source": (held.source, checked.source),
        "fields": (fields(held.fields), fields(checked.fields)),
        "identity": (held.identity_masked, identity),
        "phone": (held.phone_masked, phone),
    }
    return {name: pair for name, pair in pairs.items() if name in changed}


def _span(first: Any, last: Any) -> str:
    return f"{first or ''} – {last or ''}".strip(" –") if first or last else ""


def _expert_changes(held: HeldExpert, checked: CheckedAbout) -> dict[str, Any]:
    wanted = {"title": checked.title, "title_level": checked.title_level.value, "source": checked.source}
    now = {"title": held.title, "title_level": held.title_level, "source": held.source}
    return {name: value for name, value in wanted.items() if value != now[name]}
