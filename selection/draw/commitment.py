"""A commitment: all that decides a draw, fixed and published before anybody knows the seed: `commitment/1`."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from selection.canonical import canonical_json, problem_json
from selection.draw.consistency import lottery_faults
from selection.draw.shape import LIST, NUMBER, OBJECT, TEXT, TEXT_OR_NULL, hold_format, read_json, shape_faults
from selection.draw.sources import SEED_RULE, Source, source_faults
from selection.draw.stream import ALGORITHM
from selection.faults import PanelProblemFault, PanelProblemFaults
from selection.lottery.value import Lottery, parse_lottery
from selection.parse import parse_problem
from selection.request import LARGEST_COUNT, PanelRequest, range_faults

FORMAT: Final = "commitment/1"

_MATTER: Final = re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{0,128}")
_KEYS: Final = {
    "format": TEXT,
    "algorithm": TEXT,
    "matter": TEXT,
    "panel": NUMBER,
    "draw": NUMBER,
    "problem": OBJECT,
    "problem_sha256": TEXT,
    "lottery": OBJECT,
    "sources": LIST,
    "seed_rule": TEXT,
    "reveal_on": TEXT_OR_NULL,
    "reserves": NUMBER,
}


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment, read or made.

    Attributes:
        value: the `commitment/1` itself, with all its keys: what is hashed.
        request: its problem.
        lottery: its lottery.
        sources: where the seed will come from, in order.
        reserves: how many reserves are drawn.
        sha256: hash of the RFC 8785 form of `value`, in hexadecimal: what is published.
    """

    value: Mapping[str, Any] = field(repr=False)
    request: PanelRequest = field(repr=False)
    lottery: Lottery = field(repr=False)
    sources: tuple[Source, ...]
    reserves: int
    sha256: str


def commit(
    request: PanelRequest,
    lottery: Lottery,
    *,
    sources: Sequence[Source] = (Source("seed"),),
    matter: str = "",
    panel: int = 1,
    draw: int = 1,
    reveal_on: date | None = None,
) -> Commitment:
    """Fix all that decides a draw.

    Args:
        request: the problem; as many reserves are drawn as it asks for.
        lottery: of this problem.
        sources: where the seed will come from; the default is one line of text.
        matter: opaque name of the matter, at most 128 characters.
        panel: number of the panel within the matter, from 1.
        draw: number of the draw within the panel, from 1, without gaps.
        reveal_on: local date on which the sources are read, None where it is not fixed.

    Raises:
        PanelProblemFaults: with every fault of the sources, names and numbers; or where the lottery is of another
            problem, or could draw a panel that breaks a rule.
    """
    problem = problem_json(request)
    problem_sha256 = hashlib.sha256(canonical_json(problem).encode()).hexdigest()
    value = {
        "format": FORMAT,
        "algorithm": ALGORITHM,
        "matter": matter,
        "panel": panel,
        "draw": draw,
        "problem": problem,
        "problem_sha256": problem_sha256,
        "lottery": lottery.to_json(),
        "sources": [source.to_json() for source in sources],
        "seed_rule": SEED_RULE,
        "reveal_on": None if reveal_on is None else reveal_on.isoformat(),
        "reserves": request.reserves,
    }
    faults = [*_own_faults(value), *source_faults(sources)]
    faults = faults or list(_lottery_faults(request, lottery, problem_sha256))
    if faults:
        raise PanelProblemFaults(faults)
    return Commitment(value, request, lottery, tuple(sources), request.reserves, sha256_of(value))


def parse_commitment(source: bytes | str | Mapping[str, Any]) -> Commitment:
    """Read a `commitment/1` and hold it against itself: hashes, problem, lottery.

    Raises:
        PanelProblemFaults: with every fault of its shape; or with every fault of its problem or lottery.
    """
    value = hold_format(source if isinstance(source, Mapping) else read_json(source), FORMAT)
    hold_commitment_shape(value)
    request, lottery = read_problem(value), read_lottery(value)
    faults = [*_lottery_faults(request, lottery, value["problem_sha256"])]
    if faults:
        raise PanelProblemFaults(faults)
    return Commitment(value, request, lottery, sources_of(value), value["reserves"], sha256_of(value))


def hold_commitment_shape(value: Mapping[str, Any]) -> None:
    """Refuse an object that is no `commitment/1`, whatever its problem and its lottery say.

    Raises:
        PanelProblemFaults: with every fault.
    """
    if faults := list(shape_faults((), value, _KEYS)):
        raise PanelProblemFaults(faults)
    for place, row in enumerate(value["sources"]):
        faults += shape_faults(("sources", place), row, {"name": TEXT, "kind": TEXT}, {"chain": TEXT, "round": NUMBER})
    if faults := faults or [*_own_faults(value), *source_faults(sources_of(value))]:
        raise PanelProblemFaults(faults)


def read_problem(value: Mapping[str, Any]) -> PanelRequest:
    """Return the problem of a commitment.

    Raises:
        PanelProblemFaults: when it has faults, is not in its normal form, or is not the one that is hashed.
    """
    try:
        request = parse_problem(value["problem"])
    except PanelProblemFaults as faults:
        raise faults.under("problem") from faults
    if problem_json(request) != value["problem"]:
        wanted = "the problem in its normal form: defaults written, candidates in code-point order, texts in NFC"
        raise PanelProblemFaults([PanelProblemFault("/problem", "TEXT_INVALID", {"wanted": wanted})])
    return request


def read_lottery(value: Mapping[str, Any]) -> Lottery:
    """Return the lottery of a commitment.

    Raises:
        PanelProblemFaults: when it has faults.
    """
    try:
        return parse_lottery(value["lottery"])
    except PanelProblemFaults as faults:
        raise faults.under("lottery") from faults


def sources_of(value: Mapping[str, Any]) -> tuple[Source, ...]:
    """Return the sources of a commitment of the right shape."""
    return tuple(Source(row["name"], row["kind"], row.get("chain"), row.get("round")) for row in value["sources"])


def sha256_of(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the RFC 8785 form of a value, in hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _own_faults(value: Mapping[str, Any]) -> list[PanelProblemFault]:
    faults = [
        *range_faults(("panel",), value["panel"], 1, LARGEST_COUNT),
        *range_faults(("draw",), value["draw"], 1, LARGEST_COUNT),
        *range_faults(("reserves",), value["reserves"], 0, LARGEST_COUNT),
    ]
    wanted = {"algorithm": ALGORITHM, "seed_rule": SEED_RULE}
    faults += [
        PanelProblemFault(f"/{key}", "FORMAT_OTHER", {"wanted": text})
        for key, text in wanted.items()
        if value[key] != text
    ]
    if not _MATTER.fullmatch(value["matter"]):
        text = "a name of at most 128 characters in one line"
        faults.append(PanelProblemFault("/matter", "TEXT_INVALID", {"wanted": text}))
    if value["reveal_on"] is not None and not _is_date(value["reveal_on"]):
        faults.append(PanelProblemFault("/reveal_on", "TEXT_INVALID", {"wanted": "a date such as 2026-12-01"}))
    return faults


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _lottery_faults(request: PanelRequest, lottery: Lottery, problem_sha256: str) -> list[PanelProblemFault]:
    if lottery.problem_sha256 != problem_sha256:
        wanted = "the hash of the problem beside it: this lottery is of another problem"
        return [PanelProblemFault("/lottery/problem_sha256", "TEXT_INVALID", {"wanted": wanted})]
    return list(PanelProblemFaults(lottery_faults(request, lottery)).under("lottery").faults)
