"""What the edition in force says about the rules of this package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Force = Literal["must", "generally", "duty", "house"]


@dataclass(frozen=True, slots=True)
class Rule:
    """The edition's row of one code.

    Attributes:
        cite: the article, such as `A31`.
        force: `must` nobody waives; `generally` yields to a recorded reason; `duty` flags; `house` is good order, which
            needs no row.
        override_by: the role whose recorded reason lets the rule yield, or None.
        numbers: the numbers the rule uses, by name.
    """

    cite: str = ""
    force: Force = "must"
    override_by: str | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """The edition a matter runs under.

    Attributes:
        edition: its id.
        policy: id of the local policy that goes with it.
        graph: id of the step graph it names.
        issued_on: first day in force.
        valid_until: last day in force, inclusive.
        rules: code -> row; a code without a row is switched off.
        panel_mode: how panels come about where the center lays down nothing else: `open`, or a mode. Local policy.
    """

    edition: str
    policy: str
    graph: str
    issued_on: date
    valid_until: date
    rules: Mapping[str, Rule]
    panel_mode: str = "open"

    def number(self, code: str, name: str) -> int:
        """Return a number of a rule.

        Raises:
            RuntimeError: when the edition lacks it; loading an edition has checked that it does not.
        """
        try:
            return self.rules[code].numbers[name]
        except KeyError:
            raise RuntimeError(f"edition {self.edition} has no number {name!r} for {code}") from None
