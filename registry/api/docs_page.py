"""The OpenAPI document as one HTML page, made here: no script, and nothing from another server."""

import base64
import hashlib
import json
from collections.abc import Iterator
from html import escape
from typing import Any, Final

STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h2{margin-top:3rem;border-bottom:2px solid #1f5a8a}h3{margin:2rem 0 .2rem;font:1rem ui-monospace,monospace}
b{color:#1f5a8a}pre{background:#f3f5f7;padding:.8rem;overflow:auto;font-size:.85rem}summary{cursor:pointer}
dt{font-family:ui-monospace,monospace;float:left;clear:left;min-width:14rem}dd{margin-left:14.5rem}a{color:#1f5a8a}
"""
_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page's Content-Security-Policy: nothing but its own style."""


def render(document: dict[str, Any]) -> str:
    """The page."""
    title, info = escape(document["info"]["title"]), document["info"]
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: API</title>',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<style>{STYLE}</style></head><body>",
        f"<h1>{title}: API</h1><p>{escape(info['description'])}</p>",
        '<p><a href="/openapi.json">OpenAPI 3.1 document</a></p>',
        *_operations(document),
        *_schemas(document["components"]["schemas"]),
        "</body></html>",
    ]
    return "\n".join(parts)


def _operations(document: dict[str, Any]) -> Iterator[str]:
    found = [
        (operation["tags"][0], method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    for tag in dict.fromkeys(tag for tag, *_ in found):
        yield f"<h2>{escape(tag)}</h2>"
        for own, method, path, operation in found:
            if own == tag:
                yield from _operation(document, method, path, operation)


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f'<h3 id="{escape(operation["operationId"])}"><b>{method.upper()}</b> {escape(path)}</h3>'
    yield f"<p>{escape(operation['summary'])}</p>"
    if parameters := operation.get("parameters"):
        yield "<dl>"
        for parameter in (_resolved(document, one) for one in parameters):
            needed = " (required)" if parameter.get("required") else ""
            place, description = parameter["in"], escape(parameter["description"])
            yield f"<dt>{escape(parameter['name'])}</dt><dd>{place}{needed}: {description}</dd>"
        yield "</dl>"
    if body := operation.get("requestBody"):
        content = body["content"]["application/json"]
        yield f"<p>Body: {_link(content['schema'])}, for example</p><pre>{_json(content['example'])}</pre>"
    yield "<details><summary>Answers</summary><dl>"
    for status, response in operation["responses"].items():
        answer = _resolved(document, response)
        shapes = ", ".join(_link(media["schema"]) for media in answer.get("content", {}).values() if "schema" in media)
        yield f"<dt>{status}</dt><dd>{escape(answer['description'])} {shapes}</dd>"
    yield "</dl></details>"


def _schemas(schemas: dict[str, Any]) -> Iterator[str]:
    yield "<h2>Schemas</h2>"
    for name, schema in schemas.items():
        yield f'<details id="{escape(name)}"><summary>{escape(name)}</summary><pre>{_json(schema)}</pre></details>'


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    *_, kind, name = part["$ref"].split("/")
    found: dict[str, Any] = document["components"][kind][name]
    return found


def _link(schema: dict[str, str]) -> str:
    """The component that a schema refers to; one that refers to none is an object of any form."""
    if "$ref" not in schema:
        return escape(schema["type"])
    name = escape(schema["$ref"].rsplit("/", 1)[1])
    return f'<a href="#{name}">{name}</a>'


def _json(value: Any) -> str:
    return escape(json.dumps(value, ensure_ascii=False, indent=2))
