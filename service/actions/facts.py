"""What people do with ties: state one, say that it ended, withdraw it as wrong."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from conflicts import ENDS, Confidence, Fact, FactRefused, Kind, NodeType, Origin, Relation, Stance
from service.actions.act import Act, commit_to, same_version
from service.ids import new_id
from service.pinyin import pinyin_of
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, Remedy
from service.storage.facts import (
    Node,
    StoredFact,
    add_facts,
    ends_of,
    insert_person,
    nodes,
    retire_fact,
    same_standing,
    standing_fact,
)
from service.storage.staff_bars import barred_matters

SOURCE_MOST: Final = 200
REASON_LEAST: Final = 4
REASON_MOST: Final = 500
NAME_MOST: Final = 60

# Where a fault of the value stands in the form.
_AT: Final = {
    "END_BEFORE_START": "to_on",
    "TIE_TO_ITSELF": "object",
    "SHARE_IMPOSSIBLE": "share",
    "SHARE_MISPLACED": "share",
    "RELATION_MISSING": "relation",
    "RELATION_MISPLACED": "relation",
    "STANCE_MISSING": "stance",
    "STANCE_MISPLACED": "stance",
}


@dataclass(frozen=True, slots=True)
class FactEntry:
    """A tie as entered.

    Attributes:
        subject_id: who or what the tie is about; see `conflicts.Kind` for which end that is.
        kind: what it is.
        object_id: the other end.
        from_on, to_on: first and last day, inclusive; None means always, or still.
        origin: declared, observed or imported.
        source: who or what says so, at most 200 characters; it stays out of the ledger.
        confidence: sure, likely or a hint.
        share: part held, shareholdings only.
        relation: kinship only.
        stance: public statements only.
    """

    subject_id: UUID
    kind: Kind
    object_id: UUID
    from_on: date | None = None
    to_on: date | None = None
    origin: Origin = Origin.DECLARED
    source: str = ""
    confidence: Confidence = Confidence.SURE
    share: tuple[int, int] | None = None
    relation: Relation | None = None
    stance: Stance | None = None


async def state_fact(act: Act, entry: FactEntry) -> UUID:
    """State one tie; returns its id.

    Raises:
        Invalid: with every fault of the input: days, share, relation, stance, ends of the wrong type, the same tie
            standing already.

    Source: A28.4, A30.
    """
    (fact_id,) = await state_facts(act, [entry])
    return fact_id


async def state_facts(act: Act, entries: Sequence[FactEntry]) -> list[UUID]:
    """State ties, one event each; returns their ids in the order of the entries.

    Raises:
        Invalid: as for one; with several the places are `facts.<n>.<field>`.
    """
    act.require("fact:state")
    return await write_facts(act, entries)


async def write_facts(act: Act, entries: Sequence[FactEntry]) -> list[UUID]:
    """Write ties for an act that has asked already whether it may: the center's, or somebody's about themselves.

    Raises:
        Invalid: as for `state_facts`.
    """
    known = await nodes(act.session, {end for entry in entries for end in (entry.subject_id, entry.object_id)})
    faults: list[Fault] = []
    stated: list[tuple[UUID, Fact, NodeType, NodeType]] = []
    for place, entry in enumerate(entries):
        prefix = f"facts.{place}." if len(entries) > 1 else ""
        fact = _fact(act, entry, known, prefix, faults)
        if fact is not None:
            stated.append((new_id(), fact, known[entry.subject_id].type, known[entry.object_id].type))
    faults += await _repeats(act, [fact for _, fact, _, _ in stated], prefixed=len(entries) > 1)
    if faults:
        raise Invalid(faults)
    await add_facts(act.session, stated)
    for row_id, fact, _, _ in stated:
        _record(act, "fact.stated", fact, version=1, row_id=row_id)
    return [UUID(fact.id) for _, fact, _, _ in stated]


async def end_fact(act: Act, fact_id: UUID, *, to_on: date, seen: int) -> None:
    """Say that a tie ended on a day, or correct the day; the version before stays in the record.

    Args:
        act: the setting.
        fact_id: the tie.
        to_on: its last day, inclusive.
        seen: the version that was seen.

    Raises:
        NotFound: when no such tie stands, or it leads to a matter that the viewer keeps out of.
        Refused: OWN_RECUSAL when it is the viewer's own.
        Stale: when it has changed since.
        Invalid: when the day lies before its start.

    Source: A28.4.
    """
    act.require("fact:state")
    await _may_correct(act, fact_id)
    await write_end(act, fact_id, to_on=to_on, seen=seen)


async def write_end(act: Act, fact_id: UUID, *, to_on: date, seen: int) -> None:
    """Write the end of a tie for an act that has asked already whether it may.

    Raises:
        NotFound, Stale, Invalid: as for `end_fact`.
    """
    standing = await _standing(act, fact_id, seen)
    at = _after(act.at, standing.fact)
    try:
        ended = replace(standing.fact, to_on=to_on, known_at=at)
    except FactRefused as refused:
        raise Invalid([fault_of(refused)]) from None
    subject_type, object_type = await ends_of(act.session, fact_id)
    row_id = new_id()
    await retire_fact(act.session, fact_id, at=at, why="ended")
    await add_facts(act.session, [(row_id, ended, subject_type, object_type)])
    _record(act, "fact.ended", ended, version=standing.version + 1, row_id=row_id)


async def withdraw_fact(act: Act, fact_id: UUID, *, reason: str, seen: int) -> None:
    """Withdraw a tie as wrong: from now on it does not count; what was judged with it stays as it was.

    Args:
        act: the setting.
        fact_id: the tie.
        reason: 4 to 500 characters; the ledger knows its salted hash.
        seen: the version that was seen.

    Raises:
        NotFound: when no such tie stands, or it leads to a matter that the viewer keeps out of.
        Refused: OWN_RECUSAL when it is the viewer's own.
        Stale: when it has changed since.
        Invalid: when the reason is missing or too long.

    Source: A28.4.
    """
    act.require("fact:state")
    await _may_correct(act, fact_id)
    standing = await _standing(act, fact_id, seen)
    text = unicodedata.normalize("NFC", reason).strip()
    if not REASON_LEAST <= len(text) <= REASON_MOST:
        raise Invalid([Fault("reason", "REASON_LENGTH", {"least": REASON_LEAST, "most": REASON_MOST})])
    await _withdraw(act, standing, text)


async def write_withdrawal(act: Act, fact_id: UUID, *, reason: str) -> None:
    """Withdraw a tie, as it stands, for an act that has asked already whether it may, and checked the reason.

    Raises:
        NotFound: when no such tie stands.
    """
    await _withdraw(act, await standing_fact(act.session, fact_id), reason.strip())


async def _withdraw(act: Act, standing: StoredFact, reason: str) -> None:
    digest, salt = commit_to(reason)
    at = _after(act.at, standing.fact)
    await retire_fact(act.session, UUID(standing.fact.id), at=at, why="withdrawn", reason=reason, salt=salt)
    _record(act, "fact.withdrawn", standing.fact, version=standing.version, reason_sha256=digest)


async def add_relative(act: Act, name: str) -> UUID:
    """Add a person who is in the library only because somebody there is tied to them; returns the id.

    The person stays unidentified until an ID number is known.

    Raises:
        Invalid: when the name is missing or too long.
    """
    act.require("fact:state")
    text = unicodedata.normalize("NFC", name).strip()
    if not text or len(text) > NAME_MOST:
        raise Invalid([Fault("object", "FIELD_TOO_LONG" if text else "FIELD_REQUIRED", {"most": NAME_MOST})])
    person_id = new_id()
    await insert_person(act.session, person_id, name=text, pinyin=pinyin_of(text), at=act.at)
    act.record("person.added", stream=f"person:{person_id}", body={"identified": False})
    return person_id


def fault_of(refused: FactRefused, prefix: str = "") -> Fault:
    """Return what a tie refused as a fault of the field that says it."""
    return Fault(f"{prefix}{_AT[refused.code]}", refused.code)


def left_to_another() -> Refused:
    """Return the refusal of a correction by the person of the staff whom a tie may keep out of matters."""
    return Refused([Refusal("OWN_RECUSAL", cite="A28.4", remedies=(Remedy("ANOTHER_PERSON_LIFTS"),))])


async def _may_correct(act: Act, fact_id: UUID) -> None:
    """Refuse a correction by the person whom the tie may keep out: another of the center corrects it.

    That is a tie of the person's own, and any other on the path to a matter that the person keeps out of.

    Raises:
        NotFound: when no such tie stands, or it leads to a matter that the viewer keeps out of.
        Refused: OWN_RECUSAL.
    """
    fact = (await standing_fact(act.session, fact_id)).fact
    ends = {fact.subject, fact.object}
    if not ends.isdisjoint(await barred_matters(act.session, act.viewer)):
        raise NotFound(subject="fact")
    if str(act.viewer.person_id) in ends or str(fact_id) in act.viewer.barring:
        raise left_to_another()


async def _standing(act: Act, fact_id: UUID, seen: int) -> StoredFact:
    standing = await standing_fact(act.session, fact_id)
    same_version(seen, standing.version, subject="fact")
    return standing


def _after(at: datetime, fact: Fact) -> datetime:
    """Return the instant of a new version: now, and in any case after the version it follows."""
    known_at = fact.known_at or datetime.min.replace(tzinfo=UTC)
    return max(at, known_at + timedelta(microseconds=1))


def _fact(act: Act, entry: FactEntry, known: dict[UUID, Node], prefix: str, faults: list[Fault]) -> Fact | None:
    before = len(faults)
    for field, id_, types in zip(
        ("subject", "object"), (entry.subject_id, entry.object_id), ENDS[entry.kind], strict=True
    ):
        node = known.get(id_)
        if node is None or node.type not in types:
            faults.append(Fault(f"{prefix}{field}", "FACT_END_UNFIT", {"kind": entry.kind.value}))
    source = unicodedata.normalize("NFC", entry.source).strip()
    if len(source) > SOURCE_MOST:
        faults.append(Fault(f"{prefix}source", "FIELD_TOO_LONG", {"most": SOURCE_MOST, "length": len(source)}))
    try:
        fact = Fact(
            id=str(new_id()),
            subject=str(entry.subject_id),
            kind=entry.kind,
            object=str(entry.object_id),
            from_on=entry.from_on,
            to_on=entry.to_on,
            origin=entry.origin,
            source=source,
            confidence=entry.confidence,
            share=entry.share,
            relation=entry.relation,
            stance=entry.stance,
            known_at=act.at,
        )
    except FactRefused as refused:
        faults.append(fault_of(refused, prefix))
        return None
    return fact if len(faults) == before else None


async def _repeats(act: Act, facts: Sequence[Fact], *, prefixed: bool) -> list[Fault]:
    taken = await same_standing(act.session, facts)
    return [
        Fault(f"facts.{place}.object" if prefixed else "object", "FACT_STANDS")
        for place, fact in enumerate(facts)
        if (fact.subject, fact.kind, fact.object) in taken
    ]


def _record(
    act: Act, type_: str, fact: Fact, *, version: int, row_id: UUID | None = None, reason_sha256: str = ""
) -> None:
    body: dict[str, object] = {
        "kind": fact.kind.value,
        "subject": fact.subject,
        "object": fact.object,
        "confidence": fact.confidence.value,
        "origin": fact.origin.value,
        "version": version,
    }
    if row_id is not None:
        body["row"] = str(row_id)
    if reason_sha256:
        body["reason_sha256"] = reason_sha256
    act.record(type_, stream=f"fact:{fact.id}", body=body, cites=["A28.4"])
