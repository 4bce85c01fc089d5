"""What a rule is: a permanent code, and a question about an attempt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from workflow.event import Actor
from workflow.matter import MatterState
from workflow.terms import Force, Terms

Facts = Mapping[str, Any]
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Attempt(Generic[C]):
    """Somebody's wish to do something in a matter, before it is judged.

    Attributes:
        state: the matter as it stands.
        command: what is asked.
        by: who asks.
        on: the day, China Standard Time.
        terms: the edition the matter runs under, or would be stamped with.
    """

    state: MatterState
    command: C
    by: Actor
    on: date
    terms: Terms


class Rule(Protocol):
    """A rule; its article, force and numbers come from the terms under its code."""

    code: ClassVar[str]
    remedies: ClassVar[tuple[str, ...]]

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the facts of the breach, or None when the rule is kept or does not apply."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that says no.

    Attributes:
        code: permanent name.
        cite: article, empty for a rule of good order.
        force: `must` and `house` nobody waives; `generally` yields to a recorded reason of `override_by`.
        override_by: that role, or None.
        facts: parameters of the sentence: ids, codes, counts and days.
        remedies: codes of what to do next, best first.
    """

    code: str
    cite: str = ""
    force: Force = "must"
    override_by: str | None = None
    facts: Facts = field(default_factory=dict)
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """The rules of one command.

    Attributes:
        gates: ask whether the matter is in a state in which the command has a meaning. The first that is broken is the
            answer: what comes after has no meaning then.
        order: further rules of good order, always on.
        rules: rules of the regulation; one without a row in the edition is switched off.
    """

    gates: tuple[Rule, ...]
    order: tuple[Rule, ...] = ()
    rules: tuple[Rule, ...] = ()
