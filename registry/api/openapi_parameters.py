"""Parameters of the OpenAPI document: those of addresses, queries and headers."""

from collections.abc import Mapping
from typing import Any, Final

from events.catalogue import EVENTS
from events.record import WRITTEN_POSITION
from events.schemas.gates import REGION
from projections.base.moments import WRITTEN
from projections.search.query import SearchQuery
from projections.search.vocabulary import looking
from registry.api import changes, consequences, history, imports, parameters, programmes, search, vocabulary
from registry.api.offered import OFFERED
from registry.api.schemas import Untitled

_POSITION: Final = f"^{WRITTEN_POSITION}$"
SEVERAL: Final = "Only trials with one of these values."
"""The description of a filter with several values whose field has none."""

NAMED_BY: Final[Mapping[str, str]] = {"trial": "The trial's id, or a registration number."}
"""Descriptions of the variables of addresses that are more than an id."""


def ref(name: str) -> dict[str, str]:
    """A reference to a parameter."""
    return {"$ref": f"#/components/parameters/{name}"}


def variable(name: str) -> dict[str, str]:
    """A reference to the parameter that is this variable of addresses."""
    return ref(name.capitalize())


def _at(
    place: str, name: str, description: str, schema: Mapping[str, Any], *, required: bool = False
) -> dict[str, Any]:
    return {"in": place, "name": name, "description": description, "schema": dict(schema), "required": required}


def _number(name: str, description: str, lowest: int, highest: int) -> dict[str, Any]:
    return _at("query", name, description, {"type": "integer", "minimum": lowest, "maximum": highest})


def _filters() -> dict[str, dict[str, Any]]:
    """One parameter for each field of a search that a reader may set, described by the field itself."""
    adapter = SearchQuery.model_json_schema(schema_generator=Untitled)
    known, fields = adapter["$defs"], adapter["properties"]
    return {f"Search-{name}": _at("query", name, *_described(fields[name], known)) for name in search.ASKED}


def _described(field: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The field's description, and its schema without references, null and default."""
    options = [option for option in field.get("anyOf", [field]) if option.get("type") != "null"]
    schema = {name: value for name, value in options[0].items() if name not in ("description", "default")}
    if "items" in schema:
        schema["items"] = _inlined(schema["items"], known)
    description = field["description"] if "items" not in schema else field.get("description", SEVERAL)
    return description, _inlined(schema, known)


def _inlined(schema: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return dict(schema)
    return {name: value for name, value in known[schema["$ref"].rsplit("/", 1)[1]].items() if name != "title"}


def _variables() -> dict[str, dict[str, Any]]:
    """The variables in the addresses of commands."""
    names = dict.fromkeys(name for one in OFFERED for name in one.variables)
    return {
        name.capitalize(): _at("path", name, NAMED_BY.get(name, f"The {name}'s id."), {"type": "string"}, required=True)
        for name in names
    }


FILTERS: Final[Mapping[str, dict[str, Any]]] = _filters()

PARAMETERS: Final[Mapping[str, dict[str, Any]]] = {
    **FILTERS,
    **_variables(),
    "Document": _at(
        "path", "document", "The SHA-256 of a raw document.", {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        required=True,
    ),
    "Key": _at("path", "key", "The Idempotency-Key.", {"type": "string", "format": "uuid"}, required=True),
    "Import": _at("path", "import", "The import's id.", {"type": "string", "format": "uuid"}, required=True),
    "EventType": _at(
        "path", "type", "An event's type.", {"type": "string", "enum": sorted(EVENTS)}, required=True
    ),
    "Revision": _at(
        "path", "revision", "The form of its data, counted from 1.", {"type": "string", "pattern": "^[1-9][0-9]*$"},
        required=True,
    ),
    "RegionCode": _at(
        "path", "code", "A region: a country, or one of its regimes.", {"type": "string", "pattern": REGION},
        required=True,
    ),
    "ProgrammesText": _at(
        "query", "q", "A part of a title or of the acronym, or a whole number of a registration or a protocol.",
        {"type": "string", "maxLength": programmes.LONGEST_QUERY},
    ),
    "ProgrammesRegion": _at(
        "query", "region", "Only programmes that this region joined, or whose country somebody named.",
        {"type": "string", "pattern": REGION},
    ),
    "ProgrammesLimit": _number("limit", "How many programmes.", 1, programmes.LONGEST_PAGE),
    "AfterProgramme": _at("query", "after", "Only programmes of later ids.", {"type": "string", "format": "uuid"}),
    "AfterRegion": _at("query", "after", "Only regions of later codes.", {"type": "string"}),
    "AfterItems": _number("after", "How many items the pages before had.", 0, programmes.MOST_ITEMS),
    "On": _at("query", "on", "The day; today where left out.", {"type": "string", "format": "date"}),
    "ImportsLimit": _number("limit", "How many receipts.", 1, imports.LONGEST_PAGE),
    "IdempotencyKey": _at(
        "header", "Idempotency-Key", "A new UUID of version 4 or 7 for each command; the same one to repeat it.",
        {"type": "string", "pattern": parameters.KEY}, required=True,
    ),
    "IfMatch": _at(
        "header", "If-Match", "Refuse the command (412) unless the trial is at this version.", {"type": "string"}
    ),
    "IfNoneMatch": _at("header", "If-None-Match", "Answer 304 where the record is still this.", {"type": "string"}),
    "AsOf": _at(
        "query", "as_of", "What the registry said then: an RFC 3339 time, a date (its end in Japan), or a position.",
        {"type": "string", "pattern": WRITTEN},
    ),
    "WaitFor": _at(
        "header", "Registry-Wait-For", "Answer only once the views include this position.",
        {"type": "string", "pattern": _POSITION},
    ),
    "WaitForQuery": _at(
        "query", "wait_for", "As Registry-Wait-For.", {"type": "string", "pattern": _POSITION}
    ),
    "After": _number("after", "Only events of later versions.", 0, history.LAST_VERSION),
    "AfterSite": _at("query", "after", "Only sites of later ids.", {"type": "string"}),
    "AfterSource": _at("query", "after", "Only sources of later names.", {"type": "string"}),
    "AfterConsequence": _at("query", "after", "Only those that come after the one of this id.", {"type": "string"}),
    "ConsequencesLimit": _number("limit", "How many refused commands.", 1, consequences.LONGEST_PAGE),
    "Before": _at(
        "query", "before", "Only receipts from before the one at this position.",
        {"type": "string", "pattern": _POSITION},
    ),
    "AfterPlace": _at("query", "after", "An entry's cursor; from the beginning where left out.", {"type": "string"}),
    "LastEventId": _at("header", "Last-Event-ID", "As `after`, and before it: browsers send it.", {"type": "string"}),
    "Follow": _at(
        "query", "follow", "Whether the answer goes on with what comes, or is one page. It goes on where left out.",
        {"type": "boolean"},
    ),
    "ChangesLimit": _number("limit", "After how many entries the answer ends.", 1, changes.MOST),
    "VocabularyText": _at(
        "query", "q", "A part of a term, or a code of MeSH.",
        {"type": "string", "maxLength": vocabulary.LONGEST_QUERY},
    ),
    "VocabularyTopic": _at(
        "query", "topic", "Only groups of this topic.", {"type": "string", "enum": list(looking.TOPICS)}
    ),
    "VocabularyLimit": _number("limit", "How many groups.", 1, vocabulary.LONGEST_PAGE),
    "AfterGroup": _at("query", "after", "Only groups behind this one in the table.", {"type": "string"}),
    "HistoryLimit": _number("limit", "How many events.", 1, history.LONGEST_PAGE),
}  # fmt: skip

READ: Final = (ref("AsOf"), ref("WaitFor"), ref("WaitForQuery"))
COMMAND: Final = (ref("IdempotencyKey"), ref("IfMatch"))
