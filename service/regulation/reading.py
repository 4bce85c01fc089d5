"""Strict reading of TOML: what is unknown, missing or of another kind is refused with its place."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class TomlUnfit(Exception):
    """A file of the regulation cannot be used.

    Attributes:
        faults: every fault, each as "place: what is wrong and what to write".
    """

    def __init__(self, file: str, faults: Iterable[str]) -> None:
        """Keep every fault under the file's name."""
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{file}: {fault}" for fault in self.faults))


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        TomlUnfit: when it is no TOML.
        FileNotFoundError: when there is no such file.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise TomlUnfit(path.name, [str(fault)]) from fault


class Table:
    """One table of a file, read key by key; `end` refuses what nobody asked for."""

    def __init__(self, values: object, at: str, faults: list[str]) -> None:
        """Read `values`, which stand at `at`, and add what is wrong to `faults`."""
        self.at = at
        self.faults = faults
        self._asked: set[str] = set()
        self._values: Mapping[str, Any] = {}
        if isinstance(values, Mapping):
            self._values = values
        else:
            self.fault("", "must be a table")

    def fault(self, key: str, says: str) -> None:
        """Note a fault of a key."""
        place = f"{self.at}.{key}".strip(".") if key else self.at or "file"
        self.faults.append(f"{place}: {says}")

    def text(self, key: str, default: str | None = None, *, allowed: Iterable[str] = ()) -> str:
        """Return a text; a fault when it is missing without a default, or is none of the allowed words."""
        value = self._value(key, str, default, "a text")
        words = tuple(allowed)
        if words and value not in words:
            self.fault(key, f"{value!r} is not one of {', '.join(words)}")
        return value or ""

    def number(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """Return a whole number that is at least `least`."""
        value = self._value(key, int, default, "a whole number")
        if value is not None and value < least:
            self.fault(key, f"{value} is below {least}")
        return value or 0

    def truth(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        return bool(self._value(key, bool, default, "true or false"))

    def day(self, key: str) -> date:
        """Return a day."""
        return self._value(key, date, None, "a day such as 2026-01-31") or date.min

    def numbers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        values = self._value(key, list, None, "a list of whole numbers") or []
        if not all(type(value) is int for value in values):
            self.fault(key, "must be a list of whole numbers")
            return ()
        return tuple(values)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; absent, it is empty."""
        values = self._value(key, list, [], "a list of texts") or []
        if not all(isinstance(value, str) for value in values):
            self.fault(key, "must be a list of texts")
            return ()
        return tuple(values)

    def table(self, key: str) -> "Table":
        """Return a table within; absent, it is empty."""
        self._asked.add(key)
        return Table(self._values.get(key, {}), f"{self.at}.{key}".strip("."), self.faults)

    def rows(self, key: str) -> "list[Table]":
        """Return the rows of a list of tables; absent, there are none."""
        self._asked.add(key)
        values = self._values.get(key, [])
        if not isinstance(values, list):
            self.fault(key, f"must be rows of [[{key}]]")
            return []
        at = f"{self.at}.{key}".strip(".")
        return [Table(value, f"{at}[{place}]", self.faults) for place, value in enumerate(values)]

    def all_numbers(self) -> dict[str, int]:
        """Return every key as a whole number; for tables whose keys are names of numbers."""
        return {key: self.number(key) for key in self._values}

    def raw(self) -> Mapping[str, Any]:
        """Return the table as it stands, for a reader elsewhere that is strict itself."""
        self._asked.update(self._values)
        return self._values

    def end(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                self.fault(key, f"is unknown; known here: {', '.join(sorted(self._asked))}")

    def _value(self, key: str, kind: type[T], default: T | None, says: str) -> T | None:
        self._asked.add(key)
        if key not in self._values:
            if default is None:
                self.fault(key, f"is missing; write {says}")
            return default
        value = self._values[key]
        # TOML knows true and whole numbers apart; Python's bool is an int.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(key, f"must be {says}")
            return default
        return value
