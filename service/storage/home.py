"""What waits for somebody: the home page's list and the count in every page's head."""

from datetime import date, timedelta

from sqlalchemy import func, select

from registry import Approver, BatchKind, Stage, State, approver_of
from service.access import MAYOR, OFFICE, Viewer
from service.access.viewer import EXPERT, SYSTEM_ADMINISTRATOR, UNIT
from service.clock import day_of
from service.storage.accounts import links_asked
from service.storage.assessments import contests_waiting
from service.storage.batches import waiting_batches
from service.storage.board import center_tasks, unit_tasks
from service.storage.cases import cases_to_decide
from service.storage.change_requests import count_open
from service.storage.matters import visible_to
from service.storage.occurrences import count_waiting
from service.storage.renewals import own_wish, wish_waits
from service.storage.review import own_reviews
from service.storage.rows.accounts import AccountRow
from service.storage.rows.admission import CandidateRow
from service.storage.rows.intake import ApplicationRow
from service.storage.rows.library import AppointmentRow, ExpertRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow, PanelRow
from service.storage.session import Session
from service.storage.tasks import Task

_DECIDES = {OFFICE: Approver.COUNTY_GOVERNMENT, MAYOR: Approver.DIRECTOR}


async def waiting_for(
    session: Session,
    viewer: Viewer,
    *,
    today: date,
    valid_months: int,
    reappointed_by: Approver = Approver.COUNTY_GOVERNMENT,
    wish_days: int = 0,
) -> tuple[Task, ...]:
    """Return what waits for the viewer, most pressing first.

    Args:
        session: a reading session.
        viewer: for whom.
        today: the day.
        valid_months: how long a yearly declaration of interest is valid.
        reappointed_by: who approves another term, of the local policy (U7).
        wish_days: days before the end of a term from which an expert is asked about another one, of the local policy.
    """
    tasks: list[Task] = []
    if viewer.must_change_password:
        tasks.append(Task("TASK_CHANGE_PASSWORD", "", "/account", "warn"))
    if viewer.center:
        tasks += await center_tasks(session, viewer, today=today, valid_months=valid_months)
        tasks += await _of_the_center(session, viewer)
    if UNIT in viewer.roles and viewer.unit_id is not None:
        tasks += await _of_the_unit(session, viewer)
        tasks += await unit_tasks(session, viewer, today=today)
    if EXPERT in viewer.roles:
        tasks += await _of_the_expert(session, viewer, today=today)
        ends_on = await wish_waits(session, viewer, on=today, days=wish_days)
        if ends_on is not None and not await own_wish(session, viewer):
            tasks.append(Task("TASK_SAY_WISH", "", "/my#renewal", "warn", facts={"day": ends_on.isoformat()}))
    tasks += [
        Task("TASK_DECIDE_CASE", case.number, f"/cases/{case.id}", "warn", case.opened_on)
        for case in await cases_to_decide(session, viewer, on=today)
    ]
    if SYSTEM_ADMINISTRATOR in viewer.roles:
        tasks += [
            Task("TASK_GIVE_LINK", name, f"/accounts/{account_id}", "warn", on)
            for account_id, name, on in await links_asked(session, viewer.account_id)
        ]
    for role, approver in _DECIDES.items():
        if role in viewer.roles:
            kinds = [kind for kind in BatchKind if approver_of(kind, reappointed_by=reappointed_by) is approver]
            tasks += [
                Task("TASK_DECIDE_BATCH", number, f"/batches/{batch_id}", "warn", on)
                for batch_id, number, on in await waiting_batches(session, kinds)
            ]
    return tuple(sorted(tasks, key=lambda task: task.tone != "warn"))  # stable: the order within stays


async def terms_ending(session: Session, *, today: date, days: int) -> list[Task]:
    """Return what waits for the center of terms that end within so many days, with no further term after them."""
    ends_on = func.max(AppointmentRow.ends_on)
    last = (
        select(AppointmentRow.expert_id)
        .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
        .where(ExpertRow.state == State.ACTIVE.value)
        .group_by(AppointmentRow.expert_id)
        .having(ends_on >= today, ends_on <= today + timedelta(days=days))
        .subquery()
    )
    count = await session.scalar(select(func.count()).select_from(last)) or 0
    return [Task("TASK_TERMS_ENDING", "", "/renewals", "info", None, {"count": count, "days": days})] if count else []


async def counts_for(session: Session, viewer: Viewer, *, today: date) -> dict[str, int]:
    """Return the figures at the head of the home page, of what the viewer may see."""
    counts: dict[str, int] = {}
    if viewer.center or "audit" in viewer.roles:
        counts["experts"] = (
            await session.scalar(
                select(func.count(func.distinct(ExpertRow.id)))
                .join(AppointmentRow, AppointmentRow.expert_id == ExpertRow.id)
                .where(ExpertRow.state == "active", AppointmentRow.starts_on <= today, AppointmentRow.ends_on >= today)
            )
            or 0
        )
        counts["organisations"] = await session.scalar(select(func.count()).select_from(OrganisationRow)) or 0
    if viewer.center or {"audit", UNIT} & viewer.roles:
        running = (
            select(func.count())
            .select_from(MatterRow)
            .where(MatterRow.state.not_in(("determined", "cancelled")), visible_to(viewer))
        )
        year = (
            select(func.count())
            .select_from(PanelRow)
            .join(MatterRow, MatterRow.id == PanelRow.matter_id)
            .where(
                PanelRow.state == "determined",
                PanelRow.determined_on >= today.replace(month=1, day=1),
                visible_to(viewer),
            )
        )
        counts["running"] = await session.scalar(running) or 0
        counts["panels"] = await session.scalar(year) or 0
    if SYSTEM_ADMINISTRATOR in viewer.roles:
        counts["accounts"] = (
            await session.scalar(select(func.count()).select_from(AccountRow).where(AccountRow.state == "active")) or 0
        )
    return counts


# What waits at the center on the way into the library: stage -> sentence and place.
_ADMISSION = {
    Stage.RECEIVED.value: ("TASK_FIRST_CHECK", "/candidates?stage=received"),
    Stage.CHECKED.value: ("TASK_PROPOSE_LIST", "/batches"),
    Stage.APPROVED.value: ("TASK_ISSUE_LETTERS", "/candidates?stage=approved"),
}


async def _of_the_center(session: Session, viewer: Viewer) -> list[Task]:
    tasks = []
    rows = await session.execute(
        select(MatterRow, OrganisationRow.name, PanelRow.proposed_by, PanelRow.as_of)
        .join(OrganisationRow, OrganisationRow.id == MatterRow.unit_id)
        .outerjoin(PanelRow, (PanelRow.matter_id == MatterRow.id) & (PanelRow.state == "proposed"))
        .where(MatterRow.state.in_(("opened", "need-set", "proposed")), visible_to(viewer))
        .order_by(MatterRow.opened_on)
    )
    proposed, open_ = [], []
    for matter, unit, proposer, as_of in rows:
        href = f"/matters/{matter.id}/panel"
        if matter.state == "proposed":
            own = proposer == viewer.person_id
            code = "TASK_COLLEAGUE_DETERMINES" if own else "TASK_DETERMINE_PANEL"
            proposed.append(Task(code, matter.title, href, "info" if own else "warn", as_of, {"unit": unit}, not own))
        else:
            code = "TASK_UNIT_SETS_NEED" if matter.state == "opened" else "TASK_UNIT_PROPOSES"
            open_.append(Task(code, matter.title, href, "info", matter.opened_on, {"unit": unit}, mine=False))
    tasks += proposed + open_
    count, since_on = await count_waiting(session)
    if count:
        tasks.append(Task("TASK_JUDGE_OCCURRENCES", "", "/cases", "warn", since_on, {"count": count}))
    count, since_on = await count_open(session)
    if count:
        tasks.append(Task("TASK_DECIDE_CHANGES", "", "/change-requests", "warn", since_on, {"count": count}))
    if contests := await contests_waiting(session):
        href = f"/experts/{contests[0][0]}#assessments"
        tasks.append(Task("TASK_SETTLE_CONTEST", "", href, "warn", contests[0][2], {"count": len(contests)}))
    rows_by_stage = await session.execute(
        select(CandidateRow.stage, func.count(), func.min(CandidateRow.received_on)).group_by(CandidateRow.stage)
    )
    for stage, count, since_on in rows_by_stage:
        if waits := _ADMISSION.get(stage):
            tasks.append(Task(waits[0], "", waits[1], "warn", since_on, {"count": count}))
    count, since_on = (
        await session.execute(
            select(func.count(), func.min(ApplicationRow.sent_on)).where(ApplicationRow.stage == "submitted")
        )
    ).one()
    if count:
        href = "/applications?stage=submitted"
        tasks.append(Task("TASK_TAKE_APPLICATIONS", "", href, "warn", since_on, {"count": count}))
    unidentified = await session.scalar(
        select(func.count())
        .select_from(ExpertRow)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(PersonRow.identity_hash.is_(None), ExpertRow.state == "active")
    )
    if unidentified:
        tasks.append(Task("TASK_UNIDENTIFIED", "", "/experts?identified=no", "info", None, {"count": unidentified}))
    return tasks


async def _of_the_unit(session: Session, viewer: Viewer) -> list[Task]:
    codes = {"opened": "TASK_SET_NEED", "need-set": "TASK_PROPOSE_PANEL", "proposed": "TASK_CENTER_DETERMINES"}
    rows = await session.scalars(
        select(MatterRow)
        .where(MatterRow.unit_id == viewer.unit_id, MatterRow.state.in_(tuple(codes)), visible_to(viewer))
        .order_by(MatterRow.opened_on)
    )
    return [
        Task(
            codes[matter.state],
            matter.title,
            f"/matters/{matter.id}/panel",
            "info" if matter.state == "proposed" else "warn",
            matter.opened_on,
            mine=matter.state != "proposed",
        )
        for matter in rows
    ]


async def _of_the_expert(session: Session, viewer: Viewer, *, today: date) -> list[Task]:
    tasks = []
    for one in await own_reviews(session, viewer):
        href = f"/reviews/{one.matter_id}"
        if one.ended or one.answer in ("declined", "recused"):
            continue
        if not one.answer:
            tasks.append(Task("TASK_ANSWER_INVITATION", one.title, href, "warn", one.respond_by))
        elif not one.undertaken:
            tasks.append(Task("TASK_SIGN_UNDERTAKING", one.title, href, "warn", one.respond_by))
        elif one.write_by is not None:
            tasks.append(Task("TASK_WRITE_ORAL", one.title, href, "warn", day_of(one.write_by)))
        elif one.due_on is not None:
            tone = "warn" if today >= one.due_on else "info"
            tasks.append(Task("TASK_STUDY_MATERIAL", one.title, href, tone, one.due_on))
    return tasks
