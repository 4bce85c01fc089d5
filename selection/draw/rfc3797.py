"""RFC 3797, "Publicly Verifiable Nominations Committee Random Selection": its key string, and its own algorithm."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from selection.faults import PanelProblemFault, PanelProblemFaults

# The algorithm counts its picks in two bytes.
MOST_PICKS: Final = 2**16
_MOST_DIGITS: Final = 100
_SEPARATORS: Final = re.compile(r"[\s.,]+")


def key_string(sources: str) -> str:
    """Return the key string of the numbers of some sources.

    Numbers are sorted within a source, leading zeros go, each number is closed by '.', each source by '/'.

    Args:
        sources: numbers with blanks, commas or dots between them, sources with '/' between them. A key string is
            read as well, and comes back as it is.

    Raises:
        PanelProblemFaults: when a source has no number, or something is no whole number; places are `/n` by source.

    Example:
        >>> key_string("9319 / 12 2 5")
        '9319./2.5.12./'
    """
    rows = sources.split("/")
    if not rows[-1].strip() and len(rows) > 1:
        rows.pop()
    faults: list[PanelProblemFault] = []
    keys: list[str] = []
    for place, row in enumerate(rows):
        words = [word for word in _SEPARATORS.split(row) if word]
        wrong = [word for word in words if not (word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS)]
        if wrong or not words:
            wanted = f"whole numbers of at most {_MOST_DIGITS} digits, at least one, with blanks between them"
            faults.append(PanelProblemFault(f"/{place}", "TEXT_INVALID", {"wanted": wanted}))
        else:
            keys.append("".join(f"{number}." for number in sorted(map(int, words))) + "/")
    if faults:
        raise PanelProblemFaults(faults)
    return "".join(keys)


def picks(names: int, count: int, key: str) -> tuple[int, ...]:
    """Return the numbers of the names picked, counted from 1, in the order of the picks.

    The RFC prescribes MD5; nothing here rests on its strength, and draws of panels do not use it.

    Args:
        names: how many names are on the list.
        count: how many are picked, at most `names` and 65,536.
        key: the key string.

    Raises:
        PanelProblemFaults: when a number is out of its bounds.
    """
    faults = []
    if not 1 <= names <= 1_000_000:
        faults.append(PanelProblemFault("/names", "NUMBER_OUT_OF_RANGE", {"low": 1, "high": 1_000_000}))
    most = max(1, min(names, MOST_PICKS))
    if not 1 <= count <= most:
        faults.append(PanelProblemFault("/picks", "NUMBER_OUT_OF_RANGE", {"low": 1, "high": most}))
    if faults:
        raise PanelProblemFaults(faults)
    left = list(range(1, names + 1))
    return tuple(_pick(left, number.to_bytes(2), key) for number in range(count))


def _pick(left: list[int], counter: bytes, key: str) -> int:
    digest = hashlib.md5(counter + key.encode("ascii") + counter, usedforsecurity=False).digest()
    return left.pop(int.from_bytes(digest) % len(left))


def numbers_of(key: str) -> Sequence[Sequence[int]]:
    """Return the numbers of a key string, by source."""
    return [[int(number) for number in row.split(".")[:-1]] for row in key.split("/")[:-1]]
