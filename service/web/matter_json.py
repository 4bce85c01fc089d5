"""What matters are as JSON, coming in and going out."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from service.actions.matters import PARTIES_MOST, TITLE_MOST, Opening, PartyEntry
from service.actions.reason import REASON_MOST
from service.storage.matters import HistoryLine, MatterLine, MatterView
from workflow import MatterState, Need, Quota, Seat, steps_of

Flag = Annotated[str, Meta(description="wide, disputed, complex or sensitive (A31)", examples=["wide"])]
Reason = Annotated[
    str, Meta(max_length=REASON_MOST, description="why, in words", examples=["资金来源发生变化，暂缓办理"])
]


@dataclass(frozen=True, slots=True)
class SeatRow:
    """Seats for experts of one field."""

    field: Annotated[str, Meta(max_length=16, description="code of the field", examples=["570"])]
    count: Annotated[int, Meta(ge=1, le=1000)] = 1


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """Between min and max members whose attribute has the value."""

    attribute: Annotated[str, Meta(max_length=40, examples=["region"])]
    value: Annotated[str, Meta(max_length=80, examples=["outside"])]
    min: Annotated[int, Meta(ge=0, le=1000)] = 0
    max: Annotated[int, Meta(ge=0, le=1000)] | None = None


@dataclass(frozen=True, slots=True)
class NeedJson:
    """What the panel must be."""

    size: Annotated[int, Meta(ge=1, le=1000, description="members", examples=[9])]
    seats: Annotated[list[SeatRow], Meta(max_length=1000)] = field(default_factory=list)
    quotas: Annotated[list[QuotaRow], Meta(max_length=100)] = field(default_factory=list)
    reserves: Annotated[int, Meta(ge=0, le=1000)] = 0


@dataclass(frozen=True, slots=True)
class PartyJson:
    """An organisation or a person whose interests are at stake; one of the two ids."""

    organisation_id: UUID | None = None
    person_id: UUID | None = None
    role: Annotated[str, Meta(description="party, beneficiary, drafter or assessor", examples=["party"])] = "party"


@dataclass(frozen=True, slots=True)
class OpeningJson:
    """What opens a matter; its need may come later."""

    title: Annotated[str, Meta(max_length=TITLE_MOST, examples=["饮马河综合治理工程"])]
    unit_id: Annotated[UUID, Meta(description="the undertaking unit; a unit's clerk opens for the own unit only")]
    kind: Annotated[str, Meta(description="item of A3: A3.1 to A3.5", examples=["A3.4"])]
    kind_reason: Annotated[Reason, Meta(description="for A3.5, why the matter is major")] = ""
    scope: Annotated[str, Meta(description="in-scope, emergency, internal, secret or department")] = "in-scope"
    parties: Annotated[list[PartyJson], Meta(max_length=PARTIES_MOST)] = field(default_factory=list)
    adjusts: bool = False
    parent_id: UUID | None = None
    copied_from: Annotated[UUID | None, Meta(description="a matter whose need and flags are taken over")] = None
    need: NeedJson | None = None
    flags: list[Flag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NeedChange:
    """The need and the flags that the unit sees."""

    need: NeedJson
    flags: list[Flag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FlagsJson:
    """The center's flags, with a reason where they differ from the unit's."""

    flags: list[Flag]
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class PartiesJson:
    """All parties, those that stay included."""

    parties: Annotated[list[PartyJson], Meta(max_length=PARTIES_MOST)]


@dataclass(frozen=True, slots=True)
class ReasonJson:
    """Why."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class MatterSummary:
    """A matter in the list."""

    id: UUID
    number: Annotated[str, Meta(examples=["2026-014"])]
    title: str
    unit_id: UUID
    unit: str
    state: Annotated[str, Meta(description="opened, need-set, proposed, determined, suspended or cancelled")]
    step: str
    flags: list[str]
    flags_confirmed: bool
    size: int | None
    opened_on: date
    determined_on: date | None
    recorded: Annotated[bool, Meta(description="entered afterwards, from before the regulation")]


@dataclass(frozen=True, slots=True)
class MatterPage:
    """One page of matters, newest first, with counts by state over all pages and states."""

    matters: list[MatterSummary]
    total: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class StepJson:
    """A step of the matter's life: done, now, later or stopped."""

    step: str
    status: str
    cites: list[str]


@dataclass(frozen=True, slots=True)
class PartyShown:
    """A party with its name."""

    id: UUID
    kind: Annotated[str, Meta(description="organisation or person")]
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class MatterJson:
    """One matter; its version is the ETag that acts on it must send back in If-Match."""

    id: UUID
    number: str
    title: str
    kind: str
    unit_id: UUID
    unit: str
    state: str
    steps: list[StepJson]
    flags_proposed: list[str]
    flags_confirmed: list[str] | None
    need: NeedJson | None
    parties: list[PartyShown]
    parent_id: UUID | None
    opened_on: date
    closed_on: date | None
    edition: str
    version: int


@dataclass(frozen=True, slots=True)
class HistoryJson:
    """One event of a matter's life."""

    seq: int
    type: Annotated[str, Meta(examples=["need.set"])]
    at: datetime
    who: str
    role: str
    step: str
    cites: list[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the new matter is."""

    id: UUID
    href: str


def opening_of(data: OpeningJson) -> Opening:
    """Return what the sender asks to open."""
    return Opening(
        title=data.title,
        unit_id=data.unit_id,
        kind=data.kind,
        kind_reason=data.kind_reason,
        scope=data.scope,
        parties=parties_of(data.parties),
        adjusts=data.adjusts,
        parent_id=data.parent_id,
        copied_from=data.copied_from,
        need=None if data.need is None else need_of(data.need),
        flags=frozenset(data.flags),
    )


def need_of(data: NeedJson) -> Need:
    """Return the need that was sent."""
    return Need(
        size=data.size,
        seats=tuple(Seat(seat.field, seat.count) for seat in data.seats),
        quotas=tuple(Quota(quota.attribute, quota.value, quota.min, quota.max) for quota in data.quotas),
        reserves=data.reserves,
    )


def parties_of(data: list[PartyJson]) -> tuple[PartyEntry, ...]:
    """Return the parties that were sent."""
    return tuple(PartyEntry(party.organisation_id, party.person_id, party.role) for party in data)


def summary_of(line: MatterLine) -> MatterSummary:
    """Return a line of the list."""
    return MatterSummary(
        id=line.id,
        number=line.number,
        title=line.title,
        unit_id=line.unit_id,
        unit=line.unit_name,
        state=line.state,
        step=line.step,
        flags=list(line.flags),
        flags_confirmed=line.flags_confirmed,
        size=line.size,
        opened_on=line.opened_on,
        determined_on=line.determined_on,
        recorded=line.recorded,
    )


def matter_json(matter: MatterView, state: MatterState) -> MatterJson:
    """Return a matter with its steps."""
    need = matter.need
    return MatterJson(
        id=matter.id,
        number=matter.number,
        title=matter.title,
        kind=state.kind,
        unit_id=matter.unit_id,
        unit=matter.unit_name,
        state=matter.state,
        steps=[StepJson(one.step.id, one.status, list(one.step.cites)) for one in steps_of(state)],
        flags_proposed=list(matter.flags_proposed),
        flags_confirmed=None if matter.flags_confirmed is None else list(matter.flags_confirmed),
        need=None
        if need is None
        else NeedJson(
            size=need.size,
            seats=[SeatRow(seat.field, seat.count) for seat in need.seats],
            quotas=[QuotaRow(quota.attribute, quota.value, quota.min, quota.max) for quota in need.quotas],
            reserves=need.reserves,
        ),
        parties=[PartyShown(party.id, party.kind, party.name, party.role) for party in matter.parties],
        parent_id=None if state.parent_id is None else UUID(state.parent_id),
        opened_on=matter.opened_on,
        closed_on=matter.closed_on,
        edition=matter.edition,
        version=matter.version,
    )


def history_json(line: HistoryLine) -> HistoryJson:
    """Return an event of a matter's life."""
    return HistoryJson(
        seq=line.seq,
        type=line.type,
        at=line.at,
        who=line.who,
        role=line.role,
        step=line.step,
        cites=list(line.cites),
        reason=line.reason,
    )
