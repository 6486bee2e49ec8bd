"""JSON Schemas of commands and answers, generated from their models, as components of the OpenAPI document."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from registry.api import (
    answers,
    consequence_answers,
    history_answers,
    programme_answers,
    source_answers,
    vocabulary_answers,
)
from registry.api.offered import OFFERED

REFERENCE: Final = "#/components/schemas/{model}"
ANSWERS: Final = (
    answers.Problem,
    answers.TrialAnswer,
    answers.SitesAnswer,
    history_answers.HistoryAnswer,
    history_answers.ChangeAnswer,
    answers.SearchAnswer,
    source_answers.SourcesAnswer,
    source_answers.RawDocumentsAnswer,
    source_answers.ImportAnswer,
    source_answers.ImportsAnswer,
    consequence_answers.ConsequencesAnswer,
    vocabulary_answers.VocabularyAnswer,
    *programme_answers.ANSWERS,
    answers.IndexAnswer,
)


RECEIPTS: Final = tuple(dict.fromkeys(answers.receipt_of(one.aggregate.category) for one in OFFERED))
"""The receipts of commands, of each aggregate that has some."""

SEALED: Final = ("Sealed", "SealedText")


class Untitled(GenerateJsonSchema):
    """Generates no titles for fields, which would only repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def reference(model: type[BaseModel]) -> dict[str, str]:
    """A reference to the model's component."""
    return {"$ref": REFERENCE.format(model=model.__name__)}


def any_of(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """A reference to the component of the model, or to those of all models, of which one fits."""
    references = [reference(model) for model in models]
    return references[0] if len(references) == 1 else {"anyOf": references}


def components() -> dict[str, Any]:
    """All schemas of the HTTP API by name."""
    models = [(model, "validation") for model in (*(one.model for one in OFFERED), *ANSWERS, *RECEIPTS)]
    _, generated = models_json_schema(models, ref_template=REFERENCE, schema_generator=Untitled)  # type: ignore[arg-type]
    schemas: dict[str, Any] = generated["$defs"]
    _sealed_stays_inside(schemas)
    for one in OFFERED:
        _named_by_the_address(schemas, one.model.__name__, one.declared.part_at)
    # Generators of clients name their classes by the titles, and drop one of two with the same title.
    return {name: {"title": name, **schema} for name, schema in sorted(schemas.items())}


def _named_by_the_address(schemas: dict[str, Any], model: str, at: Sequence[str]) -> None:
    """A body need not name the part that its address names."""
    if len(at) > 1:
        inner = schemas[model]["properties"][at[0]]["$ref"].rpartition("/")[2]
        _named_by_the_address(schemas, inner, at[1:])
    elif at and at[0] in schemas[model].get("required", ()):
        schemas[model]["required"].remove(at[0])


def _sealed_stays_inside(schemas: dict[str, Any]) -> None:
    """Persons and texts come and go in clear; their sealed form is the log's."""
    sealed = [{"$ref": REFERENCE.format(model=name)} for name in SEALED]
    for name in SEALED:
        schemas.pop(name, None)
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            schema["properties"][name] = _without(sealed, field)


def _without(options: list[dict[str, str]], schema: Any) -> Any:
    """The schema without these options; if one option remains, that one."""
    if not isinstance(schema, dict):
        return schema
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            remaining = [_without(options, one) for one in schema[choice] if one not in options]
            rest = {name: value for name, value in schema.items() if name not in (choice, "discriminator")}
            return {**remaining[0], **rest} if len(remaining) == 1 else {**rest, choice: remaining}
    return schema
