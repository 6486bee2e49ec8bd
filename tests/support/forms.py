"""The frozen forms of events: a schema of each type and revision, and events as a log holds them.

`make forms` writes what is missing and leaves what is there. Written once, a file is never edited: logs hold events of
this form. Until the first release there are no logs, and `--anew` writes all of them again.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid5

from pydantic.json_schema import GenerateJsonSchema

import events.schemas
from events.admission import Head, advance
from events.canonical import from_json
from events.catalogue import EVENTS
from events.record import Message, Record, encode
from events.schemas.trial import Change
from registry.api.event_schemas import DIALECT, PUBLISHED
from registry.api.schemas import Untitled
from tests.projections.trials import NAMESPACE, ORIGIN
from tests.support.examples import variants
from tests.support.stories import Teller, every

SCHEMAS: Final = Path(events.schemas.__file__).parent / PUBLISHED
EXAMPLES: Final = Path(__file__).parents[1] / "fixtures/forms"
STORIES: Final = EXAMPLES / "stories"
OCCURRED: Final = datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=9)))
SEALED: Final = frozenset({"#/$defs/Sealed", "#/$defs/SealedText"})
CLEAR: Final = frozenset({"Person"})
DOCUMENT: Final = "x-document"
"""Names the document that a change's `field` points into."""
REMARKS: Final = frozenset({"$schema", "$id", "$defs", "title", "description", "examples"})
"""Keywords that take no part in the form."""


class _Schema(Untitled):
    """With the document that a change points into: a new field there is a new form of the change, too."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """The model's schema; a change's names its document."""
        named = super().model_schema(schema)
        if issubclass(schema["cls"], Change):
            named[DOCUMENT] = self.generate_inner(schema["cls"].ROOT.__pydantic_core_schema__)
        return named


def schema_now(kind: str) -> dict[str, Any]:
    """The schema of the type as its model has it now. Its `$id` is relative to the address of a log's founding."""
    generator: type[GenerateJsonSchema] = _Schema
    sealed = _sealed(EVENTS[kind].model_json_schema(schema_generator=generator))
    sealed["$defs"] = {name: one for name, one in sealed.get("$defs", {}).items() if name not in CLEAR}
    return {"$schema": DIALECT, "$id": f"schemas/{kind}/{EVENTS[kind].REVISION}", **sealed, "title": kind}


def _sealed(schema: Any) -> Any:
    """Without the alternatives in clear of what is sealed before it reaches a log."""
    match schema:
        case {"anyOf": list() as options, **others} | {"oneOf": list() as options, **others} if any(
            one.get("$ref") in SEALED for one in options
        ):
            allowed = [one for one in options if one.get("$ref") in SEALED or one.get("type") == "null"]
            return {**others, "anyOf": allowed} if len(allowed) > 1 else {**others, **allowed[0]}
        case Mapping():
            return {name: _sealed(one) for name, one in schema.items()}
        case list():
            return [_sealed(one) for one in schema]
        case _:
            return schema


def form(schema: Mapping[str, Any]) -> Any:
    """The constraints of a schema, without remarks and without the names of classes."""
    return _without_remarks(schema, schema.get("$defs", {}))


def _without_remarks(schema: Any, defined: Mapping[str, Any]) -> Any:
    match schema:
        case {"$ref": str(reference), **others}:
            return _without_remarks({**defined[reference.rpartition("/")[2]], **others}, defined)
        case {"properties": Mapping() as properties, **others}:
            fields = {name: _without_remarks(one, defined) for name, one in properties.items()}
            return {**_without_remarks(others, defined), "properties": fields}
        case Mapping():
            return {name: _without_remarks(one, defined) for name, one in schema.items() if name not in REMARKS}
        case list():
            members = [_without_remarks(one, defined) for one in schema]
            return sorted(members) if all(isinstance(one, str) for one in members) else members
        case _:
            return schema


def differences(frozen: Any, now: Any, place: str = "") -> Iterator[str]:
    """Where two forms differ, as paths of fields and keywords."""
    if isinstance(frozen, Mapping) and isinstance(now, Mapping):
        for name in sorted(frozen.keys() | now.keys()):
            within = place if name in ("properties", "items", "anyOf") else f"{place}/{name}"
            yield from differences(frozen.get(name), now.get(name), within)
    elif isinstance(frozen, list) and isinstance(now, list) and len(frozen) == len(now):
        for one, other in zip(frozen, now, strict=True):
            yield from differences(one, other, place)
    elif frozen != now:
        yield place


def read(path: Path) -> Any:
    """A frozen file's JSON."""
    return from_json(path.read_bytes())


def schema_file(kind: str, revision: int) -> Path:
    """Where the schema of a type and revision is shipped."""
    return SCHEMAS / kind / f"{revision}.json"


def example_file(kind: str, revision: int) -> Path:
    """Where examples of a type and revision are."""
    return EXAMPLES / kind / f"{revision}.json"


def frozen(message: Message) -> dict[str, Any]:
    """A message as a fixture has it; its key is its subject."""
    headers = {name: content.decode() for name, content in message.headers}
    return {"headers": headers, "value": message.value.decode(), "digest": message.digest.hex()}


def thawed(fixture: Mapping[str, Any]) -> Message:
    """The inverse of `frozen`."""
    headers = tuple([(name, text.encode()) for name, text in fixture["headers"].items()])
    return Message(fixture["headers"]["ce_subject"].encode(), headers, fixture["value"].encode())


def examples(kind: str) -> list[dict[str, Any]]:
    """Events of the type: each field and each alternative is in one of them, the fewest fields are in the last."""
    stream, heads = f"{kind.partition('.')[0]}/example", dict[str, Head]()
    return [frozen(_next(heads, stream, kind, data)) for data in variants(EVENTS[kind])]


def _next(heads: dict[str, Head], stream: str, kind: str, data: dict[str, Any], **others: Any) -> Message:
    """The next message of the stream, whose head moves."""
    head = heads.get(stream, Head())
    record = Record(
        id=uuid5(NAMESPACE, f"{stream} {kind} {head.version}"),
        type=kind,
        subject=stream,
        expectedversion=head.version,
        previoushash=head.digest,
        commandhash=b"c" * 32,
        actor="token-7",
        onbehalfof="kyoto-hp",
        time=OCCURRED,
        data=data,
        origin=ORIGIN,
        revision=EVENTS[kind].REVISION,
        **others,
    )
    message = encode(record)
    heads[stream] = advance(head, record.id, message.digest, offset=head.version)
    return message


def stories() -> list[list[dict[str, Any]]]:
    """Stories of streams from their beginning, which every fold can follow."""
    numbers = count(1)
    teller = Teller(lambda: f"text {next(numbers)}", "frozen")
    return [list(_in_streams(story)) for story in every(teller)]


def _in_streams(story: Sequence[Any]) -> Iterator[dict[str, Any]]:
    heads: dict[str, Head] = {}
    for one in story:
        data = EVENTS[one.type].from_stored(_as_taken_now(one.data)).to_stored()
        yield frozen(_next(heads, one.stream, one.type, data, extensions=one.extensions))


def _as_taken_now(value: Any) -> Any:
    """Without the line breaks at the end of dates, which stories have as older versions took them."""
    if isinstance(value, dict):
        return {name: _as_taken_now(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_taken_now(inner) for inner in value]
    return value.removesuffix("\n") if isinstance(value, str) else value


def wanted() -> dict[Path, Any]:
    """Every file of the forms as they are now. Files of earlier revisions are not among them: they stay."""
    files: dict[Path, Any] = {}
    for kind, payload in EVENTS.items():
        files[schema_file(kind, payload.REVISION)] = schema_now(kind)
        files[example_file(kind, payload.REVISION)] = examples(kind)
    return files | {STORIES / f"{number}.json": story for number, story in enumerate(stories(), 1)}


def write(*, anew: bool = False) -> list[Path]:
    """Writes the files that are missing, or all; says which."""
    missing = {path: content for path, content in wanted().items() if anew or not path.exists()}
    for path, content in missing.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return list(missing)


if __name__ == "__main__":
    for written in write(anew="--anew" in sys.argv):
        print(written)  # noqa: T201
