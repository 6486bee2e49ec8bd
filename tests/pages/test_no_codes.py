"""Japanese pages of the whole demo and of real records show no code, neither ours nor a partner's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml

from adapters.catalogue import SOURCES
from adapters.reading import Parsed
from projections.trial.document import Document, evolve
from projections.views.history.project import changed
from registry.exchange.partners import records_of
from registry.pages.facets import ALONE, chosen
from registry.pages.record import in_full
from registry.pages.shown import Fields, Listing, Passage, Shown
from registry.pages.timeline_entries import entry
from registry.pages.values import FREE, in_words, show
from registry.pages.words import Language, words_in
from tests.projections.trials import event_of
from tests.support.ctgov import SAMPLES, SHARED
from tests.support.demo import lived
from tests.support.ictrp import EXPORT, UPLOAD

JA = words_in(Language.JAPANESE)
CODE = re.compile(r"[a-z]+(?:[_ -][a-z0-9]+)*|[A-Z]+(?:_[A-Z0-9]+)+")
JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
NAMES = frozenset(
    ["施設のID", "組織", "登録者", "同一の施設", "別名", "介入", "群の名称", "略称", "学術的な略称", "番号", "市区町村"]
)
"""Labels of names, which no catalogue can know: ids, brands, numbers, cities."""
ENUMERATIONS = {
    "ResponsiblePartyType": "responsible_party",
    "Status": "last_known_status",
    "ExpandedAccessStatus": "status",
    "StandardAge": "age_groups",
    "BioSpecRetention": "retention",
    "AgreementRestrictionType": "restriction",
    "UnpostedEventType": "kind",
    "ViolationEventType": "kind",
    "ReferenceType": "kind",
    "AgencyClass": "kind",
    "InterventionType": "kind",
    "ArmGroupType": "kind",
    "IpdSharingInfoType": "shared",
    "DesignAllocation": "allocation",
    "InterventionalAssignment": "model",
    "PrimaryPurpose": "purpose",
    "DesignMasking": "masking",
    "WhoMasked": "masked",
    "ObservationalModel": "observational_model",
    "DesignTimePerspective": "time_perspective",
    "SamplingMethod": "sampling",
}
"""ClinicalTrials.gov's closed lists by the names in its schema, and the fields here that hold their words."""


def texts(label: str, shown: Shown) -> Iterator[tuple[str, Passage]]:
    """Every text with the label nearest to it."""
    match shown:
        case Passage():
            yield label, shown
        case Listing(items):
            for item in items:
                yield from texts(label, item)
        case Fields(rows):
            for name, inner in rows:
                yield from texts(name, inner)


def codes(label: str, shown: Shown) -> Iterator[str]:
    """Codes among the texts and the labels themselves; a text in a stated language is somebody's own words."""
    for name, text in texts(label, shown):
        nearest = name.rpartition(" › ")[2]
        if CODE.fullmatch(nearest):
            yield f"label {name}"
        if text.language is None and CODE.fullmatch(text.text) and nearest not in NAMES:
            yield f"{name}: {text.text}"


def of_record(document: Document) -> Iterator[str]:
    for section in in_full(JA, document):
        for name, value in section.rows:
            yield from codes(name, value)


def of_timeline(events: Sequence[Mapping[str, Any]], document: Document) -> Iterator[str]:
    for event in events:
        shown = entry(JA, event, document)
        assert JAPANESE.search(shown.title)
        for change in shown.changes:
            yield from codes(change.field, change.old)
            yield from codes(change.field, change.new)


def test_no_page_of_the_demo_shows_a_code() -> None:
    shown: list[str] = []
    for stream, (_, happened) in lived().items():
        document: Document | None = None
        events = []
        for version, payload in enumerate(happened, 1):
            event, before = event_of(stream.partition("/")[2], version, payload), document
            document = evolve(before, event)
            stored = {"type": event.record.type, "data": event.record.data, "changes": changed(before, document)}
            events.append(
                {
                    **stored,
                    "version": version,
                    "position": "0:1",
                    "recorded": "2026-11-22T00:00:00Z",
                    "organisation": "a",
                }
            )
        assert document is not None
        shown += [*of_record(document), *of_timeline(events, document)]

    assert len(lived()) > 200
    assert sorted(set(shown)) == []


@pytest.mark.skipif(not SAMPLES, reason="../shared, with the real samples, is not here")
def test_no_page_of_a_real_record_shows_a_code() -> None:
    files = [*(("ctgov", file) for file in SAMPLES), ("ictrp", EXPORT), ("ictrp", UPLOAD)]
    read = [one for source, file in files for one in records_of(SOURCES[source], [file.read_bytes()], file.name)]
    shown = [code for one in read if isinstance(one, Parsed) for code in of_record(document_of(one))]

    assert len(read) > 600
    assert sorted(set(shown)) == []


def document_of(one: Parsed) -> Document:
    source = {"registry": one.sender, "record": one.record, **({"retrieved": one.retrieved} if one.retrieved else {})}
    return {
        "trial": "a",
        "home": one.home.to_stored(),
        "registration": one.registration.to_stored(),
        "status": one.status.to_stored(),
        "sources": {"a": source},
    }


@pytest.mark.skipif(not SAMPLES, reason="../shared, with the schema, is not here")
@pytest.mark.parametrize(("name", "field"), ENUMERATIONS.items(), ids=ENUMERATIONS.keys())
def test_every_word_of_clinicaltrials_gov_is_said_in_japanese(name: str, field: str) -> None:
    schemas = yaml.safe_load((SHARED / "schemas/ctgov/ctg-oas-v2.yaml").read_text())["components"]["schemas"]
    path = ("expanded_access", field) if field == "status" else (field,)
    unsaid = [word for word in schemas[name]["enum"] if in_words(JA, path, word.lower()) is None]

    assert field == "status" or field in FREE
    assert unsaid == []


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        (("first_enrolment", "kind"), "anticipated", "予定"),
        (("primary_completion", "kind"), "actual", "実績"),
        (("eligibility", "maximum_age", "unit"), "years", "歳"),
        (("primary_sponsor", "kind"), "group", "研究グループ"),
        (("place", "region"), "Osaka", "大阪府"),
        (("design", "follow_up"), "1 Year", "1年"),
        (("ctgov", "removed_countries"), "United States", "アメリカ合衆国"),
        (("status", "recruitment"), "paused", "中断中"),
    ],
)
def test_a_word_of_a_closed_list_is_said_wherever_it_stands(path: tuple[str, ...], value: str, text: str) -> None:
    assert show(JA, path, value) == Passage(text)


def test_one_age_limit_reads_alike_wherever_it_stands() -> None:
    below = {"value": 75, "unit": "years", "inclusive": False}

    assert show(JA, ("eligibility", "maximum_age"), below) == Passage("75歳未満")
    assert show(JA, ("eligibility", "minimum_age"), {"value": 6, "unit": "months"}) == Passage("6か月以上")


def test_what_narrows_a_search_is_named() -> None:
    values = {"own": "true", "recruiting_sites": "false", "first_enrolment_from": "2025", "home": "ctgov"}
    query = {name: values.get(name, "x") for name in ALONE}
    named = [words for words, _ in chosen(JA, query)]

    assert len(named) == len(ALONE)
    assert all(JAPANESE.search(words.partition(":")[0]) for words in named)
    assert "本サイトに登録: はい" in named


def test_every_word_of_the_japanese_catalogue_is_japanese() -> None:
    unsaid = {key for key, text in JA.catalogue.items() if not JAPANESE.search(re.sub(r"{\w+}", "", text))}

    assert unsaid == {
        "page.api", "page.other_language", "page.other_language_code", "value.separator", "age.both",
    }  # fmt: skip
