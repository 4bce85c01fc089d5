"""Where a seed comes from: sources named before anybody knows their values, and the values once they are known."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from selection.draw.rfc3797 import key_string
from selection.faults import PanelProblemFault, PanelProblemFaults, pointer

SEED_RULE: Final = "panel-seed/1"
Kind = Literal["text", "rfc3797", "drand"]

_NAME: Final = re.compile("[^=\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,200}")
_VALUE: Final = re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,10000}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_HEX: Final = re.compile(r"(?:[0-9a-f]{2}){1,1000}")
_LARGEST_ROUND: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Source:
    """A source of the seed, named in a commitment.

    Attributes:
        name: what it is, for people: "dice before witnesses", "lottery 2026140".
        kind: `text`, any line of text; `rfc3797`, numbers as that RFC's key string; `drand`, a round of that beacon.
        chain: of a drand source: hash of its chain, 64 hexadecimal digits.
        round: of a drand source: number of the round.
    """

    name: str
    kind: Kind = "text"
    chain: str | None = None
    round: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the source as plain values."""
        found: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.kind == "drand":
            found |= {"chain": self.chain, "round": self.round}
        return found


@dataclass(frozen=True, slots=True)
class SourceValue:
    """What a source showed.

    Attributes:
        name: of the source.
        value: one line of text; of a drand round its randomness, 64 hexadecimal digits.
        signature: of a drand round, in hexadecimal; its SHA-256 is the randomness.
    """

    name: str
    value: str
    signature: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the value as plain values."""
        found = {"name": self.name, "value": self.value}
        return found if self.signature is None else found | {"signature": self.signature}


def source_faults(sources: Sequence[Source]) -> Iterator[PanelProblemFault]:
    """Yield every fault of the sources of a commitment: at least one, each named once, a drand round complete."""
    if not sources:
        yield PanelProblemFault("/sources", "TEXT_INVALID", {"wanted": "a list of at least one source"})
    seen: set[str] = set()
    for place, source in enumerate(sources):
        at = ("sources", place)
        if not _NAME.fullmatch(source.name) or not unicodedata.is_normalized("NFC", source.name):
            wanted = "a name of 1 to 200 characters in one line, without ="
            yield PanelProblemFault(pointer(*at, "name"), "TEXT_INVALID", {"wanted": wanted})
        if source.name in seen:
            yield PanelProblemFault(pointer(*at, "name"), "ID_REPEATED", {"id": source.name})
        seen.add(source.name)
        if source.kind not in get_args(Kind):
            yield PanelProblemFault(pointer(*at, "kind"), "TEXT_INVALID", {"wanted": "text, rfc3797 or drand"})
        if source.kind == "drand":
            if source.chain is None or not _SHA256.fullmatch(source.chain):
                wanted = "the hash of a chain, 64 hexadecimal digits 0-9, a-f"
                yield PanelProblemFault(pointer(*at, "chain"), "TEXT_INVALID", {"wanted": wanted})
            if source.round is None or not 1 <= source.round <= _LARGEST_ROUND:
                bounds = {"low": 1, "high": _LARGEST_ROUND}
                yield PanelProblemFault(pointer(*at, "round"), "NUMBER_OUT_OF_RANGE", bounds)


def read_value(source: Source, text: str, *, signature: str | None = None) -> SourceValue:
    """Return what a source showed, in its normal form.

    Args:
        source: the source.
        text: one line of text; numbers of an `rfc3797` source; the randomness of a `drand` round.
        signature: of a `drand` round.

    Raises:
        PanelProblemFaults: when it cannot be a value of the source; the place is `/sources/NAME`.
    """
    value = unicodedata.normalize("NFC", text).strip()
    if source.kind == "rfc3797":
        try:
            value = key_string(value)
        except PanelProblemFaults as faults:
            raise faults.under("sources", source.name) from faults
    if source.kind == "drand":
        value, signature = value.lower(), (signature or "").lower()
    found = SourceValue(source.name, value, signature if source.kind == "drand" else None)
    if wanted := _wanted(source, found):
        raise PanelProblemFaults(
            [PanelProblemFault(pointer("sources", source.name), "TEXT_INVALID", {"wanted": wanted})]
        )
    return found


def value_faults(sources: Sequence[Source], values: Sequence[SourceValue]) -> Iterator[PanelProblemFault]:
    """Yield every fault of values: one for each source, in order and in normal form; randomness that is no hash."""
    names = [source.name for source in sources]
    if [value.name for value in values] != names:
        wanted = f"one value for each source of the commitment, in its order: {', '.join(names)}"
        yield PanelProblemFault("/sources", "TEXT_INVALID", {"wanted": wanted})
        return
    for place, (source, found) in enumerate(zip(sources, values, strict=True)):
        wanted = _wanted(source, found)
        if wanted:
            yield PanelProblemFault(pointer("sources", place, "value"), "TEXT_INVALID", {"wanted": wanted})


def _wanted(source: Source, found: SourceValue) -> str:
    """Return what is wrong with a value, as what it should be; empty when it is right."""
    if (found.signature is None) == (source.kind == "drand"):
        return "given with a signature where the source is a drand round, and only there"
    if not _VALUE.fullmatch(found.value) or not unicodedata.is_normalized("NFC", found.value):
        return "one line of 1 to 10,000 characters without control characters"
    if source.kind == "rfc3797" and not _is_key_string(found.value):
        return 'a key string of RFC 3797 such as "9319./2.5.8./"'
    if source.kind == "drand" and found.signature is not None:
        if not _SHA256.fullmatch(found.value) or not _HEX.fullmatch(found.signature):
            return "the randomness and the signature of the round, in hexadecimal digits 0-9, a-f"
        if hashlib.sha256(bytes.fromhex(found.signature)).hexdigest() != found.value:
            return "the SHA-256 of the signature of the round"
    return ""


def _is_key_string(text: str) -> bool:
    try:
        return key_string(text) == text
    except PanelProblemFaults:
        return False


def seed_of(values: Sequence[SourceValue]) -> str:
    """Return the seed: the values in the order of the sources, with a line feed between them. One value is the seed."""
    return "\n".join(value.value for value in values)
