"""Verifying a draw record: hashes, problem, lottery, seed, and the draw done again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from selection.draw.commitment import FORMAT as COMMITMENT
from selection.draw.commitment import (
    Commitment,
    hold_commitment_shape,
    read_lottery,
    read_problem,
    sha256_of,
    sources_of,
)
from selection.draw.consistency import lottery_faults
from selection.draw.record import DrawRecord, draw_panel, read_record
from selection.draw.shape import hold_format
from selection.draw.sources import SourceValue, seed_of, value_faults
from selection.draw.validity import Validity
from selection.faults import PanelProblemFault, PanelProblemFaults

# code -> the sentence that names what differs.
SENTENCES: Final[Mapping[str, str]] = {
    "COMMITMENT_OTHER": "The commitment has the hash %(found)s, but %(published)s was published: another commitment.",
    "PROBLEM_HASH_DIFFERS": "The problem has another hash than the commitment says: pool or rules were altered.",
    "COMMITMENT_HASH_DIFFERS": "The commitment has another hash than the record says: it was altered.",
    "PROBLEM_NOT_NORMAL": "The problem is not in its normal form at %(at)s: %(why)s",
    "LOTTERY_WRONG": "The lottery contradicts itself or the problem at %(at)s: %(why)s",
    "SEED_DIFFERS": "The seed is not what the sources give by the rule of the commitment: %(why)s",
    "DRAW_DIFFERS": "Drawn again, %(at)s is %(expected)s, but the record says %(found)s.",
    "PANEL_INVALID": "The panel breaks the rules at %(rules)s.",
}


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying a record found.

    Attributes:
        code: permanent name of the first thing that differs, a key of `SENTENCES`; None when the record is true.
        facts: parameters of its sentence.
        commitment_sha256: hash of the commitment in the record, to be compared with the one that was published.
        unchecked: names of drand sources: their randomness is the hash of their signature, but whether the beacon
            made that signature was not checked.
    """

    code: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    commitment_sha256: str = ""
    unchecked: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What differs as one English sentence; empty when the record is true."""
        return "" if self.code is None else SENTENCES[self.code] % self.facts

    def to_json(self) -> dict[str, Any]:
        """Return what was found as plain values."""
        return {
            "verified": self.code is None,
            "code": self.code,
            "facts": dict(self.facts),
            "says": self.says,
            "commitment_sha256": self.commitment_sha256,
            "unchecked": list(self.unchecked),
        }


def verify_record(source: bytes | str | Mapping[str, Any], *, published_sha256: str | None = None) -> Verification:
    """Verify a draw record from itself alone.

    Args:
        source: the `draw-record/1`.
        published_sha256: hash of the commitment as it was published before the draw, where it is known.

    Returns:
        the first thing that differs, or that nothing does.

    Raises:
        PanelProblemFaults: when it is no draw record at all.
    """
    record = read_record(source)
    value = _shaped(record["commitment"])
    try:
        sha256 = sha256_of(value)
        problem_sha256 = sha256_of(value["problem"])
    except ValueError as fault:
        raise PanelProblemFaults([PanelProblemFault("/commitment", "JSON_INVALID", {"why": str(fault)})]) from fault
    unchecked = tuple(row["name"] for row in value["sources"] if row["kind"] == "drand")

    def found(code: str, **facts: Any) -> Verification:
        return Verification(code, facts, sha256, unchecked)

    if problem_sha256 != value["problem_sha256"]:
        return found("PROBLEM_HASH_DIFFERS")
    if sha256 != record["commitment_sha256"]:
        return found("COMMITMENT_HASH_DIFFERS")
    if published_sha256 is not None and sha256 != published_sha256:
        return found("COMMITMENT_OTHER", found=sha256, published=published_sha256)
    try:
        request = read_problem(value)
    except PanelProblemFaults as faults:
        return found("PROBLEM_NOT_NORMAL", **_first(faults))
    try:
        lottery = read_lottery(value)
        if lottery.problem_sha256 != problem_sha256:
            return found("LOTTERY_WRONG", at="/lottery/problem_sha256", why="It is the lottery of another problem.")
        if unfit := lottery_faults(request, lottery):
            raise PanelProblemFaults(unfit)
    except PanelProblemFaults as faults:
        return found("LOTTERY_WRONG", **_first(faults))
    commitment = Commitment(value, request, lottery, sources_of(value), value["reserves"], sha256)
    values = tuple(SourceValue(row["name"], row["value"], row.get("signature")) for row in record["sources"])
    if wrong := next(value_faults(commitment.sources, values), None):
        return found("SEED_DIFFERS", why=f"{wrong.at}: {wrong.says}")
    if seed_of(values) != record["seed"]:
        return found("SEED_DIFFERS", why="it is not their values with line feeds between them.")
    differing = _differing(commitment, values, record)
    if differing is not None:
        return found("DRAW_DIFFERS", **differing)
    validity = Validity(request, {candidate.id: candidate for candidate in request.candidates})
    drawn = [row["id"] for row in record["drawn"]]
    if not validity.holds(drawn):
        return found("PANEL_INVALID", rules=", ".join(validity.broken_by(drawn)))
    return Verification(None, {}, sha256, unchecked)


def _shaped(value: Any) -> Mapping[str, Any]:
    try:
        shaped = hold_format(value, COMMITMENT)
        hold_commitment_shape(shaped)
    except PanelProblemFaults as faults:
        raise faults.under("commitment") from faults
    return shaped


def _first(faults: PanelProblemFaults) -> dict[str, str]:
    first = faults.faults[0]
    return {"at": first.at or "/", "why": first.says}


def _differing(
    commitment: Commitment, values: tuple[SourceValue, ...], record: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Draw again and return what differs first, None when nothing does."""
    declined = [row["id"] for row in record["declines"]]
    try:
        again: DrawRecord = draw_panel(commitment, values, declined=declined)
    except PanelProblemFaults as faults:
        return {"at": "/declines", "expected": faults.faults[0].says, "found": ", ".join(declined)}
    expected = again.to_json()
    for key in ("composition", "drawn", "reserves", "reserves_missing", "declines", "panel"):
        if expected[key] != record[key]:
            return {"at": f"/{key}", "expected": _said(expected[key]), "found": _said(record[key])}
    return None


def _said(value: Any) -> str:
    """Return a part of a record in one line: ids with their seats."""
    if not isinstance(value, list):
        return str(value)
    return ", ".join("/".join(str(part) for part in row.values() if part is not None) for row in value) or "nobody"
