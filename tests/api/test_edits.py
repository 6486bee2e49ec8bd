"""Amendments of members of lists over HTTP: by item, sealed as ever, and never by index."""

from typing import Any

import pytest

from events.schemas.access import Role
from tests.api.conftest import Api

FIRST = {"item": "first", "rank": "primary", "measure": {"ja": "生存", "en": "Survival"}}


def edit(field: str, value: Any) -> dict[str, Any]:
    return {"reason": "Better", "edits": [{"field": field, "value": value}]}


async def test_one_member_is_changed_and_a_person_in_another_is_sealed(api: Api) -> None:
    trial = await api.published(outcomes=[FIRST])
    contact = {"role": "public", "person": {"name": {"en": "Grace Hopper"}, "email": "grace@example.org"}}
    await api.done(f"/v1/trials/{trial}/amend", edit("/outcomes/first/measure/en", "Overall survival"))
    await api.done(f"/v1/trials/{trial}/amend", edit("/contacts/office", contact))
    await api.settled()

    history = (await api.get(f"/v1/trials/{trial}/history")).body["events"]
    read = (await api.get(f"/v1/trials/{trial}")).body["registration"]
    change = {"field": "/registration/outcomes/first/measure/en", "old": "Survival", "new": "Overall survival"}
    assert history[-2]["changes"] == [change]
    assert history[-2]["data"]["changes"] == [{**change, "field": "/outcomes/first/measure/en"}]
    assert read["outcomes"] == [{**FIRST, "measure": {"ja": "生存", "en": "Overall survival"}}]
    assert read["contacts"][-1]["person"]["email"] == "grace@example.org"
    rows = await api.node.views.history(f"trial/{trial}")
    assert "sealed" in rows[-1].event.record.data["changes"][0]["new"]["person"]


@pytest.mark.parametrize(
    ("field", "value", "kind", "fault"),
    [
        ("/outcomes/0/measure/en", "x", "invalid", "/edits/0/field"),
        ("/outcomes/first/rank", "banana", "invalid", "/edits/0/value"),
        ("/contacts/office/person", {"name": {"en": "Grace Hopper"}}, "invalid", "/edits/0/value"),
        ("/outcomes/second/measure/en", "x", "rejected", "/edits/0/field"),
    ],
)
async def test_an_index_an_unknown_item_and_what_fits_nowhere_are_refused(
    api: Api, field: str, value: Any, kind: str, fault: str
) -> None:
    trial = await api.draft(outcomes=[FIRST])
    answer = await api.post(f"/v1/trials/{trial}/amend", edit(field, value))

    assert (answer.status, answer.kind) == (422, kind)
    assert [one["field"] for one in answer.body["faults"]] == [fault]
    assert "Hopper" not in str(answer.body)
    seen = (await api.get(f"/v1/trials/{trial}", role=Role.SPONSOR)).body
    assert seen["registration"]["outcomes"] == [FIRST]
