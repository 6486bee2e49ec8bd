"""A sponsor or funder that is a person: sealed before the log, named wherever sponsors are, erased there at once."""

from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

from events.schemas.registration import Source
from events.sealing import OwnerKind, owners_in
from projections.search.query import SearchQuery
from registry.domain.decider import Rejection
from registry.domain.permissions import CONSOLE
from registry.domain.trial import commands as do
from registry.exchange.raw import Destroyed
from registry.exchange.received import Received
from registry.node import Node
from registry.office.erasing import destroy
from registry.server import create_app
from registry.settings import Settings
from tests.support.postgres import everything_in
from tests.support.receiving import receive
from tests.support.trials import SEALED, partner_study, registration
from tests.support.waiting import PATIENCE

BEFORE, PRIMARY, SECONDARY, FUNDER = ({"name": {"en": f"Kanariya {name}"}} for name in ("Taro", "Jiro", "Ume", "Fuji"))
HOSPITAL = {"en": "Example University Hospital"}
FIELDS = {
    "primary_sponsor": {"person": BEFORE, "name": HOSPITAL, "kind": "individual"},
    "secondary_sponsors": [{"person": SECONDARY}, {"name": {"en": "A company"}}],
    "funders": [{"person": FUNDER}],
}


async def published(node: Node, **fields: Any) -> str:
    """The id of a public trial, sponsored by persons, whose primary sponsor was amended to be one."""
    key = uuid4()
    stream = f"trial/{key}"
    command = do.RegisterTrial.model_validate({"registration": registration(**{**FIELDS, **fields})})
    await node.submit(CONSOLE, key, stream, command)
    await node.submit(CONSOLE, uuid4(), stream, do.PublishTrial())
    changed = {"primary_sponsor": {"person": PRIMARY, "name": {"en": "Another hospital"}}}
    amendment = do.AmendTrial.model_validate({"reason": "moved", "registration": changed})
    await node.submit(CONSOLE, uuid4(), stream, amendment)
    await node.until_visible(PATIENCE)
    return str(key)


async def read(node: Node, trial: str) -> dict[str, Any]:
    document = await node.views.document(trial)
    assert document is not None
    return (await node.open_all(document, f"trial/{trial}"))["registration"]  # type: ignore[no-any-return]


async def test_a_person_who_sponsors_is_sealed_before_the_log_and_opened_for_readers(
    node: Node, settings: Settings
) -> None:
    trial = await published(node)
    opened = await read(node, trial)

    assert opened["primary_sponsor"]["person"]["name"] == PRIMARY["name"]
    assert opened["primary_sponsor"]["name"] == {"en": "Another hospital"}
    assert opened["secondary_sponsors"][0]["person"]["name"] == SECONDARY["name"]
    assert opened["funders"][0]["person"]["name"] == FUNDER["name"]
    stored = everything_in(settings.database_url)
    assert "A company" in stored, "the search for names sees what is kept"
    assert "Kanariya" not in stored


async def test_a_list_of_found_trials_names_the_person_and_no_index_does(node: Node) -> None:
    trial = await published(node)

    async def listed(**query: Any) -> list[Any]:
        page = await node.views.search(SearchQuery(everything=True, **query), None)
        return [one["sponsor"] for one in await node.open_found([found.summary for found in page.found])]

    [sponsor] = await listed(q=trial)
    assert sponsor["name"] == PRIMARY["name"]
    assert await listed(q="Kanariya") == []
    await node.vault.destroy(OwnerKind.PERSON, sponsor["person"])
    assert await listed() == [{"person": sponsor["person"], "erased": True}]


async def test_pages_name_the_person_until_erased_and_contacts_on_the_trials_own_page_alone(node: Node) -> None:
    trial = await published(node)
    rows = await node.views.history(f"trial/{trial}")
    sponsors = [row.event.record.data["registration"] for row in rows[:1]] + [row.changes for row in rows[1:]]
    for one in sponsors[:1]:
        del one["contacts"]
    owners = set(owners_in(sponsors, ("person",)))
    async with TestClient(TestServer(create_app(node))) as client:

        async def pages() -> list[str]:
            paths = (f"/en/trials/{trial}", f"/en/trials/{trial}/timeline", "/en/", "/")
            return [await (await client.get(path)).text() for path in paths]

        before = await pages()
        for owner in owners:
            assert await node.vault.destroy(OwnerKind.PERSON, owner)
        after = await pages()

    shown, _, found, japanese = after
    assert len(owners) == 4
    assert [name for name in ("Jiro", "Ume", "Fuji") if f"Kanariya {name}" not in before[0]] == []
    assert all("Kanariya Jiro" in page for page in before)
    assert "Kanariya Taro" in before[1]
    assert "Hanako Shiken" in before[0], "whom the public can ask (ADR 0046)"
    assert "Hanako Shiken" not in "".join(before[1:])
    assert "Kanariya" not in "".join(after)
    assert "Another hospital" in shown
    assert all("Name erased" in page for page in (shown, found))
    assert "氏名は消去されました" in japanese


async def test_forgetting_a_person_who_sponsors_destroys_the_documents_that_name_them(node: Node) -> None:
    study, stream = partner_study(primary_sponsor={"person": PRIMARY}), f"trial/{uuid4()}"
    received = Received.of("ictrp", b"Kanariya Jiro", "application/xml")
    event = await receive(node, stream, received, lambda source: do.ImportTrial(**study, source=source))
    assert event is not None
    document = Source.from_stored(event.record.data["source"]).document
    assert await node.documents.fetch(document) == b"Kanariya Jiro"
    [owner] = dict.fromkeys(owners_in(event.record.data["registration"]["primary_sponsor"]))
    await destroy(node, OwnerKind.PERSON, [owner], "asked by the person")

    with pytest.raises(Destroyed):
        await node.documents.fetch(document)


async def test_a_sponsor_can_bring_no_sealed_data_of_its_own(node: Node) -> None:
    with pytest.raises(Rejection, match="sealed-input"):
        await published(node, primary_sponsor={"person": SEALED})


async def test_a_sponsor_is_an_organisation_or_a_person() -> None:
    with pytest.raises(ValueError, match="give the name of the organisation, or the person where it is one"):
        do.RegisterTrial.model_validate({"registration": registration(primary_sponsor={"kind": "academic"})})
