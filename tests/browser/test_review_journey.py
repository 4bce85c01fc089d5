"""The expert review in Chromium: three experts on three phones, from the invitation to the filed disposition."""

import email
import re
import subprocess
import time
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import SignIn
from tests.service.review.house import a_pdf

pytestmark = pytest.mark.browser

TITLE = "农村危房改造和抗震提升方案"
REASON = "其余两位专家书面意见已请候补准备，事项紧急先行办理"


@pytest.fixture
def outbox(served: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of mails of the served county."""
    return tmp_path_factory.getbasetemp() / "served0" / "var" / "outbox"


@pytest.fixture
def phones(served: str, chromium: Browser) -> Iterator[list[BrowserContext]]:
    """Three phones without a sign-in."""
    contexts = [
        chromium.new_context(
            base_url=served, locale="zh-CN", viewport={"width": 360, "height": 740}, reduced_motion="reduce"
        )
        for _ in range(3)
    ]
    for context in contexts:
        context.set_default_timeout(60_000)
    yield contexts
    for context in contexts:
        context.close()


def links_in(outbox: Path, *, least: int) -> list[str]:
    """Return the links of invitations once so many have been delivered."""
    links: list[str] = []
    for _ in range(120):
        links = []
        for path in sorted(outbox.glob("invitation-*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            links += re.findall(r"/i/([\w-]+)", message.get_body().get_content())
        if len(links) >= least:
            break
        time.sleep(0.25)
    return links


def take_part(page: Page, token: str, point: str) -> None:
    """Do an expert's whole job on a phone: three taps to accept and undertake, then the opinion."""
    page.goto(f"/i/{token}")
    page.click("text=接受邀请")
    page.wait_for_url("**/reviews/*")
    page.click("[data-sign=undertaking] [data-sign-start]")
    page.wait_for_selector("#material")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("[name=points]", point)
    page.check("[name=conclusion][value=agree-with-changes]")
    page.wait_for_selector("text=已自动保存")
    page.click("form[data-autosave] button[type=submit]")
    page.wait_for_selector("#sign")
    page.click("[data-sign=opinion] [data-sign-start]")
    page.wait_for_selector("text=已签署第 1 版")


@pytest.mark.rule("R28b", "R32d", "R32f")
def test_three_experts_on_three_phones_from_invitation_to_filed_disposition(
    sign_in: SignIn, phones: list[BrowserContext], outbox: Path, tmp_path: Path
) -> None:
    center, unit = sign_in("center"), sign_in("zhujian")
    center.goto("/matters?state=determined")
    center.click(f"text={TITLE}")
    center.wait_for_url("**/matters/*-*")
    review = f"{center.url.split('#')[0].rstrip('/')}/review"

    center.goto(review)
    center.fill("[name=abstract]", "对农村危房改造和抗震提升方案进行论证，重点是补助标准和施工安全。")
    center.click("#invite button[type=submit]")
    center.wait_for_selector("text=邀请已发出")
    unit.goto(review)
    for item in ("draft", "explanation", "focus", "related"):
        opened = unit.locator("details:has(input[name=file])")
        if opened.get_attribute("open") is None:
            opened.locator("summary").click()
        unit.select_option("[name=item]", item)
        unit.set_input_files(
            "[name=file]", {"name": f"{item}.pdf", "mimeType": "application/pdf", "buffer": a_pdf(item)}
        )
        unit.click("form[action$='/files'] button[type=submit]")
        unit.wait_for_selector(f"text={item}.pdf")
    unit.click("form[action$='/send'] button[type=submit]")
    unit.wait_for_selector("text=已送达第 1 版")
    links = links_in(outbox, least=5)

    pages = [context.new_page() for context in phones]
    for place, page in enumerate(pages):
        take_part(page, links[place], f"第 {place + 1} 位专家的意见：完善补助标准")

    with phones[0].expect_page() as popup:
        pages[0].click("text=查看签名的意见书")
    popup.value.close()
    signed = phones[0].request.get(f"{pages[0].url.split('#')[0]}/opinion.pdf")
    path = tmp_path / "opinion.pdf"
    path.write_bytes(signed.body())
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in said
    center.goto(f"{review}/opinions")
    center.fill("[name=close_reason]", REASON)
    center.click("text=意见已收齐")
    center.wait_for_selector("text=逐条办理中")
    unit.goto(f"{review}/opinions")
    for _ in range(3):
        form = unit.locator("details[open] form[action$='/points']").first
        form.locator("[name=reasonable][value=yes]").check()
        form.locator("[name=adoption][value=adopted]").check()
        form.locator("button[type=submit]").click()
        unit.wait_for_load_state()
    unit.click("text=归档采纳情况")
    unit.wait_for_selector("text=采纳情况已归档")
    pages[0].reload()
    assert pages[0].locator("text=我的意见采纳情况").count() == 1
    assert center.complaints == unit.complaints == []  # type: ignore[attr-defined]
