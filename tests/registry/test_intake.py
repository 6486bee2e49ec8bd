"""Taking in partners' registrations: each whole or refused alone, nothing twice, blanks never over what is known."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.catalogue import SOURCES, TARGETS
from adapters.losses import Losses
from adapters.reading import Parsed, Refused
from events.schemas.exchange import Refusal
from events.schemas.registration import Registration
from events.schemas.trial import Home, Status
from projections.search.query import SearchQuery
from registry import wiring
from registry.domain.numbers.grammar import Grammar
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import AmendTrial, RegisterTrial
from registry.exchange.exporting import export
from registry.exchange.fates import PLACE, REASON, Fate, Summary, refusal
from registry.exchange.intake import Intake
from registry.exchange.partners import records_of, study_of
from registry.exchange.placing import stream_of
from registry.exchange.received import Study
from registry.node import Node
from registry.settings import Settings
from tests.support.ctgov import FULL, NUMBER
from tests.support.waiting import PATIENCE

CTGOV = SOURCES["ctgov"]


def study(number: str = NUMBER, **identification: Any) -> dict[str, Any]:
    made = deepcopy(FULL)
    made["protocolSection"]["identificationModule"] |= {"nctId": number, **identification}
    return made


async def each(records: Iterable[Parsed | Refusal]) -> AsyncIterator[Study | Refusal]:
    for record in records:
        yield study_of(CTGOV, record) if isinstance(record, Parsed) else record


def new_intake(node: Node, adopt_for: str | None = None) -> Intake:
    adopt, owner = adopt_for is not None, adopt_for or "registry"
    return Intake(node, adopt=adopt, owner=owner, import_id=node.new_id())


async def take(node: Node, *documents: Any, adopt_for: str | None = None) -> Summary:
    intake = new_intake(node, adopt_for)
    for number, document in enumerate(documents):
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        await intake.take_all(each(records_of(CTGOV, [raw], f"file-{number}")), lambda _: None)
    await node.until_visible(PATIENCE)
    return intake.summary


async def document_of(node: Node, number: str = NUMBER) -> dict[str, Any]:
    trial = await node.views.trial_by_identifier(number)
    assert trial is not None
    document = await node.views.document(trial)
    assert document is not None
    return document


def counts(summary: Summary) -> dict[str, int]:
    summary_json = summary.to_json()
    assert summary_json["given"] == sum(summary_json[fate.value] for fate in Fate)
    return {
        name: summary_json[name]
        for name in ("new", "changed", "unchanged", "older", "refused", "events")
        if summary_json[name]
    }


async def test_the_same_bytes_again_add_no_event_and_the_bytes_are_kept(node: Node) -> None:
    assert counts(await take(node, study())) == {"new": 1, "events": 1}
    assert counts(await take(node, study())) == {"unchanged": 1}
    document = await document_of(node)
    event = (await node.views.events(f"trial/{document['trial']}"))[0]

    assert await node.documents.fetch(event.record.data["source"]["document"]) == json.dumps(study()).encode()


async def test_an_older_version_changes_nothing_and_its_bytes_are_found_by_its_event(node: Node) -> None:
    older = study(briefTitle="As it was")
    older["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"] = "2020-01-01"
    await take(node, study())
    before = await document_of(node)

    assert counts(await take(node, older)) == {"older": 1, "events": 1}
    after = await document_of(node)
    [_, event] = await node.views.events(f"trial/{after['trial']}")
    assert event.record.type == "trial.older-version-kept.v1"
    assert await node.documents.fetch(event.record.data["source"]["document"]) == json.dumps(older).encode()
    moved = ("version", "position", "last_recorded")
    assert after == before | {name: after[name] for name in moved}


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
    broken["protocolSection"]["statusModule"]["startDateStruct"]["date"] = "soon"
    summary = await take(node, [study(), broken, study("NCT90000003")])

    assert counts(summary) == {"new": 2, "refused": 1, "events": 2}
    [refusal] = summary.refusals
    assert refusal.identifier == "NCT90000002"
    assert "file-0" in refusal.place
    assert "'soon' is no date" in refusal.reason


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
    assert after["sources"]["ctgov"]["version"] == 3


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


async def test_every_import_ends_with_a_receipt_that_adds_up(node: Node) -> None:
    broken = study("NCT90000002")
    broken["protocolSection"]["statusModule"]["startDateStruct"]["date"] = "soon"
    losses, intake = Losses(), new_intake(node)
    raw = json.dumps([study(), broken]).encode()
    records = list(records_of(CTGOV, [raw], "file"))
    for record in records:
        if isinstance(record, Parsed):
            losses.add(record)
    await intake.take_all(each(records), lambda _: None)
    receipt = await intake.finish("ctgov", ["file"], losses)
    await node.until_visible(PATIENCE)
    [row] = await node.views.latest("import.finished.v1")
    refusals, finished = await node.views.events(row.event.record.subject)

    assert (receipt.given, receipt.new, receipt.refused, receipt.events) == (2, 1, 1, 1)
    assert finished.record.data == receipt.to_stored()
    assert sum(loss.values for loss in receipt.not_carried) == losses.not_carried
    assert [one["identifier"] for one in refusals.record.data["refusals"]] == ["NCT90000002"]


async def test_thousands_of_refusals_are_all_in_the_log_and_not_all_in_memory(node: Node) -> None:
    refusals = [Refusal(place=f"file, study {number}", reason="no number") for number in range(1_100)]
    intake = new_intake(node)
    await intake.take_all(each(refusals), lambda _: None)
    await intake.finish("ctgov", ["file"], Losses())
    await node.until_visible(PATIENCE)
    [row] = await node.views.latest("import.finished.v1")
    events = await node.views.events(row.event.record.subject)

    assert len(intake.summary.refusals) == 1_000
    assert [one["place"] for event in events[:-1] for one in event.record.data["refusals"]] == [
        refusal.place for refusal in refusals
    ]


OURS = Registration.model_validate({"public_title": {"en": "Ours"}})
RECRUITING = Status.model_validate({"authorisation": "published", "recruitment": "recruiting"})


def exported(number: str) -> Parsed:
    """A record of this registry's own export, as an adapter reads it."""
    sender = "Japan Trial Registry"
    return Parsed(
        place="file, trial 1",
        raw=b"<trial/>",
        home=Home(registry=sender, number=number, registered="2019-04-01"),
        sender=sender,
        record=number,
        registration=OURS,
        status=RECRUITING,
        sites=(),
        retrieved=None,
        carried=1,
        not_carried={},
    )


def number_of(running: int, year: int = 2019) -> str:
    grammar = Grammar("JTR{year}{number:06}")
    return grammar.render(grammar.series(year), running)


async def restore(node: Node, *numbers: str) -> Summary:
    intake = new_intake(node)
    await intake.take_all(each(exported(number) for number in numbers), lambda _: None)
    await node.until_visible(PATIENCE)
    return intake.summary


async def test_our_own_export_read_into_an_empty_installation_is_restored_with_its_numbers(node: Node) -> None:
    first = await restore(node, number_of(7), number_of(3), number_of(900))
    again = await restore(node, number_of(7), number_of(3), number_of(900))
    document = await document_of(node, number_of(7))

    assert (first.restored, counts(first)) == (3, {"new": 3, "events": 6})
    assert counts(again) == {"unchanged": 3}
    assert (document["number"], document["registered"]) == (number_of(7), "2019-04-01")
    assert "home" not in document


async def test_an_export_puts_no_file_in_the_place_of_a_pipe_or_a_link(node: Node, tmp_path: Path) -> None:
    await take(node, study(), adopt_for="registry")
    pipe, link, file = tmp_path / "pipe", tmp_path / "link", tmp_path / "upload.xml"
    os.mkfifo(pipe)
    link.symlink_to(file)

    with pytest.raises(OSError, match="name a file"):
        await export(TARGETS["ictrp"], await node.outgoing(), pipe)
    assert (await export(TARGETS["ictrp"], await node.outgoing(), link)).written == 1
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert file.stat().st_size > 0


async def test_a_number_that_may_be_another_trials_here_is_not_given_twice(node: Node) -> None:
    await take(node, study(), adopt_for="registry")
    number = (await document_of(node))["number"]
    year = int(number.removeprefix("JTR")[:4])
    summary = await restore(node, number, number_of(2, year), number_of(600, year), "JTR2026000001Z")

    assert counts(summary) == {"new": 1, "unchanged": 1, "refused": 2, "events": 2}
    assert sorted(refusal.reason.partition(":")[0] for refusal in summary.refusals) == [
        "number-taken",
        "number-unknown",
    ]
    await take(node, study("NCT90000002"), adopt_for="registry")
    assert (await document_of(node, "NCT90000002"))["number"] == number_of(2, year), "the node had reserved it"


async def test_an_import_whose_views_follow_waits_for_them_only_where_it_must(settings: Settings) -> None:
    async with wiring.running(settings, projecting=wiring.Projecting.WHEN_ASKED) as node:
        await node.until_caught_up(lambda _: None)
        summary = await take_in(node, [study(f"NCT91{number:06}") for number in range(80)])
        unseen = await node.views.document(stream_of_number("NCT91000079"))
        # As after many others: what is no longer in the cache has to be read from views that are behind.
        node.states._cache.clear()
        again = await take_in(node, [study("NCT91000007", briefTitle="Renamed")])

        assert (counts(summary), counts(again)) == ({"new": 80, "events": 80}, {"changed": 1, "events": 1})
        assert unseen is None
        await node.until_visible(PATIENCE)
        assert (await document_of(node, "NCT91000007"))["registration"]["public_title"] == {"en": "Renamed"}


async def test_another_process_gets_its_views_while_an_import_has_none_to_wait_for(settings: Settings) -> None:
    async with wiring.running(settings, projecting=wiring.Projecting.WHEN_ASKED) as importing:
        await importing.until_caught_up(lambda _: None)
        await take_in(importing, [study()])
        async with wiring.running(settings) as other:
            await other.until_settled(10)

            assert (await document_of(other))["home"]["number"] == NUMBER


async def take_in(node: Node, studies: list[Any]) -> Summary:
    intake = new_intake(node)
    await intake.take_all(each(records_of(CTGOV, [json.dumps(studies).encode()], "file")), lambda _: None)
    return intake.summary


def stream_of_number(number: str) -> str:
    return stream_of(Home(registry="ctgov", number=number)).removeprefix("trial/")


async def test_refusals_and_receipts_of_any_content_fit_into_records(node: Node) -> None:
    wide = "𠮷" * 5_000
    read = [Refused(f"{wide} {number}", wide, wide) for number in range(90)] + [Refused(" \n", "\x1b", "\x07")]
    source = replace(CTGOV, parse=lambda chunks, place: iter(read))
    intake = new_intake(node)
    await intake.take_all(each(records_of(source, [], "file")), lambda _: None)
    losses = Losses()
    losses.add(parsed_with({f"{wide} {number}": 1 for number in range(600)}))

    receipt = await intake.finish("ctgov", ["", *(f"{number} {wide}" for number in range(3_000))], losses)

    assert (receipt.refused, len(receipt.files), receipt.files[0], receipt.files[-1]) == (
        91,
        401,
        "(blank)",
        "2601 more",
    )
    assert intake.summary.refusals[-1].model_dump() == {"place": "(blank)", "identifier": None, "reason": "(blank)"}


def parsed_with(not_carried: dict[str, int]) -> Parsed:
    (parsed,) = records_of(CTGOV, [json.dumps(study()).encode()], "file")
    assert isinstance(parsed, Parsed)
    return replace(parsed, not_carried=not_carried)


async def test_a_partners_record_is_no_trial_that_claims_its_number(node: Node) -> None:
    claim = {"value": NUMBER, "kind": "registry", "issuer": "ctgov"}
    command = RegisterTrial.model_validate({"registration": {"identifiers": [claim], "acronym": "RIVAL"}})
    rival = await node.submit(CONSOLE, node.new_id(), f"trial/{node.new_id()}", command)
    summary = await take(node, study())
    page = await node.views.search(SearchQuery(q=NUMBER, everything=True))

    assert rival is not None
    assert counts(summary) == {"new": 1, "events": 1}
    assert (await document_of(node))["home"]["number"] == NUMBER
    assert [found.claims for found in page.found] == [False, True]
    assert page.found[1].summary["acronym"] == "RIVAL"


async def test_our_own_number_is_restored_though_another_registry_gave_the_like(node: Node) -> None:
    number = number_of(7)
    like = replace(exported(number), home=Home(registry="Elsewhere", number=number), sender="Elsewhere")
    intake = new_intake(node)
    await intake.take_all(each([like]), lambda _: None)
    await node.until_visible(PATIENCE)
    restored = await restore(node, number)

    assert (counts(intake.summary), restored.restored) == ({"new": 1, "events": 1}, 1)
    assert (await document_of(node, number))["number"] == number


async def test_a_record_that_is_refused_is_named_with_its_place_number_and_reason_and_others_are_taken(
    node: Node,
) -> None:
    key = UUID(stream_of(Home(registry="ctgov", number=NUMBER)).removeprefix("trial/"))
    await node.submit(CONSOLE, key, f"trial/{key}", RegisterTrial(owner="a", registration=OURS))
    summary = await take_in(node, [study(), study("NCT90000077")])

    assert counts(summary) == {"new": 1, "refused": 1, "events": 1}
    assert [one.to_stored() for one in summary.refusals] == [
        {
            "place": f"file, study 1 ({NUMBER})",
            "identifier": NUMBER,
            "reason": "registered-here: this trial was registered here; it has no partner to change it",
        }
    ]


def test_a_refusal_says_what_there_is_to_say() -> None:
    assert refusal("file, study 1", None, "no number").to_stored() == {"place": "file, study 1", "reason": "no number"}
    long = refusal("p" * 9_000, "N1", "r" * 9_000)
    assert (len(long.place), long.identifier, len(long.reason)) == (PLACE, "N1", REASON)
