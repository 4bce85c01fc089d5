"""All rules of a request in file order, and what a panel makes of each."""

from collections.abc import Collection, Sequence

from selection.request import Candidate, PanelRequest
from selection.result import RuleVerdict
from selection.rules.apart import Apart
from selection.rules.cap import Cap
from selection.rules.excluded import Excluded
from selection.rules.locked_in import LockedIn
from selection.rules.panel_floor import PanelFloor
from selection.rules.quota import Quota
from selection.rules.rule import Rule
from selection.rules.seats_filled import SeatsFilled


def rules_of(request: PanelRequest) -> tuple[Rule, ...]:
    """Return the rules of a request but its exclusions, in file order; a repeated pair is one rule, the first."""
    pairs: dict[frozenset[str], Apart] = {}
    for index, pair in enumerate(request.apart):
        pairs.setdefault(frozenset((pair.first, pair.second)), Apart(pair, index))
    return (
        *(SeatsFilled(row, index, request.seats[:index]) for index, row in enumerate(request.seats)),
        *(Quota(row, index, request.size) for index, row in enumerate(request.quotas)),
        *(Cap(row, index) for index, row in enumerate(request.caps)),
        *pairs.values(),
        *(() if request.floor is None else (PanelFloor(request.floor),)),
    )


def exclusions_of(request: PanelRequest) -> tuple[Excluded, ...]:
    """Return the exclusions of a request, in file order."""
    return tuple(Excluded(row, index) for index, row in enumerate(request.excluded))


def locked_rules(locked_in: Collection[str]) -> tuple[LockedIn, ...]:
    """Return the rules that keep the locked members in, by id."""
    return tuple(LockedIn(one, index) for index, one in enumerate(sorted(locked_in)))


def binds(rule: Rule) -> bool:
    """Return whether a panel must keep the rule: all but a waived floor."""
    return not (isinstance(rule, PanelFloor) and rule.waived)


def verdict_of(rule: Rule, members: Sequence[Candidate]) -> RuleVerdict:
    """Return what a finished panel makes of a rule."""
    kept = rule.kept_by(members)
    code = rule.code_for(members) if isinstance(rule, Quota) else rule.code
    return RuleVerdict(code, rule.cite, rule.at, kept, not kept and not binds(rule), rule.facts(members))
