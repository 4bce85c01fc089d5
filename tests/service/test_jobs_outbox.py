"""The outbox: written with the act, delivered at least once, in the recipient's language, failures seen."""

import email
import smtplib
import socketserver
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from service.clock import FixedClock
from service.ids import new_id
from service.jobs import Worker, enqueue, mail, notify
from service.jobs.mail import Letter
from service.jobs.outbox import DELIVER, deliverer
from service.jobs.tables import OutboxRow
from service.keys import Keys
from service.locales import Catalogues, install
from service.settings import Settings
from service.storage.residents import Residents
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.outbox import notices

NOON = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)
WORDS = {
    "zh": {
        ("", "MAIL_HELLO_SUBJECT"): ("给%(name)s的通知",),
        ("", "MAIL_HELLO_BODY"): ("%(name)s：%(account)s把%(count)s件工作交给您。%(link)s",),
    },
    "en": {
        ("", "MAIL_HELLO_SUBJECT"): ("A notice for %(name)s",),
        ("", "MAIL_HELLO_BODY"): ("%(name)s: %(account)s hands %(count)s tasks over. %(link)s",),
    },
}


@pytest.fixture(autouse=True)
def words():
    install(Catalogues(messages=WORDS))  # type: ignore[arg-type]
    yield
    install(Catalogues.load())


async def someone(database: Database, name: str, *, language: str = "zh", address: str = "") -> UUID:
    person_id, account_id = new_id(), new_id()
    async with unit_of_work(database, at=NOON) as session:
        session.add(PersonRow(id=person_id, name=name, email=address, created_at=NOON))
        await session.flush()
        session.add(
            AccountRow(
                id=account_id,
                person_id=person_id,
                login=str(account_id),
                password_hash="",
                language=language,
                created_at=NOON,
            )
        )
    return account_id


async def told(database: Database, to: UUID, *, key: str = "hello:1", secret: bytes | None = None) -> UUID:
    async with unit_of_work(database, at=NOON) as session:
        return await notify(
            session,
            "HELLO",
            key=key,
            at=NOON,
            account_id=to,
            params={"account_id": str(to), "count": 3, "path": "/recover/"},
            secret=secret,
        )


async def deliver(database: Database, settings: Settings, keys: Keys, *, at: datetime = NOON) -> int:
    deliver = deliverer(keys, Residents())
    worker = Worker(database=database, settings=settings, clock=FixedClock(at), handlers={DELIVER: deliver})
    return await worker.run_due()


def mails(settings: Settings) -> list[EmailMessage]:
    return [
        email.message_from_bytes(path.read_bytes(), policy=default)  # type: ignore[misc]
        for path in sorted((settings.var / "outbox").glob("*.eml"))
    ]


def text_of(message: EmailMessage) -> str:
    text: str = message.get_content()
    return text.replace("\r\n", "\n")


async def test_notice_becomes_a_file_in_the_language_of_its_recipient(
    database: Database, settings: Settings, keys: Keys
) -> None:
    await told(database, await someone(database, "王芳"), key="hello:1")
    await told(database, await someone(database, "李雷", language="en", address="li@example.org"), key="hello:2")

    assert await deliver(database, settings, keys) == 2

    first, second = mails(settings)
    assert (first["Subject"], first["To"]) == ("给王芳的通知", "王芳:;")
    assert text_of(first) == "王芳：王芳把3件工作交给您。http://localhost:8000/recover/\n"
    assert (second["Subject"], second["To"]) == ("A notice for 李雷", "li@example.org")
    assert text_of(second) == "李雷: 李雷 hands 3 tasks over. http://localhost:8000/recover/\n"
    assert {path.stat().st_mode & 0o777 for path in (settings.var / "outbox").iterdir()} == {0o600}
    async with reading(database) as session:
        states = [(notice.recipient, notice.state, notice.delivered_at) for notice in await notices(session)]
    assert states == [("李雷", "delivered", NOON), ("王芳", "delivered", NOON)]


async def test_same_key_is_told_once(database: Database, settings: Settings, keys: Keys) -> None:
    account = await someone(database, "王芳")

    assert await told(database, account) == await told(database, account)
    assert await deliver(database, settings, keys) == 1
    assert len(mails(settings)) == 1


async def test_notice_of_an_act_that_fails_is_not_told(database: Database, settings: Settings, keys: Keys) -> None:
    account = await someone(database, "王芳")

    async def act() -> None:
        async with unit_of_work(database, at=NOON) as session:
            await notify(session, "HELLO", key="k", at=NOON, account_id=account)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await act()
    assert await deliver(database, settings, keys) == 0


async def test_delivery_that_is_repeated_writes_the_same_mail_again(
    database: Database, settings: Settings, keys: Keys
) -> None:
    notice_id = await told(database, await someone(database, "王芳"))
    await deliver(database, settings, keys)
    (first,) = mails(settings)
    async with unit_of_work(database, at=NOON) as session:
        await session.execute(update(OutboxRow).where(OutboxRow.id == notice_id).values(state="waiting"))
        await enqueue(session, DELIVER, {"id": str(notice_id)}, run_at=NOON)

    assert await deliver(database, settings, keys) == 1

    (second,) = mails(settings)
    assert (second["Message-ID"], second.as_bytes()) == (first["Message-ID"], first.as_bytes())


async def test_secret_ends_the_link_and_is_forgotten_after_delivery(
    database: Database, settings: Settings, keys: Keys
) -> None:
    account = await someone(database, "王芳")
    notice_id = await told(database, account, secret=keys.encrypt("t0ken", about="hello:1"))

    await deliver(database, settings, keys)

    (delivered,) = mails(settings)
    assert "http://localhost:8000/recover/t0ken" in delivered.get_content()
    async with reading(database) as session:
        row = await session.get_one(OutboxRow, notice_id)
        assert (row.secret, "t0ken" in str(row.params)) == (None, False)


async def test_mail_server_that_cannot_be_reached_is_tried_again_and_the_failure_is_seen(
    database: Database, settings: Settings, keys: Keys
) -> None:
    # Port 9 of the loopback is closed: the connection is refused at once.
    unreachable = replace(settings, smtp_url="smtp://127.0.0.1:9")
    await told(database, await someone(database, "王芳", address="wang@example.org"))

    await deliver(database, unreachable, keys)
    async with reading(database) as session:
        (waiting,) = await notices(session, state="waiting")
    assert (waiting.attempts, waiting.problem) == (1, "MAIL_NOT_SENT")

    await deliver(database, settings, keys, at=NOON + timedelta(seconds=5))
    async with reading(database) as session:
        (delivered,) = await notices(session, state="delivered")
    assert (delivered.attempts, delivered.problem) == (2, "")


async def test_recipient_without_an_address_is_a_failure_when_mails_go_to_a_server(
    database: Database, settings: Settings, keys: Keys
) -> None:
    await told(database, await someone(database, "王芳"))

    await deliver(database, replace(settings, smtp_url="smtp://127.0.0.1:9"), keys)

    async with reading(database) as session:
        (failed,) = await notices(session, state="failed")
    assert (failed.attempts, failed.problem) == (1, "MAIL_NO_ADDRESS")


async def test_notice_needs_a_recipient(database: Database) -> None:
    async def act() -> None:
        async with unit_of_work(database, at=NOON) as session:
            await notify(session, "HELLO", key="k", at=NOON)

    with pytest.raises(ValueError, match="a notice needs a recipient"):
        await act()
    async with reading(database) as session:
        assert list(await session.scalars(select(OutboxRow.id))) == []


def a_letter(**changes: str) -> Letter:
    return replace(
        Letter(key="k:1", name="王芳", address="", subject="主题", body="正文", at=NOON, language="zh"),
        **changes,  # type: ignore[arg-type]
    )


def test_sender_is_named_by_the_mail_server_setting_or_the_service_itself(settings: Settings) -> None:
    named = replace(settings, smtp_url="smtp://mail.example.org?from=office@example.org")

    assert mail.message_of(a_letter(), settings)["From"] == "expertpool@localhost"
    assert mail.message_of(a_letter(), named)["From"] == "office@example.org"


def test_file_of_a_letter_is_named_by_its_key_alone_and_stays_inside_its_folder(settings: Settings) -> None:
    first = mail.write_file(a_letter(key="../../etc:王"), settings)
    again = mail.write_file(a_letter(key="../../etc:王", body="另一稿"), settings)
    other = mail.write_file(a_letter(key="../../etc:李"), settings)

    assert first == again != other
    assert {path.parent for path in (first, other)} == {settings.var / "outbox"}
    assert list((settings.var / "outbox").glob("*.part")) == []


def test_password_is_never_sent_in_the_clear(settings: Settings, plain_server: int) -> None:
    with_password = replace(settings, smtp_url=f"smtp://user:word@127.0.0.1:{plain_server}")

    with pytest.raises(smtplib.SMTPNotSupportedError):
        mail.send(a_letter(address="wang@example.org"), with_password)


def test_mail_goes_to_the_server(settings: Settings, plain_server: int, received: list[bytes]) -> None:
    mail.send(a_letter(address="wang@example.org"), replace(settings, smtp_url=f"smtp://127.0.0.1:{plain_server}"))

    (message,) = [email.message_from_bytes(data, policy=default) for data in received]
    assert (message["To"], message["Subject"]) == ("wang@example.org", "主题")


@pytest.fixture
def received() -> list[bytes]:
    """What the mail server of the test took."""
    return []


@pytest.fixture
def plain_server(received: list[bytes]):
    """A mail server without TLS, on a free port of the loopback."""

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline():
                word = line.split()[0].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = []
                    while (text := self.rfile.readline()) != b".\r\n":
                        lines.append(text)
                    received.append(b"".join(lines))
                    self.wfile.write(b"250 taken\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_outbox_of_a_fresh_installation_sends_nothing(settings: Settings, tmp_path: Path) -> None:
    assert (settings.smtp_url, settings.var.is_relative_to(tmp_path)) == ("", True)
