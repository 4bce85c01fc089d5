"""The way in, in Chromium: from an open call, on a phone without an account, to the letter."""

import re

import pytest
from playwright.sync_api import Page

from registry import check_character
from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser

BODIES = ("13032319800812331", "13032319810812331")
PUBLIC = ("/apply", "/apply/new?source=self", "/apply/new?source=organisation", "/apply/status", "/calls")


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.fill(f"#f-{name}", text)


def widths(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


def status(phone: Page, number: str, code: str) -> str:
    phone.goto("/apply/status")
    fill(phone, number=number, code=code)
    phone.click("main form button.primary")
    return phone.inner_text("main")


@pytest.mark.rule("R24a", "R24b", "R25f")
def test_one_expert_comes_from_an_open_call_and_one_by_confirming_to_the_letter(sign_in: SignIn) -> None:
    center, office, phone = sign_in("center"), sign_in("office"), sign_in("", width=360)

    center.goto("/calls/new")
    fill(center, title="公开征集水利专家", text="面向全省。", fields="水利工程")
    fill(center, opens_on="2026-9-14", closes_on="2026-9-14")
    center.click("main form button.primary")
    center.wait_for_selector("text=征集公告已发布")

    phone.goto("/apply")
    phone.click("text=公开征集水利专家")
    phone.click("main a.button.primary")
    fill(phone, name="谢安之", phone="13800138000", title="高级工程师", main_field="水利工程", unit="某某大学")
    fill(phone, identity_number=BODIES[0] + check_character(BODIES[0]))
    phone.check("#f-willing")
    phone.click("main form button.primary")
    phone.wait_for_selector("#faults")
    assert phone.input_value("#f-name") == "谢安之"
    phone.check("#f-able")
    phone.click("main form button.primary")
    number, code = (phone.inner_text(f"[data-copy] >> nth={place}") for place in (0, 1))
    assert widths(phone) == 0

    center.goto("/applications/invite")
    fill(center, source_note="县政府常务会议", name="顾知行")
    center.click("main form button.primary")
    link = center.inner_text("[data-copy]")
    phone.goto(link)
    assert widths(phone) == 0
    fill(phone, phone="13800138001", title="教授", main_field="法学")
    fill(phone, identity_number=BODIES[1] + check_character(BODIES[1]))
    phone.check("#f-willing")
    phone.check("#f-able")
    phone.click("button:has-text('确认申请')")
    phone.wait_for_selector("text=已经收到")
    phone.goto(link)
    assert "这个链接已经用过" in phone.inner_text("main")

    for name in ("谢安之", "顾知行"):
        center.goto("/applications?stage=submitted")
        center.click(f"main tbody a:has-text('{name}')")
        center.fill("#f-unit", "")
        center.click("button:has-text('受理，进入初审')")
        center.wait_for_selector("text=申请已受理")
        for item in ("politics", "ethics", "capacity", "knowledge", "conduct"):
            center.check(f"input[name=outcome_{item}][value=met]")
        center.click("button[name=then][value=pass]")
        center.wait_for_selector("text=初审通过，可以列入拟聘名单")
    assert "初审通过" in status(phone, number, code)

    center.goto("/batches")
    center.click("main form[action='/batches'] button.primary")
    for box in center.query_selector_all("input[name=candidates]"):
        box.check()
    center.click("button:has-text('加入名单')")
    center.click("button:has-text('报审')")
    center.wait_for_selector("text=名单已报审")
    batch = center.url
    office.goto(batch)
    fill(office, number="示政字〔2026〕21号", on="2026-9-14")
    office.click("button:has-text('登记审定结果')")
    office.wait_for_selector("text=审定结果已登记")
    center.goto(batch)
    center.click("button:has-text('签发聘书')")
    center.wait_for_selector("text=聘书已签发")

    assert "聘书已签发，请向决咨中心领取" in re.sub(r"\s+", "", status(phone, number, code))
    assert center.complaints == office.complaints == []  # type: ignore[attr-defined]
    # The two answers that were meant to be refusals, and nothing of the pages themselves.
    assert [re.findall(r"status of (\d+)", one) for one in phone.complaints] == [["400"], ["409"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("width", "language"), [(360, "zh-CN"), (1280, "en")])
def test_every_page_of_the_way_in_fits_its_screen(sign_in: SignIn, width: int, language: str) -> None:
    anyone, center = sign_in("", width=width, language=language), sign_in("center", width=width, language=language)

    found = {}
    for page, paths in ((anyone, PUBLIC), (center, ("/applications", "/applications/invite", "/calls/new"))):
        for path in paths:
            page.goto(path)
            found[path] = widths(page)
    assert found == dict.fromkeys(found, 0)
