"""The library in Chromium: from an application to a letter, to a further term, and to striking off."""

import pytest
from playwright.sync_api import Page

from registry import check_character
from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser

BODY = "13032319750812331"
TODAY = "2026-9-14"
PAGES = {
    "center": [
        "/candidates",
        "/candidates/new",
        "/batches",
        "/renewals",
        "/cases",
        "/experts/figures",
        "/experts/terms?field=570",
        "/fees",
        "/sittings",
    ],
    "audit": ["/candidates", "/batches", "/renewals", "/cases", "/experts/figures"],
    "office": ["/", "/batches"],
    "mayor": ["/", "/batches", "/cases"],
    "expert": ["/my"],
    "": ["/letters", "/letters/ABCD2345EFGH"],
}


def approve(office: Page, batch: str, number: str) -> None:
    office.goto(batch)
    office.fill("#f-number", number)
    office.fill("#f-on", TODAY)
    office.click("button:has-text('登记审定结果')")
    office.wait_for_selector("text=审定结果已登记")


def issue(center: Page, batch: str) -> None:
    center.goto(batch)
    center.click("button:has-text('签发聘书')")
    center.wait_for_selector("text=聘书已签发")


@pytest.mark.rule("R24a", "R24b", "R70b")
def test_somebody_applies_is_appointed_and_in_the_end_struck_off(sign_in: SignIn) -> None:
    center, office, mayor = sign_in("center"), sign_in("office"), sign_in("mayor")

    center.goto("/candidates/new")
    fields = {"name": "谢安之", "identity_number": BODY + check_character(BODY), "title": "高级工程师"}
    for name, text in (fields | {"main_field": "水利工程"}).items():
        center.fill(f"#f-{name}", text)
    center.select_option("#f-source", "self")
    center.click("main form[action='/candidates'] button.primary")
    for item in ("politics", "ethics", "capacity", "knowledge", "conduct", "consent", "health"):
        center.check(f"input[name=outcome_{item}][value=met]")
    center.click("button[name=then][value=pass]")
    center.wait_for_selector("text=初审通过，可以列入拟聘名单")
    candidate = center.url
    center.goto("/batches")
    center.click("main form[action='/batches'] button.primary")
    center.check("input[name=candidates]")
    center.click("button:has-text('加入名单')")
    center.click("button:has-text('报审')")
    center.wait_for_selector("text=名单已报审")
    batch = center.url
    approve(office, batch, "示政字〔2026〕12号")
    issue(center, batch)
    with center.expect_download() as letter:
        center.click("button:has-text('打印聘书')")
    assert letter.value.suggested_filename.endswith(".pdf")

    center.goto(candidate)
    center.click("text=专家页面")
    center.click("a:has-text('立案')")
    center.check("input[value=breach]")
    center.fill("#f-evidence", "泄露论证中知悉的未公开信息")
    center.click("main form button.danger")
    center.fill("#f-statement", "本人承认，愿意承担后果。")
    center.click("button:has-text('提交陈述')")
    center.wait_for_selector("text=陈述已登记")
    mayor.goto(center.url)
    mayor.check("input[value=strike-off]")
    mayor.check("#f-grave")
    mayor.fill("#f-reason", "造成严重后果，予以除名处理")
    mayor.click("button:has-text('作出决定')")
    mayor.wait_for_selector("text=决定已登记")

    center.goto("/candidates/new")
    for name, text in (fields | {"main_field": "水利工程"}).items():
        center.fill(f"#f-{name}", text)
    center.select_option("#f-source", "self")
    center.click("main form[action='/candidates'] button.primary")
    center.wait_for_selector("ol.refusals")
    assert "第七十条" in center.inner_text("ol.refusals")
    assert mayor.complaints == office.complaints == []  # type: ignore[attr-defined]


@pytest.mark.rule("R24d")
def test_experts_get_a_further_term_with_six_clicks_of_the_center(sign_in: SignIn) -> None:
    center, office = sign_in("center"), sign_in("office")

    center.goto("/renewals")
    name = center.inner_text("tbody tr:first-child th a")
    expert = center.get_attribute("tbody tr:first-child th a", "href")
    for test in ("qualified", "needed", "eligible"):  # one, two, three
        center.check(f"#f-all_{test}")
    center.fill("#f-common_reason", "单位年度考核称职，书面述职合格")
    center.click("button:has-text('登记考核并建立续聘名单')")  # four
    center.wait_for_selector("text=续聘名单已建立")
    center.click("button:has-text('报审')")  # five
    center.wait_for_selector("text=名单已报审")
    batch = center.url
    approve(office, batch, "示政字〔2026〕13号")
    issue(center, batch)  # six

    assert name in center.inner_text("main")
    center.goto(expert or "")
    assert center.inner_text("#terms").count("示政字〔2026〕13号") == 1


@pytest.mark.parametrize("login", PAGES)
@pytest.mark.parametrize(("width", "language"), [(360, "zh-CN"), (1280, "en")])
def test_every_page_of_the_library_fits_its_screen(sign_in: SignIn, login: str, width: int, language: str) -> None:
    page = sign_in(login, width=width, language=language)

    found = {}
    for path in PAGES[login]:
        page.goto(path)
        found[path] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert found == dict.fromkeys(PAGES[login], 0)
