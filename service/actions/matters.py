"""What people do with a matter: open it, say what it needs, confirm its flags, stop it and go on."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from service.access.viewer import UNIT
from service.actions.act import Act
from service.actions.matter_stream import Texts, carry_out
from service.actions.reason import reason_faults
from service.ids import new_id
from service.jobs import notify
from service.pinyin import pinyin_of
from service.problems import Fault, Invalid, NotFound
from service.storage.matter_choices import known
from service.storage.matter_rows import NewMatter
from service.storage.matters import load_matter, next_number, past_need, relations_to, who_tends
from service.storage.reorganisation import ended_on
from workflow import (
    FLAGS,
    KINDS,
    SCOPES,
    Cancel,
    ChangeParties,
    Command,
    ConfirmFlags,
    MatterState,
    Member,
    Need,
    OpenCase,
    Party,
    RecordMatter,
    ReopenPanel,
    Resume,
    SetNeed,
    Suspend,
    find_faults,
)

TITLE_LEAST = 4
TITLE_MOST = 120
PARTIES_MOST = 200
PARTY_ROLES = ("party", "beneficiary", "drafter", "assessor")


@dataclass(frozen=True, slots=True)
class PartyEntry:
    """A party as entered: an organisation or a person, one of the two, and its role."""

    organisation_id: UUID | None = None
    person_id: UUID | None = None
    role: str = "party"


@dataclass(frozen=True, slots=True)
class Opening:
    """What is entered to open a matter.

    Attributes:
        title: 4 to 120 characters.
        unit_id: the undertaking unit; somebody of a unit opens matters of that unit only.
        kind: item of A3, `A3.1` to `A3.5`.
        kind_reason: for A3.5, why it is major.
        scope: answer to the screening; anything but `in-scope` is refused and nothing is kept.
        parties: whose interests are at stake.
        adjusts: whether it changes an earlier decision.
        parent_id: that decision's matter.
        copied_from: a past matter whose need and flags are taken over where none are entered.
        need: what the panel must be, None to say it later.
        flags: the flags of A31 that the unit sees.
    """

    title: str
    unit_id: UUID
    kind: str
    kind_reason: str = ""
    scope: str = "in-scope"
    parties: tuple[PartyEntry, ...] = ()
    adjusts: bool = False
    parent_id: UUID | None = None
    copied_from: UUID | None = None
    need: Need | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """A matter and its panel from before the regulation, as they were.

    Attributes:
        title: 4 to 120 characters.
        unit_id: the undertaking unit.
        kind: item of A3 it would be.
        opened_on, determined_on: days, the second not before the first, both before the edition was issued.
        members: persons who sat on the panel, in order, each with the field of the seat or None.
        parties: whose interests were at stake.
        flags: what is known of it today.
    """

    title: str
    unit_id: UUID
    kind: str
    opened_on: date
    determined_on: date
    members: tuple[tuple[UUID, str | None], ...]
    parties: tuple[PartyEntry, ...] = ()
    flags: frozenset[str] = frozenset()


async def open_matter(act: Act, opening: Opening) -> UUID:
    """Open a matter, and say its need in the same act when one is entered or copied.

    Returns:
        The id of the matter.

    Raises:
        Invalid: with every fault of the input.
        Refused: with every broken rule of A2, A3, A10 and A72; nothing of a refused matter is kept.

    Source: A2, A3, A10p2, A72.
    """
    act.require("matter:open")
    if opening.copied_from is not None:
        opening = await _with_copied_need(act, opening, opening.copied_from)
    title = tidy(opening.title)
    faults = title_faults(title)
    faults += _choice_faults("kind", opening.kind, KINDS) if opening.kind else []
    faults += _choice_faults("scope", opening.scope, SCOPES)
    faults += [] if not opening.kind_reason else reason_faults(act.policy, "kind_reason", opening.kind_reason)
    faults += need_faults(opening.need, opening.flags)
    faults += await _party_faults(act, opening.parties)
    faults += await _unit_faults(act, opening.unit_id) + await _ended_faults(act, opening.unit_id)
    if opening.parent_id is not None and await _unseen(act, opening.parent_id):
        faults.append(Fault("parent_id", "MATTER_UNKNOWN"))
    if faults:
        raise Invalid(faults)
    texts = Texts()
    matter_id = new_id()
    command = OpenCase(
        kind=opening.kind,
        unit_id=str(opening.unit_id),
        title_sha256=texts.commit(title),
        parties=_parties(opening.parties),
        scope=opening.scope,
        kind_reason_sha256=texts.commit(opening.kind_reason.strip()),
        adjusts=opening.adjusts,
        parent_id=None if opening.parent_id is None else str(opening.parent_id),
        copied_from=None if opening.copied_from is None else str(opening.copied_from),
    )
    then: list[Command] = [] if opening.need is None else [SetNeed(opening.need, opening.flags)]
    await carry_out(
        act,
        matter_id,
        command,
        seen=None,
        texts=texts,
        new=NewMatter(
            number=await next_number(act.session, year=act.on.year),
            title=title,
            pinyin=pinyin_of(title),
            unit_clerk_id=act.viewer.account_id if UNIT in act.viewer.roles else None,
            center_clerk_id=act.viewer.account_id if act.viewer.center else None,
        ),
        then=then,
    )
    return matter_id


async def record_matter(act: Act, record: Record) -> UUID:
    """Enter a matter with its panel from before the regulation, so that its service and ties count.

    Returns:
        The id of the matter.

    Raises:
        Invalid: with every fault of the input.
        Refused: when it is not from before the edition was issued.
    """
    act.require("matter:record")
    title = tidy(record.title)
    faults = title_faults(title) + _choice_faults("kind", record.kind, KINDS)
    faults += _flag_faults(record.flags)
    faults += await _party_faults(act, record.parties)
    faults += await _unit_faults(act, record.unit_id)
    people = [person_id for person_id, _ in record.members]
    if set(people) - await known(act.session, (), people):
        faults.append(Fault("members", "PERSON_UNKNOWN"))
    if faults:
        raise Invalid(faults)
    texts = Texts()
    matter_id = new_id()
    command = RecordMatter(
        unit_id=str(record.unit_id),
        title_sha256=texts.commit(title),
        opened_on=record.opened_on,
        determined_on=record.determined_on,
        members=tuple(Member(str(person_id), seat) for person_id, seat in record.members),
        parties=_parties(record.parties),
        flags=record.flags,
        kind=record.kind,
    )
    new = NewMatter(
        number=await next_number(act.session, year=record.opened_on.year),
        title=title,
        pinyin=pinyin_of(title),
        unit_clerk_id=None,
        center_clerk_id=act.viewer.account_id,
    )
    await carry_out(act, matter_id, command, seen=None, texts=texts, new=new)
    return matter_id


async def set_need(act: Act, matter_id: UUID, need: Need, flags: frozenset[str], *, seen: int) -> MatterState:
    """Say what the panel must be, and which flags the unit sees; an open proposal falls.

    Raises:
        Invalid: with every fault of the need.
        Refused: when the panel is determined, or the matter rests or has ended.

    Source: A31. Reading: U6.
    """
    await _require(act, "matter:set-need", matter_id)
    if faults := need_faults(need, flags):
        raise Invalid(faults)
    return await carry_out(act, matter_id, SetNeed(need, flags), seen=seen)


async def confirm_flags(act: Act, matter_id: UUID, flags: frozenset[str], *, reason: str, seen: int) -> MatterState:
    """Confirm the flags for the center; where they differ from the unit's, with a reason.

    Source: A31. Reading: U6.
    """
    await _require(act, "matter:confirm-flags", matter_id)
    faults = _flag_faults(flags)
    faults += reason_faults(act.policy, "flags_reason", reason) if reason.strip() else []
    if faults:
        raise Invalid(faults)
    texts = Texts()
    command = ConfirmFlags(flags, texts.commit(reason.strip()))
    return await carry_out(act, matter_id, command, seen=seen, texts=texts)


async def change_parties(act: Act, matter_id: UUID, parties: Sequence[PartyEntry], *, seen: int) -> MatterState:
    """Say anew whose interests are at stake; the conflict check follows from now on.

    Source: A28.4, A30.
    """
    await _require(act, "matter:set-need", matter_id)
    if faults := await _party_faults(act, parties):
        raise Invalid(faults)
    return await carry_out(act, matter_id, ChangeParties(_parties(parties)), seen=seen)


async def cancel_matter(act: Act, matter_id: UUID, *, reason: str, seen: int) -> MatterState:
    """End a matter without a decision, and tell everyone concerned."""
    return await _stop(act, matter_id, "matter:cancel", "MATTER_CANCELLED", Cancel, reason=reason, seen=seen)


async def suspend_matter(act: Act, matter_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Let a matter rest, and tell everyone concerned."""
    return await _stop(act, matter_id, "matter:suspend", "MATTER_SUSPENDED", Suspend, reason=reason, seen=seen)


async def resume_matter(act: Act, matter_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Go on with a resting matter, and tell everyone concerned."""
    return await _stop(act, matter_id, "matter:suspend", "MATTER_RESUMED", Resume, reason=reason, seen=seen)


async def reopen_panel(act: Act, matter_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Undo a determination, so that the unit proposes anew, and tell everyone concerned.

    Source: A31, A32.1.
    """
    return await _stop(act, matter_id, "panel:determine", "PANEL_REOPENED", ReopenPanel, reason=reason, seen=seen)


def tidy(text: str) -> str:
    """Return a line of text in NFC, without blanks around it and with single ones within."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def need_faults(need: Need | None, flags: frozenset[str]) -> list[Fault]:
    """Return the faults of a need and its flags, each with its place."""
    found = [] if need is None else find_faults(need)
    return [Fault(fault.at.strip("/").replace("/", "."), fault.code, fault.facts) for fault in found] + _flag_faults(
        flags
    )


STOPPING_NOTICES: Final = ("MATTER_CANCELLED", "MATTER_SUSPENDED", "MATTER_RESUMED", "PANEL_REOPENED")
_Stopping = type[Cancel] | type[Suspend] | type[Resume] | type[ReopenPanel]


async def _stop(
    act: Act, matter_id: UUID, operation: str, template: str, command: _Stopping, *, reason: str, seen: int
) -> MatterState:
    await _require(act, operation, matter_id)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    texts = Texts()
    after = await carry_out(act, matter_id, command(texts.commit(reason.strip())), seen=seen, texts=texts)
    told = after.concerned | {str(person_id) for person_id in await who_tends(act.session, matter_id)}
    for person_id in sorted(told - {str(act.viewer.person_id)}):
        await notify(
            act.session,
            template,
            key=f"{template.lower()}:{matter_id}:{after.version}:{person_id}",
            at=act.at,
            person_id=UUID(person_id),
            params={"matter_id": str(matter_id), "path": f"/matters/{matter_id}"},
        )
    return after


async def _require(act: Act, operation: str, matter_id: UUID) -> None:
    """Refuse who may not know the matter as if it were not there, and who may know but not act as forbidden."""
    relations = await relations_to(act.session, act.viewer, matter_id)
    await load_matter(act.session, act.viewer, matter_id)
    act.require(operation, relations)


async def _with_copied_need(act: Act, opening: Opening, source_id: UUID) -> Opening:
    try:
        source = await past_need(act.session, act.viewer, source_id)
    except NotFound:
        raise Invalid([Fault("copied_from", "MATTER_UNKNOWN")]) from None
    return replace(
        opening,
        need=opening.need or source.need,
        flags=opening.flags or frozenset(source.flags),
    )


async def _unseen(act: Act, matter_id: UUID) -> bool:
    try:
        await load_matter(act.session, act.viewer, matter_id)
    except NotFound:
        return True
    return False


def title_faults(title: str) -> list[Fault]:
    """Return what is wrong with a tidied title."""
    if not title:
        return [Fault("title", "FIELD_REQUIRED")]
    if len(title) < TITLE_LEAST:
        return [Fault("title", "TITLE_TOO_SHORT", {"least": TITLE_LEAST})]
    if len(title) > TITLE_MOST:
        return [Fault("title", "FIELD_TOO_LONG", {"most": TITLE_MOST, "length": len(title)})]
    if any(unicodedata.category(mark) in {"Cc", "Cf", "Co", "Cs"} for mark in title):
        return [Fault("title", "FIELD_HAS_CONTROLS")]
    return []


def _choice_faults(at: str, code: str, allowed: Iterable[str]) -> list[Fault]:
    return [] if code in allowed else [Fault(at, "FIELD_NOT_A_CHOICE")]


def _flag_faults(flags: frozenset[str]) -> list[Fault]:
    return [Fault("flags", "FIELD_NOT_A_CHOICE")] if flags - set(FLAGS) else []


async def _unit_faults(act: Act, unit_id: UUID) -> list[Fault]:
    if not act.viewer.center and unit_id != act.viewer.unit_id:
        return [Fault("unit_id", "UNIT_NOT_OWN")]
    if not await known(act.session, [unit_id], ()):
        return [Fault("unit_id", "ORGANISATION_UNKNOWN")]
    return []


async def _ended_faults(act: Act, unit_id: UUID) -> list[Fault]:
    """Return the fault of opening a matter for a unit whose place others took."""
    day = await ended_on(act.session, unit_id)
    return [] if day is None else [Fault("unit_id", "UNIT_ENDED", {"on": day.isoformat()})]


async def _party_faults(act: Act, parties: Sequence[PartyEntry]) -> list[Fault]:
    if len(parties) > PARTIES_MOST:
        return [Fault("parties", "PARTIES_TOO_MANY", {"most": PARTIES_MOST})]
    organisations = [party.organisation_id for party in parties if party.organisation_id is not None]
    people = [party.person_id for party in parties if party.person_id is not None]
    here = await known(act.session, organisations, people)
    faults = []
    for place, party in enumerate(parties):
        ids = [one for one in (party.organisation_id, party.person_id) if one is not None]
        if len(ids) != 1:
            faults.append(Fault(f"parties.{place}", "PARTY_NEEDS_ONE_ID"))
        elif ids[0] not in here:
            faults.append(
                Fault(f"parties.{place}", "ORGANISATION_UNKNOWN" if party.organisation_id else "PERSON_UNKNOWN")
            )
        faults += _choice_faults(f"parties.{place}.role", party.role, PARTY_ROLES)
    return faults


def _parties(parties: Iterable[PartyEntry]) -> tuple[Party, ...]:
    """Return the parties for the stream, each once."""
    return tuple(
        dict.fromkeys(
            Party(
                None if party.organisation_id is None else str(party.organisation_id),
                None if party.person_id is None else str(party.person_id),
                party.role,
            )
            for party in parties
        )
    )
