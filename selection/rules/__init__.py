"""The composition rules, one class each, and all rules of a request."""

from selection.rules.apart import Apart
from selection.rules.cap import Cap
from selection.rules.excluded import Excluded
from selection.rules.locked_in import LockedIn
from selection.rules.panel_floor import PanelFloor
from selection.rules.quota import Quota
from selection.rules.request_rules import binds, exclusions_of, locked_rules, rules_of, verdict_of
from selection.rules.rule import Rule, Seated, add_seating
from selection.rules.seats_filled import SeatsFilled

__all__ = [
    "Apart",
    "Cap",
    "Excluded",
    "LockedIn",
    "PanelFloor",
    "Quota",
    "Rule",
    "Seated",
    "SeatsFilled",
    "add_seating",
    "binds",
    "exclusions_of",
    "locked_rules",
    "rules_of",
    "verdict_of",
]
