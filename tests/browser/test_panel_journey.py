"""The main job in Chromium: the unit assembles and proposes, the center determines, the document prints."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SignIn, everybody_declared

pytestmark = pytest.mark.browser

PAGES = {
    "center": ["/", "/experts", "/organisations", "/matters", "/roster", "/ledger", "/regulation", "/account"],
    "shuili": ["/", "/matters", "/organisations", "/regulation"],
    "audit": ["/", "/experts", "/matters", "/ledger"],
    "system": ["/", "/accounts"],
    "expert": ["/"],
}


def open_matter(page: Page, title: str) -> str:
    page.goto("/matters")
    page.click(f"text={title}")
    page.wait_for_url("**/matters/*-*")
    return page.url.rstrip("/").split("/")[-1]


@pytest.mark.rule("R32a")
def test_from_the_list_to_a_determined_panel_in_four_clicks(sign_in: SignIn) -> None:
    unit, center = sign_in("shuili"), sign_in("center")
    everybody_declared(center)
    matter = open_matter(unit, "清流河流域综合治理工程")

    unit.goto("/")
    unit.click("text=清流河流域综合治理工程")  # one
    unit.click("text=提出这个专家组")  # two
    unit.wait_for_selector("text=等待决咨中心确定")
    center.goto("/")
    center.click("text=清流河流域综合治理工程")  # three
    center.click("text=确定这个专家组")  # four
    center.wait_for_url("**/panel/document")

    assert center.locator("article.document").count() == 1
    assert center.locator("article.document table tbody tr").count() >= 9
    assert matter in center.url
    assert unit.complaints == center.complaints == []  # type: ignore[attr-defined]


def test_a_lock_needs_a_reason_and_survives_re_composition(sign_in: SignIn) -> None:
    page = sign_in("zhujian")
    matter = open_matter(page, "县城集中供热管网改造工程")
    page.goto(f"/matters/{matter}/panel")
    first = page.locator("ol.members li.member a").first.inner_text()

    page.locator("ol.members li.member").first.get_by_text("排除").click()
    page.locator("dialog[open] textarea").fill("本人说明近期不便参加")
    page.locator("dialog[open] button[type=submit]").click()
    page.wait_for_selector("text=本人说明近期不便参加")

    names = page.locator("ol.members:not(.reserves) li.member .who a").all_inner_texts()
    assert first not in names


@pytest.mark.parametrize("login", PAGES)
@pytest.mark.parametrize(("width", "language"), [(360, "zh-CN"), (1280, "en")])
def test_every_page_fits_its_screen_and_complains_of_nothing(
    sign_in: SignIn, login: str, width: int, language: str
) -> None:
    page = sign_in(login, width=width, language=language)

    found = {}
    for path in PAGES[login]:
        answer = page.goto(path)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[path] = (answer.status if answer else 0, overflow)

    assert found == dict.fromkeys(PAGES[login], (200, 0))
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(sign_in: SignIn) -> None:
    page = sign_in("center")
    page.goto("/matters")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id || location.hash") in ("main", "#main")
