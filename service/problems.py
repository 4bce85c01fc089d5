"""What can go wrong with an act, as values: each knows its HTTP status and becomes problem details (RFC 9457).

A refusal (`refusal/1`) is one rule that says no, with its article, facts and ways out. Sentences are found in the
message catalogues under the code, with `facts` as their parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Remedy:
    """A way out of a refusal: a code with a sentence in the catalogues, and where to go for it."""

    code: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One rule that says no (`refusal/1`).

    Attributes:
        code: permanent name of the rule.
        ref: the rule in the table of the regulation (`R31a`), empty for local policy.
        cite: the article (`A31`), empty for local policy.
        edition: id of the edition that was applied.
        facts: parameters of the sentence; ids, codes and counts, never personal data.
        remedies: what to do next, best first.
        override: role whose recorded reason lets the rule yield, or None when nobody can.
    """

    code: str
    ref: str = ""
    cite: str = ""
    edition: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()
    override: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the `refusal/1` object."""
        return {
            "code": self.code,
            "ref": self.ref,
            "cite": self.cite,
            "edition": self.edition,
            "facts": dict(self.facts),
            "remedies": [{"code": remedy.code, "href": remedy.href} for remedy in self.remedies],
            "override": {"role": self.override} if self.override else None,
        }


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an input.

    Attributes:
        at: name of the field, or a JSON Pointer.
        code: name of the sentence in the catalogues.
        facts: parameters of that sentence.
    """

    at: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Problem(Exception):
    """Base of everything an act can answer other than being done."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "UNFORESEEN"

    def __init__(self, **facts: Any) -> None:
        """Keep the parameters of the sentence."""
        super().__init__(self.code)
        self.facts: dict[str, Any] = facts


class Invalid(Problem):
    """The input has faults; nothing was done. All faults are named at once."""

    status = 400
    code = "INPUT_INVALID"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep every fault."""
        super().__init__()
        self.faults = tuple(faults)


class Refused(Problem):
    """One or more rules say no; nothing was done. All broken rules are named at once."""

    status = 409
    code = "REFUSED"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        """Keep every refusal."""
        super().__init__()
        self.refusals = tuple(refusals)


class SignInNeeded(Problem):
    """Nobody is signed in."""

    status = 401
    code = "SIGN_IN_NEEDED"


class Forbidden(Problem):
    """The viewer may see the thing, but not do this."""

    status = 403
    code = "FORBIDDEN"


class NotFound(Problem):
    """There is no such thing, or the viewer may not know that there is."""

    status = 404
    code = "NOT_FOUND"


class InFlight(Problem):
    """The same act, with the same key, is being done right now."""

    status = 409
    code = "IN_FLIGHT"


class Stale(Problem):
    """Someone else changed the thing since it was read (If-Match does not match)."""

    status = 412
    code = "STALE"


class TextMovedOn(Stale):
    """What was to be signed is not what the signer saw any more."""

    code = "TEXT_MOVED_ON"


class KeyReused(Problem):
    """The idempotency key came before with another content."""

    status = 422
    code = "KEY_REUSED"


class VersionNeeded(Problem):
    """An act on an existing thing must say which version it saw (If-Match)."""

    status = 428
    code = "VERSION_NEEDED"


class TooMany(Problem):
    """Too many tries; wait."""

    status = 429
    code = "TOO_MANY"


class Stopped(Problem):
    """A long computation was stopped by its time limit; nothing was done."""

    status = 503
    code = "STOPPED"


class Unavailable(Problem):
    """Something outside of the service did not do its part; nothing was done, nothing is lost, a later try may work."""

    status = 503

    def __init__(self, code: str, **facts: Any) -> None:
        """Keep the code of the sentence that says what did not answer."""
        super().__init__(**facts)
        self.code = code  # type: ignore[misc]  # a sentence of its own for each
