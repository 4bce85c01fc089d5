"""Editions of the regulation, local policy, the table of its rules and the matrix of rule, code and test."""

from service.regulation.cite import say_cite
from service.regulation.edition import Edition, EditionUnknown, RuleRow, RuleUnknown, edition_ids, load_edition
from service.regulation.policy import Policy, PolicyUnknown, load_policy, policy_ids
from service.regulation.reading import TomlUnfit

__all__ = [
    "Edition",
    "EditionUnknown",
    "Policy",
    "PolicyUnknown",
    "RuleRow",
    "RuleUnknown",
    "TomlUnfit",
    "edition_ids",
    "load_edition",
    "load_policy",
    "policy_ids",
    "say_cite",
]
