"""A trial's sources beside its record, and the receipts of imports, in answers of the API."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from adapters.losses import Losses
from events.schemas.access import Role
from events.schemas.exchange import Refusal
from registry.api.source_answers import ImportAnswer, ImportsAnswer, SourcesAnswer
from registry.domain.trial.commands import AdoptTrial, ImportTrial
from registry.exchange.intake import Intake
from registry.exchange.placing import stream_of
from registry.exchange.received import Received
from tests.api.conftest import Api
from tests.support.receiving import receive
from tests.support.trials import PERSON, partner_study

OWN, WHO = "ctgov", "who-ictrp"


async def each(refusals: list[Refusal]) -> AsyncIterator[Refusal]:
    for refusal in refusals:
        yield refusal


async def send(api: Api, sender: str, raw: bytes, **fields: Any) -> str:
    study = partner_study(contacts=[{"role": "public", "person": PERSON}], **fields)
    stream = stream_of(study["home"])
    received = Received.of(sender, raw, "text/plain", "2026-11-01")
    assert await receive(api.node, stream, received, lambda source: ImportTrial(**study, source=source)) is not None
    await api.settled()
    return f"/v1/trials/{stream.removeprefix('trial/')}"


async def test_every_source_is_listed_with_its_time_and_what_it_says_otherwise(api: Api) -> None:
    await send(api, WHO, b"rendered", public_title={"en": "Rendered"}, acronym="WHO", planned_size=12)
    trial = await send(api, OWN, b"own", public_title={"en": "Own"})
    listed = SourcesAnswer.model_validate((await api.get(f"{trial}/sources")).body)
    own, who = listed.sources

    assert [(one.source, one.home, one.version, one.retrieved) for one in listed.sources] == [
        (OWN, True, 2, "2026-11-01"),
        (WHO, False, 1, "2026-11-01"),
    ]
    assert own.differs == ()
    assert [(one.field, one.here, one.there) for one in who.differs] == [
        ("/registration/public_title/en", "Own", "Rendered")
    ], "the same person sealed twice is no difference"
    record = (await api.get(trial)).body["registration"]
    assert (record["public_title"], record["acronym"], record["planned_size"]) == ({"en": "Own"}, "WHO", 12)


async def test_sources_are_told_as_of_a_moment_and_beside_an_adopted_trial(api: Api) -> None:
    trial = await send(api, OWN, b"own", planned_size=10)
    await api.node.order(trial.removeprefix("/v1/").replace("trials", "trial"), AdoptTrial(owner="kyoto-hp"))
    await send(api, WHO, b"rendered", planned_size=12)
    position = (await api.get(f"{trial}/history")).body["events"][0]["position"]
    then = (await api.get(f"{trial}/sources?as_of={position}")).body
    now = SourcesAnswer.model_validate((await api.get(f"{trial}/sources")).body)

    assert [one["source"] for one in then["sources"]] == [OWN]
    assert [one.source for one in now.sources] == [OWN, WHO]
    assert [(one.field, one.here, one.there) for one in now.sources[1].differs] == [
        ("/registration/planned_size", 10, 12)
    ]


async def test_a_receipt_is_read_by_the_registry_and_regulators_and_lists_every_refusal(api: Api) -> None:
    intake = Intake(api.node, adopt=False, owner="registry", import_id=(name := uuid4()))
    refusals = [Refusal(place=f"file, study {number}", identifier=None, reason="no number") for number in range(3)]
    await intake.take_all(each(refusals), lambda _: None)
    await intake.finish("ctgov", ["file"], Losses())
    await api.settled()

    listed = ImportsAnswer.model_validate((await api.get("/v1/imports", role=Role.REGULATOR)).body)
    whole = ImportAnswer.model_validate((await api.get(f"/v1/imports/{name}", role=Role.REGISTRY)).body)
    assert [(one.id, one.given, one.refused) for one in listed.imports] == [(str(name), 3, 3)]
    assert whole.refusals == tuple(refusals)
    assert (await api.get("/v1/imports")).kind == "token-missing"
    for role in (Role.SITE, Role.SPONSOR, Role.PARTNER, Role.PUBLIC):
        assert (await api.get(f"/v1/imports/{name}", role=role)).kind == "not-permitted"
    assert (await api.get(f"/v1/imports/{uuid4()}", role=Role.REGISTRY)).kind == "import-unknown"
