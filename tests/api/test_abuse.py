"""Further attacks and mishaps that were found: see docs/attacks.md."""

import time
from uuid import uuid4

import pytest
from yarl import URL

from events.schemas.access import Role
from registry.cli import inspecting
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from tests.api.conftest import Api
from tests.api.test_loop import MOST, measured
from tests.projections.test_linear import FEW
from tests.registry.domain.test_trial import CONTEXT, after
from tests.support.linear import assert_linear
from tests.support.planting import plant
from tests.support.trials import sealed_registration


async def test_a_receipt_in_another_form_hides_no_other(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    bare, odd = uuid4(), uuid4()
    await plant(api.node, f"import/{bare}", "import.finished.v1", b"{}")
    await plant(api.node, f"import/{odd}", "import.records-refused.v1", b'{"refusals": 1}')
    await plant(api.node, f"import/{odd}", "import.finished.v1", b'{"source": ["ctgov"], "given": {"a": null}}')
    await api.settled()

    listed = await api.get("/v1/imports", role=Role.REGISTRY)
    ones = [await api.get(f"/v1/imports/{name}", role=Role.REGISTRY) for name in (bare, odd)]
    rows = await api.node.views.latest("import.finished.v1", limit=5)
    inspecting._print_status(
        {"followers": [], "policies": [], "set aside": [], "imports": [inspecting._receipt(row.event) for row in rows]}
    )

    assert [one["id"] for one in listed.body["imports"]] == [str(odd), str(bare)]
    assert [(one.status, one.body["refusals"]) for one in ones] == [(200, []), (200, [])]
    assert "Last imports" in capsys.readouterr().out


LONG_ADDRESSES = {
    "one parameter many times": "/v1/trials?" + "&".join(["phase=1"] * 900),
    "many parameters": "/v1/trials?" + "&".join(f"{number:x}=" for number in range(1_500)),
    "empty parameters": "/?" + "&".join(["q="] * 2_500),
    "quotes": "/v1/trials?q=" + '"' * 500,
    "phrases": "/en/?q=" + '"a"' * 166,
    "brackets": "/v1/trials?home=" + "%28" * 2_500,
    "slashes": "/" * 8_000,
    "a deep path": "/v1/trials" + "/.." * 2_500,
    "escapes": "/trials/" + "%25" * 2_600,
    "a moment": "/v1/trials?as_of=" + "9" * 8_000,
    "a number": "/v1/trials/" + "JPRN-" * 1_500,
    "an id": "/v1/commands/" + "0-" * 3_900,
}
LONG_HEADS = {
    "Accept": "text/html," * 800,
    "If-None-Match": '"1",' * 2_000,
    "X-Forwarded-For": "10.0.0.1," * 900,
    "Authorization": "Bearer " + " " * 8_000,
    "Registry-Wait-For": "1:" * 4_000,
    "Range": "bytes=" + "0-1," * 2_000,
}


async def test_the_longest_heads_are_answered_and_hold_the_loop_for_a_moment(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [(name, path, {}) for name, path in LONG_ADDRESSES.items()]
    requests += [(name, "/v1/trials", {name: value}) for name, value in LONG_HEADS.items()]
    longest, failed = {}, {}
    for name, path, headers in requests:
        with measured(monkeypatch) as steps:
            answer = await api.ask("GET", URL(path, encoded=True), headers={"Accept": "text/html", **headers})
        longest[name] = steps.longest
        if answer.status >= 500:
            failed[name] = answer.raw

    assert failed == {}
    assert {name: seconds for name, seconds in longest.items() if seconds > MOST} == {}


def test_a_list_turned_round_is_compared_in_proportion_to_its_length() -> None:
    def seconds(listed: list[dict[str, str]]) -> float:
        trial = after(do.RegisterTrial(registration=sealed_registration(references=listed)))
        turned = do.AmendTrial.model_validate({"reason": "r", "registration": {"references": listed[::-1]}})
        began = time.process_time()
        event = decide(trial, turned, CONTEXT)
        took = time.process_time() - began
        assert event is not None
        return took

    listed = [{"kind": "article", "citation": f"citation {number}"} for number in range(3_000)]
    assert_linear(seconds, listed, FEW)
