"""Open calls for experts (公开征集): publishing one, changing it with a reason (A24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from registry import CallPeriod, is_field_code, one_line
from service.actions.act import Act, commit_to, same_version
from service.actions.reason import reason_faults
from service.problems import Fault, Invalid
from service.storage.calls import change_call, hold_call, put_call
from service.storage.expert_writing import keep_text

TITLE_MOST: Final = 100
TEXT_MOST: Final = 4000
_LONGEST: Final = timedelta(days=366)
_FIELDS_MOST: Final = 30


@dataclass(frozen=True, slots=True)
class CallEntry:
    """An open call, as typed.

    Attributes:
        title, text: what applicants read.
        fields: codes that are wanted; empty for all.
        opens_on, closes_on: both inclusive; None where none was typed.
    """

    title: str
    text: str
    fields: tuple[str, ...]
    opens_on: date | None
    closes_on: date | None


async def publish_call(act: Act, entry: CallEntry) -> UUID:
    """Publish an open call; anyone sees it from now on, applications are taken inside its period.

    Returns:
        The id of the call.

    Raises:
        Invalid: with every fault; a call neither closes in the past nor stays open for more than a year.

    Source: A24.
    """
    act.require("call:publish")
    period = _checked(act, entry)
    call_id, number = await put_call(
        act.session,
        title=one_line(entry.title),
        text=entry.text.strip(),
        fields=entry.fields,
        period=period,
        by=act.viewer.account_id,
        on=act.on,
        at=act.at,
    )
    act.record(
        "call.published",
        stream=f"call:{call_id}",
        body={"number": number, **_said(entry.fields, period)},
        cites=("A24",),
        edition=act.edition.id,
    )
    return call_id


async def correct_call(act: Act, call_id: UUID, entry: CallEntry, *, reason: str, seen: int) -> None:
    """Change a call that was published: its words, the fields it wants, its period. Ending it is closing it today.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault; the reason is required.

    Source: A24.
    """
    act.require("call:publish")
    held = await hold_call(act.session, call_id)
    same_version(seen, held.version, subject=f"call:{call_id}")
    faults = reason_faults(act.policy, "reason", reason)
    try:
        period = _checked(act, entry)
    except Invalid as problem:
        raise Invalid([*problem.faults, *faults]) from None
    if faults:
        raise Invalid(faults)
    await change_call(
        act.session,
        call_id,
        title=one_line(entry.title),
        text=entry.text.strip(),
        fields=list(entry.fields),
        opens_on=period.opens_on,
        closes_on=period.closes_on,
    )
    stream = f"call:{call_id}"
    digest, salt = commit_to(reason.strip())
    keep_text(act.session, stream, sha256=digest, salt=salt, text=reason.strip())
    act.record(
        "call.changed",
        stream=stream,
        body={**_said(entry.fields, period), "reason_sha256": digest},
        cites=("A24",),
        edition=act.edition.id,
    )


def _checked(act: Act, entry: CallEntry) -> CallPeriod:
    faults = []
    for at, text, most in (("title", one_line(entry.title), TITLE_MOST), ("text", entry.text.strip(), TEXT_MOST)):
        if not text:
            faults.append(Fault(at, "FIELD_REQUIRED"))
        elif len(text) > most:
            faults.append(Fault(at, "FIELD_TOO_LONG", {"most": most, "length": len(text)}))
    faults += [
        Fault("fields", "FIELD_CODE_UNKNOWN", {"code": code[:16]}) for code in entry.fields if not is_field_code(code)
    ]
    if len(entry.fields) > _FIELDS_MOST:
        faults.append(Fault("fields", "FIELDS_OVER_LIMIT", {"most": _FIELDS_MOST, "count": len(entry.fields)}))
    opens_on, closes_on = entry.opens_on, entry.closes_on
    faults += [Fault(at, "FIELD_REQUIRED") for at in ("opens_on", "closes_on") if getattr(entry, at) is None]
    if opens_on is None or closes_on is None:
        raise Invalid(faults)
    if closes_on < opens_on:
        faults.append(Fault("closes_on", "END_BEFORE_START"))
    elif closes_on < act.on:
        faults.append(Fault("closes_on", "DAY_IN_PAST"))
    elif closes_on - opens_on > _LONGEST:
        faults.append(Fault("closes_on", "CALL_TOO_LONG", {"days": _LONGEST.days}))
    if faults:
        raise Invalid(faults)
    return CallPeriod(opens_on, closes_on)


def _said(fields: Sequence[str], period: CallPeriod) -> dict[str, object]:
    return {
        "fields": list(fields),
        "opens_on": period.opens_on.isoformat(),
        "closes_on": period.closes_on.isoformat(),
    }
