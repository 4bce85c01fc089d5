"""The whole main job by keyboard alone: Tab, Space, Enter, arrows and typing."""

import pytest
from playwright.sync_api import Page

from service.demo.accounts import DEMO_ACCOUNTS
from tests.browser.conftest import SignIn, everybody_declared

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  const at = document.activeElement, label = at.labels && at.labels[0];
  const said = ((label ? label.innerText : "") || at.getAttribute("aria-label") || at.innerText || "").trim();
  return [said.split("\\n")[0], at.name || "", getComputedStyle(at).outlineStyle];
}"""


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until what is called so, by its words or its field's name, has the focus, and shows it."""
    for _ in range(200):
        page.keyboard.press("Tab")
        said, name, outline = page.evaluate(FOCUSED)
        if wanted in (said, name):
            assert outline != "none", f"{wanted} does not show that it has the focus"
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def press(page: Page, wanted: str, *, leads_to: str) -> None:
    tab_to(page, wanted)
    page.keyboard.press("Enter")
    page.wait_for_url(leads_to)


def jump_to_panel(page: Page) -> None:
    """Pass over the long list of candidates by the link that shows itself on focus."""
    tab_to(page, "跳到专家组")
    page.keyboard.press("Enter")


def sign_in_by_keyboard(page: Page, login: str) -> None:
    """Type where the focus is when the page opens."""
    account = next(account for account in DEMO_ACCOUNTS if account.login == login)
    page.goto("/sign-in")
    page.keyboard.type(account.login)
    tab_to(page, "password")
    page.keyboard.type(account.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


@pytest.mark.rule("R32a")
def test_a_matter_is_opened_proposed_and_determined_by_keyboard_alone(sign_in: SignIn) -> None:
    unit, center = sign_in(""), sign_in("")
    everybody_declared(sign_in("center"))
    sign_in_by_keyboard(unit, "shuili")
    press(unit, "事项", leads_to="**/matters")
    press(unit, "新建决策事项", leads_to="**/matters/new")
    tab_to(unit, "title")
    unit.keyboard.type("饮马河堤防加固工程")
    tab_to(unit, "kind")
    unit.keyboard.press("Space")
    tab_to(unit, "field")
    unit.keyboard.press("ArrowDown")
    tab_to(unit, "count")
    unit.keyboard.type("1")
    press(unit, "启动事项", leads_to="**/panel")
    jump_to_panel(unit)
    tab_to(unit, "提出这个专家组")
    unit.keyboard.press("Enter")
    unit.wait_for_selector("text=等待决咨中心确定")

    sign_in_by_keyboard(center, "center")
    press(center, "饮马河堤防加固工程", leads_to="**/panel")
    jump_to_panel(center)
    press(center, "确定这个专家组", leads_to="**/panel/document")

    assert center.locator("article.document").count() == 1
    assert "饮马河堤防加固工程" in center.locator("article.document").inner_text()
    assert unit.complaints == center.complaints == []  # type: ignore[attr-defined]
