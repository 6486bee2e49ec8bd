"""JSON Schemas of commands and answers, generated from their models, as components of the OpenAPI document."""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from registry.api import answers, source_answers
from registry.domain.commands import SITE_COMMANDS, TRIAL_COMMANDS
from registry.domain.decider import Command
from registry.domain.trial.commands import AddSite, RegisterTrial

REFERENCE: Final = "#/components/schemas/{model}"
ANSWERS: Final = (
    answers.Receipt,
    answers.Problem,
    answers.TrialAnswer,
    answers.SitesAnswer,
    answers.HistoryAnswer,
    answers.ChangeAnswer,
    answers.SearchAnswer,
    source_answers.SourcesAnswer,
    source_answers.RawDocumentsAnswer,
    source_answers.ImportAnswer,
    source_answers.ImportsAnswer,
    answers.IndexAnswer,
)


SEALED: Final = ("Sealed", "SealedText")


class Untitled(GenerateJsonSchema):
    """Without a title for every field, which would only say its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def reference(model: type[BaseModel]) -> dict[str, str]:
    """A reference to the model's component."""
    return {"$ref": REFERENCE.format(model=model.__name__)}


def components() -> dict[str, Any]:
    """All schemas by name, as the HTTP API takes and gives them."""
    commands: Iterable[type[Command]] = (RegisterTrial, *TRIAL_COMMANDS.values(), *SITE_COMMANDS.values())
    models = [(model, "validation") for model in (*commands, *ANSWERS)]
    _, generated = models_json_schema(models, ref_template=REFERENCE, schema_generator=Untitled)  # type: ignore[arg-type]
    schemas: dict[str, Any] = generated["$defs"]
    _sealed_stays_inside(schemas)
    # The address names the site.
    for name in ("Site", *(model.__name__ for model in SITE_COMMANDS.values() if model is not AddSite)):
        schemas[name]["required"].remove("site")
    # Generators of clients name their classes by the titles, and drop one of two that are alike.
    return {name: {"title": name, **schema} for name, schema in sorted(schemas.items())}


def _sealed_stays_inside(schemas: dict[str, Any]) -> None:
    """Persons and texts come and go in clear; their sealed form is the log's."""
    sealed = [{"$ref": REFERENCE.format(model=name)} for name in SEALED]
    for name in SEALED:
        schemas.pop(name, None)
    for schema in schemas.values():
        for name, said in schema.get("properties", {}).items():
            schema["properties"][name] = _without(sealed, said)


def _without(options: list[dict[str, str]], schema: Any) -> Any:
    """The schema where none of the options is open; where one is left, that one."""
    if not isinstance(schema, dict):
        return schema
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            left = [_without(options, one) for one in schema[choice] if one not in options]
            rest = {name: value for name, value in schema.items() if name not in (choice, "discriminator")}
            return {**left[0], **rest} if len(left) == 1 else {**rest, choice: left}
    return schema
