"""The OpenAPI document says what the application does, no more and no less, and its examples work."""

import html
import json
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from openapi_spec_validator import validate

from events.schemas.access import Role
from events.schemas.registration import Registration
from registry.api import docs_page, openapi_parameters, problems
from registry.api.bodies import command_from
from registry.api.offered import OFFERED, with_part
from registry.api.openapi import document
from registry.domain.trial import examples, rules
from registry.node import Node
from registry.pages import routes as pages
from registry.pages import words
from registry.server import create_app
from tests.api.conftest import Api

DOCUMENT = document("A registry")
EXAMPLES = {
    one.declared.name: (one.model, with_part(one.declared.part_at, dict(one.declared.example), "kyoto"))
    for one in OFFERED
}


def test_the_document_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    validate(DOCUMENT)


async def test_every_route_is_described_and_nothing_else(node: Node) -> None:
    routes = {
        (route.method.lower(), route.resource.canonical)
        for route in create_app(node).router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    for_people = {(route.method.lower(), route.path) for route in pages.routes()}

    assert for_people < routes
    assert routes - for_people == {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}


@pytest.mark.parametrize(("model", "example"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_each_example_is_a_command(model: Any, example: Mapping[str, Any]) -> None:
    assert isinstance(command_from(model, dict(example)), model)


def test_every_list_and_every_text_that_comes_in_is_bounded() -> None:
    seen: dict[str, Any] = {}
    for model, _ in EXAMPLES.values():
        _gather(model.__name__, seen)

    unbounded = [place for name, schema in seen.items() for place in _unbounded(name, schema)]
    assert unbounded == []
    assert len(seen) > 50


BOUNDS = frozenset({"maxLength", "pattern", "format", "enum", "const"})


def _gather(name: str, seen: dict[str, Any]) -> None:
    if name not in seen:
        seen[name] = DOCUMENT["components"]["schemas"][name]
        for one in _parts(seen[name]):
            if "$ref" in one:
                _gather(one["$ref"].rpartition("/")[2], seen)


def _unbounded(name: str, schema: Any) -> Iterator[str]:
    for one in _parts(schema):
        if one.get("type") == "array" and "maxItems" not in one:
            yield f"{name}: a list {one}"
        if one.get("type") == "string" and not BOUNDS & one.keys():
            yield f"{name}: a text {one}"


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Every schema in a schema; of a choice that only says which fields must be there, none."""
    if isinstance(schema, Mapping):
        yield schema
        for inner in [value for key, value in schema.items() if not (key == "anyOf" and "required" in str(value))]:
            yield from _parts(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _parts(inner)


def test_the_example_of_a_registration_may_be_published() -> None:
    registration = Registration.model_validate(examples.REGISTRATION).to_stored()

    assert [*rules.complete(registration), *rules.consistent(registration)] == []


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == "$ref")
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _references(value)


def test_every_reference_leads_to_a_component_and_no_component_is_left_over() -> None:
    there = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "parameters", "responses", "links")
        for name in DOCUMENT["components"][kind]
    }

    assert set(_references(DOCUMENT)) == there


def test_the_sealed_form_of_a_person_is_nobodys_business() -> None:
    offered = DOCUMENT["components"]["schemas"]["Contact"]["properties"]["person"]["anyOf"]

    assert offered == [{"$ref": "#/components/schemas/Person"}, {"type": "null"}]


def test_every_kind_of_problem_has_its_own_code() -> None:
    assert len({kind.code for kind in problems.KINDS}) == len(problems.KINDS)


OF_TRIALS = {
    *(problems.TRIAL_UNKNOWN, problems.DOCUMENT_UNKNOWN, problems.DOCUMENT_ERASED),
    *(problems.PROGRAMME_UNKNOWN, problems.REGION_UNKNOWN),
}
"""Kinds of problems that only reads of a trial have."""


@pytest.mark.parametrize(("language", "word"), [("en", "trial"), ("ja", "試験")])
def test_a_problem_that_any_aggregate_may_meet_speaks_of_no_trial(language: str, word: str) -> None:
    texts = tomllib.loads((Path(words.__file__).parent / f"words/{language}.toml").read_text())
    texts_of_kinds = {
        kind.code: (texts["problem_title"][kind.code], texts["problem_meaning"][kind.code])
        for kind in set(problems.KINDS) - OF_TRIALS
    }

    assert {
        code: words_of_kind for code, words_of_kind in texts_of_kinds.items() if word in " ".join(words_of_kind).lower()
    } == {}
    assert [kind.code for kind in set(problems.KINDS) - OF_TRIALS if "trial" in kind.title] == []
    assert [detail for _, _, detail in problems.PLAIN if "trial" in detail] == []


def test_each_parameter_is_described_in_words() -> None:
    assert [name for name, one in DOCUMENT["components"]["parameters"].items() if not one["description"]] == []


def test_only_filters_of_several_values_are_said_to_take_them() -> None:
    schemas = [
        one["schema"] for one in openapi_parameters.FILTERS.values() if one["description"] == openapi_parameters.SEVERAL
    ]

    assert len(schemas) == 5
    assert [schema for schema in schemas if schema["type"] != "array"] == []


class _Page(HTMLParser):
    """Notes what a page would fetch or run, and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src", "action") and value is not None:
                self.links.add(value)
            if name == "id" and value is not None:
                self.anchors.add(value)


async def test_the_page_shows_every_operation_and_asks_nothing_of_anyone_else(api: Api) -> None:
    answer = await api.get("/docs")
    page = _Page()
    page.feed(answer.raw.decode())
    operations = [one["operationId"] for methods in DOCUMENT["paths"].values() for one in methods.values()]

    assert answer.headers["Content-Security-Policy"] == docs_page.POLICY
    assert "default-src 'none'" in docs_page.POLICY
    assert page.anchors >= set(operations)
    described = {"/problems"} | {f"/en/problems/{kind.code}" for kind in problems.KINDS}
    assert page.links == {"/openapi.json"} | described | {link for link in page.links if link[1:] in page.anchors}
    assert all(kind.code in answer.raw.decode() for kind in problems.KINDS)
    assert not page.tags & {"script", "img", "iframe", "link", "form"}


async def test_each_operation_s_curl_is_what_a_shell_can_type(api: Api) -> None:
    typed = {
        operation["operationId"]: docs_page.curl(method, path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }
    words = {name: shlex.split(line) for name, line in typed.items()}
    shown = html.unescape((await api.get("/docs")).raw.decode())

    assert all(line in shown for line in typed.values())
    for name, (program, *arguments) in words.items():
        assert program == "curl"
        assert any(one.startswith("$REGISTRY/") for one in arguments), name
        if "--data" in arguments:
            assert isinstance(json.loads(arguments[-1]), dict)
    sent = words["registerTrial"]
    headers = dict(one.split(": ", 1) for flag, one in pairwise(sent) if flag == "-H")
    real_headers = headers | {"Authorization": f"Bearer {api.tokens[Role.SPONSOR]}", "Idempotency-Key": str(uuid4())}
    assert headers.keys() == {"Authorization", "Idempotency-Key", "Content-Type"}
    assert (await api.ask("POST", "/v1/trials", data=sent[-1].encode(), headers=real_headers)).status == 201


async def test_the_document_is_served(api: Api) -> None:
    described = (await api.get("/openapi.json")).body

    assert described["info"]["title"] == api.node.settings.name
    assert described["paths"].keys() == DOCUMENT["paths"].keys()


async def test_an_example_is_registered_published_and_found(api: Api) -> None:
    trial = (await api.done("/v1/trials", dict(examples.TRIAL["register"])))["trial"]
    await api.done(f"/v1/trials/{trial}/publish", dict(examples.TRIAL["publish"]), role=Role.REGISTRY)
    await api.settled()

    assert (await api.get("/v1/trials?q=運動療法&age=30&sex=female&phase=not_applicable")).body["total"] == 1
    assert (await api.get("/v1/trials?age=76&own=true")).body["total"] == 0


def test_a_problem_of_every_status_is_described() -> None:
    described = {int(name.removeprefix("Problem")) for name in DOCUMENT["components"]["responses"]}

    assert described == {kind.status for kind in problems.KINDS} - {405}


def test_errors_of_the_server_itself_say_nothing() -> None:
    assert problems.problem_of(web.HTTPInternalServerError(text="secret")).detail == ""
