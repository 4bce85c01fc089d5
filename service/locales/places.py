"""The places of a notice as the center types them: {姓名} or {name} in the place of the catalogues' %(name)s."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("姓名", "name"),
    "matter": ("事项", "matter"),
    "day": ("日期", "day"),
    "time": ("时间", "time"),
    "place": ("地点", "place"),
    "link": ("链接", "link"),
}
"""Place -> how it is written in Chinese and in English."""

_TYPED: Final = re.compile(r"\{([^{}\n]{0,40})\}")
_STORED: Final = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True, slots=True)
class PlaceFault:
    """A place that cannot be filled.

    Attributes:
        code: `PLACE_UNKNOWN`, `BRACE_ALONE` or `PLACE_MISSING`.
        line, column: where, from 1; 0 for a place that is missing.
        found: what stands there, or what is missing.
    """

    code: str
    line: int
    column: int
    found: str


def typed_form(stored: str, language: str) -> str:
    """Return a text of the catalogues as people type it.

    Example:
        >>> typed_form("%(name)s: 100%%", "en")
        '{name}: 100%'
    """
    which = 0 if language == "zh" else 1

    def say(found: re.Match[str]) -> str:
        name = found[1]
        return "%" if name is None else f"{{{WORDS[name][which] if name in WORDS else name}}}"

    return _STORED.sub(say, stored)


def stored_form(
    typed: str, *, allowed: Collection[str], needed: Collection[str] = ()
) -> tuple[str, tuple[PlaceFault, ...]]:
    """Return what people typed as the catalogues have it, and every place that cannot be filled.

    Places may be written in Chinese or English in either language.

    Args:
        typed: the text.
        allowed: places that this notice can fill.
        needed: places that it must have.

    Example:
        >>> stored_form("{姓名}，您好", allowed=["name"])
        ('%(name)s，您好', ())
    """
    names = {word: place for place in allowed for word in WORDS[place]}
    faults: list[PlaceFault] = []
    used: set[str] = set()

    def read(found: re.Match[str]) -> str:
        place = names.get(found[1].strip().lower())
        if place is None:
            faults.append(PlaceFault("PLACE_UNKNOWN", *_spot(typed, found.start()), found[1]))
            return found[0]
        used.add(place)
        return f"%({place})s"

    stored = _TYPED.sub(read, typed.replace("%", "%%"))
    whole = {mark for found in _TYPED.finditer(typed) for mark in (found.start(), found.end() - 1)}
    faults += [
        PlaceFault("BRACE_ALONE", *_spot(typed, at), mark)
        for at, mark in enumerate(typed)
        if mark in "{}" and at not in whole
    ]
    faults += [PlaceFault("PLACE_MISSING", 0, 0, " / ".join(WORDS[place])) for place in needed if place not in used]
    return stored, tuple(sorted(faults, key=lambda fault: (fault.line == 0, fault.line, fault.column)))


def _spot(text: str, at: int) -> tuple[int, int]:
    before = text[:at]
    return before.count("\n") + 1, at - before.rfind("\n")
