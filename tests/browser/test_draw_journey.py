"""A draw in Chromium: list frozen, commitment public, seed typed by two, members called on the wall, checked by all."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_panel_journey import open_matter

pytestmark = pytest.mark.browser

TITLE = "县城集中供热管网改造工程"
NUMBERS = "4 12 19 27 33 / 3 9"
WITNESSES = "县纪委监委 赵见\n县司法局 钱证"
WHY_VOID = "录入种子时第二位见证人还没有到场"


def test_a_draw_from_the_frozen_list_to_the_check_at_home_and_the_voiding_by_a_second_person(sign_in: SignIn) -> None:
    center, head, keeper, anybody = sign_in("center"), sign_in("head"), sign_in("zhujian"), sign_in("")
    address = f"/matters/{open_matter(keeper, TITLE)}/draw"

    commit(center, address)
    wall = sign_in("center", width=1920)
    wall.goto(f"{address}/ceremony")
    pledged = hash_on(wall, ".pledge")
    type_seed(wall)
    wall.wait_for_selector("#waiting")
    keeper.goto(address)
    type_seed(keeper)
    keeper.wait_for_selector("#drawn")
    # The wall follows by itself once the second person has typed.
    wall.wait_for_selector(".called")
    called = call_everybody(wall)

    center.goto(address)
    public = center.get_by_role("link", name="公开页面").get_attribute("href")
    anybody.goto(public or "")
    assert hash_on(anybody, "main") == pledged
    assert anybody.locator("ol.drawn .number").all_inner_texts() == called
    anybody.click("text=在这里验证")
    expect(anybody.locator("#verdict")).to_have_class("tag good")
    assert "验证通过" in anybody.inner_text("#verdict")
    center.click("text=打印抽取记录")
    assert [one for one in called if one not in center.inner_text("article.document")] == []

    void(center, head, address)
    anybody.reload()
    assert "已作废" in anybody.inner_text("main")
    assert [page.complaints for page in (center, head, keeper, anybody, wall)] == [[]] * 5  # type: ignore[attr-defined]


def commit(page: Page, address: str) -> None:
    """Freeze the list and commit it with a lottery ticket as the source of the seed."""
    page.goto(address)
    page.click("text=冻结名单，计算机会")
    page.wait_for_selector("[name=witnesses]")
    page.locator("[name=source]").first.fill("体彩大乐透第 26107 期")
    page.fill("[name=witnesses]", WITNESSES)
    page.click("button:has-text('提交承诺')")
    page.wait_for_selector("text=已提交承诺")


def type_seed(page: Page) -> None:
    """Type what the source showed, once a signed checkpoint covers the commitment."""
    button = page.locator("form.seed button[type=submit]")
    for _ in range(60):
        if button.is_enabled():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.fill("[name=value-0]", NUMBERS)
    button.click()


def call_everybody(wall: Page) -> list[str]:
    """Call the members one by one by the key that the hand rests on; return their numbers."""
    covered = wall.locator(".called .covered").count()
    for place in range(covered):
        assert wall.locator(".called .covered").count() == covered - place
        wall.keyboard.press("Enter")
        wall.wait_for_url(f"**/ceremony?called={place + 1}")
    return wall.locator(".called .number").all_inner_texts()


def void(center: Page, head: Page, address: str) -> None:
    """Ask that the draw be voided; another person does it."""
    center.goto(address)
    center.click("summary:has-text('提请作废')")
    center.check("[name=void_cause][value=ceremony-broken]")
    center.fill("[name=void_reason]", WHY_VOID)
    center.click("form[action$='/challenge'] button[type=submit]")
    center.wait_for_selector("text=待决定")
    head.goto(address)
    head.click("form[action$='/void'] button")
    head.wait_for_selector("text=永久保留")


def hash_on(page: Page, where: str) -> str:
    """Return the hash that a page shows first, without its gaps."""
    return "".join(page.locator(f"{where} code.hash").first.inner_text().split())
