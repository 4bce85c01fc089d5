"""Takes the library of the demonstration county in: accounts, organisations, experts, ties, standings."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from conflicts import Origin
from registry import (
    CITES,
    Appointment,
    ExpertField,
    Ground,
    Measure,
    RefusalReason,
    State,
    TitleLevel,
    read_identity,
    read_phone,
)
from service.access.sign_in import viewer_by_account
from service.actions.accounts import NewAccount, add_account, add_first_administrator, change_roles
from service.actions.act import Act
from service.actions.cases import CaseEntry, RulingEntry, add_statement, decide_case, open_case
from service.actions.declarations import record_years
from service.actions.facts import FactEntry, state_facts
from service.actions.intake import (
    ExpertEntry,
    OrganisationEntry,
    take_in_experts,
    take_in_organisations,
)
from service.actions.passwords import hash_of
from service.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD, LIAISON_ACCOUNTS, DemoAccount
from service.demo.acting import Stage
from service.demo.county import County
from service.demo.experts import DemoExpert
from service.demo.organisations import DemoOrganisation
from service.demo.ties import DECLARATION, DemoTie
from service.storage.accounts import account, change_account
from service.storage.expert_writing import hold_expert
from service.storage.intake import DatedParent, NewEmployment, OtherName
from service.storage.session import reading, unit_of_work

_FIRST, _CLERK, _MAYOR = "system", "center", "mayor"
_GROUND_OF: Final = {cite: ground for ground, cite in CITES.items()}
_MEASURE_OF: Final = {
    State.WITHDRAWN: Measure.LET_GO,
    State.DISMISSED: Measure.DISMISS,
    State.STRUCK_OFF: Measure.STRIKE_OFF,
}
_STATEMENT: Final = "本人知悉有关情况，没有不同意见。"
_IDS: Final = UUID("b1d0c2a4-5f0e-5c6b-9a57-2026091409aa")


async def load_organisations(stage: Stage, county: County, day: date) -> None:
    """Add the first administrator and the center's clerk, who takes the organisations in."""
    password = await hash_of(DEMO_PASSWORD)
    first = _account(_FIRST)
    at = stage.instant(day)
    async with unit_of_work(stage.database, at=at) as session:
        account_id = await add_first_administrator(
            session, login=first.login, name=first.name, email="", password_hash=password, at=at
        )
        await change_account(session, account_id, demo=True)
    await _remember(stage, first.login, account_id)
    await _add(stage, _account(_CLERK), day, password)
    stage.ids.update((made.key, id_of("organisation", made.key)) for made in county.organisations)
    entries = [_organisation(stage, organisation) for organisation in county.organisations]
    await stage.act(_CLERK, day, lambda act: take_in_organisations(act, entries))


async def load_people(stage: Stage, county: County, day: date) -> None:
    """Take the experts in, and add the accounts that need a unit or an expert to be there."""
    away: dict[str, list[tuple[date, date]]] = {}
    for absence in county.aways:
        away.setdefault(absence.expert, []).append((absence.from_on, absence.to_on))
    stage.ids.update((expert.key, id_of("expert", expert.key)) for expert in county.experts)
    stage.people.update((expert.key, id_of("person", expert.key)) for expert in county.experts)
    entries = [_expert(stage, expert, tuple(away.get(expert.key, ()))) for expert in county.experts]

    await stage.act(_CLERK, day, lambda act: take_in_experts(act, entries))
    password = await hash_of(DEMO_PASSWORD)
    for demo in (*LIAISON_ACCOUNTS, *DEMO_ACCOUNTS):
        if demo.login not in (_FIRST, _CLERK):
            await _add(stage, demo, day, password if demo.password else "")
    await _give_unit(stage, _account(_CLERK), day)


async def load_ties(stage: Stage, ties: Sequence[DemoTie], day: date) -> None:
    """State ties for the center, whose clerk has them from declarations and registers."""
    entries = [
        FactEntry(
            subject_id=stage.keyed(tie.subject),
            kind=tie.kind,
            object_id=stage.keyed(tie.object),
            from_on=tie.from_on,
            to_on=tie.to_on,
            origin=Origin.DECLARED if tie.source == DECLARATION else Origin.OBSERVED,
            source=tie.source,
            share=tie.share,
            relation=tie.relation,
        )
        for tie in ties
    ]
    await stage.act(_CLERK, day, lambda act: state_facts(act, entries))


async def load_declarations(stage: Stage, experts: Sequence[DemoExpert], day: date) -> None:
    """Enter for the center the yearly declarations that everybody handed in on a day."""
    ids = [stage.ids[expert.key] for expert in experts]
    await stage.act(_CLERK, day, lambda act: record_years(act, ids, made_on=day))


async def change_standing(stage: Stage, expert: DemoExpert) -> None:
    """Open the case about an expert on its day; where it ended the membership, the mayor decides it at once."""
    standing = expert.standing
    if standing is None:
        return
    expert_id, ground = stage.ids[expert.key], _GROUND_OF[standing.article]

    async def opened(act: Act) -> UUID:
        held = await hold_expert(act.session, expert_id)
        refusal = RefusalReason.UNWILLING.value if ground is Ground.REFUSED else ""
        return await open_case(act, expert_id, CaseEntry(ground, standing.reason, refusal), seen=held.version)

    case_id = await stage.act(_CLERK, standing.on, opened)
    if standing.kind == "suspended":
        return
    seen = 1
    if ground is not Ground.WITHDREW:
        await stage.act(_CLERK, standing.on, lambda act: add_statement(act, case_id, text=_STATEMENT, seen=1))
        seen = 2
    measure = _MEASURE_OF[State(standing.kind)]
    ruling = RulingEntry(measure.value, standing.reason, grave=measure is Measure.STRIKE_OFF)
    await stage.act(_MAYOR, standing.on, lambda act: decide_case(act, case_id, ruling, seen=seen))


async def _add(stage: Stage, demo: DemoAccount, day: date, password: str) -> None:
    unit_id = stage.ids.get(demo.unit) if demo.unit else None
    entry = NewAccount(
        login=demo.login,
        name="" if demo.expert else demo.name,
        roles=demo.roles,
        unit_id=unit_id,
        expert_number=expert_number(demo.expert) if demo.expert else "",
    )

    async def act(act: Act) -> UUID:
        account_id = await add_account(act, entry)
        await change_account(act.session, account_id, password_hash=password, demo=True)
        return account_id

    await _remember(stage, demo.login, await stage.act(_FIRST, day, act))


async def _give_unit(stage: Stage, demo: DemoAccount, day: date) -> None:
    """Name the unit of an account that was there before the organisations."""
    account_id = stage.viewers[demo.login].account_id

    async def act(act: Act) -> None:
        held = await account(act.session, account_id)
        if held is not None and demo.unit is not None:
            await change_roles(
                act,
                account_id,
                roles=held.roles,
                unit_id=stage.ids[demo.unit],
                email=held.email,
                seen=held.version,
            )

    await stage.act(_FIRST, day, act)
    await _remember(stage, demo.login, account_id)


async def _remember(stage: Stage, login: str, account_id: UUID) -> None:
    async with reading(stage.database) as session:
        viewer = await viewer_by_account(session, account_id)
    if viewer is None:
        raise RuntimeError(f"the account {login} was not kept")
    stage.viewers[login] = viewer


def _account(login: str) -> DemoAccount:
    return next(demo for demo in DEMO_ACCOUNTS if demo.login == login)


def id_of(kind: str, key: str) -> UUID:
    """Return the id of a thing of the county: the same on every machine, because ids break ties between panels."""
    return uuid5(_IDS, f"{kind}/{key}")


def expert_number(key: str) -> str:
    """Return the number in the library of the expert with a key: `ZJ0006` for `e006`."""
    return f"ZJ0{key[1:]}"


def _organisation(stage: Stage, organisation: DemoOrganisation) -> OrganisationEntry:
    return OrganisationEntry(
        id=stage.ids[organisation.key],
        name=organisation.name,
        credit_code=organisation.credit_code,
        kind=organisation.kind,
        region=organisation.region_code,
        is_county_government=organisation.kind == "government",
        names=tuple(
            OtherName(alias.name, "former" if alias.until_on else "alias", to_on=alias.until_on)
            for alias in organisation.aliases
        ),
        parents=tuple(
            DatedParent(stage.ids[parent.key], parent.from_on, parent.to_on) for parent in organisation.parents
        ),
    )


def _expert(stage: Stage, expert: DemoExpert, away: tuple[tuple[date, date], ...]) -> ExpertEntry:
    return ExpertEntry(
        id=stage.ids[expert.key],
        person_id=stage.people[expert.key],
        number=expert_number(expert.key),
        name=expert.name,
        identity=read_identity(expert.id_number) if expert.id_number else None,
        phone=read_phone(expert.phone),
        title=expert.title,
        title_level=TitleLevel(expert.title_level),
        source=expert.source,
        fields=(ExpertField(expert.main_field, main=True), *(ExpertField(code) for code in expert.further_fields)),
        terms=tuple(Appointment(term.starts_on, term.ends_on, term.letter_no) for term in expert.terms),
        employments=tuple(
            NewEmployment(stage.ids[work.organisation], work.main, work.post, work.from_on, work.to_on)
            for work in expert.employments
        ),
        away=away,
    )
