"""A Chromium that looks at the served demonstration county; nothing leaves 127.0.0.1."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from service.demo.accounts import DEMO_ACCOUNTS

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


@pytest.fixture
def sign_in(served: str, chromium: Browser) -> Iterator[SignIn]:
    """Return a function that opens a page signed in as a demonstration account, at a width, in a language."""
    contexts: list[BrowserContext] = []

    def open_page(login: str, *, width: int = 1280, language: str = "zh-CN") -> Page:
        context = chromium.new_context(
            base_url=served, locale=language, viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(15_000)
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
