"""The ledger over real databases: what it takes, what it refuses, what tampering looks like, proofs for strangers."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from service import ledger
from service.ledger import Event, EventUnfit, LedgerFault, StreamMoved
from service.ledger.checkpoint import sign
from service.ledger.event import to_bytes
from service.ledger.merkle import Frontier, leaf_hash
from service.ledger.tables import CheckpointRow, EventRow, HeadRow, ledger_triggers
from service.storage.session import Database, reading, unit_of_work

NOON = datetime(2026, 9, 14, 4, 0, 0, 120_987, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
ACTOR = {"id": "u1", "person": "p1", "role": "center", "session": "00ff"}


def an_event(type_: str = "expert.added", stream: str = "expert:e1", **body: object) -> Event:
    return Event(type=type_, stream=stream, body=body, actor=ACTOR, cites=("A24",))


async def record(database: Database, *events: Event, at: datetime = NOON) -> None:
    async with unit_of_work(database, at=at) as session:
        session.info["events"].extend(events)


async def record_many(database: Database, count: int) -> None:
    await record(database, *(an_event(stream=f"expert:e{number % 3}", number=number) for number in range(count)))


async def sealed(database: Database, *, key: Ed25519PrivateKey = KEY) -> str:
    async with unit_of_work(database, at=NOON) as session:
        note = await ledger.seal(session, key, at=NOON, now=True)
    assert note is not None
    return note


async def verifier_of(database: Database) -> str:
    async with reading(database) as session:
        head = await ledger.head(session)
    assert head is not None
    return ledger.verifier_key(head.origin, KEY)


async def fault_of(database: Database, *, outside: tuple[str, ...] = ()) -> LedgerFault | None:
    verifier = await verifier_of(database)
    async with reading(database) as session:
        return (await ledger.verify_ledger(session, verifier=verifier, outside=outside)).fault


@asynccontextmanager
async def tampering(database: Database) -> AsyncIterator[AsyncConnection]:
    """What someone does who owns the database: drop the triggers, change, put them back."""
    async with database.engine.execution_options(write=True).begin() as connection:
        names = await connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%'")
        )
        for (name,) in names.all():
            await connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        for statement in ledger_triggers("sqlite"):
            await connection.execute(text(statement))


async def test_entry_is_canonical_and_says_all_there_is_to_say(database: Database) -> None:
    event = replace(an_event(count=2, kept=True), edition="changli-trial-1", step="panel_proposed", cause=None)
    await record(database, event)

    async with reading(database) as session:
        entry = await ledger.entry(session, 1)
        head = await ledger.head(session)
    assert head is not None
    assert entry.value() == {
        "v": 1,
        "log": head.origin,
        "seq": 1,
        "stream": "expert:e1",
        "stream_seq": 1,
        "type": "expert.added",
        "at": "2026-09-14T04:00:00.120Z",
        "actor": ACTOR,
        "cites": ["A24"],
        "edition": "changli-trial-1",
        "step": "panel_proposed",
        "body": {"count": 2, "kept": True},
    }
    assert entry.data == rfc8785.dumps(entry.value())
    assert (entry.at, entry.leaf) == (NOON.replace(microsecond=120_000), hashlib.sha256(b"\x00" + entry.data).digest())


async def test_places_are_gapless_over_all_and_within_each_stream(database: Database) -> None:
    await record(database, an_event(stream="expert:a"), an_event(stream="expert:b"), an_event(stream="expert:a"))
    await record(database, an_event(stream="expert:b"))

    async with reading(database) as session:
        entries = await ledger.since(session, 0)
        of_a = await ledger.stream(session, "expert:a", after=1)
    assert [(entry.seq, entry.stream, entry.stream_seq) for entry in entries] == [
        (1, "expert:a", 1),
        (2, "expert:b", 1),
        (3, "expert:a", 2),
        (4, "expert:b", 2),
    ]
    assert [entry.seq for entry in of_a] == [3]


async def test_chain_binds_each_entry_to_all_before_it(database: Database) -> None:
    await record_many(database, 2)

    async with reading(database) as session:
        first, second = [await ledger.entry(session, seq) for seq in (1, 2)]
        head = await ledger.head(session)
    chain = hashlib.sha256(b"expertpool-chain/1\x00" + bytes(32) + first.leaf).digest()
    chain = hashlib.sha256(b"expertpool-chain/1\x00" + chain + second.leaf).digest()
    assert head is not None
    assert (head.size, head.chain) == (2, chain)


async def test_act_that_fails_leaves_no_event(database: Database) -> None:
    async def fail() -> None:
        async with unit_of_work(database, at=NOON) as session:
            await ledger.append(session, [an_event()], at=NOON)
            raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError, match="the act failed"):
        await fail()

    async with reading(database) as session:
        assert await ledger.since(session, 0) == []


async def test_event_for_a_place_already_taken_is_refused_with_everything_beside_it(database: Database) -> None:
    await record(database, replace(an_event(), expect=1))

    with pytest.raises(StreamMoved) as moved:
        await record(database, an_event(stream="expert:e2"), replace(an_event(), expect=1))

    assert moved.value.facts == {"subject": "expert:e1", "seen": 0, "now": 1}
    assert moved.value.status == 412
    await record(database, replace(an_event(), expect=2))
    async with reading(database) as session:
        assert [entry.stream for entry in await ledger.since(session, 0)] == ["expert:e1", "expert:e1"]


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"reason": "因工作调动"}, "/body/reason"),
        ({"list": ["ok", "two words"]}, "/body/list/1"),
        ({"name": "wangshi"}, "/body/name"),
        ({"who": {"phone": "0335-123"}}, "/body/who/phone"),
        ({"number": "13800138000"}, "/body/number"),
        ({"number": "11010519491231002X"}, "/body/number"),
        ({"mail": "a@b.cn"}, "/body/mail"),
        ({"share": 0.5}, "/body/share"),
        ({"size": 2**53}, "/body/size"),
        ({"day": NOON}, "/body/day"),
        ({"含": 1}, "/body"),
    ],
)
async def test_free_text_personal_data_and_fractions_are_refused_without_being_repeated(
    database: Database, body: dict[str, object], at: str
) -> None:
    with pytest.raises(EventUnfit) as refused:
        await record(database, replace(an_event(), body=body))

    assert refused.value.at == at
    assert not any(str(value) in str(refused.value) for value in body.values())


async def test_codes_ids_days_hashes_and_hidden_texts_are_taken(database: Database) -> None:
    hashed = hashlib.sha256(b"salt and text").hexdigest()
    body = {
        "expert_id": "0192f3a4-0000-7000-8000-000000000001",
        "on": "2026-09-14",
        "share": "1/3",
        "code": "PANEL_TOO_SMALL",
        "reason": hashed,
        "name": f"sha256:{hashed}",
        "credit_code": "91110000MA00000000",
        "none": None,
    }
    await record(database, replace(an_event(), body=body, hid={"reason": hashed}))

    async with reading(database) as session:
        entry = await ledger.entry(session, 1)
    assert (entry.body, entry.value()["hid"]) == (body, {"reason": hashed})


def test_entry_of_64_kib_is_taken_and_one_byte_more_is_not() -> None:
    def entry(pad: int) -> bytes:
        event = replace(an_event(), body={"list": ["a" * 100] * 633, "last": "a" * pad})
        return to_bytes(event, log="expertpool/test", seq=1, stream_seq=1, at=NOON)

    pad = 65_536 - len(entry(0))
    assert 0 < pad < 128

    assert len(entry(pad)) == 65_536
    with pytest.raises(EventUnfit, match="65537 bytes; an entry has at most 65536"):
        entry(pad + 1)


async def test_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(EventUnfit, match="/at"):
        async with unit_of_work(database, at=NOON) as session:
            await ledger.append(session, [an_event()], at=NOON.replace(tzinfo=None))


async def test_instant_of_another_zone_is_written_in_utc(database: Database) -> None:
    await record(database, an_event(), at=datetime(2026, 9, 14, 12, 0, tzinfo=timezone(timedelta(hours=8))))

    async with reading(database) as session:
        assert (await ledger.entry(session, 1)).value()["at"] == "2026-09-14T04:00:00.000Z"


async def test_nobody_changes_or_removes_an_entry(database: Database, engine: str) -> None:
    await record_many(database, 3)
    await sealed(database)
    attempts = [
        "UPDATE ledger_event SET type = 'expert.removed' WHERE seq = 1",
        "DELETE FROM ledger_event WHERE seq = 3",
        "UPDATE ledger_checkpoint SET note = ''",
        "DELETE FROM ledger_checkpoint",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET size = 2",
        "UPDATE ledger_head SET origin = 'other'",
    ]
    if engine == "sqlite":
        attempts.append("INSERT OR REPLACE INTO ledger_event SELECT * FROM ledger_event WHERE seq = 1")
    else:
        attempts.append("TRUNCATE ledger_event")
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="the ledger is only ever added to"):
            async with database.engine.execution_options(write=True).begin() as connection:
                await connection.execute(text(attempt))

    assert await fault_of(database) is None


async def test_untouched_ledger_verifies_with_its_checkpoints(database: Database) -> None:
    await record_many(database, 7)
    note = await sealed(database)
    await record_many(database, 4)
    await sealed(database)
    verifier, seen = await verifier_of(database), []

    async with reading(database) as session:
        found = await ledger.verify_ledger(
            session, verifier=verifier, outside=[note], progress=lambda done, total: seen.append((done, total))
        )
        root = await ledger.root_at(session, 11)
    assert (found.size, found.root, found.checkpoints, found.fault) == (11, root, 3, None)
    assert seen == [(11, 11)]


async def test_empty_ledger_verifies(database: Database) -> None:
    async with reading(database) as session:
        found = await ledger.verify_ledger(session)

    assert (found.size, found.fault) == (0, None)


async def _flip(connection: AsyncConnection) -> None:
    (data,) = (await connection.execute(text("SELECT bytes FROM ledger_event WHERE seq = 3"))).one()
    await connection.execute(
        text("UPDATE ledger_event SET bytes = :data WHERE seq = 3"), {"data": data.replace(b'"center"', b'"centre"')}
    )


async def _not_json(connection: AsyncConnection) -> None:
    await connection.execute(text("UPDATE ledger_event SET bytes = x'7b' WHERE seq = 3"))


async def _flip_with_its_hash(connection: AsyncConnection) -> None:
    (data,) = (await connection.execute(text("SELECT bytes FROM ledger_event WHERE seq = 3"))).one()
    data = data.replace(b'"center"', b'"centre"')
    await connection.execute(
        text("UPDATE ledger_event SET bytes = :data, leaf = :leaf WHERE seq = 3"),
        {"data": data, "leaf": leaf_hash(data)},
    )


async def _delete(connection: AsyncConnection) -> None:
    await connection.execute(text("DELETE FROM ledger_event WHERE seq = 3"))


async def _swap(connection: AsyncConnection) -> None:
    await connection.execute(text("UPDATE ledger_event SET seq = 99 WHERE seq = 3"))
    await connection.execute(text("UPDATE ledger_event SET seq = 3 WHERE seq = 4"))
    await connection.execute(text("UPDATE ledger_event SET seq = 4 WHERE seq = 99"))


async def _column(connection: AsyncConnection) -> None:
    await connection.execute(text("UPDATE ledger_event SET type = 'expert.removed' WHERE seq = 3"))


async def _node(connection: AsyncConnection) -> None:
    await connection.execute(text("UPDATE ledger_event SET nodes = zeroblob(32) WHERE seq = 4"))


async def _stream_seq(connection: AsyncConnection) -> None:
    await connection.execute(text("UPDATE ledger_event SET stream_seq = 9 WHERE seq = 4"))


async def _truncate(connection: AsyncConnection) -> None:
    await connection.execute(text("DELETE FROM ledger_event WHERE seq > 3"))


async def _head_chain(connection: AsyncConnection) -> None:
    await connection.execute(text("UPDATE ledger_head SET chain = zeroblob(32)"))


async def _no_head(connection: AsyncConnection) -> None:
    await connection.execute(text("DELETE FROM ledger_head"))


async def _forged_checkpoint(connection: AsyncConnection) -> None:
    await connection.execute(
        text("UPDATE ledger_checkpoint SET note = replace(note, char(10) || '5', char(10) || '4')")
    )


@pytest.mark.parametrize(
    ("tamper", "code", "seq"),
    [
        (_flip, "LEDGER_ENTRY_CHANGED", 3),
        (_not_json, "LEDGER_ENTRY_CHANGED", 3),
        (_flip_with_its_hash, "LEDGER_CHAIN_BROKEN", 3),
        (_delete, "LEDGER_GAP", 3),
        (_swap, "LEDGER_COLUMN_CHANGED", 3),
        (_column, "LEDGER_COLUMN_CHANGED", 3),
        (_node, "LEDGER_TREE_CHANGED", 4),
        (_stream_seq, "LEDGER_COLUMN_CHANGED", 4),
        (_truncate, "LEDGER_CUT_OFF", 3),
        (_head_chain, "LEDGER_HEAD_CHANGED", 5),
        (_no_head, "LEDGER_HEAD_CHANGED", 0),
        (_forged_checkpoint, "LEDGER_CHECKPOINT_CHANGED", 5),
    ],
)
async def test_tampering_is_found_at_its_place(database: Database, tamper: object, code: str, seq: int) -> None:
    await record_many(database, 5)
    await sealed(database)
    verifier = await verifier_of(database)
    assert await fault_of(database) is None

    async with tampering(database) as connection:
        await tamper(connection)  # type: ignore[operator]

    async with reading(database) as session:
        fault = (await ledger.verify_ledger(session, verifier=verifier)).fault
    assert fault is not None
    assert (fault.code, fault.seq) == (code, seq)


async def rewrite(database: Database, *, keep_own_checkpoints: bool) -> None:
    """Replace everything from entry 4 on by a consistent forgery, head included."""
    async with tampering(database) as connection:
        old = (await connection.execute(text("SELECT bytes FROM ledger_event WHERE seq >= 4 ORDER BY seq"))).all()
        before = (
            await connection.execute(text("SELECT seq, leaf, chain FROM ledger_event WHERE seq < 4 ORDER BY seq"))
        ).all()
        frontier, chain = Frontier(), before[-1].chain
        for row in before:
            frontier.add(row.leaf)
        for seq, (data,) in enumerate(old, 4):
            entry = json.loads(data)
            entry["actor"]["id"] = "u2"
            data = rfc8785.dumps(entry)
            leaf = leaf_hash(data)
            chain = hashlib.sha256(b"expertpool-chain/1\x00" + chain + leaf).digest()
            values = {"data": data, "leaf": leaf, "chain": chain, "nodes": frontier.add(leaf)}
            await connection.execute(update(EventRow).where(EventRow.seq == seq).values(**values))
        await connection.execute(update(HeadRow).values(chain=chain, frontier=frontier.to_bytes()))
        if not keep_own_checkpoints:
            await connection.execute(text("DELETE FROM ledger_checkpoint"))


async def test_rewritten_tail_is_found_by_the_checkpoint_of_the_ledger_itself(database: Database) -> None:
    await record_many(database, 6)
    await sealed(database)

    await rewrite(database, keep_own_checkpoints=True)

    assert await fault_of(database) == LedgerFault("LEDGER_NOT_AS_SIGNED", 6, {})


async def test_rewritten_tail_without_checkpoints_is_found_only_by_one_kept_outside(database: Database) -> None:
    await record_many(database, 6)
    outside = await sealed(database)

    await rewrite(database, keep_own_checkpoints=False)

    assert await fault_of(database) is None
    assert await fault_of(database, outside=(outside,)) == LedgerFault("LEDGER_NOT_AS_SIGNED", 6, {})


async def test_ledger_restored_from_an_old_backup_is_found_by_a_newer_checkpoint(database: Database) -> None:
    await record_many(database, 3)
    verifier = await verifier_of(database)
    origin = verifier.partition("+")[0]
    newer = ledger.Checkpoint(origin, 9, bytes(32))
    assert await fault_of(database, outside=(sign(newer, KEY),)) == LedgerFault("LEDGER_CUT_OFF", 3, {"signed": 9})


async def test_checkpoint_of_another_key_or_ledger_is_no_checkpoint(database: Database) -> None:
    await record_many(database, 3)
    async with reading(database) as session:
        head = await ledger.head(session)
    assert head is not None
    by_other_key = sign(ledger.Checkpoint(head.origin, 3, head.root), OTHER_KEY)
    of_other_ledger = sign(ledger.Checkpoint("expertpool/other", 3, head.root), KEY)

    for note in (by_other_key, of_other_ledger):
        fault = await fault_of(database, outside=(note,))
        assert fault == LedgerFault("LEDGER_CHECKPOINT_CHANGED", 3, {})


async def test_checkpoint_is_a_signed_note_that_reads_back(database: Database) -> None:
    await record_many(database, 5)
    note = await sealed(database)
    verifier = await verifier_of(database)

    async with reading(database) as session:
        head = await ledger.head(session)
    assert head is not None
    assert note.split("\n")[:2] == [head.origin, "5"]
    assert ledger.verify_checkpoint(note, verifier) == ledger.Checkpoint(head.origin, 5, head.root)
    assert ledger.verify_checkpoint(note.replace("\n5\n", "\n6\n"), verifier) is None


_ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n1\nAA==\n",
        f"a\n01\n{_ROOT}\n\n— a AA==\n",
        f"a\nx\n{_ROOT}\n\n— a AA==\n",
        "a\n1\n\n— a b\n",
        f"a\n1\n{_ROOT}\n\nno dash\n",
    ],
)
def test_text_that_is_no_checkpoint_is_refused_in_words(note: str) -> None:
    with pytest.raises(ledger.CheckpointUnreadable, match="checkpoint"):
        ledger.read_checkpoint(note)


async def test_determining_a_panel_makes_a_checkpoint_due_at_once_and_other_events_after_ten_minutes(
    database: Database,
) -> None:
    await record(database, an_event())
    await sealed(database)

    async def due(at: datetime) -> bool:
        async with reading(database) as session:
            return await ledger.seal_due(session, at=at)

    assert not await due(NOON + timedelta(hours=1)), "nothing new"
    await record(database, an_event())
    assert [await due(NOON + timedelta(minutes=minutes)) for minutes in (9, 10)] == [False, True]
    await record(database, an_event("panel.determined", "matter:m1"))
    assert await due(NOON)
    await sealed(database)
    assert not await due(NOON)


async def test_signer_handed_to_append_seals_a_forcing_event_in_its_own_transaction(database: Database) -> None:
    async with unit_of_work(database, at=NOON) as session:
        await ledger.append(session, [an_event()], at=NOON, signer=KEY)
        assert await ledger.newest_checkpoint(session) is None
        await ledger.append(session, [an_event("panel.determined", "matter:m1")], at=NOON, signer=KEY)
        note = await ledger.newest_checkpoint(session, covering=2)
    assert note is not None
    assert ledger.read_checkpoint(note).size == 2


async def test_every_entry_is_proven_at_every_size_and_every_size_extends_every_smaller_one(database: Database) -> None:
    await record_many(database, 19)
    async with reading(database) as session:
        for size in range(1, 20):
            for seq in range(1, size + 1):
                assert ledger.proof_holds(await ledger.prove(session, seq, size=size))
            for old in range(size + 1):
                assert ledger.extension_holds(await ledger.prove_extension(session, old, size=size))


async def test_proof_leads_a_stranger_from_the_entry_to_the_signed_checkpoint(database: Database) -> None:
    await record_many(database, 6)
    await sealed(database)
    await record_many(database, 2)
    verifier = await verifier_of(database)

    async with reading(database) as session:
        proof = await ledger.prove(session, 4)
        unsigned = await ledger.prove(session, 8)
    assert (proof["size"], len(proof["path"])) == (6, 3)
    assert ledger.proof_holds(proof, verifier=verifier)
    assert not ledger.proof_holds(proof, verifier=ledger.verifier_key(verifier.partition("+")[0], OTHER_KEY))
    assert (unsigned["size"], unsigned["checkpoint"]) == (8, None)
    assert ledger.proof_holds(unsigned)
    assert not ledger.proof_holds(unsigned, verifier=verifier)


@pytest.mark.parametrize("part", ["entry", "seq", "size", "path", "root", "format", "checkpoint"])
async def test_proof_with_any_part_changed_does_not_hold(database: Database, part: str) -> None:
    await record_many(database, 6)
    await sealed(database)
    async with reading(database) as session:
        proof, other = await ledger.prove(session, 4), await ledger.prove(session, 3, size=5)
    other["format"] = "ledger-proof/2"
    verifier = await verifier_of(database)

    assert ledger.proof_holds(proof, verifier=verifier)
    assert not ledger.proof_holds(proof | {part: other[part]}, verifier=verifier)
    assert not ledger.proof_holds({name: value for name, value in proof.items() if name != part}, verifier=verifier)


async def test_what_is_not_there_is_not_proven(database: Database) -> None:
    await record_many(database, 3)
    async with reading(database) as session:
        with pytest.raises(ledger.NoSuchEntry, match="the ledger has no entry 4"):
            await ledger.prove(session, 4)
        with pytest.raises(ledger.NoSuchEntry, match="cannot be proven in the first 2"):
            await ledger.prove(session, 3, size=2)
        with pytest.raises(ledger.NoSuchEntry, match="the ledger has 3 entries"):
            await ledger.prove_extension(session, 4)


async def test_page_shows_the_newest_first_and_narrows_by_stream_type_and_day(database: Database) -> None:
    await record(database, an_event("expert.added", "expert:a"), an_event("panel.proposed", "matter:m"))
    await record(database, an_event("panel.determined", "matter:m"), at=NOON + timedelta(days=1))
    async with reading(database) as session:

        async def seqs(**narrow: object) -> list[int]:
            return [entry.seq for entry in await ledger.page(session, **narrow)]  # type: ignore[arg-type]

        assert await seqs() == [3, 2, 1]
        assert await seqs(most=2) == [3, 2]
        assert await seqs(before=2) == [1]
        assert await seqs(stream="matter:m") == [3, 2]
        assert await seqs(type_="panel.proposed") == [2]
        assert await seqs(type_="panel.") == [3, 2]
        tomorrow = (NOON + timedelta(days=1)).replace(microsecond=120_000)
        assert await seqs(from_at=tomorrow) == [3]
        assert await seqs(to_at=tomorrow) == [2, 1]
        assert await ledger.types(session) == ["expert.added", "panel.determined", "panel.proposed"]
        assert [entry.seq for entry in await ledger.since(session, 1, types=["panel.determined"])] == [3]


async def test_acts_of_many_at_once_stand_one_after_another(database: Database, engine: str) -> None:
    await asyncio.gather(*(record(database, an_event(stream=f"expert:e{number % 4}")) for number in range(24)))

    async with reading(database) as session:
        entries = await ledger.since(session, 0)
    assert [entry.seq for entry in entries] == list(range(1, 25))
    assert await fault_of(database) is None


async def test_of_two_acts_on_the_same_version_one_is_kept(database: Database, engine: str) -> None:
    outcomes = await asyncio.gather(
        *(record(database, replace(an_event(), expect=1)) for _ in range(6)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] + ["StreamMoved"] * 5
    async with reading(database) as session:
        assert len(await ledger.since(session, 0)) == 1


def test_triggers_are_known_for_two_databases_only() -> None:
    with pytest.raises(ValueError, match="no triggers for mysql"):
        ledger_triggers("mysql")


async def test_head_and_checkpoints_stand_in_rows_of_their_own(database: Database, tmp_path: Path) -> None:
    await record_many(database, 2)
    await sealed(database)
    async with reading(database) as session:
        assert (await session.get_one(HeadRow, 1)).size == 2
        assert (await session.get_one(CheckpointRow, 2)).note.startswith("expertpool/")
