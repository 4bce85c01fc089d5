"""A Chromium that looks at the served demonstration county; nothing leaves 127.0.0.1."""

import shutil
from collections.abc import Callable, Generator, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from service.demo.accounts import DEMO_ACCOUNTS
from service.ids import new_id

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium of the system.

    For one module only: while it is open, its event loop runs, and no asynchronous test of the same process could.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("Chromium is not installed; `make test` installs it, or: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


SignIn = Callable[..., Page]
OPEN = pytest.StashKey[list[BrowserContext]]()
SHOWN = 1500  # characters of each open page that a failure prints


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what each open page showed to the report of a failed test: a time-out alone does not say why."""
    report = yield
    if call.when == "call" and report.failed:
        for context in item.stash.get(OPEN, []):
            for page in context.pages:
                try:
                    shown = page.inner_text("body", timeout=2000)[:SHOWN]
                except Error as error:
                    shown = f"not to be read: {error}"
                report.sections.append((f"page {page.url}", shown))
    return report


@pytest.fixture
def sign_in(served: str, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[SignIn]:
    """Return a function that opens a page signed in as a demonstration account, at a width, in a language."""
    contexts: list[BrowserContext] = []
    request.node.stash[OPEN] = contexts

    def open_page(login: str, *, width: int = 1280, language: str = "zh-CN") -> Page:
        context = chromium.new_context(
            base_url=served, locale=language, viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda message: _complain(page, message))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        if login:
            account = next(account for account in DEMO_ACCOUNTS if account.login == login)
            page.goto("/sign-in")
            page.fill("#f-login", account.login)
            page.fill("#f-password", account.password)
            page.press("#f-password", "Enter")
            page.wait_for_url("**/")
        return page

    yield open_page
    for context in contexts:
        context.close()


def _complain(page: Page, message: object) -> None:
    if getattr(message, "type", "") == "error":
        page.complaints.append(str(getattr(message, "text", "")))  # type: ignore[attr-defined]


def everybody_declared(center: Page) -> None:
    """Enter the yearly declarations that are missing, as the center does with those that came on paper.

    Experts whom earlier tests appointed have made none, have sat on no panel, and are therefore the first to be chosen:
    a panel with them could not be determined (A28.4).
    """
    stand = center.request.get("/api/declarations").json()
    if missing := [line["expert"] for line in stand if line["made_on"] is None]:
        day = max(line["made_on"] for line in stand if line["made_on"])
        answer = center.request.post(
            "/api/declarations",
            headers={"Idempotency-Key": str(new_id())},
            data={"experts": missing, "made_on": day},
        )
        assert answer.status == 201, answer.text()
