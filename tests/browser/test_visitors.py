"""Who has no account finds every public page from every other, on a phone too, with a finger or with keys."""

import pytest

from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser

PUBLIC = ("/apply", "/apply/status", "/calls", "/draws", "/letters", "/verify", "/regulation", "/sign-in")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_menu_of_a_phone_leads_a_visitor_to_every_public_page(sign_in: SignIn, language: str) -> None:
    phone = sign_in("", width=360, language=language)
    phone.goto(PUBLIC[-1])
    found = []

    for path in PUBLIC:
        link = phone.locator(f"#nav a[href='{path}']")
        assert not link.is_visible()
        phone.click("[data-menu]")
        link.click()
        phone.wait_for_selector(f"#nav a[href='{path}'][aria-current=page]", state="attached")
        button, words = (phone.locator(f".head-button{kind}").bounding_box() for kind in (".menu", ":not(.menu)"))
        assert button is not None
        assert words is not None
        found.append(
            (
                phone.evaluate("location.pathname"),
                button["y"] == words["y"],
                phone.locator("#nav [aria-current]").count(),
            )
        )

    assert found == [(path, True, 1) for path in PUBLIC]


def test_menu_of_a_phone_opens_with_keys_and_says_that_it_is_open(sign_in: SignIn) -> None:
    phone = sign_in("", width=360)
    phone.goto("/calls")
    menu = phone.locator("[data-menu]")
    assert menu.get_attribute("aria-expanded") == "false"

    menu.press("Enter")
    phone.locator("#nav a[href='/letters']").press("Enter")
    phone.wait_for_url("**/letters")

    menu.press("Enter")
    assert (menu.get_attribute("aria-expanded"), menu.get_attribute("aria-controls")) == ("true", "nav")
    menu.press("Enter")
    assert not phone.locator("#nav a[href='/calls']").is_visible()


def test_wide_screens_show_a_visitor_every_place_at_once(sign_in: SignIn) -> None:
    page = sign_in("")
    page.goto("/draws")

    shown = [link.get_attribute("href") for link in page.locator("#nav a").all() if link.is_visible()]

    assert shown == list(PUBLIC)
