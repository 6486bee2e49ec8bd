"""No command, however large, holds the loop for long: others are answered meanwhile."""

from typing import Any

import pytest

from events.schemas.access import Role
from tests.api.conftest import Api
from tests.support.steps import MOST, measured
from tests.support.trials import registration


def persons(letter: str) -> dict[str, Any]:
    """A thousand to be sealed, which come to 360 kB then."""
    named = [
        {"name": {"en": f"{letter} {number}"}, "email": f"{letter}{number}@example.org"} for number in range(1_000)
    ]
    roles = ("public", "scientific") * 500
    return {"contacts": [{"role": role, "person": person} for role, person in zip(roles, named, strict=True)]}


def values(letter: str) -> dict[str, Any]:
    """As many as 400 kB hold; each takes its time to be validated, compared and encoded."""
    terms = [{"en": f"{letter} {number}"} for number in range(1_000)]
    return {
        "references": [{"citation": f"{letter}{number}"} for number in range(7_500)],
        "condition_keywords": terms,
        "intervention_keywords": terms,
        "conditions": [{"name": term} for term in terms],
    }


def texts(letter: str) -> dict[str, Any]:
    """Nearly 400 kB of a few long texts."""
    return {name: {"en": letter * 95_000} for name in ("description", "plain_summary")} | {
        "results": {"summary": {"en": letter * 95_000}, "baseline": {"en": letter * 90_000}}
    }


def too_much(letter: str) -> dict[str, Any]:
    """Nearly the largest body there is, every value right, and too large together."""
    return {"conditions": [{"name": {"en": f"{number} " + letter * 740}} for number in range(1_000)]}


@pytest.mark.parametrize("of", [persons, values, texts])
async def test_a_large_registration_and_its_amendment_leave_the_loop_to_others(
    api: Api, of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with measured(monkeypatch) as steps:
        trial = (await api.done("/v1/trials", {"registration": registration(**of("x"))}))["trial"]
        await api.settled()
        await api.done(f"/v1/trials/{trial}/amend", {"reason": "r", "registration": of("y")})
        await api.settled()
        api.node.states._cache.clear()
        published = await api.post(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
        await api.settled()
        read = await api.get(f"/v1/trials/{trial}")

    print(f"{of.__name__}: {steps.longest * 1000:.0f} ms")  # noqa: T201
    assert (published.status, read.status) == (201, 200)
    assert steps.longest < MOST


async def test_what_the_rules_refuse_leaves_the_loop_to_others(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = await api.draft(**values("x"))
    await api.settled()
    with measured(monkeypatch) as steps:
        refused = await api.post(f"/v1/trials/{trial}/amend", {"reason": "r", "registration": too_much("y")})

    print(f"refused: {steps.longest * 1000:.0f} ms")  # noqa: T201
    assert (refused.status, refused.rules) == (422, {"too-large"})
    assert steps.longest < MOST
