"""Every way in is in the access table, and says in the OpenAPI document what can happen."""

from typing import Any

import pytest
from litestar import Litestar

from service.access import OPERATIONS, ROLES
from service.app import create_app
from service.settings import Settings
from tests.service.conftest import SignedIn


@pytest.fixture
def document(app: Litestar) -> dict[str, Any]:
    return app.openapi_schema.to_schema()


def operations_of(app: Litestar) -> list[tuple[str, str, str | None]]:
    return [
        (method, route.path, route.route_handler_map[method][0].opt.get("operation"))
        for route in app.routes
        for method in getattr(route, "route_handler_map", {})
        if method not in ("OPTIONS", "HEAD") and not route.path.startswith("/schema")
    ]


async def test_every_route_names_an_operation_of_the_access_table(app: Litestar) -> None:
    found = operations_of(app)

    missing = [(method, path) for method, path, operation in found if operation not in OPERATIONS]
    assert len(found) > 10
    assert missing == []


def test_every_grant_names_a_role_that_exists() -> None:
    known = {*ROLES, "anyone", "signed-in"}

    strange = {
        (operation, grant)
        for operation, grants in OPERATIONS.items()
        for grant in grants
        if grant.split(":")[0] not in known
    }
    assert strange == set()


def test_the_system_administrator_has_no_business_right() -> None:
    business = ("expert:", "matter:", "panel:", "fact:", "note:", "roster:", "organisation:")

    granted = {
        operation
        for operation, grants in OPERATIONS.items()
        if operation.startswith(business) and "system-administrator" in grants
    }
    assert granted == set()


async def test_every_page_has_its_act_as_json(app: Litestar) -> None:
    found = operations_of(app)
    by_pages = {operation for method, path, operation in found if method == "POST" and not path.startswith("/api")}
    by_api = {operation for method, path, operation in found if method != "GET" and path.startswith("/api")}

    # What makes sense only for a browser: its language, and narrowing a page without a name in the address.
    of_browsers = {"language:choose", "panel:see"}
    assert by_pages - by_api - of_browsers == set()


async def test_every_operation_of_the_api_is_described_with_its_problems(document: dict[str, Any]) -> None:
    incomplete = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if not path.startswith("/api"):
                continue
            problems = [status for status in operation["responses"] if status >= "400"]
            if not operation.get("description") or not operation.get("tags") or not problems:
                incomplete.append(f"{method} {path}")
    assert incomplete == []


async def test_every_problem_is_documented_as_problem_details(document: dict[str, Any]) -> None:
    otherwise = [
        f"{method} {path}: {status}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, answer in operation["responses"].items()
        if status >= "400" and list(answer["content"]) != ["application/problem+json"]
    ]
    assert otherwise == []


async def test_answers_without_content_are_documented_without(document: dict[str, Any]) -> None:
    silent = [
        operation["responses"]["204"]
        for item in document["paths"].values()
        for operation in item.values()
        if "204" in operation["responses"]
    ]
    assert silent
    assert [answer for answer in silent if "content" in answer] == []


def test_the_application_is_built_without_touching_the_database(settings: Settings) -> None:
    (settings.var / "expertpool.sqlite3").unlink()

    create_app(settings)

    assert not (settings.var / "expertpool.sqlite3").exists()


async def test_an_address_without_a_page_is_told_in_the_readers_language_to_a_person_still_signed_in(
    signed_in: SignedIn,
) -> None:
    center = await signed_in("center")

    page = await center.get("/no/such/page", headers={"Accept-Language": "en"})
    wrong_method = await center.put("/matters", headers={"Accept-Language": "en"})

    assert (page.status_code, wrong_method.status_code) == (404, 405)
    assert '<html lang="en">' in page.text
    assert center.viewer.name in page.text
    assert '<html lang="en">' in wrong_method.text
