"""The policy table: which ties matter, how far, how long, how much, and on what basis.

Rows come from the edition and the county's local policy as plain mappings; nothing here is a number of ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

from conflicts.fact import Kind
from conflicts.fault import Fault, InputRefused, escaped
from conflicts.node import Role
from conflicts.window import CURRENT, FOREVER, Window

DIRECT_INTEREST: Final = "DIRECT_INTEREST"
LOCAL: Final = "policy"
"""The basis of a row that is the county's own policy and not the wording of the regulation."""
SELF: Final = "self"
"""In a table, the kind of the row for a person who is a party himself."""

NOT_OWN: Final = frozenset({Kind.SUPERIOR, Kind.SUCCESSION, Kind.STATEMENT})
"""Kinds no row may begin with: persons have no superior units, and a view is no conflict."""
NOT_THROUGH: Final = frozenset({Kind.SUCCESSION, Kind.STATEMENT})
"""Kinds no row may go through: successions are followed always and free of charge, views never."""

MAX_DEPTH: Final = 6
MAX_MONTHS: Final = 1200


Word = TypeVar("Word", bound=StrEnum)


class Severity(StrEnum):
    """What a row does to a person it catches."""

    BLOCK = "block"
    WAIVER = "waiver"
    DISCLOSE = "disclose"


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One row: a shape of path from a person to a party, and what follows from it.

    A path begins with one tie of `kind` at the person. Up to `depth - 1` further ties of the kinds in `through` lead to
    a party; among them ties with an upper and a lower end (superior, control, shareholding) all point the same way, so
    that two subsidiaries of one owner are not tied by it. Successions of organisations cost no depth.

    Attributes:
        id: unique in the policy and permanent; findings store it.
        code: permanent name of what it finds.
        kind: of the person's own tie; None means the person is a party himself.
        severity: block, needs a waiver, or disclose.
        basis: an article (`A30`), or `policy` for local policy, said so on screen.
        depth: most ties on a path, the person's own included, 1 to 6; 0 where `kind` is None.
        window: how long the person's own tie counts after its end.
        through: kinds of the further ties.
        through_window: how long a further tie counts after its end.
        roles: what the party reached must be to the matter.
        min_share: shareholdings known to be smaller do not count; an unknown share counts.
    """

    id: str
    code: str
    kind: Kind | None
    severity: Severity
    basis: str = LOCAL
    depth: int = 1
    window: Window = CURRENT
    through: tuple[Kind, ...] = ()
    through_window: Window = CURRENT
    roles: frozenset[Role] = frozenset(Role)
    min_share: tuple[int, int] | None = None

    @property
    def cite(self) -> str:
        """Return the article, or nothing for local policy."""
        return "" if self.basis == LOCAL else self.basis

    @property
    def never_relax(self) -> bool:
        """Return whether nobody can waive what the row finds: the regulation blocks it."""
        return self.severity is Severity.BLOCK and self.basis != LOCAL


@dataclass(frozen=True, slots=True)
class Policy:
    """The rows in force, under one version.

    Attributes:
        version: of the policy, stored with every finding.
        rows: in the order of the table, which decides between rows of equal weight.
        strongest_first: the same rows by severity, law before local policy, then the order of the table.
    """

    version: str
    rows: tuple[PolicyRow, ...]
    strongest_first: tuple[PolicyRow, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Order the rows once; every check needs them."""
        order = list(Severity)
        ordered = sorted(self.rows, key=lambda row: (order.index(row.severity), not row.never_relax))
        object.__setattr__(self, "strongest_first", tuple(ordered))


def parse_policy(version: str, rows: Sequence[Mapping[str, Any]], *, at: str = "") -> Policy:
    """Read the policy table from plain mappings, as a TOML or JSON file gives them.

    Args:
        version: name of the policy's version.
        rows: one mapping a row. `id`, `code`, `kind` and `severity` are required; `kind` may be "self"; windows are a
            number of months, "current" (0) or "forever"; `min_share` is a pair such as [1, 20].
        at: JSON Pointer to the rows, put before the place of each fault.

    Returns:
        The policy, rows in the order given.

    Raises:
        InputRefused: with every fault of every row: unknown, missing or ill-typed keys, words outside their lists,
            repeated ids, a direct interest that could be relaxed.
    """
    faults: list[Fault] = []
    parsed: list[PolicyRow] = []
    seen: set[str] = set()
    for place, raw in enumerate(rows):
        row = _RowReader(raw, f"{at}/{place}", faults).row()
        if row is None:
            continue
        if row.id in seen:
            faults.append(Fault(f"{at}/{place}/id", "ID_REPEATED", {"id": row.id}))
        seen.add(row.id)
        parsed.append(row)
    if faults:
        raise InputRefused(faults)
    return Policy(version, tuple(parsed))


_KEYS: Final = {
    "id": True, "code": True, "kind": True, "severity": True, "basis": False, "depth": False, "window": False,
    "through": False, "through_window": False, "roles": False, "min_share": False,
}  # fmt: skip


class _RowReader:
    """Reads one row and notes every fault on the way."""

    def __init__(self, raw: object, at: str, faults: list[Fault]) -> None:
        self._raw: Any = raw
        self._at = at
        self._faults = faults

    def row(self) -> PolicyRow | None:
        if not isinstance(self._raw, Mapping):
            self._fault("", "NOT_AN_OBJECT")
            return None
        before = len(self._faults)
        for key in self._raw:
            if key not in _KEYS and not str(key).startswith("x-"):
                self._fault("/" + escaped(str(key)), "KEY_UNKNOWN", allowed=sorted(_KEYS))
        missing = [key for key, required in _KEYS.items() if required and key not in self._raw]
        for key in missing:
            self._fault("", "KEY_MISSING", key=key)
        if missing:
            return None
        kind = None if self._raw["kind"] == SELF else self._word("kind", Kind, self._raw["kind"])
        severity = self._word("severity", Severity, self._raw["severity"])
        row = (
            None
            if severity is None
            else PolicyRow(
                id=self._text("id"),
                code=self._text("code"),
                kind=kind,
                severity=severity,
                basis=self._text("basis", LOCAL),
                depth=self._depth(),
                window=self._window("window"),
                through=tuple(self._words("through", Kind)),
                through_window=self._window("through_window"),
                roles=frozenset(self._words("roles", Role)) or frozenset(Role),
                min_share=self._share(),
            )
        )
        if row is None or len(self._faults) > before:
            return None
        self._check(row)
        return row if len(self._faults) == before else None

    def _check(self, row: PolicyRow) -> None:
        """Note what is well formed and yet makes no sense."""
        if row.kind in NOT_OWN:
            self._fault("/kind", "KIND_BEGINS_NO_PATH", kind=str(row.kind))
        for place, kind in enumerate(row.through):
            if kind in NOT_THROUGH:
                self._fault(f"/through/{place}", "KIND_LEADS_NOWHERE", kind=kind.value)
        if row.kind is None and (row.depth or row.through):
            self._fault("/depth", "SELF_HAS_NO_DEPTH")
        if row.kind is not None and (row.depth == 1) != (not row.through):
            self._fault("/depth", "DEPTH_NEEDS_THROUGH", depth=row.depth)
        if row.code == DIRECT_INTEREST and not row.never_relax:
            self._fault("", "DIRECT_INTEREST_RELAXED", severity=row.severity.value, basis=row.basis)

    def _fault(self, at: str, code: str, **facts: object) -> None:
        self._faults.append(Fault(self._at + at, code, facts))

    def _text(self, key: str, default: str = "") -> str:
        value = self._raw.get(key, default)
        if not isinstance(value, str) or not value:
            self._fault(f"/{key}", "NOT_A_TEXT")
            return default
        return value

    def _word(self, key: str, words: type[Word], value: object) -> Word | None:
        try:
            return words(str(value))
        except ValueError:
            allowed = [SELF, *words] if key == "kind" else list(words)
            self._fault(f"/{key}", "WORD_UNKNOWN", word=str(value), allowed=[str(word) for word in allowed])
            return None

    def _words(self, key: str, words: type[Word]) -> list[Word]:
        values = self._raw.get(key, [])
        if not isinstance(values, list | tuple):
            self._fault(f"/{key}", "NOT_A_LIST")
            return []
        found = [self._word(f"{key}/{place}", words, value) for place, value in enumerate(values)]
        return [word for word in found if word is not None]

    def _depth(self) -> int:
        value = self._raw.get("depth", 0 if self._raw["kind"] == SELF else 1)
        least = 0 if self._raw["kind"] == SELF else 1
        if type(value) is not int or not least <= value <= MAX_DEPTH:
            self._fault("/depth", "NUMBER_OUTSIDE", least=least, most=MAX_DEPTH)
            return least
        return value

    def _window(self, key: str) -> Window:
        value = self._raw.get(key, "current")
        if value == "current":
            return CURRENT
        if value == "forever":
            return FOREVER
        if type(value) is not int or not 0 <= value <= MAX_MONTHS:
            self._fault(f"/{key}", "WINDOW_UNKNOWN", most=MAX_MONTHS)
            return CURRENT
        return Window(value)

    def _share(self) -> tuple[int, int] | None:
        value = self._raw.get("min_share")
        if value is None:
            return None
        if (
            not isinstance(value, list | tuple)
            or len(value) != 2
            or any(type(part) is not int for part in value)
            or not 0 < value[0] <= value[1]
        ):
            self._fault("/min_share", "SHARE_IMPOSSIBLE")
            return None
        return (value[0], value[1])
