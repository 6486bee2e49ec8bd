"""What was accepted can be taken in again and changed, however long its event is: its body is kept in parts."""

from collections.abc import Iterator
from typing import Any

import pytest

from events.bodies import MAX_BODY_BYTES
from events.port import MAX_MESSAGE_BYTES
from events.record import DATAREF
from projections.catalogue import PROGRAM
from projections.engine.rebuild import rebuild
from projections.trial.document import stream_of
from registry.node import Node
from tests.registry.test_intake import counts, document_of, study, take


def large(sites: int, facility: str = "Hospital") -> dict[str, Any]:
    """A study of so many sites, each with two persons to be sealed."""
    made = study()
    made["protocolSection"]["contactsLocationsModule"]["locations"] = list(_sites(sites, facility))
    return made


def _sites(number: int, facility: str) -> Iterator[dict[str, Any]]:
    for site in range(number):
        people = [
            {"name": f"Investigator {site}", "role": "PRINCIPAL_INVESTIGATOR"},
            {"name": f"Coordinator {site}", "role": "CONTACT", "email": f"site-{site}@example.org", "phone": "1"},
        ]
        yield {"facility": f"{facility} {site}", "city": "Tokyo", "country": "Japan", "status": "RECRUITING",
               "contacts": people}  # fmt: skip


@pytest.mark.parametrize("sites", [1_000, 1_500])
async def test_an_import_of_many_sites_can_be_imported_again_in_other_words(
    node: Node, database_url: str, sites: int
) -> None:
    assert counts(await take(node, large(sites))) == {"new": 1, "events": 1}
    first = await document_of(node)
    assert counts(await take(node, large(sites))) == {"unchanged": 1}
    changed = large(sites, "Clinic")
    changed["protocolSection"]["identificationModule"]["briefTitle"] = "Renamed"
    assert counts(await take(node, changed)) == {"changed": 1, "events": 1}

    document = await document_of(node)
    [imported, changed_event] = await node.views.events(stream_of(document["trial"]))
    loaded = await node.states.load(stream_of(document["trial"]), 20)
    names = [site["name"]["en"].partition(" ")[0] for site in document["sites"].values()]
    assert len(first["sites"]) == names.count("Hospital") == names.count("Clinic") == sites
    assert document["registration"]["public_title"] == {"en": "Renamed"}
    assert loaded.state.whole["sites"].keys() == document["sites"].keys()
    assert [DATAREF in event.record.extensions for event in (imported, changed_event)] == [sites == 1_500, True]

    await rebuild(node.log, node.heads.topic, database_url, program=PROGRAM)
    assert await document_of(node) == document


async def test_what_is_longer_than_any_body_is_refused_alone(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.bodies.MAX_BODY_BYTES", MAX_MESSAGE_BYTES)
    summary = await take(node, large(1_500), study("NCT00000099"))

    assert counts(summary) == {"new": 1, "refused": 1, "events": 1}
    assert "an event may have" in summary.refusals[0].reason
    assert MAX_BODY_BYTES > 4 * MAX_MESSAGE_BYTES
