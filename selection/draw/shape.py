"""Reading the files of a draw: JSON without repeated keys or fractions, and objects of the right shape."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from selection.faults import PanelProblemFault, PanelProblemFaults, pointer

# key -> (types of its value, what it must be)
Shape = Mapping[str, tuple[tuple[type, ...], str]]

OBJECT: Final = ((dict,), "an object")
LIST: Final = ((list,), "a list")
TEXT: Final = ((str,), "a text")
TEXT_OR_NULL: Final = ((str, type(None)), "a text or null")
NUMBER: Final = ((int,), "a whole number")


def read_json(source: bytes | str) -> Any:
    """Return the value of a JSON text.

    Raises:
        PanelProblemFaults: when it is no JSON, repeats a key, or holds a number that is not written whole.
    """
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        return json.loads(text, object_pairs_hook=_object, parse_float=_refuse, parse_constant=_refuse)
    except json.JSONDecodeError as fault:
        why = f"{fault.msg}, line {fault.lineno} column {fault.colno}"
    except UnicodeDecodeError as fault:
        why = f"byte {fault.start} is not UTF-8"
    except RecursionError:
        why = "it is nested too deeply"
    except ValueError as fault:
        why = str(fault).partition(";")[0]
    raise PanelProblemFaults([PanelProblemFault("", "JSON_INVALID", {"why": why})])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice in an object")
    return found


def _refuse(text: str) -> Any:
    raise ValueError(f"the number {text[:40]} is not written as a whole number")


def hold_format(value: Any, wanted: str) -> Mapping[str, Any]:
    """Return an object of a format.

    Raises:
        PanelProblemFaults: when it is no object, or of another format.
    """
    if not isinstance(value, Mapping):
        raise PanelProblemFaults([PanelProblemFault("", "TYPE_WRONG", {"wanted": "an object"})])
    if value.get("format") != wanted:
        raise PanelProblemFaults([PanelProblemFault("/format", "FORMAT_OTHER", {"wanted": wanted})])
    return value


def shape_faults(
    at: tuple[str | int, ...], value: Any, required: Shape, optional: Shape | None = None
) -> Iterator[PanelProblemFault]:
    """Yield where an object has not exactly these keys, keys that begin with x- left aside, or other types of value."""
    optional = optional or {}
    if not isinstance(value, Mapping):
        yield PanelProblemFault(pointer(*at), "TYPE_WRONG", {"wanted": "an object"})
        return
    for key in required:
        if key not in value:
            yield PanelProblemFault(pointer(*at), "KEY_MISSING", {"key": key})
    for key, found in value.items():
        if key in required or key in optional:
            types, wanted = required[key] if key in required else optional[key]
            if not isinstance(found, types) or isinstance(found, bool):
                yield PanelProblemFault(pointer(*at, key), "TYPE_WRONG", {"wanted": wanted})
        elif not key.startswith("x-"):
            yield PanelProblemFault(pointer(*at, key), "KEY_UNKNOWN", {"key": key})
