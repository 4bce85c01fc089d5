"""What can be wrong with a panel problem or a list of names: each fault with its place, all of them at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# code -> the sentence for the author of the file, with its remedy.
SENTENCES: Final[Mapping[str, str]] = {
    "JSON_INVALID": "This is not valid JSON (%(why)s). Write one JSON object in UTF-8.",
    "FILE_UNREADABLE": "%(file)s cannot be read: %(why)s.",
    "KEY_UNKNOWN": "There is no key %(key)s here. Remove it, or begin it with x- if it is a remark of your own.",
    "KEY_REPEATED": "The key %(key)s stands here more than once. Keep one.",
    "KEY_MISSING": "The key %(key)s is required. Add it.",
    "TYPE_WRONG": "This must be %(wanted)s. Write %(wanted)s.",
    "NUMBER_OUT_OF_RANGE": "This must be a whole number from %(low)s to %(high)s.",
    "TEXT_INVALID": "This must be %(wanted)s.",
    "FORMAT_UNKNOWN": "This version is not known here. Write panel-problem/1.",
    "ID_REPEATED": "The id %(id)s stands in this list more than once. Keep one.",
    "ID_UNKNOWN": "No candidate has the id %(id)s. Add the candidate or correct the id.",
    "NOT_ON_PANEL": "%(id)s is not on the panel. Name a member who leaves.",
    "PAIR_OF_ONE": "A pair needs two different ids, and this names %(id)s twice.",
    "MIN_ABOVE_MAX": "The minimum %(min)s is above the maximum %(max)s. Lower one or raise the other.",
    "FORMAT_OTHER": "This is not %(wanted)s. Give a file of that format and version.",
    "NOT_IN_DRAW": "%(id)s is neither a member nor a waiting reserve at this point. Name somebody who is.",
    "RULE_NOT_KEPT": "A panel drawn here could break the rule at %(rule)s. Make the lottery of this very problem.",
    "PLAN_DAMAGED": "This is not what planning wrote. Take the file as it was written, or plan from the start.",
    "PLAN_NOT_STOPPED": "This plan was not stopped: there is nothing to resume. Use it as it is.",
    "PLAN_OTHER": "This result belongs to another plan or another seed. Give the plan and the seed it was made with.",
    "SEATS_ABOVE_SIZE": "The seats by field are %(seats)s, but the panel has %(size)s members. Ask for fewer seats.",
}


@dataclass(frozen=True, slots=True)
class PanelProblemFault:
    """One fault of an input.

    Attributes:
        at: JSON Pointer (RFC 6901) of the place; empty for the whole.
        code: permanent name of the fault, a key of `SENTENCES`.
        facts: parameters of its sentence.
    """

    at: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def says(self) -> str:
        """The fault and its remedy as one English sentence."""
        return SENTENCES[self.code] % self.facts

    def to_json(self) -> dict[str, Any]:
        """Return the fault as plain values."""
        return {"at": self.at, "code": self.code, "facts": dict(self.facts), "says": self.says}


class PanelProblemFaults(ValueError):
    """The input cannot be read as a panel problem; every fault is named, in order of its place in the file."""

    def __init__(self, faults: Iterable[PanelProblemFault]) -> None:
        """Keep every fault."""
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.at or '(whole)'}: {fault.says}" for fault in self.faults))

    def under(self, *steps: str | int) -> "PanelProblemFaults":
        """Return the same faults of a value that stands at a place within another."""
        lead = pointer(*steps)
        return PanelProblemFaults(PanelProblemFault(lead + one.at, one.code, one.facts) for one in self.faults)


def pointer(*steps: str | int) -> str:
    """Return the JSON Pointer of a place, given the keys and positions that lead there."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
