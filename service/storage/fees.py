"""Fees: what a year's budget bears, contracts with what was paid of them, and what acts hold and write."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select, text, true, update

from registry import Contract, Payment, WorkKind
from service.access import Viewer, may
from service.ids import new_id
from service.problems import NotFound
from service.storage.rows.fees import BudgetRow, ContractRow, PaymentRow
from service.storage.rows.library import ExpertRow, OrganisationRow, PersonRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class BudgetView:
    """What a year's line bears; amounts in fen.

    Attributes:
        amount_fen: the line, None while there is none.
        spent_fen: what was paid from it.
        version: 0 while there is none.
    """

    year: int
    amount_fen: int | None
    spent_fen: int
    document: str
    version: int

    @property
    def left_fen(self) -> int:
        """What is left; never below zero, for no payment goes beyond the line."""
        return (self.amount_fen or 0) - self.spent_fen


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment."""

    paid_on: date
    amount_fen: int
    who: str


@dataclass(frozen=True, slots=True, repr=False)
class ContractView:
    """A contract with what was paid of it; amounts in fen.

    Attributes:
        party: name of the expert or the institution.
        bank_masked: the last four digits, empty while no account is kept.
        own: whether the viewer is the expert.
    """

    id: UUID
    number: str
    kind: WorkKind
    expert_id: UUID | None
    organisation_id: UUID | None
    party: str
    subject: str
    signed_on: date
    amount_fen: int
    payments: tuple[PaymentView, ...]
    bank_sealed: bytes | None
    bank_masked: str
    own: bool
    version: int

    @property
    def paid_fen(self) -> int:
        """What was paid so far."""
        return sum(one.amount_fen for one in self.payments)

    @property
    def left_fen(self) -> int:
        """What the party still gets (A27.4)."""
        return self.amount_fen - self.paid_fen


@dataclass(frozen=True, slots=True)
class NewContract:
    """A contract as it is written."""

    contract: Contract
    expert_id: UUID | None
    organisation_id: UUID | None
    subject: str


async def load_budget(session: Session, year: int) -> BudgetView:
    """Return what a year's line bears; the caller has made sure that the viewer may know."""
    row = await session.get(BudgetRow, year, populate_existing=True)
    spent = await session.scalar(
        select(func.coalesce(func.sum(PaymentRow.amount_fen), 0)).where(PaymentRow.year == year)
    )
    if row is None:
        return BudgetView(year, None, int(spent or 0), "", 0)
    return BudgetView(year, row.amount_fen, int(spent or 0), row.document, row.version)


async def hold_budget(session: Session, year: int) -> BudgetView:
    """Load a year's line for a payment or a change; who comes second waits for the first."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"fee_budget:{year}"})
    return await load_budget(session, year)


async def put_budget(session: Session, year: int, *, amount_fen: int, document: str, by: UUID, at: datetime) -> None:
    """Write a year's line."""
    row = await session.get(BudgetRow, year)
    if row is None:
        session.add(BudgetRow(year=year, amount_fen=amount_fen, document=document, set_by=by, set_at=at))
    else:
        row.amount_fen, row.document, row.set_by, row.set_at = amount_fen, document, by, at
        row.version += 1
    await session.flush()


async def contracts_of_year(session: Session, viewer: Viewer, year: int) -> tuple[ContractView, ...]:
    """Return the contracts that were signed in a year or paid from its budget, newest first."""
    paid = select(PaymentRow.contract_id).where(PaymentRow.year == year)
    signed = ContractRow.signed_on.between(date(year, 1, 1), date(year, 12, 31))
    return await _views(session, viewer, [or_(signed, ContractRow.id.in_(paid)), _open_to(viewer)])


async def contracts_of(
    session: Session, viewer: Viewer, *, expert_id: UUID | None = None, organisation_id: UUID | None = None
) -> tuple[ContractView, ...]:
    """Return the contracts with an expert or an institution, newest first; nobody learns of them who may not."""
    party = (
        ContractRow.expert_id == expert_id
        if organisation_id is None
        else ContractRow.organisation_id == organisation_id
    )
    return await _views(session, viewer, [party, _open_to(viewer)])


async def load_contract(session: Session, viewer: Viewer, contract_id: UUID) -> ContractView:
    """Return a contract.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    found = await _views(session, viewer, [ContractRow.id == contract_id, _open_to(viewer)])
    if not found:
        raise NotFound(subject="contract")
    return found[0]


async def hold_contract(session: Session, viewer: Viewer, contract_id: UUID) -> ContractView:
    """Load a contract for a change; who comes second waits for the first.

    Raises:
        NotFound: as `load_contract`.
    """
    await session.get(ContractRow, contract_id, with_for_update=True, populate_existing=True)
    return await load_contract(session, viewer, contract_id)


async def number_taken(session: Session, number: str) -> bool:
    """Return whether a contract has the number."""
    return await session.scalar(select(ContractRow.id).where(ContractRow.number == number)) is not None


async def put_contract(session: Session, new: NewContract, *, by: UUID, at: datetime) -> UUID:
    """Write a contract; returns the id."""
    contract_id = new_id()
    session.add(
        ContractRow(
            id=contract_id,
            number=new.contract.number,
            kind=new.contract.kind.value,
            expert_id=new.expert_id,
            organisation_id=new.organisation_id,
            subject=new.subject,
            signed_on=new.contract.signed_on,
            amount_fen=new.contract.amount_fen,
            entered_by=by,
            created_at=at,
        )
    )
    await session.flush()
    return contract_id


async def put_payment(session: Session, contract_id: UUID, payment: Payment, *, by: UUID, at: datetime) -> None:
    """Write a payment."""
    session.add(
        PaymentRow(
            id=new_id(),
            contract_id=contract_id,
            year=payment.paid_on.year,
            paid_on=payment.paid_on,
            amount_fen=payment.amount_fen,
            entered_by=by,
            created_at=at,
        )
    )
    await change_contract(session, contract_id)


async def change_contract(session: Session, contract_id: UUID, **values: Any) -> None:
    """Write columns of a contract and raise its version."""
    await session.flush()
    await session.execute(
        update(ContractRow)
        .where(ContractRow.id == contract_id)
        .values(version=ContractRow.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


def _open_to(viewer: Viewer) -> ColumnElement[bool]:
    if may(viewer, "fee:see"):
        return true()
    own = select(ExpertRow.id).where(ExpertRow.person_id == viewer.person_id)
    return ContractRow.expert_id.in_(own) if may(viewer, "fee:see", ("own",)) else false()


async def _views(session: Session, viewer: Viewer, conditions: list[ColumnElement[bool]]) -> tuple[ContractView, ...]:
    rows = (
        await session.execute(
            select(ContractRow, PersonRow, OrganisationRow.name)
            .outerjoin(ExpertRow, ExpertRow.id == ContractRow.expert_id)
            .outerjoin(PersonRow, PersonRow.id == ExpertRow.person_id)
            .outerjoin(OrganisationRow, OrganisationRow.id == ContractRow.organisation_id)
            .where(*conditions)
            .order_by(ContractRow.signed_on.desc(), ContractRow.number.desc())
        )
    ).all()
    paid = await session.execute(
        select(PaymentRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == PaymentRow.entered_by)
        .where(PaymentRow.contract_id.in_([row.id for row, _, _ in rows]))
        .order_by(PaymentRow.paid_on, PaymentRow.id)
    )
    payments: dict[UUID, list[PaymentView]] = {}
    for row, who in paid:
        payments.setdefault(row.contract_id, []).append(PaymentView(row.paid_on, row.amount_fen, who or ""))
    return tuple(
        ContractView(
            id=row.id,
            number=row.number,
            kind=WorkKind(row.kind),
            expert_id=row.expert_id,
            organisation_id=row.organisation_id,
            party=person.name if person is not None else organisation or "",
            subject=row.subject,
            signed_on=row.signed_on,
            amount_fen=row.amount_fen,
            payments=tuple(payments.get(row.id, ())),
            bank_sealed=row.bank_sealed,
            bank_masked=row.bank_masked,
            own=person is not None and person.id == viewer.person_id,
            version=row.version,
        )
        for row, person, organisation in rows
    )
