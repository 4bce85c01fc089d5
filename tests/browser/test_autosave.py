"""The opinion saves itself: nothing typed is lost, taken for somebody else's, or signed unseen. The page has the real
scripts and marks; what the server answers is the test's."""

import json
from collections.abc import Callable, Iterator
from time import monotonic
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Route

from service.locales import Catalogues, install
from service.web.pages import environment
from tests.browser.rendered import ORIGIN, answer_file, answer_page, viewer_with

pytestmark = pytest.mark.browser

VIEWER = viewer_with("expert")
FORM = """
{% extends "layout.html" %}
{% import "ui/forms.html" as forms with context %}
{% block head %}<script src="{{ asset('signing.js') }}" defer></script>
<script src="{{ asset('review.js') }}" defer></script>{% endblock %}
{% block main %}
<form method="post" action="/opinion" data-autosave="/api/opinion">{{ forms.hidden(version) }}
{% for name in ("necessity", "feasibility", "soundness", "risk", "dissent") %}
{{ forms.textarea(name, name, held if name == "risk" else "") }}
{% endfor %}
{{ forms.textarea("points", "要点", "") }}
{{ forms.radios("conclusion", "结论", [("agree", "可行")], "") }}
{{ forms.submit("保存") }}
</form>
<p data-autosave-says data-saved="saved" data-offline="offline" data-unwell="unwell"
 data-outdated="outdated" data-refused="refused"></p>
<section data-sign="opinion" data-serials=""><button type="button" data-sign-start hidden>签署</button>
<p data-sign-says data-unsaved="unsaved"></p></section>
{% endblock %}
"""


class Server:
    """What the browser is answered with; saves are answered by the test, one after another."""

    def __init__(self) -> None:
        install(Catalogues.load())
        self.env = environment()
        self.version, self.held = 1, ""
        self.saves: list[tuple[Route, str, str, str]] = []
        self.forms: list[dict[str, list[str]]] = []

    def answer(self, route: Route) -> None:
        request = route.request
        if answer_file(route):
            return
        if request.method == "PUT":
            risk = json.loads(request.post_data or "")["risk"]
            self.saves.append((route, request.headers["if-match"], request.headers["idempotency-key"], risk))
        elif request.method == "POST":
            self.forms.append(parse_qs(request.post_data or ""))
            route.fulfill(content_type="text/html", body="<h1>sent</h1>")
        else:
            answer_page(route, self.env, FORM, VIEWER, notice=None, version=self.version, held=self.held)

    def save(self) -> None:
        """Keep the last save and answer it."""
        route, seen, _, risk = self.saves[-1]
        assert seen == f'"{self.version}"'
        self.version, self.held = self.version + 1, risk
        route.fulfill(content_type="application/json", body=json.dumps({"version": self.version}))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context(base_url=ORIGIN)
    context.set_default_timeout(15_000)
    context.route("**/*", server.answer)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/form")
    page.wait_for_selector("html.script")
    yield page
    context.close()


def saving(page: Page, server: Server, nth: int) -> None:
    """Wait for a save to come in, without the pause after the last key: the page saves when a connection comes back.

    The page saves by itself too; until the test answers it sends nothing further, so the count is certain.
    """
    back = "dispatchEvent(new Event('online'))"
    until(lambda: page.evaluate(back) and len(server.saves) == nth)


def until(holds: Callable[[], bool]) -> None:
    """Ask the page until something holds; its policy forbids playwright's own way of waiting."""
    ends = monotonic() + 15
    while not holds():
        assert monotonic() < ends


def says(page: Page, word: str, answer: Callable[[], object]) -> None:
    """Answer a save, and wait until the page says what came of it."""
    page.evaluate("document.querySelector('[data-autosave-says]').textContent = ''")
    answer()
    page.wait_for_selector(f"[data-autosave-says]:text-is('{word}')")


def drafts(page: Page) -> str:
    return str(page.evaluate("Object.values(sessionStorage).join()"))


def leaving_asks(page: Page) -> bool:
    leave = "const leave = new Event('beforeunload', {cancelable: true}); dispatchEvent(leave)"
    return bool(page.evaluate(f"() => {{ {leave}; return leave.defaultPrevented }}"))


def test_what_was_typed_during_a_save_is_saved_after_it_and_only_then_nothing_is_left(
    page: Page, server: Server
) -> None:
    page.fill("[name=risk]", "汛期")
    saving(page, server, 1)
    page.fill("[name=risk]", "汛期施工")
    says(page, "saved", server.save)
    between = leaving_asks(page)

    saving(page, server, 2)
    server.save()

    until(lambda: page.input_value("[name=version]") == "3")
    assert [one[3] for one in server.saves] == ["汛期", "汛期施工"]
    assert (between, leaving_asks(page), drafts(page)) == (True, False, "")


def test_form_sent_during_a_save_waits_for_it_and_goes_under_its_version(page: Page, server: Server) -> None:
    page.fill("[name=risk]", "汛期")
    saving(page, server, 1)
    page.fill("[name=risk]", "汛期施工")
    page.click("text=保存")
    assert server.forms == []

    server.save()

    page.wait_for_selector("h1:text-is('sent')")
    assert [(form["version"], form["risk"]) for form in server.forms] == [(["2"], ["汛期施工"])]


ANSWERS: list[tuple[str, Callable[[Route], None]]] = [
    ("offline", lambda route: route.abort("internetdisconnected")),
    ("unwell", lambda route: route.fulfill(status=503, content_type="text/html", body="busy")),
]


@pytest.mark.parametrize(("word", "answer"), ANSWERS, ids=["no connection", "server in trouble"])
def test_save_without_an_answer_keeps_the_text_and_is_sent_again_as_the_same(
    page: Page, server: Server, word: str, answer: Callable[[Route], None]
) -> None:
    page.fill("[name=risk]", "汛期")
    saving(page, server, 1)
    says(page, word, lambda: answer(server.saves[0][0]))
    page.fill("[name=risk]", "汛期施工")
    page.click("text=保存")  # the form does not go either before the server answers
    saving(page, server, 2)
    says(page, word, lambda: answer(server.saves[1][0]))

    saving(page, server, 3)
    server.save()
    saving(page, server, 4)

    assert server.forms == []
    assert [one[3] for one in server.saves] == ["汛期", "汛期", "汛期", "汛期施工"]
    assert len({one[2] for one in server.saves[:3]}) == 1
    assert server.saves[3][1:] == ('"2"', server.saves[3][2], "汛期施工")
    assert server.saves[3][2] != server.saves[2][2]
    assert "汛期施工" in drafts(page)


def test_text_typed_since_the_last_save_comes_back_under_the_version_it_was_typed_over(
    page: Page, server: Server
) -> None:
    page.fill("[name=risk]", "汛期")
    saving(page, server, 1)
    says(page, "saved", server.save)
    page.fill("[name=risk]", "汛期施工")
    until(lambda: "汛期施工" in drafts(page))

    server.version, server.held = 3, "另一台设备"
    page.reload()
    page.wait_for_selector(".draft-bar")

    assert (page.input_value("[name=risk]"), page.input_value("[name=version]")) == ("汛期施工", "2")
    page.click(".draft-bar button")
    assert (page.input_value("[name=risk]"), page.input_value("[name=version]")) == ("另一台设备", "3")


def test_nothing_typed_is_signed_before_it_was_saved_and_shown(page: Page, server: Server) -> None:
    before = page.is_enabled("[data-sign-start]")

    page.fill("[name=risk]", "汛期")

    page.wait_for_selector("[data-sign-says]:text-is('unsaved')")
    assert (before, page.is_enabled("[data-sign-start]")) == (True, False)
