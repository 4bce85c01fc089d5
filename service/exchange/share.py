"""A share as people write it, read as an integer pair."""

import re
import unicodedata
from typing import Final

from service.exchange.grid import Value

_PERCENT: Final = re.compile(r"(\d{1,3})(?:\.(\d{1,4}))?%")
_PAIR: Final = re.compile(r"(\d{1,9})/(\d{1,9})")
_DECIMALS: Final = 6


def read_share(text: str) -> tuple[int, int] | None:
    """Read a share as people write it: `30%`, `12.5%`, `3/10`; empty is None.

    Raises:
        ValueError: when it is none of these, or not above 0 and at most the whole.
    """
    typed = unicodedata.normalize("NFKC", text).replace(" ", "")
    if not typed:
        return None
    if (percent := _PERCENT.fullmatch(typed)) is not None:
        decimals = percent[2] or ""
        share = (int(percent[1] + decimals), 100 * 10 ** len(decimals))
    elif (pair := _PAIR.fullmatch(typed)) is not None:
        share = (int(pair[1]), int(pair[2]))
    else:
        raise ValueError(text)
    if not 0 < share[0] <= share[1]:
        raise ValueError(text)
    return share


def share_in(value: Value) -> tuple[int, int] | None:
    """Read the share in a cell; a cell formatted as a percentage holds 0.3 for 30%.

    A bare whole number says neither percent nor part and is refused, 1 apart: the whole.

    Raises:
        ValueError: as `read_share`.
    """
    if value is None or isinstance(value, str):
        return read_share(value or "")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1:
        whole = 10**_DECIMALS
        part = round(value * whole)
        while part % 10 == 0 and whole > 1:
            part, whole = part // 10, whole // 10
        return read_share(f"{part}/{whole}")
    raise ValueError(str(value))
