"""A place in a JSON file: what stands there, where it is (RFC 6901), and what is wrong with it."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from conflicts.fault import Fault, InputRefused, escaped

MAX_ID: Final = 128
MAX_TEXT: Final = 1_000

_Value = TypeVar("_Value")
_Word = TypeVar("_Word", bound=StrEnum)


class _RepeatedKeys(dict[str, Any]):
    """An object of a file in which a key stood twice."""

    repeated: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    keys = (key for key, _ in pairs)
    marked = _RepeatedKeys(found)
    marked.repeated = tuple(sorted(key for key, times in Counter(keys).items() if times > 1))
    return marked


def load_json(text: str | bytes) -> Any:
    """Return what a JSON text says; `Place` notes keys that stand twice.

    Raises:
        InputRefused: NOT_UTF8, NOT_JSON with line and column, NESTED_TOO_DEEP.
    """
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(decoded, object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise InputRefused([Fault("", "NOT_UTF8")]) from None
    except json.JSONDecodeError as wrong:
        raise InputRefused([Fault("", "NOT_JSON", {"line": wrong.lineno, "column": wrong.colno})]) from None
    except RecursionError:
        raise InputRefused([Fault("", "NESTED_TOO_DEEP")]) from None
    except ValueError:  # a number with more digits than Python reads
        raise InputRefused([Fault("", "NOT_JSON", {"line": 1, "column": 1})]) from None


class Place:
    """One place of a file: reads what stands there and notes faults with their pointers.

    Attributes:
        value: what stands there.
        at: JSON Pointer to it.
        faults: all faults noted so far, shared by all places of a file.
        used: the keys that were asked for.
    """

    def __init__(self, value: Any, at: str, faults: list[Fault]) -> None:
        """Stand at a place."""
        self.value = value
        self.at = at
        self.faults = faults
        self.used: set[str] = set()

    def fault(self, code: str, at: str = "", **facts: object) -> None:
        """Note a fault here, or at a pointer relative to here."""
        self.faults.append(Fault(self.at + at, code, facts))

    def is_object(self) -> bool:
        """Return whether an object stands here; note it where none does."""
        if not isinstance(self.value, Mapping):
            self.fault("NOT_AN_OBJECT")
            return False
        self.note_repeated_keys()
        return True

    def note_repeated_keys(self) -> None:
        """Note every key that stands twice in the object here, if one stands here."""
        if isinstance(self.value, _RepeatedKeys):
            for key in self.value.repeated:
                self.fault("KEY_REPEATED", f"/{escaped(key)}")

    def close(self) -> None:
        """Note the keys nobody asked for."""
        for key in self.value:
            if key not in self.used and not key.startswith("x-"):
                self.fault("KEY_UNKNOWN", f"/{escaped(key)}", allowed=sorted(self.used))

    def get(self, key: str, read: Callable[["Place"], _Value | None], *, required: bool = False) -> _Value | None:
        """Read what stands under a key; None when nothing does or it has a fault."""
        self.used.add(key)
        value = self.value.get(key)
        if value is None:  # null says the same as leaving the key out
            if required:
                self.fault("KEY_MISSING", key=key)
            return None
        return read(Place(value, f"{self.at}/{escaped(key)}", self.faults))

    def many(self, key: str, read: Callable[["Place"], _Value | None]) -> tuple[_Value, ...]:
        """Read a list under a key; what has a fault is left out."""
        self.used.add(key)
        values = self.value.get(key, [])
        at = f"{self.at}/{escaped(key)}"
        if not isinstance(values, list):
            self.faults.append(Fault(at, "NOT_A_LIST"))
            return ()
        found = (read(Place(value, f"{at}/{place}", self.faults)) for place, value in enumerate(values))
        return tuple(value for value in found if value is not None)


def read_id(node: Place) -> str | None:
    """Read an id: 1 to 128 characters without control characters."""
    return _bounded(node, 1, MAX_ID)


def read_text(node: Place) -> str | None:
    """Read a text of at most 1,000 characters without control characters."""
    return _bounded(node, 0, MAX_TEXT)


def _bounded(node: Place, least: int, most: int) -> str | None:
    value = node.value
    if not isinstance(value, str) or not least <= len(value) <= most or any(ord(sign) < ord(" ") for sign in value):
        node.fault("NOT_A_TEXT", least=least, most=most)
        return None
    return value


def read_day(node: Place) -> date | None:
    """Read a day spelt 2026-11-23."""
    try:
        # fromisoformat also takes 20261123 and 2026-W48-1; the format has one spelling.
        if isinstance(node.value, str) and len(node.value) == len("2026-11-23") and node.value[4] == "-":
            return date.fromisoformat(node.value)
    except ValueError:
        pass
    node.fault("NOT_A_DAY", example="2026-11-23")
    return None


def read_instant(node: Place) -> datetime | None:
    """Read an instant with its offset from UTC."""
    try:
        if isinstance(node.value, str):
            instant = datetime.fromisoformat(node.value)
            if instant.tzinfo is not None:
                return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    node.fault("NOT_AN_INSTANT", example="2026-11-23T08:00:00Z")
    return None


def read_truth(node: Place) -> bool | None:
    """Read true or false."""
    if not isinstance(node.value, bool):
        node.fault("NOT_TRUE_OR_FALSE")
        return None
    return node.value


def read_share(node: Place) -> tuple[int, int] | None:
    """Read a pair of whole numbers."""
    value = node.value
    if not isinstance(value, list) or len(value) != 2 or any(type(part) is not int for part in value):
        node.fault("NOT_A_PAIR", example=[3, 10])
        return None
    return (value[0], value[1])


def read_word(words: type[_Word]) -> Callable[[Place], _Word | None]:
    """Return a reader of one of a closed list of words."""

    def read(node: Place) -> _Word | None:
        try:
            return words(node.value)
        except ValueError:
            node.fault("WORD_UNKNOWN", word=str(node.value)[:MAX_ID], allowed=[str(word) for word in words])
            return None

    return read
