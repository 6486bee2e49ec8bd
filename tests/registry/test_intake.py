"""Taking in partners' registrations: each whole or refused alone, nothing twice, blanks never over what is known."""

import asyncio
import json
from copy import deepcopy
from typing import Any

from adapters.losses import Losses
from events.schemas.registration import Source
from projections.search.query import SearchQuery
from registry.access import CONSOLE
from registry.domain.trial.commands import AmendTrial
from registry.intake import Intake, Summary
from registry.node import Node
from registry.partners import SOURCES
from tests.support.ctgov import FULL, NUMBER

CTGOV = SOURCES["ctgov"]


def study(number: str = NUMBER, **identification: Any) -> dict[str, Any]:
    made = deepcopy(FULL)
    made["protocolSection"]["identificationModule"] |= {"nctId": number, **identification}
    return made


async def take(node: Node, *documents: Any, adopt_for: str | None = None) -> Summary:
    intake = Intake(node, CTGOV.media_type, adopt_for)
    for number, document in enumerate(documents):
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        await intake.take_all(CTGOV.studies([raw], f"file-{number}", Losses()), lambda: None)
    await node.until_visible(20)
    return intake.summary


async def document_of(node: Node, number: str = NUMBER) -> dict[str, Any]:
    trial = await node.views.trial_by_identifier(number)
    assert trial is not None
    document = await node.views.document(trial)
    assert document is not None
    return document


def counts(summary: Summary) -> dict[str, int]:
    told = summary.to_json()
    assert told["given"] == told["new"] + told["changed"] + told["unchanged"] + told["refused"]
    return {name: told[name] for name in ("new", "changed", "unchanged", "refused", "events") if told[name]}


async def test_the_same_bytes_again_add_no_event_and_the_bytes_are_kept(node: Node) -> None:
    assert counts(await take(node, study())) == {"new": 1, "events": 1}
    assert counts(await take(node, study())) == {"unchanged": 1}
    document = await document_of(node)
    event = (await node.views.events(f"trial/{document['trial']}"))[0]

    assert (
        await node.documents.fetch(Source.model_validate(event.record.data["source"])) == json.dumps(study()).encode()
    )


async def test_changed_bytes_become_a_field_diff_and_blanks_do_not_overwrite(node: Node) -> None:
    changed = study(briefTitle="Zinc for the common cold, renamed")
    del changed["protocolSection"]["identificationModule"]["acronym"]
    await take(node, study())
    before = await document_of(node)

    assert counts(await take(node, changed)) == {"changed": 1, "events": 1}
    after = await document_of(node)
    [_, row] = await node.views.history(f"trial/{after['trial']}")
    fields = {change["field"]: (change["old"], change["new"]) for change in row.changes}
    old, new = before["registration"]["public_title"]["en"], "Zinc for the common cold, renamed"
    assert fields["/registration/public_title/en"] == (old, new)
    assert after["registration"]["acronym"] == before["registration"]["acronym"] == "ZINC"
    assert row.event.record.data["kept"] == ["/registration/acronym"]


async def test_bytes_that_change_nothing_we_carry_are_kept_as_an_event_of_their_own(node: Node) -> None:
    await take(node, study())

    assert counts(await take(node, json.dumps(study(), indent=1).encode())) == {"changed": 1, "events": 1}
    assert (await document_of(node))["version"] == 2


async def test_one_broken_study_is_refused_alone_with_its_place(node: Node) -> None:
    broken = study("NCT90000002")
    broken["protocolSection"]["designModule"]["phases"] = ["PHASE5"]
    summary = await take(node, [study(), broken, study("NCT90000003")])

    assert counts(summary) == {"new": 2, "refused": 1, "events": 2}
    [refusal] = summary.refusals
    assert refusal.identifier == "NCT90000002"
    assert "file-0" in refusal.place
    assert "PHASE5" in refusal.reason


async def test_two_versions_in_one_file_are_taken_in_their_order(node: Node) -> None:
    summary = await take(node, [study(briefTitle=f"version {number}") for number in range(5)])

    assert counts(summary) == {"new": 1, "changed": 4, "events": 5}
    assert (await document_of(node))["registration"]["public_title"] == {"en": "version 4"}


async def test_an_imported_trial_is_found_by_its_number_and_belongs_to_its_home(node: Node) -> None:
    await take(node, study())
    page = await node.views.search(SearchQuery(q=NUMBER))

    assert [found.summary["home"]["number"] for found in page.found] == [NUMBER]
    assert "number" not in await document_of(node)


async def test_adopting_gives_a_number_once_and_keeps_later_versions_beside(node: Node) -> None:
    first = await take(node, study(), adopt_for="registry")
    again = await take(node, study(), adopt_for="registry")
    adopted = await document_of(node)
    later = await take(node, study(briefTitle="Changed over there"), adopt_for="registry")
    after = await document_of(node, adopted["number"])

    assert (first.adopted, again.adopted, later.adopted) == (1, 0, 0)
    assert (counts(first), counts(again), counts(later)) == (
        {"new": 1, "events": 2},
        {"unchanged": 1},
        {"changed": 1, "events": 1},
    )
    assert adopted["adopted_from"]["number"] == NUMBER
    assert any(claim["value"] == NUMBER for claim in adopted["registration"]["identifiers"])
    assert after["registration"] == adopted["registration"]
    assert after["sources"]["ClinicalTrials.gov"]["version"] == 3


async def test_two_imports_at_once_make_one_trial_of_each_number(node: Node) -> None:
    studies = [study(f"NCT900001{number:02}") for number in range(12)]
    one, other = await asyncio.gather(
        take(node, studies, adopt_for="registry"), take(node, list(reversed(studies)), adopt_for="registry")
    )
    documents = [document async for document in node.views.documents(owned=True)]

    assert one.fates.total() == other.fates.total() == 12
    assert one.events + other.events == 24
    assert len({document["number"] for document in documents}) == len(documents) == 12


async def test_an_adopted_trial_can_be_amended_here_whatever_its_old_registry_left_out(node: Node) -> None:
    await take(node, study(), adopt_for="registry")
    document = await document_of(node)
    command = AmendTrial.model_validate({"reason": "checked", "registration": {"planned_size": 77}})
    receipt = await node.submit(CONSOLE, node.new_id(), f"trial/{document['trial']}", command)

    assert receipt is not None
    assert receipt.version == 3
