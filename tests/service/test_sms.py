"""Short messages: handed to a real HTTP server in the test, in the form of each kind of gateway."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from service.clock import FixedClock
from service.ids import new_id
from service.jobs import Worker, notify, sms
from service.jobs.mail import Letter
from service.jobs.outbox import DELIVER, deliverer
from service.keys import Keys
from service.settings import Settings, SettingsInvalid
from service.storage.residents import Residents
from service.storage.rows.library import PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.outbox import Notice, notices

NOON = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)
NUMBER = "13800138000"
LETTER = Letter("k:1", "王芳", "", "主题", "正文", NOON, "zh", short="请答复：http://localhost/i/x")


@dataclass
class Gateway:
    """A gateway of the test: what it took, and what it answers."""

    port: int = 0
    status: int = 200
    answer: str = '{"success": true}'
    took: list[tuple[str, str, bytes]] = field(default_factory=list)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """An HTTP server on a free port of the loopback."""
    held = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            held.took.append((self.path, self.headers.get("Authorization", ""), body))
            self.send_response(held.status)
            self.end_headers()
            self.wfile.write(held.answer.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        held.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield held
        server.shutdown()
        thread.join()


def test_own_gateway_takes_json_with_a_token(gateway: Gateway) -> None:
    sms.send(LETTER, NUMBER, f"http://:t0ken@127.0.0.1:{gateway.port}/send?county=1")

    ((path, authorization, body),) = gateway.took
    assert (path, authorization) == ("/send?county=1", "Bearer t0ken")
    assert json.loads(body) == {"id": "k:1", "to": NUMBER, "text": LETTER.short}


def test_cloud_mas_takes_its_own_form_with_a_check_value(gateway: Gateway) -> None:
    sms.send(LETTER, NUMBER, f"mas+http://ap1:k%40y@127.0.0.1:{gateway.port}/sms/submit?ec=%E7%A4%BA%E8%8C%83&sign=S1")

    ((path, _, body),) = gateway.took
    form = json.loads(base64.b64decode(body))
    checked = f"示范ap1k@y{NUMBER}{LETTER.short}S1"
    assert path == "/sms/submit"
    assert (form["ecName"], form["mobiles"], form["content"]) == ("示范", NUMBER, LETTER.short)
    assert form["mac"] == hashlib.md5(checked.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (500, "", "HTTP 500"),
        (200, '{"success": false, "rspcod": "IllegalMac"}', "IllegalMac"),
        (200, '{"success": false, "rspcod": "号码13800138000"}', "refused"),
        (200, "nonsense", "refused"),
    ],
    ids=["failing", "its own code", "no words of its own", "no JSON"],
)
def test_refusal_of_the_gateway_is_told_by_its_code_alone(
    gateway: Gateway, status: int, answer: str, said: str
) -> None:
    gateway.status, gateway.answer = status, answer

    with pytest.raises(sms.SmsRefused) as refused:
        sms.send(LETTER, NUMBER, f"mas+http://a:b@127.0.0.1:{gateway.port}/sms/submit")
    assert str(refused.value) == said


async def told(database: Database, settings: Settings, keys: Keys, *, email: str = "", phone: str = "") -> Notice:
    """Tell a person something, deliver, and return the notice."""
    person_id = new_id()
    async with unit_of_work(database, at=NOON) as session:
        sealed = keys.encrypt(phone, about=f"person:{person_id}:phone") if phone else None
        session.add(PersonRow(id=person_id, name="王芳", email=email, phone_sealed=sealed, created_at=NOON))
        await session.flush()
        await notify(session, "LINK", key=f"k:{person_id}", at=NOON, person_id=person_id, params={"minutes": 30})
    deliver = deliverer(keys, Residents())
    worker = Worker(database=database, settings=settings, clock=FixedClock(NOON), handlers={DELIVER: deliver})
    await worker.run_due()
    async with reading(database) as session:
        return (await notices(session))[0]


@pytest.mark.parametrize(
    ("email", "phone", "messages"),
    [("", NUMBER, 1), ("wang@example.org", NUMBER, 0), ("", "0315-1234567", 0), ("", "", 0)],
    ids=["mobile only", "mail comes first", "a landline takes none", "nothing at all"],
)
async def test_who_has_no_mail_address_is_reached_by_short_message(
    database: Database, settings: Settings, keys: Keys, gateway: Gateway, email: str, phone: str, messages: int
) -> None:
    reached = replace(settings, sms_url=f"http://127.0.0.1:{gateway.port}/")

    notice = await told(database, reached, keys, email=email, phone=phone)

    assert (notice.state, len(gateway.took)) == ("delivered", messages)
    assert (notice.channel, len(list((settings.var / "outbox").glob("*.eml")))) == (
        "sms" if messages else "mail",
        1 - messages,
    )


async def test_short_message_that_is_not_taken_is_tried_again(
    database: Database, settings: Settings, keys: Keys, gateway: Gateway
) -> None:
    gateway.status = 503

    notice = await told(database, replace(settings, sms_url=f"http://127.0.0.1:{gateway.port}/"), keys, phone=NUMBER)

    assert (notice.state, notice.attempts, notice.problem) == ("waiting", 1, "SMS_NOT_SENT")


@pytest.mark.parametrize("url", ["ftp://host/", "host/path", "https://"])
def test_gateway_that_cannot_be_one_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="EXPERTPOOL_SMS_URL"):
        Settings.from_environment({"EXPERTPOOL_SMS_URL": url})
