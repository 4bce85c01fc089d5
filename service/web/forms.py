"""Reading what people typed: every fault is collected, every typed text is kept for showing again."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Self
from uuid import UUID

from litestar import Request
from litestar.datastructures import UploadFile

from service.problems import Fault, Invalid

_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")


def id_of(text: str) -> UUID | None:
    """Return the id that a text is, or None."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


class Form:
    """A submitted form: typed values by name, and the faults found while reading them."""

    def __init__(self, values: dict[str, list[str]], uploads: dict[str, UploadFile] | None = None) -> None:
        """Keep what was typed."""
        self.values = values
        self.uploads = uploads or {}
        self.faults: list[Fault] = []

    @classmethod
    async def of(cls, request: Request[Any, Any, Any]) -> Self:
        """Read the form of a request."""
        values: dict[str, list[str]] = {}
        uploads: dict[str, UploadFile] = {}
        for name, value in (await request.form()).multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    uploads[name] = value
            else:
                values.setdefault(name, []).append(str(value))
        return cls(values, uploads)

    def typed(self, name: str, default: str = "") -> str:
        """Return the text as typed, for showing again."""
        return self.values.get(name, [default])[0]

    def typed_all(self, name: str) -> list[str]:
        """Return every typed text of a name, as typed."""
        return self.values.get(name, [])

    def text(self, name: str, *, required: bool = False, most: int = 200) -> str:
        """Return the text trimmed and in NFC; a fault when it is required and missing, too long, or has controls."""
        text = unicodedata.normalize("NFC", self.typed(name)).strip()
        if required and not text:
            self.fault(name, "FIELD_REQUIRED")
        elif len(text) > most:
            self.fault(name, "FIELD_TOO_LONG", most=most, length=len(text))
        elif any(unicodedata.category(mark) in {"Cc", "Cf"} and mark not in "\r\n\t" for mark in text):
            self.fault(name, "FIELD_HAS_CONTROLS")
        return text

    def choice(self, name: str, allowed: Sequence[str], *, default: str | None = None) -> str:
        """Return one of the allowed codes; a fault when it is none of them."""
        text = self.typed(name).strip()
        if not text and default is not None:
            return default
        if text not in allowed:
            self.fault(name, "CHOICE_REQUIRED" if not text else "FIELD_NOT_A_CHOICE")
        return text

    def choices(self, name: str, allowed: Sequence[str]) -> list[str]:
        """Return the ticked codes, in the order of `allowed`."""
        ticked = {text.strip() for text in self.typed_all(name)} - {""}
        if ticked - set(allowed):
            self.fault(name, "FIELD_NOT_A_CHOICE")
        return [code for code in allowed if code in ticked]

    def day(self, name: str, *, required: bool = False) -> date | None:
        """Return a day typed as 1975-3-1, 1975.03.01, 1975/3/1 or 1975年3月1日."""
        text = unicodedata.normalize("NFKC", self.typed(name)).strip()
        if not text:
            if required:
                self.fault(name, "FIELD_REQUIRED")
            return None
        found = _DAY.fullmatch(text)
        try:
            if found is None:
                raise ValueError
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            self.fault(name, "FIELD_NOT_A_DAY")
            return None

    def number(self, name: str, *, least: int, most: int, default: int | None = None) -> int | None:
        """Return a whole number within bounds, both inclusive."""
        text = unicodedata.normalize("NFKC", self.typed(name)).strip()
        if not text and default is not None:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 9 or not least <= int(text) <= most:
            self.fault(name, "FIELD_NOT_A_NUMBER", least=least, most=most)
            return default
        return int(text)

    def id(self, name: str, *, required: bool = False) -> UUID | None:
        """Return an id."""
        text = self.typed(name).strip()
        if not text and not required:
            return None
        found = id_of(text)
        if found is None:
            self.fault(name, "FIELD_NOT_A_CHOICE" if text else "CHOICE_REQUIRED")
        return found

    def read(self, name: str, reader: Callable[[str], Any], *, code: str) -> Any:
        """Return what `reader` makes of the text; a ValueError of its becomes a fault with `code`."""
        try:
            return reader(self.typed(name))
        except ValueError:
            self.fault(name, code)
            return None

    def fault(self, at: str, code: str, **facts: Any) -> None:
        """Note a fault of a field."""
        self.faults.append(Fault(at, code, facts))

    def check(self) -> None:
        """Refuse when faults were noted.

        Raises:
            Invalid: with every fault.
        """
        if self.faults:
            raise Invalid(self.faults)


@contextmanager
def faults_at(name: str, *, of: str) -> Iterator[None]:
    """Show what an act finds wrong with a value at the field of another name, where a page has two of a kind."""
    try:
        yield
    except Invalid as problem:
        raise Invalid([replace(fault, at=name) if fault.at == of else fault for fault in problem.faults]) from None
