"""Two experts from an open call, one to a second term and one to striking off, in one piece, in Chromium."""

import asyncio
import re
import socket
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.sync_api import Browser, Page

from registry import check_character
from service.access.sign_in import hash_password
from service.app import create_app
from service.clock import ShiftedClock, SystemClock
from service.ids import new_id
from service.settings import Settings
from service.storage.migrate import migrate
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.library import PersonRow
from service.storage.session import Database, unit_of_work

pytestmark = pytest.mark.browser

MONDAY = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)  # 09:00 in China
REMINDED = datetime(2031, 3, 20, 1, 0, tzinfo=UTC)  # 177 days before the term ends
SECOND_TERM = datetime(2031, 9, 15, 1, 0, tzinfo=UTC)
PASSWORD = "five-quiet-herons"
BODIES = {"谢安之": "13032319700812331", "顾知行": "13032319710812331"}
ATTESTED = ("politics", "ethics", "capacity", "knowledge", "conduct")


class MovedClock:
    """A clock that runs on from wherever the test moves it."""

    def __init__(self, at: datetime) -> None:
        self.to(at)

    def to(self, at: datetime) -> None:
        self.clock = ShiftedClock(at - SystemClock().now())

    def now(self) -> datetime:
        return self.clock.now()

    def today(self) -> date:
        return self.clock.today()


@dataclass(frozen=True, slots=True)
class County:
    """A county without anybody in its library, served over a clock that can be moved."""

    address: str
    clock: MovedClock


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """Serve an empty county, in a thread of its own: the browser's loop runs in this one."""
    var: Path = tmp_path_factory.mktemp("whole-life")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings.from_environment({"EXPERTPOOL_VAR": str(var), "HOST": "127.0.0.1", "PORT": str(port)})
    clock = MovedClock(MONDAY)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def done(doing: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(doing, loop).result(timeout=120)

    done(staffed(settings, {"center": "苏文静", "office": "安学军", "mayor": "程国栋", "system-administrator": "田野"}))
    app = create_app(settings, clock=clock, worker=False)
    server = Server(app, "127.0.0.1", port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.run_coroutine_threadsafe(server.serve(), loop)
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=10)) as client:
            client.get(f"{settings.base_url}/health", timeout=60).raise_for_status()
        yield County(settings.base_url, clock)
    finally:
        loop.call_soon_threadsafe(server.stop)
        serving.result(timeout=60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=60)
        loop.close()


async def staffed(settings: Settings, names: dict[str, str]) -> None:
    """Migrate an empty database and give each role an account of its name."""
    database = Database(settings.database_url)
    await migrate(database)
    held = hash_password(PASSWORD)
    async with unit_of_work(database, at=MONDAY) as session:
        for role, name in names.items():
            person_id, account_id = new_id(), new_id()
            session.add(PersonRow(id=person_id, name=name, created_at=MONDAY))
            await session.flush()
            session.add(
                AccountRow(id=account_id, person_id=person_id, login=role, password_hash=held, created_at=MONDAY)
            )
            await session.flush()
            session.add(AccountRoleRow(account_id=account_id, role=role))
    await database.close()


def opened(chromium: Browser, county: County, *, width: int = 1280) -> Page:
    context = chromium.new_context(
        base_url=county.address, locale="zh-CN", viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(90_000)  # a busy machine, not a slow page
    return context.new_page()


def signed_in(page: Page, login: str) -> None:
    """Sign in with the password, as after each of the years: a sign-in lasts for hours."""
    page.goto("/sign-in")
    page.fill("#f-login", login)
    page.fill("#f-password", PASSWORD)
    page.press("#f-password", "Enter")
    page.wait_for_url("**/")


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.fill(f"#f-{name}", text)


def sent(page: Page, button: str, notice: str) -> None:
    """Press a button and see the sentence that confirms what was done."""
    page.click(f"main button:has-text('{button}')")
    page.wait_for_selector(f".notice:has-text('{notice}')")


def applied(phone: Page, name: str) -> None:
    """Apply to the open call on a phone."""
    phone.goto("/apply")
    phone.click("text=公开征集水利专家")
    phone.click("main a.button.primary")
    fill(phone, name=name, phone="13800138000", title="高级工程师", main_field="水利工程", unit="某某大学")
    fill(phone, identity_number=BODIES[name] + check_character(BODIES[name]))
    phone.check("#f-willing")
    phone.check("#f-able")
    phone.click("main form button.primary")
    phone.wait_for_selector("[data-copy]")


def checked(center: Page, name: str) -> None:
    """Take an application and answer for every condition."""
    center.goto("/applications?stage=submitted")
    center.click(f"main tbody a:has-text('{name}')")
    center.fill("#f-unit", "")
    sent(center, "受理，进入初审", "申请已受理")
    for item in ATTESTED:
        center.check(f"input[name=outcome_{item}][value=met]")
    center.click("button[name=then][value=pass]")
    center.wait_for_selector(".notice:has-text('初审通过')")


def approved_and_lettered(center: Page, office: Page, *, number: str, on: str) -> None:
    """Put the list that the center looks at forward, have it approved, issue its letters."""
    sent(center, "报审", "名单已报审")
    office.goto(center.url)
    fill(office, number=number, on=on)
    sent(office, "登记审定结果", "审定结果已登记")
    center.reload()
    sent(center, "签发聘书", "聘书已签发")


def account_of(system: Page, phone: Page, expert_number: str) -> None:
    """Give an expert an account; the expert sets the password by the one-time link."""
    system.goto("/accounts/new")
    fill(system, login="xieanzhi")
    system.check("input[name=roles][value=expert]")
    system.click("summary:has-text('或者是专家')")
    fill(system, expert_number=expert_number)
    system.click("main form button.primary")
    phone.goto(system.inner_text("[data-copy]"))
    fill(phone, new=PASSWORD, again=PASSWORD)
    phone.click("main form button.primary")
    phone.wait_for_url("**/sign-in")


def expert_page(center: Page, name: str) -> str:
    """Open an expert's page from the list; return the number."""
    center.goto("/experts")
    center.click(f"main tbody a:has-text('{name}')")
    center.wait_for_selector("#terms")
    found = re.search(r"ZJ\d+", center.inner_text("main"))
    assert found is not None
    return found[0]


@pytest.mark.rule("R24a", "R24b", "R24c", "R24d", "R70a", "R70b")
def test_one_expert_comes_to_a_second_term_and_another_is_struck_off(chromium: Browser, county: County) -> None:
    center, office, mayor, system = (opened(chromium, county) for _ in range(4))
    phone = opened(chromium, county, width=360)
    for page, login in ((center, "center"), (office, "office"), (mayor, "mayor"), (system, "system-administrator")):
        signed_in(page, login)

    # From the open call to the letters
    center.goto("/calls/new")
    fill(
        center,
        title="公开征集水利专家",
        text="面向全省。",
        fields="水利工程",
        opens_on="2026-9-14",
        closes_on="2026-9-30",
    )
    center.click("main form button.primary")
    center.wait_for_selector(".notice:has-text('征集公告已发布')")
    for name in BODIES:
        applied(phone, name)
        checked(center, name)
    center.goto("/batches")
    center.click("main form[action='/batches'] button.primary")
    for box in center.locator("input[name=candidates]").all():
        box.check()
    sent(center, "加入名单", "已加入名单")
    approved_and_lettered(center, office, number="示政字〔2026〕12号", on="2026-9-14")
    account_of(system, phone, expert_page(center, "谢安之"))
    signed_in(phone, "xieanzhi")
    phone.goto("/my")
    assert "2026年9月14日 – 2031年9月13日" in phone.inner_text("main")

    # One breaks a duty gravely, is heard, and is struck off; nobody lets the same person in again
    expert_page(center, "顾知行")
    center.click("a:has-text('立案')")
    center.check("input[value=breach]")
    fill(center, evidence="泄露论证中知悉的未公开信息")
    center.click("main form button.danger")
    fill(center, statement="本人承认，愿意承担后果。")
    sent(center, "提交陈述", "陈述已登记")
    mayor.goto(center.url)
    mayor.check("input[value=strike-off]")
    mayor.check("#f-grave")
    fill(mayor, reason="造成严重后果，予以除名处理")
    sent(mayor, "作出决定", "决定已登记")
    stranger = opened(chromium, county, width=360)
    applied(stranger, "顾知行")
    center.goto("/applications?stage=submitted")
    center.click("main tbody a:has-text('顾知行')")
    assert "这个人已被除名" in center.inner_text("main")
    assert center.locator("button:has-text('受理，进入初审')").count() == 0

    # Half a year before the end: the expert applies for another term, the center asks the three questions
    county.clock.to(REMINDED)
    for page, login in ((phone, "xieanzhi"), (center, "center"), (office, "office")):
        signed_in(page, login)
    phone.click("a[href='/my#renewal']")
    phone.check("input[name=willing][value=yes]")
    phone.check("#f-confirmed")
    sent(phone, "登记意愿", "您的意愿已登记")
    center.goto("/renewals")
    assert "1 人愿意续聘" in center.inner_text("main")
    assert "顾知行" not in center.inner_text("main")
    for test in ("qualified", "needed", "eligible"):
        center.check(f"#f-all_{test}")
    fill(center, common_reason="单位年度考核称职，书面述职合格")
    sent(center, "登记考核并建立续聘名单", "续聘名单已建立")
    approved_and_lettered(center, office, number="示政字〔2031〕3号", on="2031-3-20")

    # The second term begins on the day after the first, and the expert is in office without a gap
    county.clock.to(SECOND_TERM)
    signed_in(phone, "xieanzhi")
    phone.goto("/my")
    assert "2031年9月14日 – 2036年9月13日" in phone.inner_text("main")
    assert phone.locator(".tag:has-text('在聘')").count() == 1
    signed_in(center, "center")
    expert_page(center, "顾知行")
    assert "除名" in center.inner_text("main .marks >> nth=0")
