"""What people declare about their interests, and what the center does with it.

A declared tie counts at once where its other end is certain; a name that is not waits for a person to say whom it
means. The yearly declaration must be valid on the day a panel is determined; it never hinders drafting. Who declares an
interest in a matter, or asks to be recused, does not sit there until the center has decided.
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from conflicts import ENDS, Fact, FactRefused, Kind, NodeType, Origin, Relation
from service.actions.act import Act, commit_to, same_version
from service.actions.facts import FactEntry, add_relative, fault_of, left_to_another, write_end, write_facts
from service.actions.judging import Subject, recuse
from service.actions.own_affair import not_own
from service.actions.reason import reason_faults
from service.ids import new_id
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.regulation import Policy
from service.storage.declarations import (
    ANSWERS,
    COMPLETE,
    MATTER,
    NONE,
    ORAL,
    PENDING,
    YEARLY,
    Declaration,
    DeclaredTie,
    add_declarations,
    add_declared_tie,
    change_declaration,
    change_declared_tie,
    declared_facts,
    experts_on,
    load_declaration,
    load_declared_tie,
    matters_to_declare,
    people_of,
    without_valid,
    yearly_of,
)
from service.storage.facts import meant_by
from service.storage.judgements import decided_about
from service.storage.matters import load_matter
from service.storage.residents import Residents
from service.storage.session import Session
from service.storage.staff_found import on_staff
from workflow import BrokenRule

NAME_MOST: Final = 120
TEXT_MOST: Final = 500
SOURCE: Final = "本人申报"
"""Where a declared tie comes from, as it stands in its source."""


@dataclass(frozen=True, slots=True)
class TieEntry:
    """A tie as somebody declares it of themselves.

    Attributes:
        kind: what it is.
        forward: whether the person is its subject (see `conflicts.Kind`).
        other: name of the other end, as typed.
        from_on, to_on: inclusive; None means always, or still.
        relation: kinship only.
        share: shareholdings only.
    """

    kind: Kind
    forward: bool
    other: str
    from_on: date | None = None
    to_on: date | None = None
    relation: Relation | None = None
    share: tuple[int, int] | None = None


async def declare_year(act: Act) -> UUID:
    """Declare for the year: the ties on record are all that the person knows of. Returns the id of the declaration.

    Source: A28.4.
    """
    act.require("declaration:make")
    return (await _declare_years(act, [act.viewer.person_id], made_on=act.on, way="self"))[0]


async def record_years(act: Act, experts: Sequence[UUID], *, made_on: date) -> int:
    """Enter yearly declarations that came on paper and say nothing new; returns how many were entered.

    Who declared on that day or later is passed over, so that the same list may be entered twice.

    Args:
        act: who, when.
        experts: whose.
        made_on: the day they bear, not in the future.

    Raises:
        Invalid: when the day is in the future, an expert is not there, or nobody is named.

    Source: A28.4.
    """
    act.require("declaration:record")
    people = await people_of(act.session, experts)
    faults = []
    if not experts or len(people) < len(set(experts)):
        faults.append(Fault("expert", "FIELD_REQUIRED" if not experts else "FIELD_NOT_A_CHOICE"))
    if made_on > act.on:
        faults.append(Fault("made_on", "DAY_IN_FUTURE"))
    if faults:
        raise Invalid(faults)
    known = await yearly_of(act.session, people.values())
    wanted = sorted(person for person in people.values() if person not in known or known[person] < made_on)
    if wanted:
        await _declare_years(act, wanted, made_on=made_on, way="paper")
    return len(wanted)


async def declare_tie(act: Act, entry: TieEntry) -> UUID:
    """Declare a tie of one's own; returns the id of the fact, or of what waits to be settled.

    An organisation known by exactly that name or credit code is certain. Persons never are: two may bear one name.

    Raises:
        Invalid: with every fault: the name, the days, the share, the relation, the same tie standing already.

    Source: A28.4.
    """
    act.require("declaration:make")
    person = act.viewer.person_id
    text = unicodedata.normalize("NFC", entry.other).strip()
    faults = []
    if not text or len(text) > NAME_MOST:
        faults.append(Fault("other", "FIELD_TOO_LONG" if text else "FIELD_REQUIRED", {"most": NAME_MOST}))
    if (wrong := _impossible(entry)) is not None:
        faults.append(wrong)
    if faults:
        raise Invalid(faults)
    types = ENDS[entry.kind][1 if entry.forward else 0]
    meant = await meant_by(act.session, act.viewer, text, types & {NodeType.ORGANISATION})
    if len(meant) == 1:
        (fact_id,) = await write_facts(act, [_fact_entry(entry, person, meant[0].id)])
        return fact_id
    tie_id = new_id()
    await add_declared_tie(
        act.session,
        {
            "id": tie_id,
            "person_id": person,
            "kind": entry.kind.value,
            "forward": entry.forward,
            "other": text,
            "from_on": entry.from_on,
            "to_on": entry.to_on,
            "relation": "" if entry.relation is None else entry.relation.value,
            "share_part": None if entry.share is None else entry.share[0],
            "share_of": None if entry.share is None else entry.share[1],
            "at": act.at,
            "state": "open",
            "reason": "",
            "version": 1,
        },
    )
    body = {"person": str(person), "kind": entry.kind.value}
    act.record("declared-tie.made", stream=f"declared-tie:{tie_id}", body=body, cites=["A28.4"])
    return tie_id


async def end_own_tie(act: Act, fact_id: UUID, *, to_on: date, seen: int) -> None:
    """Say that a tie one declared has ended; who is staff too leaves that to another, whom it does not keep out.

    Raises:
        NotFound: when the person declared no such tie.
        Refused: OWN_RECUSAL for staff.
        Stale, Invalid: as for `service.actions.facts.end_fact`.

    Source: A28.4.
    """
    act.require("declaration:make")
    person = act.viewer.person_id
    own = (await declared_facts(act.session, [person]))[person]
    if str(fact_id) not in {fact.id for fact in own}:
        raise NotFound(subject="fact")
    if await on_staff(act.session, person):
        raise left_to_another()
    await write_end(act, fact_id, to_on=to_on, seen=seen)


async def declare_for_matter(act: Act, matter_id: UUID, *, answer: str, text: str = "") -> UUID:
    """Declare for a matter on whose panel one sits: no interest, an interest, or the wish to be recused.

    Raises:
        NotFound: when the person sits on no determined panel of such a matter.
        Invalid: when the answer is none of the three, or an interest is not described.

    Source: A28.4. Reading: U11.
    """
    act.require("declaration:make")
    if matter_id not in {matter.id for matter in await matters_to_declare(act.session, act.viewer.person_id)}:
        raise NotFound(subject="matter")
    _check_answer(act, answer, text, required=answer != NONE)
    return await _declare(act, act.viewer.person_id, MATTER, matter_id, answer, text, "self")


async def record_oral(act: Act, matter_id: UUID, expert_id: UUID, *, answer: str, text: str = "") -> UUID:
    """Catch what a member or reserve said aloud about a matter; words may follow later.

    Raises:
        NotFound: when there is no such matter, or the expert is not on its panel.
        Invalid: when the answer is none of the three, or the text too long.

    Source: A28.4. Reading: U11.
    """
    act.require("declaration:record")
    await load_matter(act.session, act.viewer, matter_id)
    people = {expert: person for expert, person, _, _ in await experts_on(act.session, matter_id)}
    if expert_id not in people:
        raise NotFound(subject="expert")
    _check_answer(act, answer, text, required=False)
    return await _declare(act, people[expert_id], ORAL, matter_id, answer, text, "oral")


async def decide_declared(
    act: Act, residents: Residents, declaration_id: UUID, *, sits: bool, reason: str, seen: int
) -> Declaration:
    """Decide for the center about an interest that was declared in a matter; returns it as it stood.

    Args:
        act: who, when.
        residents: pool and ties.
        declaration_id: the declaration.
        sits: whether the person may sit in spite of it; otherwise the person is recused.
        reason: why, always.
        seen: version that was seen.

    Raises:
        NotFound, Stale, Invalid: as everywhere.
        Refused: JUDGEMENT_CLOSED when it waits for no decision.

    Source: A28.4. Reading: U11.
    """
    act.require("declaration:decide")
    declared = await load_declaration(act.session, act.viewer, declaration_id)
    same_version(seen, declared.version, subject=f"declaration:{declaration_id}")
    text = unicodedata.normalize("NFC", reason).strip()
    if faults := reason_faults(act.policy, "reason", text):
        raise Invalid(faults)
    if declared.decision != PENDING or declared.matter_id is None:
        raise Refused([Refusal("JUDGEMENT_CLOSED", facts={"state": declared.decision})])
    digest, _ = commit_to(text)
    recused = (await decided_about(act.session, declared.matter_id)).recused
    if not sits and str(declared.person_id) not in recused:
        await recuse(act, residents, Subject(declared.matter_id, declared.person_id), reason=text)
    decided = {"decided_person_id": act.viewer.person_id, "decided_at": act.at, "decided_reason": text}
    await change_declaration(act.session, declaration_id, {"decision": "sits" if sits else "recused"} | decided)
    body = {"matter": str(declared.matter_id), "person": str(declared.person_id), "sits": sits, "reason_sha256": digest}
    act.record("declaration.decided", stream=f"conflicts:{declared.matter_id}", body=body, cites=["A28.4"])
    return declared


async def settle_tie(act: Act, tie_id: UUID, *, other_id: UUID | None, seen: int) -> UUID:
    """Say whom the name of a declared tie means, once; the tie counts from now on. Returns the id of the fact.

    Args:
        act: who, when.
        tie_id: the declared tie.
        other_id: the organisation, person or matter; None enters a person of that name who is not in the library.
        seen: version that was seen.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the other end does not fit the kind, or the same tie stands already.
        Refused: JUDGEMENT_CLOSED when it was settled before; OWN_AFFAIR.

    Source: A28.4.
    """
    act.require("declaration:settle")
    tie = await _open_tie(act, tie_id, seen)
    end = other_id if other_id is not None else await add_relative(act, tie.other)
    entry = TieEntry(tie.kind, tie.forward, tie.other, tie.from_on, tie.to_on, tie.relation, tie.share)
    (fact_id,) = await write_facts(act, [_fact_entry(entry, tie.person_id, end)])
    settled = {"settled_person_id": act.viewer.person_id, "settled_at": act.at}
    await change_declared_tie(act.session, tie_id, {"state": "settled", "fact_id": fact_id} | settled)
    act.record("declared-tie.settled", stream=f"declared-tie:{tie_id}", body={"fact": str(fact_id)}, cites=["A28.4"])
    return fact_id


async def set_tie_aside(act: Act, tie_id: UUID, *, reason: str, seen: int) -> None:
    """Set a declared tie aside: it means nobody that could matter, or was declared by mistake.

    Raises:
        NotFound, Stale, Invalid: as everywhere.
        Refused: JUDGEMENT_CLOSED when it was settled before; OWN_AFFAIR.
    """
    act.require("declaration:settle")
    text = unicodedata.normalize("NFC", reason).strip()
    if faults := reason_faults(act.policy, "reason", text):
        raise Invalid(faults)
    await _open_tie(act, tie_id, seen)
    digest, _ = commit_to(text)
    settled = {"settled_person_id": act.viewer.person_id, "settled_at": act.at, "reason": text}
    await change_declared_tie(act.session, tie_id, {"state": "set-aside"} | settled)
    body = {"reason_sha256": digest}
    act.record("declared-tie.set-aside", stream=f"declared-tie:{tie_id}", body=body, cites=["A28.4"])


async def undeclared(session: Session, experts: Collection[UUID], *, policy: Policy, on: date) -> frozenset[UUID]:
    """Return which experts have no yearly declaration that is valid on a day."""
    people = await people_of(session, experts)
    lacking = await without_valid(session, people.values(), on=on, months=policy.declaration_months)
    return frozenset(expert for expert, person in people.items() if person in lacking)


async def declarations_missing(act: Act, experts: Collection[UUID]) -> tuple[BrokenRule, ...]:
    """Return what the declarations of its members hold against determining a panel: nothing where policy asks nothing.

    Source: A28.4; that the yearly one must be valid is local policy.
    """
    if not act.policy.declaration_due:
        return ()
    lacking = await undeclared(act.session, experts, policy=act.policy, on=act.on)
    if not lacking:
        return ()
    facts = {"count": len(lacking), "months": act.policy.declaration_months}
    remedies = ("RECORD_DECLARATIONS", "CHOOSE_ANOTHER_EXPERT")
    return (BrokenRule(code="YEARLY_DECLARATION_MISSING", cite="", facts=facts, remedies=remedies),)


async def _declare_years(act: Act, people: Sequence[UUID], *, made_on: date, way: str) -> list[UUID]:
    facts = await declared_facts(act.session, people)
    ids = [new_id() for _ in people]
    await add_declarations(
        act.session,
        [
            _row(act, id_, person, YEARLY, None, COMPLETE, "", way, made_on, facts[person])
            for id_, person in zip(ids, people, strict=True)
        ],
    )
    for id_, person in zip(ids, people, strict=True):
        _record(act, id_, person, YEARLY, way, made_on, COMPLETE)
    return ids


async def _declare(act: Act, person: UUID, occasion: str, matter_id: UUID, answer: str, text: str, way: str) -> UUID:
    facts = (await declared_facts(act.session, [person]))[person]
    declaration_id = new_id()
    said = unicodedata.normalize("NFC", text).strip()
    row = _row(act, declaration_id, person, occasion, matter_id, answer, said, way, act.on, facts)
    await add_declarations(act.session, [row])
    _record(act, declaration_id, person, occasion, way, act.on, answer, matter_id)
    return declaration_id


def _row(
    act: Act,
    declaration_id: UUID,
    person: UUID,
    occasion: str,
    matter_id: UUID | None,
    answer: str,
    text: str,
    way: str,
    made_on: date,
    facts: Sequence[Fact],
) -> dict[str, Any]:
    return {
        "id": declaration_id,
        "person_id": person,
        "occasion": occasion,
        "matter_id": matter_id,
        "answer": answer,
        "text": text,
        "text_salt": commit_to(text)[1] if text else None,
        "way": way,
        "made_on": made_on,
        "at": act.at,
        "by_account_id": act.viewer.account_id,
        "ties": [_tie_json(fact) for fact in facts],
        "decision": "" if answer in (COMPLETE, NONE) else PENDING,
        "decided_reason": "",
        "version": 1,
    }


def _tie_json(fact: Fact) -> dict[str, Any]:
    return {
        "fact": fact.id,
        "kind": fact.kind.value,
        "subject": fact.subject,
        "object": fact.object,
        "from_on": None if fact.from_on is None else fact.from_on.isoformat(),
        "to_on": None if fact.to_on is None else fact.to_on.isoformat(),
        "relation": None if fact.relation is None else fact.relation.value,
        "share": None if fact.share is None else list(fact.share),
    }


def _record(
    act: Act,
    declaration_id: UUID,
    person: UUID,
    occasion: str,
    way: str,
    made_on: date,
    answer: str,
    matter_id: UUID | None = None,
) -> None:
    body = {"person": str(person), "occasion": occasion, "way": way, "made_on": made_on.isoformat(), "answer": answer}
    stream = f"declaration:{declaration_id}"
    if matter_id is not None:
        body |= {"matter": str(matter_id), "declaration": str(declaration_id)}
        stream = f"conflicts:{matter_id}"
    act.record("declaration.made", stream=stream, body=body, cites=["A28.4"])


def _check_answer(act: Act, answer: str, text: str, *, required: bool) -> None:
    if answer not in ANSWERS:
        raise Invalid([Fault("answer", "FIELD_NOT_A_CHOICE" if answer else "FIELD_REQUIRED")])
    said = unicodedata.normalize("NFC", text).strip()
    if required and (faults := reason_faults(act.policy, "text", said)):
        raise Invalid(faults)
    if len(said) > TEXT_MOST:
        raise Invalid([Fault("text", "FIELD_TOO_LONG", {"most": TEXT_MOST, "length": len(said)})])


async def _open_tie(act: Act, tie_id: UUID, seen: int) -> DeclaredTie:
    tie = await load_declared_tie(act.session, tie_id, for_change=True)
    not_own(act, [tie.person_id])
    same_version(seen, tie.version, subject=f"declared-tie:{tie_id}")
    if tie.state != "open":
        raise Refused([Refusal("JUDGEMENT_CLOSED", facts={"state": tie.state})])
    return tie


def _fact_entry(entry: TieEntry, person: UUID, other: UUID) -> FactEntry:
    subject, object_ = (person, other) if entry.forward else (other, person)
    return FactEntry(
        subject,
        entry.kind,
        object_,
        entry.from_on,
        entry.to_on,
        Origin.DECLARED,
        SOURCE,
        share=entry.share,
        relation=entry.relation,
    )


def _impossible(entry: TieEntry) -> Fault | None:
    """Return what cannot be about a tie whose other end is not known yet."""
    try:
        Fact(
            "declared",
            "person",
            entry.kind,
            "other",
            entry.from_on,
            entry.to_on,
            share=entry.share,
            relation=entry.relation,
        )
    except FactRefused as refused:
        return fault_of(refused)
    return None
