"""Who may not judge whom (回避), as of a stated day, and why.

    graph = ConflictGraph(people, organisations, facts)          # resident; a cache
    graph.add(fact); graph.replace(fact); graph.withdraw(fact_id, at=instant)
    findings = graph.check(matter, policy=policy, as_of=day)     # everybody, or people={...}
    graph.check(..., judgements=[...])                      # with what people decided: false alarms, waivers
    graph.paths(matter, person, policy=policy, as_of=day)        # every explaining path
    graph.free_from(matter, person, policy=policy, as_of=day)    # first day without an obstacle
    say_path(findings[0], name=names.get, language="zh")         # or phrases(finding): codes and parameters
    facts = parse_facts(text); facts.graph(); findings_json(...)     # conflict-facts/1 in, conflict-findings/1 out

A fact has valid time (`from_on`, `to_on`) and record time (`known_at`, `retired_at`): a check `as_of` a day, with what
was known at an instant (`known_at`), gives the answer of then, now and ever after.
"""

from conflicts.around import Around, Near, look_around, state_on
from conflicts.compare import Shift, compare
from conflicts.declaration import Difference, difference, valid_through
from conflicts.evaluation import EvaluatorRow, Part, Who, rows_against
from conflicts.fact import (
    ENDS,
    MUTUAL,
    VERTICAL,
    Confidence,
    Fact,
    Kind,
    NodeType,
    Origin,
    Relation,
    Stance,
)
from conflicts.fault import ConflictsError, FactRefused, Fault, InputRefused, NodeUnknown
from conflicts.faultwords import FAULT_SENTENCES, say_fault
from conflicts.finding import PERSON_UNIDENTIFIED, Finding, Outcome, Step, outcomes, strength
from conflicts.graph import ConflictGraph
from conflicts.judgement import Judgement, basis_of, may_be_judged
from conflicts.node import Alias, Matter, Organisation, Party, Person, Role, Upper, standing_facts
from conflicts.policy import DIRECT_INTEREST, LOCAL, Policy, PolicyRow, Severity, parse_policy
from conflicts.reading import ConflictFacts, parse_facts
from conflicts.record import Ends, KnownNode, KnownTie, Record, ends_key
from conflicts.report import finding_json, findings_json
from conflicts.stated import StatedFacts, StatedNode, parse_stated
from conflicts.window import CURRENT, FOREVER, Window
from conflicts.words import SENTENCES, Name, Phrase, phrases, say_outcome, say_path, say_phrase, span_code

__all__ = [
    "CURRENT",
    "DIRECT_INTEREST",
    "ENDS",
    "FAULT_SENTENCES",
    "FOREVER",
    "LOCAL",
    "MUTUAL",
    "PERSON_UNIDENTIFIED",
    "SENTENCES",
    "VERTICAL",
    "Alias",
    "Around",
    "Confidence",
    "ConflictFacts",
    "ConflictGraph",
    "ConflictsError",
    "Difference",
    "Ends",
    "EvaluatorRow",
    "Fact",
    "FactRefused",
    "Fault",
    "Finding",
    "InputRefused",
    "Judgement",
    "Kind",
    "KnownNode",
    "KnownTie",
    "Matter",
    "Name",
    "Near",
    "NodeType",
    "NodeUnknown",
    "Organisation",
    "Origin",
    "Outcome",
    "Part",
    "Party",
    "Person",
    "Phrase",
    "Policy",
    "PolicyRow",
    "Record",
    "Relation",
    "Role",
    "Severity",
    "Shift",
    "Stance",
    "StatedFacts",
    "StatedNode",
    "Step",
    "Upper",
    "Who",
    "Window",
    "basis_of",
    "compare",
    "difference",
    "ends_key",
    "finding_json",
    "findings_json",
    "look_around",
    "may_be_judged",
    "outcomes",
    "parse_facts",
    "parse_policy",
    "parse_stated",
    "phrases",
    "rows_against",
    "say_fault",
    "say_outcome",
    "say_path",
    "say_phrase",
    "span_code",
    "standing_facts",
    "state_on",
    "strength",
    "valid_through",
]
