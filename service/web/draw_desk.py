"""What the pages of a draw show: read for one viewer; nothing here writes."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from litestar import Request

from selection import PanelCheck
from service.access import Viewer, may
from service.actions.assembly import Problem, Reason, Standing
from service.actions.panels import check_list, prepare
from service.jobs import Job, job
from service.problems import NotFound
from service.storage.draws import Draft, StoredDraw, committed_at_seq, draft_of, draws_of
from service.storage.matter_rows import state_of
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.session import Session, reading
from service.web.entry import policy_of, viewer_of
from service.web.review_desk import answer_day
from workflow import MatterState

AnyRequest = Request[Any, Any, Any]
# Entitlement is 1 / (1 + min(service, 3)): more panels than that make no difference.
_SERVICE_COUNTS = 3


@dataclass(frozen=True, slots=True)
class Chance:
    """People whom every rule treats alike, and the chance that each of them has.

    Attributes:
        numbers: in the draw.
        fields: codes of the needed seats they can fill.
        service: panels of the window, 3 for three and more, which make no difference.
        employer: letter and number of their employer where the cap on employers sets them apart, empty elsewhere.
        region: where they work.
        chance: of each, 0 to 1.
        text: the same as an exact fraction.
    """

    numbers: tuple[str, ...]
    fields: tuple[str, ...]
    service: int
    employer: str
    region: str
    chance: float
    text: str


@dataclass(frozen=True, slots=True)
class DrawDesk:
    """Everything the page of a matter's draws shows.

    Attributes:
        matter: title, unit, number.
        state: the matter by its stream.
        draws: every draw, oldest first.
        live: the draw that stands, None without one.
        draft: frozen and not committed yet, None without one.
        work: the job that computes the draft.
        sealed: whether a signed checkpoint covers the commitment that stands.
        acts: what the viewer may do now.
        standings: expert -> standing today; a unit learns no private facts.
        check: what the drawn panel keeps and breaks today, None before it is drawn.
        problem: the panel problem as of today.
        typed_mine: whether the viewer's person typed the seed first.
        challenged_mine: whether the viewer's person asked for the voiding.
        respond_by: proposed last day for the answer of who joins a panel that was asked already.
    """

    matter: MatterView
    state: MatterState
    draws: tuple[StoredDraw, ...]
    live: StoredDraw | None
    draft: Draft | None
    work: Job | None
    sealed: bool
    acts: frozenset[str]
    standings: Mapping[UUID, Standing]
    check: PanelCheck | None
    problem: Problem
    typed_mine: bool
    challenged_mine: bool
    respond_by: date

    @property
    def members(self) -> tuple[tuple[str, str | None, Standing | None], ...]:
        """Number, seat and standing of those who stand in the draw now."""
        return () if self.live is None else members_of(self.live, self.standings)

    @property
    def reserves(self) -> tuple[tuple[str, Standing | None], ...]:
        """Number and standing of the reserves who wait, in order."""
        if self.live is None or self.live.record is None:
            return ()
        gone = {one for row in self.live.record["declines"] for one in (row["id"], row["joins"])}
        return tuple(
            (row["id"], self.standings.get(self.live.people[row["id"]]))
            for row in self.live.record["reserves"]
            if row["id"] not in gone
        )

    @property
    def excluded_now(self) -> frozenset[str]:
        """Numbers of drawn members who may not sit by today's facts."""
        if self.live is None:
            return frozenset()
        out = self.problem.request.excluded_ids
        return frozenset(number for number, _, _ in self.members if str(self.live.people[number]) in out)


@dataclass(frozen=True, slots=True)
class Frozen:
    """What of a matter's draw is fixed, read without asking the library how everybody stands today.

    Attributes:
        matter: title, unit, number.
        live: the draw that stands, None without one.
        draft: frozen and not committed yet, None without one.
    """

    matter: MatterView
    live: StoredDraw | None
    draft: Draft | None


async def read_frozen(request: AnyRequest, matter_id: UUID) -> Frozen:
    """Read what is fixed of the draw of a matter.

    Raises:
        NotFound: as for `read_draw_desk`.
    """
    async with reading(request.app.state.database) as session:
        matter, _ = await matter_with_draws(session, viewer_of(request), matter_id)
        state = await state_of(session, matter_id)
        return Frozen(matter, _live(state, await draws_of(session, matter_id)), await draft_of(session, matter_id))


async def matter_with_draws(session: Session, viewer: Viewer, matter_id: UUID) -> tuple[MatterView, frozenset[str]]:
    """Return a matter whose draws the viewer may see, and how the viewer stands to it.

    Raises:
        NotFound: when the matter is not there, or not the viewer's to know.
    """
    matter = await load_matter(session, viewer, matter_id)
    relations = await relations_to(session, viewer, matter_id)
    if not may(viewer, "draw:see", relations):
        raise NotFound(subject="matter")
    return matter, relations


async def read_draw_desk(request: AnyRequest, matter_id: UUID) -> DrawDesk:
    """Read everything the page shows.

    Raises:
        NotFound: when the matter is not there, or not the viewer's to know.
    """
    viewer = viewer_of(request)
    app = request.app.state
    async with reading(app.database) as session:
        matter, relations = await matter_with_draws(session, viewer, matter_id)
        state, problem = await prepare(
            session,
            app.residents,
            matter_id,
            settings=app.settings,
            edition=app.edition,
            policy=policy_of(request),
            on=app.clock.today(),
        )
        draws = await draws_of(session, matter_id)
        draft = await draft_of(session, matter_id)
        work = await job(session, draft.job_id) if draft is not None and draft.job_id else None
        live = _live(state, draws)
        sealed = live is not None and (await committed_at_seq(session, matter_id, live.commitment_sha256))[1]
    check = None
    if live is not None and live.record is not None:
        members = [live.people[row["id"]] for row in live.record["panel"]]
        check = await asyncio.to_thread(check_list, problem, members, seed=str(matter_id))
    private = may(viewer, "panel:see-reasons", relations)
    return DrawDesk(
        matter=matter,
        state=state,
        draws=draws,
        live=live,
        draft=draft,
        work=work,
        sealed=sealed,
        acts=_acts(viewer, relations, state, draft),
        standings=problem.standings if private else _for_unit(problem.standings),
        check=check,
        problem=problem,
        typed_mine=live is not None and live.typed_by == viewer.person_id,
        challenged_mine=live is not None and live.challenged_by == viewer.person_id,
        respond_by=answer_day(app.clock.today()),
    )


def _live(state: MatterState, draws: Iterable[StoredDraw]) -> StoredDraw | None:
    standing = state.live_draw
    if standing is None:
        return None
    return next(one for one in draws if (one.round, one.number) == (standing.round, standing.number))


def members_of(
    draw: StoredDraw, standings: Mapping[UUID, Standing]
) -> tuple[tuple[str, str | None, Standing | None], ...]:
    """Return number, seat and standing of the panel as a draw's record has it; empty before it is made."""
    if draw.record is None:
        return ()
    return tuple((row["id"], row["seat"], standings.get(draw.people[row["id"]])) for row in draw.record["panel"])


def chances_of(problem: Mapping[str, Any], lottery: Mapping[str, Any]) -> tuple[Chance, ...]:
    """Return the classes of people of a lottery with their chances, highest first; those with none are left out.

    What is said of a class is what determined its chance: the seats they can fill, past service, the region where a
    quota asks for it, and the employer where its cap binds.
    """
    by_id = {row["id"]: row for row in problem["candidates"]}
    wanted = list(dict.fromkeys(row["field"] for row in problem["seats"]))
    regional = any(row["attribute"] == "region" for row in problem["quotas"])
    alike: dict[tuple[tuple[str, ...], int, str, str], list[str]] = {}
    for numbers in lottery["types"]:
        first = by_id[numbers[0]]
        fields = tuple(field for field in wanted if any(code.startswith(field) for code in first["fields"]))
        region = first["attributes"].get("region", "") if regional else ""
        key = (fields, min(first["service"], _SERVICE_COUNTS), region, lottery["chances"][numbers[0]])
        alike.setdefault(key, []).extend(numbers)
    shared = Counter(key[:3] for key in alike)
    found = []
    for (fields, service, region, text), numbers in alike.items():
        employers = {by_id[one]["attributes"].get("employer", "") for one in numbers}
        # Where the rest is the same and the chance is another, it is the cap on the employer that parts them.
        employer = employers.pop() if len(employers) == 1 and shared[fields, service, region] > 1 else ""
        found.append(Chance(tuple(sorted(numbers)), fields, service, employer, region, float(Fraction(text)), text))
    return tuple(sorted(found, key=lambda one: (-one.chance, one.numbers)))


def reasons_of(problem: Mapping[str, Any]) -> tuple[tuple[str, str, int], ...]:
    """Return code, article and number of people kept out of a draw, most first."""
    counts: dict[tuple[str, str], int] = {}
    for row in problem["excluded"]:
        key = (row["code"], row["cite"])
        counts[key] = counts.get(key, 0) + 1
    return tuple(
        (code, cite, count) for (code, cite), count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )


def _acts(viewer: Viewer, relations: Iterable[str], state: MatterState, draft: Draft | None) -> frozenset[str]:
    relations = tuple(relations)
    runs = may(viewer, "draw:run", relations) and state.status not in ("cancelled", "suspended")
    draw = state.live_draw
    resting = draw is not None and bool(draw.challenged_by)
    undecided = state.panel is None
    acts = {
        "freeze": runs and draw is None and state.status == "need-set",
        "commit": runs and draw is None and state.status == "need-set" and draft is not None and draft.state == "ready",
        "type": draw is not None
        and draw.status == "committed"
        and not resting
        and may(viewer, "draw:type-seed", relations),
        "again": runs and draw is not None and draw.status == "committed",
        "propose": draw is not None
        and draw.status == "made"
        and not resting
        and state.status == "need-set"
        and may(viewer, "panel:propose", relations),
        "continue": runs and draw is not None and draw.status == "made" and not resting,
        "challenge": runs and undecided and draw is not None and not resting,
        "decide": runs and undecided and resting,
    }
    return frozenset(act for act, allowed in acts.items() if allowed)


def _for_unit(standings: Mapping[UUID, Standing]) -> Mapping[UUID, Standing]:
    return {
        key: replace(
            one,
            reasons=(Reason("NOT_SUITABLE"),) if one.zone == "blocked" else (),
            zone="blocked" if one.zone == "blocked" else "free",
            clashes=(),
        )
        for key, one in standings.items()
    }
