"""The tables of elements in docs/elements: `make elements` writes them; a test fails where they differ."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from adapters.ctgov.parse import parse as parse_ctgov
from adapters.ictrp.leaves import REPEATED
from adapters.ictrp.parse import parse as parse_ictrp
from tests.support.ctgov import FULL, SAMPLES, SHARED, encode
from tests.support.ctgov_whole import whole
from tests.support.element_tables import Record, Row, json_record, table, to_csv, xml_record
from tests.support.ictrp import EXPORT, UPLOAD, dtd
from tests.support.ictrp_whole import EXPORTED, UPLOADED

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


def ictrp_schema(form: str) -> list[str]:
    """Every element that the 2009 DTD has for an upload, or that WHO's web exports are known to have."""
    return list(EXPORTED) if form == "export" else list(_declared("trial", ""))


def _declared(element: str, path: str) -> Iterator[str]:
    (declaration,) = (one for one in dtd().iterelements() if one.name == element)
    if declaration.type != "element":
        yield path
        return
    for inner in _children(declaration.content):
        step = f"{inner}[]" if inner in REPEATED else inner
        yield from _declared(inner, f"{path}.{step}" if path else step)


def _children(content: Any) -> Iterator[str]:
    """The elements of a DTD's content model."""
    match content:
        case None:
            return
        case _ if content.type == "element":
            yield content.name
        case _:
            yield from _children(content.left)
            yield from _children(content.right)


def ictrp_samples(form: str) -> Iterator[etree._Element]:
    """The records of the real file."""
    yield from etree.fromstring((EXPORT if form == "export" else UPLOAD).read_bytes()).iterchildren("Trial", "trial")


def ictrp(form: str) -> list[Row]:
    samples = [_alone(record) for record in ictrp_samples(form)]
    return table(parse_ictrp, samples, [_alone(_whole(form))], ictrp_schema(form))


def _alone(record: etree._Element) -> Record:
    root = etree.Element("trials" if record.tag == "trial" else "Trials_downloaded_from_ICTRP")
    root.append(copy.deepcopy(record))
    return xml_record(etree.tostring(root, encoding="utf-8", xml_declaration=True), REPEATED)


def _whole(form: str) -> etree._Element:
    record = etree.Element("Trial" if form == "export" else "trial")
    for path, text in (EXPORTED if form == "export" else UPLOADED).items():
        here = record
        for step in path.split("/"):
            found = here.find(step)
            here = etree.SubElement(here, step) if found is None else found
        here.text = text
    return record


FORMATS: Mapping[str, Callable[[], list[Row]]] = {
    "ctgov": ctgov,
    "ictrp_export": lambda: ictrp("export"),
    "ictrp_upload": lambda: ictrp("upload"),
}


def main() -> None:
    """Writes every table."""
    FOLDER.mkdir(exist_ok=True)
    for name, rows in FORMATS.items():
        (FOLDER / f"{name}.csv").write_bytes(to_csv(rows()))


if __name__ == "__main__":
    main()
