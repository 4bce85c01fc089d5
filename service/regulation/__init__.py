"""Editions of the regulation, local policy, the table of its rules and the matrix of rule, code and test."""

from service.regulation.amendment import SEVERITIES, Amendment, RowChange, RowDifference, amend, is_of_law, window_of
from service.regulation.cite import say_cite
from service.regulation.edition import Edition, EditionUnknown, RuleRow, RuleUnknown, edition_ids, load_edition
from service.regulation.policy import OFF, Policy, PolicyUnknown, load_policy, policy_ids
from service.regulation.policy import version_of as policy_version
from service.regulation.reading import TomlUnfit

__all__ = [
    "OFF",
    "SEVERITIES",
    "Amendment",
    "Edition",
    "EditionUnknown",
    "Policy",
    "PolicyUnknown",
    "RowChange",
    "RowDifference",
    "RuleRow",
    "RuleUnknown",
    "TomlUnfit",
    "amend",
    "edition_ids",
    "is_of_law",
    "load_edition",
    "load_policy",
    "policy_ids",
    "policy_version",
    "say_cite",
    "window_of",
]
