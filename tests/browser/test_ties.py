"""The pictures of ties in Chromium: no label over another, none beyond its frame, on a phone and on a desk."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SignIn

# Every text of every picture with its box in the picture's own units, and the frame around it if there is one.
BOXES = """() => [...document.querySelectorAll('.tie-path svg')].map(svg => {
  const place = element => {
    const box = element.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom];
  };
  return {
    picture: place(svg),
    texts: [...svg.querySelectorAll('text')].map(text => ({
      says: text.firstChild ? text.firstChild.textContent : '',
      box: place(text),
      frame: text.parentElement.querySelector('rect') ? place(text.parentElement.querySelector('rect')) : null,
    })),
  };
})"""


def lies_in(inner: list[float], outer: list[float]) -> bool:
    return (
        inner[0] >= outer[0] - 1 and inner[1] >= outer[1] - 1 and inner[2] <= outer[2] + 1 and inner[3] <= outer[3] + 1
    )


def over_each_other(texts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (one["says"], other["says"])
        for place, one in enumerate(texts)
        for other in texts[place + 1 :]
        if min(one["box"][2], other["box"][2]) - max(one["box"][0], other["box"][0]) > 1
        and min(one["box"][3], other["box"][3]) - max(one["box"][1], other["box"][1]) > 1
    ]


def assert_laid_out(page: Page, *, least: int) -> None:
    pictures = page.evaluate(BOXES)
    assert pictures
    assert sum(len(picture["texts"]) for picture in pictures) >= least
    for picture in pictures:
        assert over_each_other(picture["texts"]) == []
        outside = [
            one["says"] for one in picture["texts"] if not lies_in(one["box"], one["frame"] or picture["picture"])
        ]
        assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.complaints == []  # type: ignore[attr-defined]


def most_tied(page: Page) -> str:
    """Return the address of the organisation of the demonstration county that most lies around."""
    page.goto("/organisations?text=城投")
    href = page.locator("main table a[href^='/organisations/']").first.get_attribute("href")
    return f"{href}/ties"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_what_lies_around_somebody_is_drawn_without_labels_over_each_other(
    sign_in: SignIn, width: int, language: str
) -> None:
    page = sign_in("center", width=width, language=language)

    page.goto(most_tied(page))

    assert_laid_out(page, least=5)
    drawn = page.locator(".tie-path.ego svg .node").count()
    told = page.locator(".tie-path.ego figcaption li").count()
    assert drawn == told + 1  # the twin says every tie; the subject has no tie to itself


def test_twin_is_walked_with_the_keyboard_and_another_day_is_asked_for(sign_in: SignIn) -> None:
    page = sign_in("center", width=360)
    page.goto(most_tied(page))

    link = page.locator(".tie-path.ego figcaption a").first
    link.focus()
    assert link.evaluate("element => element === document.activeElement")
    slider = page.locator("#f-shift")
    slider.focus()
    slider.press("ArrowRight")
    slider.press("Tab")
    page.locator("form.filters button[type=submit]").press("Enter")
    page.wait_for_url("**shift=1**")
    assert_laid_out(page, least=5)


def test_path_to_a_party_is_drawn_without_labels_over_each_other(sign_in: SignIn) -> None:
    page = sign_in("center", width=360)
    page.goto("/conflicts")
    page.goto(page.locator("main a[href*='/conflicts/']").first.get_attribute("href") or "")

    assert_laid_out(page, least=3)
