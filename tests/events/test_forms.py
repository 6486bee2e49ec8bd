"""The forms of events are frozen: a log that was once written is read for ever.

The schemas in `events/schemas/published` and the examples in `tests/fixtures/forms` are written once by `make forms`
and never edited. Where a test here fails, what was changed is a new form: raise the `REVISION` of its type, tell in
`UPCASTS` what makes it of the one before, and run `make forms`, which adds files.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

import jsonschema
import pytest
from pydantic import Field
from setuptools import Distribution

from events import canonical, catalogue
from events.admission import PartitionFold
from events.catalogue import EVENTS, payload_of, upcast
from events.event import Event, accepted
from events.record import Position, Stored, decode, encode
from events.schemas.registration import Registration
from events.schemas.trial import RegistrationChange, SitePaused, TrialAmended
from events.schemas.values import Line, PartialDate
from events.streams import Stream
from projections.catalogue import PROGRAM
from projections.engine.gathering import gather
from registry.domain.catalogue import DECIDERS
from tests.projections.trials import BEGINNING
from tests.support import forms

REVISIONS: Final = [(kind, one) for kind, payload in EVENTS.items() for one in range(1, payload.REVISION + 1)]
FOLDED: Final = ("trial.", "programme.", "region.")
"""What types of events of aggregates begin with whose states count their events."""
NUMBERS: Final = sorted(path.name for path in forms.STORIES.iterdir())


@pytest.mark.parametrize("kind", EVENTS)
def test_a_form_that_changes_is_a_new_revision(kind: str) -> None:
    frozen = forms.form(forms.read(forms.schema_file(kind, EVENTS[kind].REVISION)))

    assert [f"{kind}{place}" for place in forms.differences(frozen, forms.form(forms.schema_now(kind)))] == []


def test_every_revision_of_every_type_has_its_files_and_no_type_goes() -> None:
    for file, root in ((forms.schema_file, forms.SCHEMAS), (forms.example_file, forms.EXAMPLES)):
        found = {path for path in root.rglob("*.json") if path.parent != forms.STORIES}
        assert found == {file(kind, revision) for kind, revision in REVISIONS}


@pytest.mark.parametrize(("kind", "revision"), REVISIONS)
def test_a_frozen_event_is_read_and_written_again_as_the_same_bytes(kind: str, revision: int) -> None:
    schema = jsonschema.Draft202012Validator(forms.read(forms.schema_file(kind, revision)))
    for fixture in forms.read(forms.example_file(kind, revision)):
        message = forms.thawed(fixture)
        record = decode(message)

        assert message.digest.hex() == fixture["digest"]
        assert encode(record) == message
        assert (record.type, record.revision) == (kind, revision)
        assert canonical.to_json(payload_of(record).to_stored()) == canonical.to_json(upcast(record).data)
        schema.validate(record.data)


@pytest.mark.parametrize("kind", EVENTS)
def test_the_examples_have_every_field_and_every_value_of_a_vocabulary(kind: str) -> None:
    revision = EVENTS[kind].REVISION
    places = set(_places(forms.form(forms.read(forms.schema_file(kind, revision)))))
    examples = [json.loads(one["value"]) for one in forms.read(forms.example_file(kind, revision))]

    assert places - {place for one in examples for place in _stated(one)} == set()


def _places(schema: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Fields of a form, and what a field may say where that is one of a few words."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{at}/{name}"
        yield from _places(inner, f"{at}/{name}")
    for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
        yield from _places(inner, at)
    yield from (f"{at}={word}" for word in (*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])))


def _stated(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{at}/{name}"
            yield from _stated(inner, f"{at}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _stated(inner, at)
    else:
        yield f"{at}={value}"


def _events(name: str) -> list[Event]:
    fold, events = PartitionFold(0), list[Event | None]()
    for offset, fixture in enumerate(forms.read(forms.STORIES / name)):
        stored = Stored(Position(0, offset), BEGINNING + timedelta(hours=offset), forms.thawed(fixture))
        events.append(accepted(fold.apply(stored)))
    admitted = [event for event in events if event is not None]
    assert len(admitted) == len(events) > 0
    return admitted


@pytest.mark.parametrize("name", NUMBERS)
def test_frozen_stories_are_admitted_and_folded(name: str) -> None:
    events = _events(name)
    streams = {event.record.subject for event in events if event.record.type.startswith(FOLDED)}

    _, aside = gather(events, {}, PROGRAM)

    assert aside == []
    for stream in streams:
        payloads = [payload_of(event.record) for event in events if event.record.subject == stream]
        state = reduce(DECIDERS[Stream(stream).category].evolve, payloads, None)
        assert state is not None
        assert state.version == len(payloads)


def test_the_frozen_stories_have_every_event_that_a_view_or_a_decision_folds() -> None:
    names = {event.record.type for name in NUMBERS for event in _events(name)}

    assert set(EVENTS) - names == {"log.founded.v1"}


def test_the_package_takes_every_schema_with_it() -> None:
    package = Distribution()
    package.parse_config_files(["pyproject.toml"])
    # What lies in the tree beside the named files would come in by version control.
    package.include_package_data = False
    build = package.get_command_obj("build_py")
    build.ensure_finalized()

    taken = {Path(source) / name for _, source, _, names in build.data_files for name in names}

    assert {forms.schema_file(*one) for one in REVISIONS} <= {path.absolute() for path in taken}


def test_what_is_frozen_is_not_written_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SCHEMAS", "EXAMPLES", "STORIES"):
        monkeypatch.setattr(forms, name, tmp_path / name)
    monkeypatch.setattr(forms, "EVENTS", {"trial.published.v1": EVENTS["trial.published.v1"]})
    monkeypatch.setattr(forms, "stories", list)
    assert set(forms.write()) == set(forms.wanted())
    changed = forms.schema_file("trial.published.v1", 1)
    changed.write_text("{}\n")

    assert forms.write() == []
    assert forms.read(changed) == {}


class FieldMore(SitePaused):
    until: PartialDate | None = None


class Narrower(SitePaused):
    on: str = Field(pattern="^[0-9]{4}$")


class Needed(SitePaused):
    why: Line


class RegistrationMore(Registration):
    fast_track: bool | None = None


class ChangeMore(RegistrationChange):
    ROOT: ClassVar[type[Registration]] = RegistrationMore


class AmendedMore(TrialAmended):
    changes: tuple[ChangeMore, ...] = Field(min_length=1)


@pytest.mark.parametrize(
    ("kind", "payload", "place"),
    [
        ("trial.site-paused.v1", FieldMore, "/until"),
        ("trial.site-paused.v1", Narrower, "/on/pattern"),
        ("trial.site-paused.v1", Needed, "/required"),
        ("trial.amended.v1", AmendedMore, "/changes/x-document/fast_track"),
    ],
)
def test_what_changed_is_named(monkeypatch: pytest.MonkeyPatch, kind: str, payload: type[Any], place: str) -> None:
    frozen = forms.form(forms.schema_now(kind))
    monkeypatch.setattr(forms, "EVENTS", MappingProxyType({**catalogue.EVENTS, kind: payload}))

    assert place in list(forms.differences(frozen, forms.form(forms.schema_now(kind))))


class Renamed(SitePaused):
    """Other words of a remark, and another name of the class."""


def test_a_class_may_be_renamed_and_a_remark_reworded(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = "trial.site-paused.v1"
    frozen = forms.form(forms.schema_now(kind))
    monkeypatch.setattr(forms, "EVENTS", MappingProxyType({**catalogue.EVENTS, kind: Renamed}))

    assert forms.form(forms.schema_now(kind)) == frozen
