"""The tables of elements in docs/elements: `make elements` makes them of the samples; a test holds them to that."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from adapters.ctgov.parse import parse as parse_ctgov
from adapters.elements import Row, json_record, table, to_csv
from tests.support.ctgov import FULL, SAMPLES, SHARED, encode
from tests.support.ctgov_whole import whole

FOLDER = Path(__file__).parents[2] / "docs" / "elements"
CTGOV_SCHEMA = SHARED / "schemas" / "ctgov" / "ctg-oas-v2.yaml"


def ctgov_schema() -> dict[str, list[str]]:
    """Every element that ClinicalTrials.gov's OpenAPI description has for a study, with its vocabulary."""
    schemas = yaml.safe_load(CTGOV_SCHEMA.read_text())["components"]["schemas"]
    return dict(_elements(schemas["Study"], "", schemas))


def _elements(schema: Mapping[str, Any], path: str, schemas: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    if "$ref" in schema:
        yield from _elements(schemas[schema["$ref"].rpartition("/")[2]], path, schemas)
    elif "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from _elements(inner, f"{path}.{name}" if path else name, schemas)
    elif schema["type"] == "array":
        yield from _elements(schema["items"], f"{path}[]", schemas)
    else:
        yield path, schema.get("enum", [])


def ctgov() -> list[Row]:
    schema = ctgov_schema()
    samples = [json_record(encode(study), schema) for file in SAMPLES for study in json.loads(file.read_bytes())]
    return table(parse_ctgov, samples, [json_record(encode(study), schema) for study in (whole(), FULL)], schema)


FORMATS: Mapping[str, Callable[[], list[Row]]] = {"ctgov": ctgov}


def main() -> None:
    """Writes every table."""
    FOLDER.mkdir(exist_ok=True)
    for name, rows in FORMATS.items():
        (FOLDER / f"{name}.csv").write_bytes(to_csv(rows()))


if __name__ == "__main__":
    main()
