"""Whatever is sent to the API, no server error, no undocumented status, no answer that breaks its own schema."""

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

from service.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD

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
    broken = {}
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in LEFT_OUT:
            continue
        tried += 1
        login = "system" if "/accounts" in operation.path else "center"
        headers = {"Authorization": f"Bearer {tokens[login]}"}

        try:
            probe(operation, headers)
        except Exception as failure:  # noqa: BLE001 -- all operations are tried before the test fails
            broken[operation.label] = f"{type(failure).__name__}: {failure}"[:1500]

    assert tried > 40
    assert not broken, "\n\n".join(f"{label}: {failure}" for label, failure in broken.items())
