"""The canonical form of a request (RFC 8785) and its hash: one problem has one hash, however its file was written."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from selection.request import Candidate, ExcludedRow, FloorRow, PanelRequest, QuotaRow

_LARGEST_NUMBER: Final = 2**53 - 1


def problem_sha256(request: PanelRequest) -> str:
    """Return the SHA-256 of the canonical form of a request, in hexadecimal.

    Defaults are filled in, strings are NFC, candidates, excluded, pairs and fields are sorted, `x-` keys are gone.
    """
    digest = hashlib.sha256()
    for part in _problem_parts(request):
        digest.update(part.encode())
    return digest.hexdigest()


def problem_json(request: PanelRequest) -> dict[str, Any]:
    """Return a request as the normal `panel-problem/1`: the value whose canonical form is hashed."""
    return rules_json(request) | {"candidates": candidates_json(request.candidates)}


def candidates_json(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Return candidates as they stand in the normal form: by id, defaults filled in, fields sorted."""
    return [_candidate(one) for one in _sorted(candidates)]


def canonical_json(value: Any) -> str:
    """Return the RFC 8785 form of a value of strings, whole numbers, true, false, null, lists and mappings.

    Raises:
        ValueError: for any other value: a fraction, a number beyond 2**53 - 1, text that is no Unicode.
    """
    if not _is_plain(value):
        return "".join(_parts(value))
    # The encoder of the standard library writes the same form wherever keys sort the same by code points, far faster.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    text.encode()
    return text


def _is_plain(value: Any) -> bool:
    """Return whether a value is of the plain types, its numbers in bounds and its keys in the basic plane."""
    left = [value]
    keys: set[Any] = set()
    while left:
        one = left.pop()
        kind = type(one)
        if kind is dict:
            keys.update(one)
            left += one.values()
        elif kind is list or kind is tuple:
            left += one
        elif kind is int:
            if abs(one) > _LARGEST_NUMBER:
                return False
        elif not (kind is str or kind is bool or one is None):
            return False
    return all(type(key) is str and (key.isascii() or max(key) <= "\uffff") for key in keys)


def _problem_parts(request: PanelRequest) -> Iterator[str]:
    # A hundred thousand candidates are written one after the other instead of as one text of many megabytes.
    whole = rules_json(request)
    lead = "{"
    for key in sorted([*whole, "candidates"]):
        yield f"{lead}{json.dumps(key)}:"
        lead = ","
        if key != "candidates":
            yield canonical_json(whole[key])
            continue
        comma = "["
        for candidate in _sorted(request.candidates):
            yield comma + canonical_json(_candidate(candidate))
            comma = ","
        yield "]" if len(request.candidates) else "[]"
    yield "}"


def _sorted(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda candidate: candidate.id)


def rules_json(request: PanelRequest) -> dict[str, Any]:
    """Return the normal form of a request without its candidates."""
    found: dict[str, Any] = {
        "format": "panel-problem/1",
        "size": request.size,
        "seats": [
            {"field": row.field, "count": row.count, "code": row.code, "cite": row.cite} for row in request.seats
        ],
        "quotas": [_quota(row, request.size) for row in request.quotas],
        "caps": [
            {"attribute": row.attribute, "max": row.max, "code": row.code, "cite": row.cite} for row in request.caps
        ],
        "apart": _apart(request),
        "reserves": request.reserves,
        "excluded": [_excluded(row) for row in sorted(request.excluded, key=lambda row: row.id)],
    }
    if request.floor is not None:
        found["floor"] = _floor(request.floor)
    return found


def _quota(row: QuotaRow, size: int) -> dict[str, Any]:
    high = size if row.max is None else row.max
    found = {"attribute": row.attribute, "value": row.value, "min": row.min, "max": high, "cite": row.cite}
    return found | {"code": row.code} if row.code else found


def _apart(request: PanelRequest) -> list[Any]:
    pairs: dict[tuple[str, str], Any] = {}
    for row in request.apart:
        pair = (row.first, row.second) if row.first < row.second else (row.second, row.first)
        plain = row.code == "APART_TOGETHER" and not row.cite
        pairs.setdefault(pair, list(pair) if plain else {"pair": list(pair), "code": row.code, "cite": row.cite})
    return [pairs[pair] for pair in sorted(pairs)]


def _floor(row: FloorRow) -> dict[str, Any]:
    found: dict[str, Any] = {"min": row.min, "code": row.code, "cite": row.cite}
    if row.waiver is not None:
        found["waiver"] = {"by": row.waiver.by, "reason_sha256": row.waiver.reason_sha256}
    return found


def _excluded(row: ExcludedRow) -> dict[str, Any]:
    return {"id": row.id, "code": row.code, "cite": row.cite, "never_relax": row.never_relax}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": candidate.id,
        "fields": sorted(set(candidate.fields)),
        "attributes": dict(candidate.attributes),
        "service": candidate.service,
        "fit": candidate.fit,
    }
    if candidate.entitlement is not None:
        found["entitlement"] = candidate.entitlement
    return found


def _parts(value: Any) -> Iterator[str]:
    if value is None or isinstance(value, bool):
        yield json.dumps(value)
    elif isinstance(value, int):
        if abs(value) > _LARGEST_NUMBER:
            raise ValueError("a number beyond 2**53 - 1 has no canonical form")
        yield str(value)
    elif isinstance(value, str):
        # json.dumps escapes exactly what RFC 8785 escapes; text that is no Unicode fails when it is encoded.
        value.encode()
        yield json.dumps(value, ensure_ascii=False)
    elif isinstance(value, Mapping):
        lead = "{"
        for key in sorted(value, key=_utf16):
            yield lead
            yield from _parts(key)
            yield ":"
            yield from _parts(value[key])
            lead = ","
        yield "}" if lead == "," else "{}"
    elif isinstance(value, Sequence):
        lead = "["
        for item in value:
            yield lead
            yield from _parts(item)
            lead = ","
        yield "]" if lead == "," else "[]"
    else:
        raise ValueError(f"{type(value).__name__} has no canonical form")


def _utf16(key: str) -> bytes:
    # RFC 8785 sorts keys by UTF-16 code units, which differs from code points beyond the basic plane.
    return key.encode("utf-16-be")
