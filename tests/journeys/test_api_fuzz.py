"""Whatever is sent to the API, no server error, no undocumented status, no answer that breaks its own schema."""

import re
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.access import OPERATIONS
from service.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from service.web.routes import ROUTES

# Ending the sign-in would leave the rest of the run without one.
EXAMPLES = 12
LEFT_OUT = ("/api/sign-out",)
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="session")
def tokens(served: str) -> dict[str, str]:
    """Sign in once for every demonstration account."""
    found = {}
    for account in DEMO_ACCOUNTS:
        answer = httpx.post(
            f"{served}/api/sign-in", json={"login": account.login, "password": DEMO_PASSWORD}, timeout=30
        )
        found[account.login] = answer.json()["token"]
    return found


def sender(operation: str) -> str:
    """Return the demonstration account that tries an operation: one of those that may do it, the center first."""
    grants = {grant.split(":")[0] for grant in OPERATIONS[operation]}
    trying = [account.login for account in DEMO_ACCOUNTS if grants.intersection(account.roles)]
    return "center" if "center" in trying or not trying else trying[0]


def senders() -> dict[tuple[str, str], str]:
    """Return (method, path as the description spells it) -> the account that tries it."""
    return {
        (method, re.sub(r":\w+}", "}", path)): sender(handler.opt["operation"])
        for handler in ROUTES
        for path in handler.paths
        for method in handler.http_methods
    }


def probe(operation: Any, headers: dict[str, str]) -> None:
    """Send what the description allows and what it does not."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=list(CHECKS), timeout=30)

    send()


def test_no_request_breaks_the_service(served: str, tokens: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_url(f"{served}/schema/openapi.json")
    by_address = senders()
    broken = {}
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in LEFT_OUT:
            continue
        tried += 1
        login = by_address[operation.method.upper(), operation.path]
        headers = {"Authorization": f"Bearer {tokens[login]}"}

        try:
            probe(operation, headers)
        except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 -- all are tried before the test fails
            broken[operation.label] = f"{type(failure).__name__}: {failure}"[:1500]

    assert tried > 40
    assert len(set(by_address.values())) > 4
    assert not broken, "\n\n".join(f"{label}: {failure}" for label, failure in broken.items())
