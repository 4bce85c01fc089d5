"""An edition (版本) of the regulation: for every rule code its article, force, override and numbers.

The shipped TOML files are seeds. Another number is another edition; a matter keeps the one it was stamped with.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import rfc8785

from service.problems import Refusal, Remedy
from service.regulation.cite import is_cite, say_cite
from service.regulation.reading import Table, TomlUnfit, read_toml
from workflow import GRAPHS, last_day_of_months

Force = Literal["must", "generally", "duty"]
FORCES: Final = ("must", "generally", "duty")
FOLDER: Final = Path(__file__).parent / "editions"


class EditionUnknown(Exception):
    """There is no edition of this id; the message names those that exist."""


class RuleUnknown(LookupError):
    """The edition has no row for a code: the rule is switched off in it."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What an edition says about one code.

    Attributes:
        code: permanent name of the rule.
        ref: the rule in the table of the regulation (`R31a`).
        also: further rules of the table that the code keeps.
        cite: the article (`A31`).
        force: `must` refuses and nobody waives it; `generally` yields to a recorded reason; `duty` flags a passed
            deadline and never blocks.
        override_by: role whose recorded reason lets a `generally` rule yield, or None.
        numbers: the rule's numbers by name.
    """

    code: str
    ref: str = ""
    also: tuple[str, ...] = ()
    cite: str = ""
    force: Force = "must"
    override_by: str | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)

    @property
    def refs(self) -> tuple[str, ...]:
        """Every rule of the table that the code keeps, the chief one first."""
        return (self.ref, *self.also) if self.ref else ()

    @property
    def cite_zh(self) -> str:
        """The article as it is cited in Chinese: 第三十一条."""
        return say_cite(self.cite, "zh")


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the regulation, issued on a day.

    Attributes:
        id: permanent name.
        title_zh: the regulation's title.
        title_en: the same in English.
        graph: id of the step graph that matters under it follow.
        issued_on: first day in force.
        valid_months: how long it is in force (A72).
        bases: higher law it rests on, each as (Chinese, English) (A1).
        rows: code -> row.
        sha256: hash of the content without the day of issue.
    """

    id: str
    title_zh: str
    title_en: str
    graph: str
    issued_on: date
    valid_months: int
    bases: tuple[tuple[str, str], ...]
    rows: Mapping[str, RuleRow]
    sha256: str

    @property
    def rules(self) -> tuple[RuleRow, ...]:
        """Every row, in the order of the file."""
        return tuple(self.rows.values())

    @property
    def valid_until(self) -> date:
        """Last day in force, inclusive: issued on 2025-01-01 for 24 months, it is 2026-12-31 (A72)."""
        return last_day_of_months(self.issued_on, self.valid_months)

    def valid_on(self, day: date) -> bool:
        """Return whether the edition is in force on a day."""
        return self.issued_on <= day <= self.valid_until

    def has(self, code: str) -> bool:
        """Return whether the edition knows a code; one without a row is switched off."""
        return code in self.rows

    def rule(self, code: str) -> RuleRow:
        """Return the row of a code.

        Raises:
            RuleUnknown: when the rule is switched off in this edition.
        """
        try:
            return self.rows[code]
        except KeyError:
            raise RuleUnknown(f"edition {self.id} has no rule {code}") from None

    def ref_of(self, code: str) -> str:
        """Return the rule of the table that a code keeps; empty for good order, local policy and rules that are off."""
        return self.rows[code].ref if code in self.rows else ""

    def number(self, code: str, name: str) -> int:
        """Return a number of a rule.

        Raises:
            RuleUnknown: when the edition has no such rule, or the rule no such number.
        """
        row = self.rule(code)
        try:
            return row.numbers[name]
        except KeyError:
            raise RuleUnknown(f"edition {self.id}, rule {code} has no number {name!r}") from None

    def refusal(
        self,
        code: str,
        facts: Mapping[str, Any] | None = None,
        *,
        ref: str | None = None,
        remedies: tuple[Remedy, ...] = (),
    ) -> Refusal:
        """Return `refusal/1` for a broken rule: its article, edition and who may override come from its row.

        Args:
            code: the broken rule; one without a row (local policy, good order) is cited without an article.
            facts: parameters of the sentence.
            ref: the rule of the table when it is not the code's chief one.
            remedies: what to do next, best first.
        """
        row = self.rows.get(code, RuleRow(code))
        return Refusal(
            code=code,
            ref=row.ref if ref is None else ref,
            cite=row.cite,
            edition=self.id,
            facts=facts or {},
            remedies=remedies,
            override=row.override_by if row.force == "generally" else None,
        )


def edition_ids() -> tuple[str, ...]:
    """Return the ids of the shipped editions, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load_edition(edition_id: str, issued_on: date) -> Edition:
    """Read a shipped edition.

    Args:
        edition_id: its id, which is the name of its file.
        issued_on: the day it was issued; a setting, for the text of the regulation does not hold it.

    Raises:
        EditionUnknown: when there is none of that id.
        TomlUnfit: with every fault of the file and its place.
    """
    if edition_id not in edition_ids():
        raise EditionUnknown(f"there is no edition {edition_id!r}; there are: {', '.join(edition_ids())}")
    return read_edition(FOLDER / f"{edition_id}.toml", issued_on=issued_on)


def read_edition(path: Path, *, issued_on: date) -> Edition:
    """Read an edition from a file.

    Raises:
        TomlUnfit: with every fault of the file and its place.
    """
    content = read_toml(path)
    faults: list[str] = []
    top = Table(content, "", faults)
    edition_id = top.text("id")
    if edition_id != path.stem:
        top.fault("id", f"{edition_id!r} must be the name of the file, {path.stem!r}")
    edition = Edition(
        id=edition_id,
        title_zh=top.text("title_zh"),
        title_en=top.text("title_en"),
        graph=top.text("graph", allowed=GRAPHS),
        issued_on=issued_on,
        valid_months=top.number("valid_months", least=1),
        bases=tuple(_basis(row) for row in top.rows("basis")),
        rows=_rules(top),
        sha256=hashlib.sha256(rfc8785.dumps(content)).hexdigest(),
    )
    top.end()
    if faults:
        raise TomlUnfit(path.name, faults)
    return edition


def _basis(row: Table) -> tuple[str, str]:
    pair = (row.text("zh"), row.text("en"))
    row.end()
    return pair


def _rules(top: Table) -> dict[str, RuleRow]:
    rules: dict[str, RuleRow] = {}
    for table in top.rows("rule"):
        row = _rule(table)
        if row.code in rules:
            table.fault("code", f"{row.code} has a row already; a code has one")
        rules[row.code] = row
    return rules


def _rule(table: Table) -> RuleRow:
    code = table.text("code")
    if not code.replace("_", "").isalnum() or code != code.upper():
        table.fault("code", f"{code!r} is no code; write it as PANEL_TOO_SMALL")
    row = RuleRow(
        code=code,
        ref=table.text("ref"),
        also=table.texts("also"),
        cite=table.text("cite"),
        force=table.text("force", allowed=FORCES),  # type: ignore[arg-type]  # another word is a fault
        override_by=table.text("override_by", "") or None,
        numbers=table.table("numbers").all_numbers(),
    )
    if not (row.ref and is_cite(row.cite)):
        table.fault("cite", f"{row.cite!r} with ref {row.ref!r}: a rule needs both, such as A31 and R31a")
    if (row.override_by is not None) != (row.force == "generally"):
        table.fault("override_by", "is for rules of force generally, and they need it; nobody waives a must")
    table.end()
    return row
