"""The scripts of the pages in Chromium: keyboard, drafts, sending once, narrow screens. Pages are rendered here and
served by the browser's own interception, under the real content security policy."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from service.locales import Catalogues, install
from service.problems import Fault
from service.web.pages import environment
from tests.browser.rendered import ORIGIN, answer_file, answer_page, viewer_with

pytestmark = pytest.mark.browser

VIEWER = viewer_with("center", "决策咨询服务中心")
FORM = """
{% extends "layout.html" %}
{% import "ui/forms.html" as forms with context %}
{% import "ui/tables.html" as tables with context %}
{% block main %}
<h1>表单</h1>
{{ forms.error_summary(faults) }}
<form method="post" action="/save" id="save">{{ forms.hidden(3) }}
{{ forms.field("name", "姓名", "", faults=faults) }}
{{ forms.field("identity_number", "证件号码", "") }}
{{ forms.field("secret", "密码", "", type="password") }}
{{ forms.textarea("reason", "理由", "", maxlength=10) }}
{% call forms.buttons() %}{{ forms.submit("保存") }}{% endcall %}
</form>
<form method="post" action="/bulk" id="bulk">{{ forms.hidden() }}
{% call tables.table("专家", [{"label": "姓名"}, {"label": "单位"}], select=true) %}
{% for name in ("甲", "乙", "丙", "丁") %}
<tr>{{ tables.pick(name, name) }}<th scope="row">{{ name }}</th><td data-label="单位">名称相当长的事业单位</td></tr>
{% endfor %}
{% endcall %}
{% call tables.bulk_bar() %}{{ forms.submit("导出", "secondary") }}{% endcall %}
</form>
<input data-narrow="#names" data-shown="#shown" aria-label="找"><span id="shown">3</span>
<ul id="names">
<li data-find="王秀英 wang xiu ying">王秀英</li><li data-find="李建国 li jian guo">李建国</li>
<li data-find="王磊 wang lei">王磊</li></ul>
{% endblock %}
"""


class House:
    """What the browser is answered with."""

    def __init__(self, env):
        self.env = env
        self.faults = []
        self.notice = None
        self.sent = []
        self.searched = []

    def answer(self, route):
        request = route.request
        path = urlsplit(request.url).path
        if answer_file(route):
            return
        if path == "/search":
            self.searched.append((request.method, parse_qs(request.post_data)))
            found = [{"says": "清流河治理工程", "kind": "事项", "detail": "2026-023", "href": "/matters/m1"}]
            route.fulfill(content_type="application/json", body=json.dumps({"results": found}))
        elif request.method == "POST":
            self.sent.append(path)
            self.notice = "已保存"
            route.fulfill(status=303, headers={"Location": "/form"}, body="")
        else:
            notice, self.notice = self.notice, None
            answer_page(route, self.env, FORM, VIEWER, notice=notice, faults=self.faults)


@pytest.fixture
def house():
    install(Catalogues.load())
    return House(environment())


@pytest.fixture
def open_page(chromium, house):
    contexts = []

    def open_page(width=1280, height=900, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, base_url=ORIGIN, **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        context.route("**/*", house.answer)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto("/form")
        page.wait_for_selector("html.script" if options.get("java_script_enabled", True) else "html")
        return page

    yield open_page
    for context in contexts:
        context.close()


def drafts(page):
    return page.evaluate("Object.values(sessionStorage).join()")


def wait_for_draft(page):
    """Text is kept a moment after the last key; the policy forbids playwright's own way of waiting."""
    for _ in range(50):
        if drafts(page):
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing was kept")


def test_a_page_runs_under_the_policy_without_a_complaint(open_page):
    assert open_page().complaints == []


def test_question_mark_lists_the_shortcuts_and_g_goes_to_a_place(open_page):
    page = open_page()

    page.keyboard.press("?")
    assert page.eval_on_selector("#shortcuts", "list => list.open")
    assert "专家" in page.inner_text("#shortcuts")

    page.keyboard.press("Escape")
    page.wait_for_selector("#shortcuts", state="hidden")
    # Both at once: on a busy machine more time passes between two presses than the page waits for the second.
    page.keyboard.type("gm")
    page.wait_for_url("**/matters")


def test_single_keys_can_be_switched_off_for_good(open_page):
    page = open_page()
    page.keyboard.press("?")
    page.uncheck("[data-single-keys]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#shortcuts", state="hidden")

    page.reload()
    page.wait_for_selector("html.script")
    page.keyboard.press("?")

    assert not page.eval_on_selector("#shortcuts", "list => list.open")


def test_typing_in_a_field_is_no_shortcut(open_page):
    page = open_page()

    page.type("#f-name", "g?m")

    assert page.input_value("#f-name") == "g?m"
    assert not page.eval_on_selector("#shortcuts", "list => list.open")


def test_the_palette_asks_by_post_and_opens_what_is_chosen(open_page, house):
    page = open_page()

    page.keyboard.press("Control+k")
    page.keyboard.type("qing")
    page.wait_for_selector("#palette [role=option]:has-text('清流河')")
    assert house.searched[-1] == ("POST", {"text": ["qing"]})
    page.keyboard.press("Enter")

    page.wait_for_url("**/matters/m1")


def test_escape_closes_the_palette_whatever_was_typed(open_page):
    page = open_page()
    page.keyboard.press("Control+k")
    page.keyboard.type("x")

    page.keyboard.press("Escape")

    assert not page.eval_on_selector("#palette", "palette => palette.open")


def test_a_form_is_sent_once(open_page):
    page = open_page()

    sent = page.evaluate(
        """() => {
          let sent = 0;
          addEventListener("submit", (event) => {
            sent += !event.defaultPrevented;
            event.preventDefault();
          });
          const button = document.querySelector("#save .button.primary");
          button.click();
          button.click();
          return sent;
        }"""
    )

    assert sent == 1
    assert page.get_attribute("#save .button.primary", "aria-disabled") == "true"
    page.wait_for_selector("#save .button.primary:has-text('正在处理')")


def test_typed_text_comes_back_after_a_reload_but_no_secret_does(open_page):
    page = open_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#f-reason", "写了一半")
    page.fill("#f-secret", "geheim")
    page.fill("#f-identity_number", "130300199001010010")
    wait_for_draft(page)

    assert "写了一半" in drafts(page)
    assert "geheim" not in drafts(page)
    assert "1303" not in drafts(page)
    page.reload()
    page.wait_for_selector(".draft-bar")

    assert page.input_value("#f-reason") == "写了一半"
    assert page.input_value("#f-secret") == ""
    page.click(".draft-bar button")
    assert page.input_value("#f-reason") == ""
    assert drafts(page) == ""


def test_a_draft_ends_when_the_act_is_confirmed(open_page):
    page = open_page()
    page.fill("#f-reason", "写完了")

    page.click("#save .button.primary")
    page.wait_for_selector(".notice")

    assert drafts(page) == ""
    assert page.input_value("#f-reason") == ""


def test_signing_out_leaves_no_draft(open_page):
    page = open_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#f-reason", "写了一半")
    wait_for_draft(page)

    page.click(".account summary")
    page.click("[data-sign-out] button")
    page.wait_for_selector(".notice")

    assert drafts(page) == ""


def test_faults_get_the_focus_name_their_field_and_lead_to_it(open_page, house):
    house.faults = [Fault("name", "FIELD_REQUIRED")]
    page = open_page()

    assert page.evaluate("document.activeElement.id") == "faults"
    assert page.inner_text("#faults a").startswith("姓名：")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "f-name"


def test_the_counter_says_what_is_left_and_what_is_too_much(open_page):
    page = open_page()

    page.fill("#f-reason", "一二三")
    assert page.inner_text(".counter") == "还可写 7 字"

    page.fill("#f-reason", "一二三四五六七八九十甲乙")
    assert page.inner_text(".counter") == "超出 2 字"


def test_rows_are_picked_one_by_one_as_a_range_and_all(open_page):
    page = open_page()
    picks = page.locator("[data-pick]")
    assert page.is_hidden(".bulk")

    picks.nth(0).click()
    picks.nth(2).click(modifiers=["Shift"])
    assert page.inner_text("[data-picked-count]") == "3"

    page.click("[data-pick-all]")
    assert page.inner_text("[data-picked-count]") == "4"


def test_a_list_narrows_while_one_types(open_page):
    page = open_page()

    page.fill("[data-narrow]", "wang x")

    assert page.locator("#names li:visible").all_inner_texts() == ["王秀英"]
    assert page.inner_text("#shown") == "1"


def test_the_first_tab_offers_to_skip_to_the_content(open_page):
    page = open_page()

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", [320, 360, 640])
def test_nothing_is_cut_off_on_a_phone_or_at_double_size(open_page, width):
    page = open_page(width, 700)

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_menu_of_a_phone_opens_and_closes(open_page):
    page = open_page(360, 700)
    assert page.is_hidden("#nav")

    page.click("[data-menu]")
    assert page.is_visible("#nav")
    assert page.get_attribute("[data-menu]", "aria-expanded") == "true"

    page.click("[data-menu]")
    assert page.is_hidden("#nav")


def test_without_scripts_the_navigation_stays_in_sight_on_a_phone(open_page):
    page = open_page(360, 700, java_script_enabled=False)

    assert page.is_visible("#nav")
    assert page.is_visible(".site-search")
    assert page.is_hidden("[data-menu]")


def test_everything_one_can_press_is_large_enough(open_page):
    """44 px for what stands alone; links within sentences and rows of tables have the height of their line."""
    page = open_page(360, 900)
    page.click("[data-menu]")
    pressed = "button, summary, .site-nav a, select, main input:not([type=hidden], [type=checkbox])"
    small = page.evaluate(
        """(pressed) => [...document.querySelectorAll(pressed)]
           .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43.5)
           .map((one) => one.outerHTML.slice(0, 80))""",
        pressed,
    )

    assert small == []


def test_printing_shows_a_document_without_controls(open_page):
    page = open_page()
    page.emulate_media(media="print")

    assert page.is_hidden(".site-nav")
    assert page.is_hidden("#save .buttons")
    assert re.search("Song|Serif", page.evaluate("getComputedStyle(document.body).fontFamily"))


def test_motion_stops_where_people_ask_for_it(open_page):
    page = open_page(reduced_motion="reduce")

    assert page.evaluate("getComputedStyle(document.querySelector('.button')).transitionDuration") in ("0s", "")
