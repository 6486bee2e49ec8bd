"""Checks of every answer, beside schemathesis's own; it loads this module by its name."""

from typing import Final

import schemathesis
from schemathesis.core.failures import Failure

WAITED_IN_VAIN: Final = "/problems/views-behind"


@schemathesis.check
def fails_only_where_it_says(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """No answer is 5xx, except 503 for a request that waits for a position that the log never reaches."""
    waits = "wait_for" in (case.query or {}) or "Registry-Wait-For" in (case.headers or {})
    if response.status_code < 500 or (waits and response.json().get("type") == WAITED_IN_VAIN):
        return
    raise Failure(
        operation=case.operation.label, title="The server failed", message=f"{response.status_code}: {response.text}"
    )


@schemathesis.check
def refuses_with_a_problem(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """Every refusal is a problem (RFC 9457) of its own status, with Retry-After if it is worth repeating."""
    if response.status_code < 400:
        return
    problem = response.json()
    assert response.headers["content-type"] == ["application/problem+json"], response.headers
    assert (problem["status"], problem["type"].startswith("/problems/")) == (response.status_code, True), problem
    assert (response.status_code == 503) == ("retry-after" in response.headers), response.headers
