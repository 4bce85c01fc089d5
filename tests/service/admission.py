"""Candidates and lists at each stage, made by the acts that people do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from uuid import UUID

from registry import ExpertField, Item, check_character
from service.access import Viewer
from service.actions.act import Act
from service.actions.batches import Decision, decide_batch, issue_letters, make_batch, propose_batch
from service.actions.candidates import (
    CandidateEntry,
    FindingEntry,
    pass_first_check,
    receive_candidate,
    record_findings,
)
from service.actions.experts import AboutExpert, TermEntry
from service.settings import Settings
from service.storage.batches import load_batch
from service.storage.candidates import load_candidate
from service.storage.session import Database, reading
from tests.service.conftest import MONDAY, acting, an_account

TODAY = date(2026, 9, 14)
_SERIAL = count(1)
SELF_DECLARED = (Item.CONSENT, Item.HEALTH)


def a_number() -> str:
    """Return a fresh identity number that passes its check."""
    body = f"11010519700101{next(_SERIAL):03d}"
    return body + check_character(body)


def a_term(starts_on: date, ends_on: date | None = None) -> TermEntry:
    """Return a term as it is entered from paper."""
    return TermEntry(starts_on, ends_on, "", "示政字〔2020〕8号", date(2020, 1, 6))


def an_entry(name: str = "沈嘉禾", **changes: str) -> CandidateEntry:
    """Return the application of somebody with a senior title, of the own accord."""
    about = AboutExpert(
        name=name,
        identity_number=a_number(),
        title="高级工程师",
        source="self",
        fields=(ExpertField("570", main=True),),
    )
    note = changes.pop("source_note", "")
    return CandidateEntry(replace(about, **changes), source_note=note)


@dataclass(frozen=True, slots=True)
class House:
    """Who acts in a test: clerks of the center, the office, the mayor."""

    database: Database
    settings: Settings
    center: Viewer
    office: Viewer
    mayor: Viewer

    def acts(self, viewer: Viewer, at: datetime = MONDAY):
        """Open a unit of work in which somebody acts."""
        return acting(self.database, self.settings, viewer, at)

    async def candidate(self, candidate_id: UUID, *, viewer: Viewer | None = None):
        """Return a candidate as somebody sees it, the center unless another is named."""
        async with reading(self.database) as session:
            return await load_candidate(session, viewer or self.center, candidate_id, on=TODAY)

    async def batch(self, batch_id: UUID, *, viewer: Viewer | None = None):
        """Return a list as somebody sees it, the center unless another is named."""
        async with reading(self.database) as session:
            return await load_batch(session, viewer or self.center, batch_id)

    async def received(self, entry: CandidateEntry | None = None, *, at: datetime = MONDAY) -> UUID:
        """Receive an application."""
        async with self.acts(self.center, at) as act:
            return await receive_candidate(act, entry or an_entry())

    async def answered(self, candidate_id: UUID, *, at: datetime = MONDAY, **changes: FindingEntry) -> None:
        """Answer for every condition of A25; `changes` are other findings by item."""
        async with self.acts(self.center, at) as act:
            await answer_all(act, candidate_id, **changes)

    async def checked(self, entry: CandidateEntry | None = None, *, at: datetime = MONDAY, **changes) -> UUID:
        """Receive somebody who passes the first check."""
        candidate_id = await self.received(entry, at=at)
        await self.answered(candidate_id, at=at, **changes)
        seen = (await self.candidate(candidate_id)).version
        async with self.acts(self.center, at) as act:
            await pass_first_check(act, candidate_id, seen=seen)
        return candidate_id

    async def proposed(
        self, candidates: Sequence[UUID], *, kind: str = "intake", align_on: date | None = None, at: datetime = MONDAY
    ) -> UUID:
        """Put a list of people forward."""
        async with self.acts(self.center, at) as act:
            batch_id = await make_batch(act, kind, align_on=align_on, candidates=candidates)
        async with self.acts(self.center, at) as act:
            await propose_batch(act, batch_id, seen=(await self.batch(batch_id)).version)
        return batch_id

    async def decided(self, batch_id: UUID, viewer: Viewer, *, at: datetime = MONDAY, **changes) -> None:
        """Enter a decision about a list."""
        decision = Decision(**({"number": "示政字〔2026〕12号", "on": TODAY} | changes))
        seen = (await self.batch(batch_id)).version
        async with self.acts(viewer, at) as act:
            await decide_batch(act, batch_id, decision, seen=seen)

    async def lettered(self, batch_id: UUID, *, letter_on: date = TODAY, at: datetime = MONDAY) -> int:
        """Issue the letters of a list."""
        seen = (await self.batch(batch_id)).version
        async with self.acts(self.center, at) as act:
            return await issue_letters(act, batch_id, letter_on=letter_on, seen=seen)


async def a_house(database: Database, settings: Settings) -> House:
    """Return a house with one account for each that takes part."""
    return House(
        database,
        settings,
        center=await an_account(database, "center"),
        office=await an_account(database, "office"),
        mayor=await an_account(database, "mayor"),
    )


async def answer_all(act: Act, candidate_id: UUID, **changes: FindingEntry) -> None:
    """Answer for every condition that the title does not answer."""
    view = await load_candidate(act.session, act.viewer, candidate_id, on=act.on)
    entries = [
        changes.get(
            one.item.value,
            FindingEntry(
                one.item.value, "met", "self" if one.item in SELF_DECLARED else "center", evidence=_evidence(one.item)
            ),
        )
        for one in view.findings
        if not one.computed
    ]
    await record_findings(act, candidate_id, entries, seen=view.version)


def _evidence(item: Item) -> str:
    return "省级科技进步奖两项" if item is Item.STANDING else ""
