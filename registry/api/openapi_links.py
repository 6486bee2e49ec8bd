"""Links of the OpenAPI document: the reads and commands that take an id from a command's receipt."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from registry.api.offered import OFFERED, Offered

READS: Final[Mapping[str, tuple[str, ...]]] = {
    "trial": ("readTrial", "readSites", "readHistory", "readSources"),
    "programme": ("readProgramme", "readBoard", "listQuestions", "readVersions", "listTurns", "readProgrammeHistory"),
}
"""By category, the operations that read an aggregate."""


def _to(operation: str, description: str, *names: str) -> tuple[str, dict[str, Any]]:
    parameters = {name: f"$response.body#/{name}" for name in names}
    return operation, {"operationId": operation, "description": description, "parameters": parameters}


def _links() -> Iterator[tuple[str, dict[str, Any]]]:
    yield _to("readCommand", "What became of this command.", "key")
    for category, operations in READS.items():
        for operation in operations:
            yield _to(operation, f"The {category} of the receipt.", category)
    for one in OFFERED:
        category, part = one.aggregate.category, one.declared.part
        if one.declared.creates:
            continue
        if not part:
            yield _to(one.operation, f"Of the {category} of the receipt.", category)
        elif len(one.declared.part_at) > 1:
            yield _to(one.operation, f"To the {category} of the receipt.", category)
        else:
            yield _to(one.operation, f"Of the {part} of the receipt.", category, part)


LINKS: Final[Mapping[str, dict[str, Any]]] = dict(_links())
"""Links by the operation that each leads to."""


def after(one: Offered) -> dict[str, dict[str, str]]:
    """The links of the answer to a command: those whose parameters its receipt names."""
    named = {"key", one.aggregate.category, one.declared.part}
    names = [name for name, link in LINKS.items() if link["parameters"].keys() <= named]
    return {name: {"$ref": f"#/components/links/{name}"} for name in names}
