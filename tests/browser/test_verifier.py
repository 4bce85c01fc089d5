"""The verifier of draws in Chromium, on a page without https: of one mind with the package on every record."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from selection import Candidate, PanelRequest, canonical_json
from selection.draw import verify_record
from service.web.gate import _POLICY
from service.web.pages import STATIC
from tests.selection.draw.lotteries import random_record
from tests.selection.draw.test_verify import (
    ALTERED,
    a_drand_record,
    a_record,
    altered_seat,
    drand_altered,
    fit_again,
    spread_removed,
)

pytestmark = pytest.mark.browser

# Not localhost: this is no secure context, so the browser's own SHA-256 is not there.
ORIGIN = "http://county.example"


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()

    def answer(route: Any) -> None:
        if route.request.url == f"{ORIGIN}/static/verifier.js":
            route.fulfill(path=STATIC / "verifier.js", content_type="text/javascript")
        else:
            page_text = "<!doctype html><title>draw</title>"
            route.fulfill(content_type="text/html", headers={"Content-Security-Policy": _POLICY}, body=page_text)

    page.route("**/*", answer)
    page.goto(ORIGIN)
    yield page
    context.close()


def verified(page: Page, *records: Any, published: str = "") -> list[dict[str, Any]]:
    texts = [record if isinstance(record, str) else canonical_json(record) for record in records]
    program = (
        "async ([texts, published]) => { const { verify } = await import('/static/verifier.js');"
        "return texts.map((text) => verify(text, published)); }"
    )
    found: list[dict[str, Any]] = page.evaluate(program, [texts, published])
    return found


def test_it_needs_no_secure_page(page: Page) -> None:
    assert page.evaluate("() => [isSecureContext, typeof crypto.subtle]") == [False, "undefined"]
    record = a_record()

    (found,) = verified(page, record)
    assert (found["code"], found["commitmentSha256"]) == (None, record["commitment_sha256"])


def test_it_agrees_with_the_package_on_two_hundred_random_records(page: Page) -> None:
    records = [random_record(seed) for seed in range(200)]

    found = verified(page, *records)

    assert [one["code"] for one in found] == [None] * 200
    assert [one["commitmentSha256"] for one in found] == [record["commitment_sha256"] for record in records]
    assert sum(len(record["declines"]) for record in records) > 100


@pytest.mark.parametrize("fitting", [False, True], ids=["as it is", "hashes made to fit"])
def test_it_names_the_same_alteration_as_the_package(page: Page, fitting: bool) -> None:
    unproven: set[Callable[..., None]] = {altered_seat, spread_removed} if fitting else set()
    records, expected = [], []
    for alter, codes in ALTERED.items():
        record = a_record()
        alter(record)
        if fitting:
            fit_again(record)
        records.append(record)
        # It does not show that no other panel could break a rule: there the draw done again tells.
        expected.append("DRAW_DIFFERS" if alter in unproven else codes[fitting])

    assert [one["code"] for one in verified(page, *records)] == expected


def test_it_holds_the_commitment_against_the_published_hash(page: Page) -> None:
    record = a_record()

    assert verified(page, record, published=record["commitment_sha256"].upper())[0]["code"] is None
    assert verified(page, record, published="0" * 64)[0]["code"] == "COMMITMENT_OTHER"


def test_it_checks_a_drand_round_as_the_package_does(page: Page) -> None:
    true, *altered = verified(page, a_drand_record(), *drand_altered())

    assert (true["code"], true["unchecked"]) == (None, ["beacon"])
    assert [one["code"] for one in altered] == ["SEED_DIFFERS"] * 3


def test_what_is_no_record_is_said_to_be_none(page: Page) -> None:
    texts = ["", "[]", "{}", "[" * 100_000, '{"format": "draw-record/1"}', "null"]

    assert [one["code"] for one in verified(page, *texts)] == ["NO_RECORD"] * len(texts)


def test_names_beyond_the_basic_plane_are_ordered_as_in_python(page: Page) -> None:
    names = ["\ue000", "\U00020bb7", "甲", "__proto__", "constructor", "7", "10"]
    request = PanelRequest(3, tuple(Candidate(name, attributes={name: name}) for name in names), reserves=4)
    records = [random_record(seed, request) for seed in range(20)]

    assert [one["code"] for one in verified(page, *records, *map(json.dumps, records))] == [None] * 40
    assert all(verify_record(record).code is None for record in records)
