"""A partner's extension from its record to every reader: event, trial document, history, page, dump and rebuild."""

from typing import Any

from pydantic import BaseModel

from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from projections.engine.rebuild import rebuild
from registry.domain.trial.commands import AdoptTrial, ImportTrial
from registry.exchange.placing import stream_of
from registry.exchange.received import Received
from registry.settings import Settings
from tests.api.conftest import Api
from tests.support.receiving import receive
from tests.support.trials import partner_study


class Approval(BaseModel):
    """A model that lives with its partner."""

    board: dict[str, str]
    number: int
    conditions: tuple[str, ...] = ()


def extensions(number: int, *conditions: str) -> dict[str, Any]:
    approval = Approval(board={"ja": "認定臨床研究審査委員会"}, number=number, conditions=conditions)
    return {"jrct": {"approval": approval.model_dump(mode="json"), "page": "https://jrct.example/1"}}


async def send(api: Api, raw: bytes, **fields: Any) -> str:
    study = partner_study("jRCT1031200001", **fields)
    stream = stream_of(study["home"])
    command = lambda source: ImportTrial(**study, source=source)  # noqa: E731
    assert await receive(api.node, stream, Received.of("jrct", raw, "text/plain"), command) is not None
    await api.settled()
    return stream.removeprefix("trial/")


async def test_an_extension_is_read_in_every_place_in_which_a_registration_is(api: Api, settings: Settings) -> None:
    await send(api, b"one", extensions=extensions(1))
    trial = await send(api, b"two", extensions=extensions(2, "adults"))
    record = (await api.get(f"/v1/trials/{trial}")).body
    history = (await api.get(f"/v1/trials/{trial}/history")).body["events"]
    page = (await api.get(f"/en/trials/{trial}")).raw.decode()
    timeline = (await api.get(f"/trials/{trial}/timeline")).raw.decode()

    assert record["registration"]["extensions"] == extensions(2, "adults")
    assert [one for one in history[-1]["changes"] if "extensions" in one["field"]] == [
        {"field": "/registration/extensions/jrct/approval/conditions", "old": [], "new": ["adults"]},
        {"field": "/registration/extensions/jrct/approval/number", "old": 1, "new": 2},
    ]
    assert "More from other registries" in page
    assert "認定臨床研究審査委員会" in page
    assert 'href="https://jrct.example/1"' in page
    assert "他の登録データベースのその他の項目 › jRCT（臨床研究等提出・公開システム） › approval › number" in timeline
    before = [line async for line in dump(settings.database_url or "", program=PROGRAM)]
    await rebuild(api.node.log, api.node.heads.topic, settings.database_url or "", program=PROGRAM)
    assert [line async for line in dump(settings.database_url or "", program=PROGRAM)] == before
    assert any("認定臨床研究審査委員会".encode() in line for line in before)


async def test_an_extension_is_amended_by_a_path_and_refused_by_name(api: Api) -> None:
    trial = await send(api, b"one", extensions=extensions(1))
    await api.node.order(f"trial/{trial}", AdoptTrial(owner="kyoto-sponsor"))
    edit = {"field": "/extensions/jrct/approval/number", "value": 7}
    await api.done(f"/v1/trials/{trial}/amend", {"reason": "Renewed", "edits": [edit]})
    wrong = {"field": "/extensions/jrct/approval", "value": {"person": {"name": {"en": "Grace Hopper"}}}}
    refused = await api.post(f"/v1/trials/{trial}/amend", {"reason": "Renewed", "edits": [wrong]})
    await api.settled()

    assert (await api.get(f"/v1/trials/{trial}")).body["registration"]["extensions"] == extensions(7)
    assert refused.status == 422
    assert b"person is reserved" in refused.raw
    assert b"Hopper" not in refused.raw
