"""What is wrong with an input or a fact, as values with a place and a code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an input.

    Attributes:
        at: JSON Pointer (RFC 6901) to the faulty place; empty means the whole.
        code: permanent name of the fault.
        facts: its parameters; ids, numbers and allowed words.
    """

    at: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class ConflictsError(Exception):
    """Base of what `conflicts` refuses.

    Attributes:
        code: permanent name of the rule or fault.
        facts: parameters of its sentence; ids and dates, never names.
    """

    def __init__(self, code: str, **facts: object) -> None:
        """Keep the code and the parameters."""
        super().__init__(f"{code} {facts}" if facts else code)
        self.code = code
        self.facts: dict[str, Any] = facts


class FactRefused(ConflictsError):
    """A fact cannot be true as stated (its end lies before its start, a kinship without a relation ...)."""


class NodeUnknown(ConflictsError):
    """A fact or a matter names a person or an organisation that the graph does not hold."""


class InputRefused(ConflictsError):
    """A file or a policy table has faults; all of them are named at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep every fault, in the order of the file."""
        super().__init__("INPUT_INVALID", faults=[f"{fault.at}: {fault.code}" for fault in faults])
        self.faults = tuple(faults)


def escaped(key: str) -> str:
    """Return a key as it stands in a JSON Pointer. Source: RFC 6901, section 3."""
    return key.replace("~", "~0").replace("/", "~1")
