"""Who may evaluate a decision afterwards: bodies that did its main work are out, persons by policy (A54p2, A64p1).

What counts is computed from the record: who drafted and assessed the matter, and who sat on its panel, nobody has to
enter again. The choice itself is recorded with the evaluation; this is its time of check.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from conflicts import (
    ConflictGraph,
    EvaluatorRow,
    Finding,
    Kind,
    NodeType,
    Outcome,
    Part,
    Role,
    Severity,
    Who,
    finding_json,
    rows_against,
)
from service.actions.act import Act
from service.actions.conflict_checks import EVALUATOR, find, keep_check
from service.problems import NotFound
from service.storage.facts import matter_of
from service.storage.judgements import Decided
from service.storage.matters import load_matter
from service.storage.panels import sat_on_panel
from service.storage.residents import Residents

YES: Final = "yes"
WITH_REASON: Final = "with-reason"
NO: Final = "no"
_WORK: Final = {Kind.ASSESSMENT: Part.ASSESSOR, Kind.DRAFTING: Part.DRAFTER, Kind.CONSULTING: Part.ADVISER}
_BARRING: Final = (Outcome.EXCLUDED, Outcome.RESTRICTED)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands against a choice.

    Attributes:
        code: permanent name.
        cite: the article, empty for local policy.
        hard: whether nobody can accept it; otherwise the center may, with a reason.
        disclosed: whether it is only to be known, and asks no reason.
        part: earlier part in the matter: `assessor`, `drafter`, `adviser` or `panel`; empty for other interests.
        found: code of the finding, for other interests.
    """

    code: str
    cite: str
    hard: bool
    part: str = ""
    found: str = ""
    disclosed: bool = False


@dataclass(frozen=True, slots=True)
class Suitability:
    """Whether somebody may evaluate: `yes`, `with-reason` or `no`, and what stands against it."""

    answer: str
    obstacles: tuple[Obstacle, ...]


async def check_evaluator(act: Act, residents: Residents, matter_id: UUID, candidate: UUID) -> Suitability:
    """Check a person or a body before it is chosen to evaluate, and keep the check; nobody is told.

    Bodies that assessed the matter are out, and so is a party to it; what any other part in it means for a body or a
    person, the seat on its panel included, the rows of the local policy say.

    Raises:
        NotFound: when there is no such matter, person or body.

    Source: A54p2, A64p1. Reading: U30.
    """
    found, against = await _assess(act, residents, matter_id, candidate)
    kept = [finding_json(finding) for finding in against]
    kept += [{"outcome": one.code, "part": one.part} for one in found.obstacles if one.part]
    await keep_check(act, matter_id, EVALUATOR, [str(candidate)], kept, act.on)
    return found


async def look_at_evaluator(act: Act, residents: Residents, matter_id: UUID, candidate: UUID) -> Suitability:
    """Return what `check_evaluator` finds, and keep nothing.

    Raises:
        NotFound: as for `check_evaluator`.
    """
    return (await _assess(act, residents, matter_id, candidate))[0]


async def _assess(
    act: Act, residents: Residents, matter_id: UUID, candidate: UUID
) -> tuple[Suitability, tuple[Finding, ...]]:
    act.require("conflict:judge")
    await load_matter(act.session, act.viewer, matter_id)
    graph = (await residents.current(act.session)).ties.graph
    type_ = graph.node_type(str(candidate))
    against: tuple[Finding, ...] = ()
    if type_ is NodeType.PERSON:
        obstacles, against = await _of_person(act, residents, matter_id, candidate)
    elif type_ is NodeType.ORGANISATION:
        obstacles = await _of_body(act, graph, matter_id, graph.same_body(str(candidate), as_of=act.on))
    else:
        raise NotFound(subject="candidate")
    asked = [one for one in obstacles if not one.disclosed]
    answer = NO if any(one.hard for one in asked) else WITH_REASON if asked else YES
    return Suitability(answer, obstacles), against


async def _of_person(
    act: Act, residents: Residents, matter_id: UUID, person_id: UUID
) -> tuple[tuple[Obstacle, ...], tuple[Finding, ...]]:
    findings = await find(act, residents, matter_id, [str(person_id)], Decided(), act.on)
    # What part a person had in the matter the rows about evaluators judge, not those about panels.
    against = [
        finding
        for finding in findings
        if finding.outcome in _BARRING and (finding.row is None or finding.row.kind not in _WORK)
    ]
    obstacles = [
        Obstacle("EVALUATOR_CONFLICT", finding.cite or "A54p2", finding.never_relax, found=finding.code)
        for finding in against
    ]
    graph = (await residents.current(act.session)).ties.graph
    parts = _parts(graph, matter_id, {str(person_id)})
    if await sat_on_panel(act.session, matter_id, person_id):
        parts.add(Part.PANEL)
    obstacles += [_of_part(row) for row in rows_against(act.policy.evaluator_rows, Who.PERSON, parts)]
    return tuple(obstacles), tuple(against)


async def _of_body(act: Act, graph: ConflictGraph, matter_id: UUID, same: Collection[str]) -> tuple[Obstacle, ...]:
    parts = _parts(graph, matter_id, same)
    found = [_of_part(row) for row in rows_against(act.policy.evaluator_rows, Who.BODY, parts)]
    matter = await matter_of(act.session, matter_id)
    # The undertaking unit may evaluate itself (A64p1); whose interests are at stake may not.
    if any(party.id in same for party in matter.parties if party.role is not Role.UNIT):
        found.append(Obstacle("EVALUATOR_CONFLICT", "A54p2", hard=True, found="DIRECT_INTEREST"))
    return tuple(found)


def _parts(graph: ConflictGraph, matter_id: UUID, nodes: Collection[str]) -> set[Part]:
    """Return what part any of these persons or bodies had in the matter before the decision."""
    return {
        _WORK[fact.kind]
        for fact in graph.ties_of(str(matter_id))
        if fact.object == str(matter_id) and fact.subject in nodes and fact.kind in _WORK
    }


def _of_part(row: EvaluatorRow) -> Obstacle:
    """Return what a row holds against a choice. A policy that blocks more than the article does so in its own name."""
    hard = row.severity is Severity.BLOCK
    code = "NOT_INDEPENDENT" if hard else "INDEPENDENCE_REVIEW_NEEDED"
    return Obstacle(code, row.cite, hard, part=row.part.value, disclosed=row.severity is Severity.DISCLOSE)
