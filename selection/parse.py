"""Reading `panel-problem/1`: every fault at once with its JSON Pointer; strings become NFC, defaults are filled in."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn, TypeVar

from selection.faults import PanelProblemFault, PanelProblemFaults, pointer
from selection.request import (
    LARGEST_COUNT,
    LARGEST_FIT,
    LARGEST_SERVICE,
    LARGEST_SIZE,
    ApartRow,
    Candidate,
    CapRow,
    ExcludedRow,
    FloorRow,
    PanelRequest,
    QuotaRow,
    SeatRow,
    Waiver,
    apart_faults,
    candidate_faults,
    cap_faults,
    excluded_faults,
    quota_faults,
    range_faults,
    seat_faults,
)

FORMAT: Final = "panel-problem/1"
_ENTITLEMENT: Final = re.compile(r"0*[1-9][0-9]{0,17}/0*[1-9][0-9]{0,17}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_KEYS: Final = (
    "format",
    "size",
    "seats",
    "quotas",
    "caps",
    "apart",
    "floor",
    "reserves",
    "candidates",
    "excluded",
)

Place = tuple[str | int, ...]
T = TypeVar("T")


def parse_problem(source: bytes | str | Mapping[str, Any]) -> PanelRequest:
    """Read a panel problem.

    Args:
        source: the text of the file (UTF-8), or the object it holds.

    Raises:
        PanelProblemFaults: with every fault, each at its JSON Pointer.

    Example:
        >>> parse_problem('{"format": "panel-problem/1", "size": 1, "candidates": [{"id": "e1"}]}').size
        1
    """
    return Reading().problem(source if isinstance(source, Mapping) else decoded(source))


class _WithRepeats(dict[str, Any]):
    """An object in which a key stood more than once; the last value won."""

    repeated: tuple[str, ...] = ()


def decoded(source: bytes | str) -> Any:
    """Return the JSON value of a text, with repeated keys marked; what is no JSON is one fault."""
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as fault:
        _refuse(f"{fault.msg}, line {fault.lineno} column {fault.colno}")
    except UnicodeDecodeError as fault:
        _refuse(f"byte {fault.start} is not UTF-8")
    except RecursionError:
        _refuse("it is nested too deeply")
    except ValueError as fault:
        _refuse(str(fault).partition(";")[0])


def _refuse(why: str) -> NoReturn:
    raise PanelProblemFaults([PanelProblemFault("", "JSON_INVALID", {"why": why})])


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    marked = _WithRepeats(found)
    marked.repeated = tuple(dict.fromkeys(name for name in names if names.count(name) > 1))
    return marked


class Reading:
    """One reading of one file: collects faults on the way, to be named in file order."""

    def __init__(self) -> None:
        self.faults: list[PanelProblemFault] = []

    def problem(self, value: Any) -> PanelRequest:
        """Read a whole `panel-problem/1`."""
        if not self.is_object((), value, _KEYS, required=("format", "size", "candidates")):
            raise PanelProblemFaults(self.faults)
        if "format" in value and value["format"] != FORMAT:
            self.fault(("format",), "FORMAT_UNKNOWN")
        size = self.number((), value, "size", 1, LARGEST_SIZE, None)
        reserves = self.number((), value, "reserves", 0, LARGEST_COUNT, 0)
        seats = self.rows(value, "seats", self.seat)
        quotas = self.rows(value, "quotas", self.quota)
        caps = self.rows(value, "caps", self.cap)
        apart = self.rows(value, "apart", self.pair)
        floor = self.floor(value["floor"]) if "floor" in value else None
        candidates = self.rows(value, "candidates", self.candidate)
        excluded = self.rows(value, "excluded", self.exclusion)

        self.faults += candidate_faults(candidates)
        self.faults += seat_faults(seats, size)
        self.faults += quota_faults(quotas, size)
        self.faults += cap_faults(caps)
        self.faults += apart_faults(apart, {candidate.id for _, candidate in candidates})
        self.faults += excluded_faults(excluded)
        if self.faults or size is None or reserves is None:
            raise PanelProblemFaults(in_file_order(self.faults))
        return PanelRequest(
            size=size,
            candidates=tuple(candidate for _, candidate in candidates),
            seats=tuple(row for _, row in seats),
            quotas=tuple(row for _, row in quotas),
            caps=tuple(row for _, row in caps),
            apart=tuple(row for _, row in apart),
            floor=floor,
            reserves=reserves,
            excluded=tuple(row for _, row in excluded),
        )

    def seat(self, at: Place, value: Any) -> SeatRow | None:
        """Read a row of seats."""
        if not self.is_object(at, value, ("field", "count", "code", "cite"), required=("field",)):
            return None
        field = self.text(at, value, "field")
        count = self.number(at, value, "count", 0, LARGEST_COUNT, 1)
        code, cite = self.named(at, value, "SEAT_UNFILLED")
        return None if field is None or count is None else SeatRow(field, count, code, cite)

    def quota(self, at: Place, value: Any) -> QuotaRow | None:
        """Read a row of quotas."""
        keys = ("attribute", "value", "min", "max", "code", "cite")
        if not self.is_object(at, value, keys, required=("attribute", "value")):
            return None
        attribute, wanted = self.text(at, value, "attribute"), self.text(at, value, "value")
        low = self.number(at, value, "min", 0, LARGEST_COUNT, 0)
        high = self.number(at, value, "max", 0, LARGEST_COUNT, None) if "max" in value else None
        code, cite = self.named(at, value, "")
        if attribute is None or wanted is None or low is None:
            return None
        return QuotaRow(attribute, wanted, low, high, code, cite)

    def cap(self, at: Place, value: Any) -> CapRow | None:
        """Read a row of caps."""
        if not self.is_object(at, value, ("attribute", "max", "code", "cite"), required=("attribute", "max")):
            return None
        attribute = self.text(at, value, "attribute")
        high = self.number(at, value, "max", 1, LARGEST_COUNT, None)
        code, cite = self.named(at, value, "CAP_EXCEEDED")
        return None if attribute is None or high is None else CapRow(attribute, high, code, cite)

    def pair(self, at: Place, value: Any) -> ApartRow | None:
        """Read a pair kept apart."""
        code, cite, ids = "APART_TOGETHER", "", value
        if isinstance(value, Mapping):
            if not self.is_object(at, value, ("pair", "code", "cite"), required=("pair",)):
                return None
            code, cite = self.named(at, value, code)
            ids = value.get("pair")
        if not isinstance(ids, list) or len(ids) != 2 or not all(isinstance(one, str) for one in ids):
            self.fault(at, "TYPE_WRONG", wanted="a pair of two ids")
            return None
        return ApartRow(_nfc(ids[0]), _nfc(ids[1]), code, cite)

    def floor(self, value: Any) -> FloorRow | None:
        """Read the floor."""
        at: Place = ("floor",)
        if not self.is_object(at, value, ("min", "code", "cite", "waiver"), required=("min",)):
            return None
        low = self.number(at, value, "min", 0, LARGEST_COUNT, None)
        code, cite = self.named(at, value, "PANEL_TOO_SMALL")
        waiver = self.waiver((*at, "waiver"), value["waiver"]) if "waiver" in value else None
        return None if low is None else FloorRow(low, code, cite, waiver)

    def waiver(self, at: Place, value: Any) -> Waiver | None:
        """Read the waiver of a floor."""
        if not self.is_object(at, value, ("by", "reason_sha256"), required=("by", "reason_sha256")):
            return None
        by, reason = self.text(at, value, "by"), self.text(at, value, "reason_sha256")
        if reason is not None and not _SHA256.fullmatch(reason):
            self.fault((*at, "reason_sha256"), "TEXT_INVALID", wanted="64 hexadecimal digits 0-9, a-f")
        return None if by is None or reason is None else Waiver(by, reason)

    def exclusion(self, at: Place, value: Any) -> ExcludedRow | None:
        """Read an exclusion."""
        if not self.is_object(at, value, ("id", "code", "cite", "never_relax"), required=("id",)):
            return None
        name = self.text(at, value, "id")
        code, cite = self.named(at, value, "EXCLUDED")
        never_relax = value.get("never_relax", False)
        if not isinstance(never_relax, bool):
            self.fault((*at, "never_relax"), "TYPE_WRONG", wanted="true or false")
        return None if name is None else ExcludedRow(name, code, cite, bool(never_relax))

    def candidate(self, at: Place, value: Any) -> Candidate | None:
        """Read a candidate."""
        keys = ("id", "fields", "attributes", "service", "fit", "entitlement")
        if not self.is_object(at, value, keys, required=("id",)):
            return None
        name = self.text(at, value, "id")
        service = self.number(at, value, "service", 0, LARGEST_SERVICE, 0)
        fit = self.number(at, value, "fit", 0, LARGEST_FIT, 0)
        fields = self.texts((*at, "fields"), value.get("fields", []))
        attributes = self.attributes((*at, "attributes"), value.get("attributes", {}))
        entitlement = self.text(at, value, "entitlement") if "entitlement" in value else None
        if entitlement is not None and not _ENTITLEMENT.fullmatch(entitlement):
            self.fault((*at, "entitlement"), "TEXT_INVALID", wanted='a fraction above 0 such as "1/3"')
        # A candidate with a faulty number stays, so that the faults between rows are found as well.
        return None if name is None else Candidate(name, fields, attributes, service or 0, fit or 0, entitlement)

    def attributes(self, at: Place, value: Any) -> dict[str, str]:
        """Read the attributes of a candidate."""
        if not isinstance(value, Mapping):
            self.fault(at, "TYPE_WRONG", wanted="an object of texts")
            return {}
        self.repeats(at, value)
        found: dict[str, str] = {}
        for name in value:
            text = self.text(at, value, name)
            if not _is_unicode(name):
                self.fault((*at, name), "TEXT_INVALID", wanted="a name in Unicode")
            elif _nfc(name) in found:
                self.fault(at, "KEY_REPEATED", key=_nfc(name))
            elif text is not None:
                found[_nfc(name)] = text
        return found

    def rows(self, value: Mapping[str, Any], key: str, read: Callable[[Place, Any], T | None]) -> list[tuple[int, T]]:
        """Read a list; a row that cannot be read is left out, and the others keep their position."""
        items = value.get(key, [])
        if not isinstance(items, list):
            self.fault((key,), "TYPE_WRONG", wanted="a list")
            return []
        found = []
        for index, item in enumerate(items):
            row = read((key, index), item)
            if row is not None:
                found.append((index, row))
        return found

    def is_object(self, at: Place, value: Any, keys: Sequence[str], *, required: Sequence[str]) -> bool:
        """Return whether a value is an object; unknown, repeated and missing keys are faults."""
        if not isinstance(value, Mapping):
            self.fault(at, "TYPE_WRONG", wanted="an object")
            return False
        self.repeats(at, value)
        for key in value:
            if key not in keys and not key.startswith("x-"):
                self.fault((*at, key), "KEY_UNKNOWN", key=key)
        for key in required:
            if key not in value:
                self.fault(at, "KEY_MISSING", key=key)
        return True

    def repeats(self, at: Place, value: Mapping[str, Any]) -> None:
        """Name every key that stands more than once."""
        if isinstance(value, _WithRepeats):
            for key in value.repeated:
                self.fault((*at, key), "KEY_REPEATED", key=key)

    def number(
        self, at: Place, value: Mapping[str, Any], key: str, low: int, high: int, default: int | None
    ) -> int | None:
        """Return a whole number within bounds, or None after a fault; 2.0 is as whole in JSON as 2."""
        if key not in value:
            return default
        number = value[key]
        if type(number) is int and low <= number <= high:
            return number
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int):
            self.fault((*at, key), "NUMBER_OUT_OF_RANGE", low=low, high=high)
            return None
        if low <= number <= high:
            return number
        self.faults += range_faults((*at, key), number, low, high)
        return None

    def text(self, at: Place, value: Mapping[str, Any], key: str) -> str | None:
        """Return a text in NFC, or None when it is not there, or after a fault."""
        if key not in value:
            return None
        text = value[key]
        if not isinstance(text, str):
            self.fault((*at, key), "TYPE_WRONG", wanted="a text")
            return None
        if not _is_unicode(text):
            self.fault((*at, key), "TEXT_INVALID", wanted="text in Unicode")
            return None
        return _nfc(text)

    def name(self, at: Place, key: str) -> str:
        """Return a key that is an id, in NFC; a fault when it is no Unicode."""
        if not _is_unicode(key):
            self.fault((*at, key), "TEXT_INVALID", wanted="text in Unicode")
        return _nfc(key)

    def texts(self, at: Place, value: Any) -> tuple[str, ...]:
        """Read a list of texts."""
        if not isinstance(value, list):
            self.fault(at, "TYPE_WRONG", wanted="a list")
            return ()
        found = []
        for index, item in enumerate(value):
            if isinstance(item, str):
                found.append(item)
            else:
                self.fault((*at, index), "TYPE_WRONG", wanted="a text")
        return tuple(found)

    def named(self, at: Place, value: Mapping[str, Any], code: str) -> tuple[str, str]:
        """Read the code and the article of a row, the code by default this one."""
        return self.text(at, value, "code") or code, self.text(at, value, "cite") or ""

    def fault(self, at: Place, code: str, **facts: Any) -> None:
        """Keep a fault of a place."""
        self.faults.append(PanelProblemFault(_printable(pointer(*at)), code, facts))


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def in_file_order(faults: Iterable[PanelProblemFault]) -> list[PanelProblemFault]:
    """Sort faults by their place, positions as numbers, and name each once."""
    order = {key: place for place, key in enumerate((*_KEYS, "matters"))}

    def place_of(fault: PanelProblemFault) -> tuple[Any, ...]:
        top, *rest = fault.at.split("/")[1:] or [""]
        return (order.get(top, -1), [(0, int(step), "") if step.isdigit() else (1, 0, step) for step in rest])

    unique = {(fault.at, fault.code, str(sorted(fault.facts.items()))): fault for fault in faults}
    return sorted(unique.values(), key=place_of)
