"""Forgetting one person at a shared mailbox: what it will touch is said before, and nobody else is erased."""

from typing import Any

import pytest

from adapters.catalogue import SOURCES
from events.sealing import OwnerKind
from registry.exchange.intake import Intake
from registry.exchange.partners import records_of
from registry.node import Node
from registry.office.erasing import destroy, touched
from tests.registry.test_intake import each
from tests.support.ctgov import SHARED
from tests.support.waiting import PATIENCE

CASES = SHARED.parent / "review" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="../shared, with the cases, is not here")


async def take(node: Node, file: str) -> None:
    intake = Intake(node, adopt=False, owner="registry", import_id=node.new_id())
    await intake.take_all(each(records_of(SOURCES["ctgov"], [(CASES / file).read_bytes()], file)), lambda _: None)
    await node.until_visible(PATIENCE)


async def contacts(node: Node, number: str) -> list[dict[str, Any]]:
    trial = await node.views.trial_by_identifier(number)
    assert trial is not None
    document = await node.views.document(trial)
    assert document is not None
    opened = await node.open_all(document, f"trial/{trial}")
    return [one["person"] for one in opened["registration"]["contacts"]]


def names(persons: list[dict[str, Any]]) -> list[str]:
    return [person.get("name", {}).get("en", "erased") for person in persons]


async def test_forgetting_one_person_at_a_shared_mailbox_erases_no_other(node: Node) -> None:
    await take(node, "23-shared-mailbox.json")
    alpha, beta = await contacts(node, "NCT80230012")
    (gamma,) = await contacts(node, "NCT80230020")
    assert len({alpha["person"], beta["person"], gamma["person"]}) == 3

    [one] = await touched(node, OwnerKind.PERSON, [alpha["person"]])
    assert one.details == "Alpha Person, trials@example.org, 555-0001"
    assert (one.trials, one.documents) == (("NCT80230012",), 1)
    assert names(await contacts(node, "NCT80230012")) == ["Alpha Person", "Beta Person"], "it was only said"

    assert await destroy(node, OwnerKind.PERSON, [alpha["person"]], "asked") == [True]
    assert names(await contacts(node, "NCT80230012")) == ["erased", "Beta Person"]
    assert names(await contacts(node, "NCT80230020")) == ["Gamma Person"]
    await take(node, "23b-after-forgetting.json")
    assert names(await contacts(node, "NCT80230038")) == ["Delta Person"]


async def test_what_a_forgetting_would_touch_is_every_trial_that_ever_named_them(node: Node) -> None:
    await take(node, "06b-contact-withdrawn-v1.json")
    trial = await node.views.trial_by_identifier("NCT80060021")
    assert trial is not None
    before = await node.views.document(trial)
    assert before is not None
    [person] = [one["person"]["person"] for one in before["sites"]["s1"]["contacts"]]
    await take(node, "06b-contact-withdrawn-v2.json")
    after = await node.views.document(trial)
    assert after is not None

    assert after["sites"]["s1"]["contacts"] == []
    assert after["sites"]["s2"] == before["sites"]["s2"] | {
        "left": True, "recruitment": "closed", "authorisation": "ended"
    }  # fmt: skip
    [one] = await touched(node, OwnerKind.PERSON, [person])
    assert (one.trials, one.documents) == (("NCT80060021",), 1)


async def test_what_is_known_of_nobody_is_said(node: Node) -> None:

    with pytest.raises(LookupError, match="no person is known"):
        await touched(node, OwnerKind.PERSON, ["0199a5c0-0000-7000-8000-00000000dead"])
