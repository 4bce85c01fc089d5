"""Who may not judge a matter, on pages: everybody of the library, and one person with every path and decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from conflicts import Finding, NodeType, Outcome, basis_of, may_be_judged, strength
from service.access import may
from service.clock import day_begins
from service.locales import language
from service.problems import NotFound, Problem, Refused
from service.regulation import Policy
from service.storage.facts import Node, matter_of, nodes
from service.storage.judgements import STANDING, StoredJudgement, decided_about, judgements_of
from service.storage.matters import MatterView, load_matter
from service.storage.policies import policy_in_force
from service.storage.pool import PoolExpert
from service.storage.session import Session, reading
from service.web.entry import viewer_of
from service.web.facts import address_of
from service.web.forms import Form
from service.web.pages import page
from service.web.tie_views import Drawing, draw

AnyRequest = Request[Any, Any, Any]
On = Annotated[str, QueryParameter(name="on")]
Known = Annotated[str, QueryParameter(name="known")]


@dataclass(frozen=True, slots=True)
class Asked:
    """The day judged, and until when what was known counts.

    Attributes:
        form: as typed.
        day: judged.
        known_at: the end of the day of which one asks what was known; None for now.
    """

    form: Form
    day: date
    known_at: datetime | None

    @property
    def now(self) -> bool:
        """Whether it is the plain question of today: only then somebody can decide."""
        return not self.form.typed("on") and self.known_at is None


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding on the page of a person.

    Attributes:
        finding: what was found.
        drawing: its path.
        basis: what a decision about it is bound to.
        may_dismiss, may_waive: what can be decided about it at all.
        decided: what stands or is asked about it.
    """

    finding: Finding
    drawing: Drawing
    basis: str
    may_dismiss: bool
    may_waive: bool
    decided: StoredJudgement | None


def asked(request: AnyRequest, on: str, known: str) -> Asked:
    """Read the two days of a question."""
    form = Form({"on": [on], "known": [known]})
    day = form.day("on") or request.app.state.clock.today()
    known_on = form.day("known")
    return Asked(form, day, None if known_on is None else day_begins(known_on + timedelta(days=1)))


@get("/matters/{matter_id:uuid}/conflicts", opt={"operation": "conflict:see"}, include_in_schema=False)
async def matter_conflicts(
    request: AnyRequest, matter_id: FromPath[UUID], on: On = "", known: Known = ""
) -> Response[Any]:
    """Show which experts may not judge a matter, or must disclose, as of a day; nobody is told."""
    question = asked(request, on, known)
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer_of(request), matter_id)
        residents = await request.app.state.residents.current(session)
        policy = await _policy_of(request, session, question)
        decided = await decided_about(session, matter_id, known_at=question.known_at)
        findings = residents.ties.graph.check(
            await matter_of(session, matter_id, known_at=question.known_at),
            policy=policy.table,
            as_of=question.day,
            known_at=question.known_at,
            judgements=decided.judgements,
        )
        pool = residents.pool
        strongest: dict[str, Finding] = {}
        for finding in findings:
            strongest.setdefault(finding.person, finding)
        experts = [
            (pool.experts[expert_id], finding)
            for person, finding in strongest.items()
            if (expert_id := pool.by_person.get(UUID(person))) is not None
        ]
        total = len(pool.experts)
    lines = sorted(experts, key=_line_order)
    counts = {outcome: sum(finding.outcome is outcome for _, finding in lines) for outcome in Outcome}
    counts[Outcome.CLEAR] = total - len(lines)
    return page(
        request,
        "facts/conflicts.html",
        matter=matter,
        day=question.day,
        policy=policy,
        lines=lines,
        counts=counts,
        recused=decided.recused,
        form=question.form,
        faults=question.form.faults,
    )


@get("/matters/{matter_id:uuid}/conflicts/{person_id:uuid}", opt={"operation": "conflict:see"}, include_in_schema=False)
async def person_conflicts(
    request: AnyRequest, matter_id: FromPath[UUID], person_id: FromPath[UUID], on: On = "", known: Known = ""
) -> Response[Any]:
    """Answer for one person: which rule, by which path, since when, until when, and what would clear it."""
    return await person_page(request, matter_id, person_id, asked(request, on, known))


async def person_page(
    request: AnyRequest,
    matter_id: UUID,
    person_id: UUID,
    question: Asked,
    *,
    form: Form | None = None,
    problem: Problem | None = None,
) -> Response[Any]:
    """Show one person in one matter; with the typed text and what stood against an act."""
    viewer = viewer_of(request)
    day, known_at, person = question.day, question.known_at, str(person_id)
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        version = await _policy_of(request, session, question)
        policy = version.table
        graph = (await request.app.state.residents.current(session)).ties.graph
        if graph.node_type(person) is not NodeType.PERSON:
            raise NotFound(subject="person")
        checked = await matter_of(session, matter_id, known_at=known_at)
        decided = await decided_about(session, matter_id, known_at=known_at)
        findings = graph.check(
            checked, policy=policy, as_of=day, known_at=known_at, people=(person,), judgements=decided.judgements
        )
        shown = {finding.path for finding in findings}
        others = [
            finding
            for finding in graph.paths(checked, person, policy=policy, as_of=day, known_at=known_at)
            if finding.path not in shown
        ]
        free_from = graph.free_from(
            checked, person, policy=policy, as_of=day, known_at=known_at, judgements=decided.judgements
        )
        judgements = await judgements_of(session, matter_id, person_id)
        met = {UUID(id_) for finding in (*findings, *others) for id_ in _ids(finding)}
        known = await nodes(session, met | {person_id})
    form = form or question.form
    return page(
        request,
        "facts/person.html",
        status=problem.status if problem else 200,
        matter=matter,
        person=known[person_id],
        day=day,
        policy=version,
        question=question,
        findings=[_shown(finding, known, matter, judgements) for finding in findings],
        others=[(finding, drawing(finding, known, matter)) for finding in others],
        outcome=max(findings, key=strength).outcome if findings else Outcome.CLEAR,
        recused=next((one for one in judgements if one.verdict == "real" and one.state == STANDING), None)
        if person in decided.recused
        else None,
        free_from=free_from,
        judgements=judgements,
        may_judge=question.now and may(viewer, "conflict:judge"),
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        form=form,
        faults=form.faults,
    )


async def _policy_of(request: AnyRequest, session: Session, question: Asked) -> Policy:
    """Return the policy by which the day of a question is judged, as it was published by then."""
    shipped = request.app.state.settings.policy
    return await policy_in_force(session, shipped, on=question.day, known_at=question.known_at)


def _line_order(line: tuple[PoolExpert, Finding]) -> tuple[int, str, str]:
    expert, finding = line
    return -strength(finding), finding.code, expert.name


def _ids(finding: Finding) -> list[str]:
    return [finding.person, *(step.end for step in finding.path)]


def _shown(
    finding: Finding, known: Mapping[UUID, Node], matter: MatterView, judgements: tuple[StoredJudgement, ...]
) -> Shown:
    basis = basis_of(finding)
    return Shown(
        finding,
        drawing(finding, known, matter),
        basis,
        may_be_judged(finding, Outcome.DISMISSED),
        may_be_judged(finding, Outcome.WAIVED),
        next(
            (
                one
                for one in judgements
                if (one.policy_row, one.basis) == (finding.row_id, basis) and one.state in ("asked", "standing")
            ),
            None,
        ),
    )


def drawing(finding: Finding, known: Mapping[UUID, Node], matter: MatterView) -> Drawing:
    """Return the path of a finding in a matter as it is drawn."""

    def name(id_: str) -> str | None:
        if id_ == str(matter.id):
            return matter.title
        node = known.get(UUID(id_))
        return None if node is None else node.name

    return draw(finding, name=name, href=lambda id_: address_of(known.get(UUID(id_))), language=language())


ROUTES: list[Any] = [matter_conflicts, person_conflicts]
