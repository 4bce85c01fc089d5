"""One entry of the ledger: its parts, its bytes, and what may never stand in it.

An entry is kept for ever and shown to strangers, so nothing in it may be personal data or free text. A text is known
to the ledger by a salted hash (`hid`); the text and its salt live in a row that can be erased without breaking a hash.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import rfc8785

VERSION: Final = 1
MOST_BYTES: Final = 65_536
_SAFE_INTEGER: Final = 2**53 - 1

_TYPE = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")
_STREAM = re.compile(r"[a-z][a-z0-9-]*:[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
# Ids, codes, days, numbers with a fraction, hashes: no blank, no Chinese, no address sign.
_CODED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=#-]{0,127}|")
_HASH = re.compile(r"(sha256:)?[0-9a-f]{64}")
_RULE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|")
_RESIDENT = re.compile(r"\d{17}[\dXx]")
_MOBILE = re.compile(r"(\+?86-?)?1[3-9]\d{9}")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Words that ask for a text or for personal data: under them stands a hash, an id or the code of a rule, never words.
_TEXT_KEYS: Final = frozenset(
    {"name", "text", "title", "phone", "email", "address", "login", "password", "identity", "born_on"}
)


class EventUnfit(RuntimeError):
    """An event holds what the ledger does not take; a fault of the code that made it, not of the person acting.

    Attributes:
        at: JSON Pointer of the place; the value itself is not repeated, it may be personal.
    """

    def __init__(self, at: str, why: str) -> None:
        """Keep the place and say why."""
        super().__init__(f"{at}: {why}")
        self.at = at


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, before it has a place in the ledger.

    Attributes:
        type: `subject.past_participle`, such as `panel.determined`.
        stream: whose record it belongs to, such as `matter:<id>`.
        expect: the `stream_seq` it must get (1 for the first of its stream); None takes the next.
        actor: `id` of the account, `person`, `role`, `session` (first digits of the sign-in's hash).
        cites: articles behind the act, such as `A32.1`.
        edition: edition that was applied; empty where no rule was asked.
        step: step of the life of a matter; empty elsewhere.
        body: ids, codes, integers, truth values and hashes.
        hid: name of a text -> salted SHA-256 of it, in hex.
        cause: `seq` of the event that brought this one about, or None.
    """

    type: str
    stream: str
    body: Mapping[str, Any]
    actor: Mapping[str, str]
    expect: int | None = None
    cites: tuple[str, ...] = ()
    edition: str = ""
    step: str = ""
    hid: Mapping[str, str] = field(default_factory=dict)
    cause: int | None = None


def say_at(at: datetime) -> str:
    """Return an aware instant as the ledger writes it: UTC, cut to milliseconds, such as 2027-03-01T08:12:33.120Z.

    Raises:
        EventUnfit: when the instant is naive.
    """
    offset = at.utcoffset()
    if offset is None:
        raise EventUnfit("/at", "an instant must be aware")
    return f"{(at - offset).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def to_bytes(event: Event, *, log: str, seq: int, stream_seq: int, at: datetime) -> bytes:
    """Return the entry's bytes (RFC 8785), after checking that nothing stands in it that must not.

    Args:
        event: what happened.
        log: the ledger's name.
        seq: its place in the ledger, from 1.
        stream_seq: its place in its stream, from 1.
        at: when, an aware instant.

    Raises:
        EventUnfit: naming the place.
    """
    check(event)
    entry: dict[str, Any] = {
        "v": VERSION,
        "log": log,
        "seq": seq,
        "stream": event.stream,
        "stream_seq": stream_seq,
        "type": event.type,
        "at": say_at(at),
        "actor": dict(event.actor),
        "cites": list(event.cites),
        "edition": event.edition,
        "step": event.step,
        "body": dict(event.body),
    }
    if event.hid:
        entry["hid"] = dict(event.hid)
    if event.cause is not None:
        entry["cause"] = event.cause
    data = rfc8785.dumps(entry)
    if len(data) > MOST_BYTES:
        raise EventUnfit("", f"{len(data)} bytes; an entry has at most {MOST_BYTES}")
    return data


def check(event: Event) -> None:
    """Refuse an event with a wrong shape, personal data or free text.

    Raises:
        EventUnfit: naming the first place.
    """
    if not _TYPE.fullmatch(event.type):
        raise EventUnfit("/type", "a type is subject.past_participle, in small letters")
    if not _STREAM.fullmatch(event.stream):
        raise EventUnfit("/stream", "a stream is kind:id")
    for name, text in event.hid.items():
        if not _KEY.fullmatch(name) or not _HASH.fullmatch(text):
            raise EventUnfit("/hid", "a hidden text is named by a key and its SHA-256 in hex")
    if event.cause is not None and event.cause < 1:
        raise EventUnfit("/cause", "a cause is the seq of an earlier event")
    for at, value in (
        ("/actor", event.actor),
        ("/cites", event.cites),
        ("/edition", event.edition),
        ("/step", event.step),
        ("/body", event.body),
    ):
        for place, key, leaf in _leaves(at, "", value):
            _check_leaf(place, key, leaf)


def _leaves(at: str, key: str, value: object) -> Iterator[tuple[str, str, object]]:
    """Yield pointer, nearest key and value of every leaf; a list's items stand under the list's key."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str) or not _KEY.fullmatch(name):
                raise EventUnfit(at, "a key is an id or a code")
            yield from _leaves(f"{at}/{name.replace('/', '~1')}", name, item)
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            yield from _leaves(f"{at}/{place}", key, item)
    else:
        yield at, key, value


def _check_leaf(at: str, key: str, value: object) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > _SAFE_INTEGER:
            raise EventUnfit(at, "an integer lies within 2^53 - 1")
        return
    if not isinstance(value, str):
        raise EventUnfit(at, f"{type(value).__name__} is no value of the ledger; use integers, codes and ISO texts")
    if not unicodedata.is_normalized("NFC", value) or not _CODED.fullmatch(value):
        raise EventUnfit(at, "free text; hand its salted hash over in hid")
    if key in _TEXT_KEYS and not any(shape.fullmatch(value) for shape in (_HASH, _RULE, _UUID)):
        raise EventUnfit(at, f"{key!r} asks for a text; hand its salted hash over in hid")
    if _MOBILE.fullmatch(value) or (_RESIDENT.fullmatch(value) and _is_resident_number(value)):
        raise EventUnfit(at, "personal data")


def _is_resident_number(text: str) -> bool:
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return text[17].upper() == "10X98765432"[total % 11]
