"""The OpenAPI document as one HTML page, rendered here: no script, and nothing from another server."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from registry.api.problems import KINDS

STYLE: Final = """
:root{color-scheme:light dark;--text:#1a1a1a;--page:#fff;--code:#f3f5f7;--mark:#1f5a8a}
@media (prefers-color-scheme:dark){:root{--text:#e6e6e6;--page:#15181b;--code:#22272c;--mark:#8cc4f2}}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--text);
background:var(--page);overflow-wrap:anywhere}
h2{margin-top:3rem;border-bottom:2px solid var(--mark)}h3{margin:2rem 0 .2rem;font:1rem ui-monospace,monospace}
b,a{color:var(--mark)}pre{background:var(--code);padding:.8rem;overflow:auto;font-size:.85rem}summary{cursor:pointer}
dt{font-family:ui-monospace,monospace}dd{margin:0 0 .5rem 1.5rem}ul{padding-left:1.2rem}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
"""
_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page's Content-Security-Policy: nothing but its own style."""


TOKENS: Final = (
    "Reading what is public needs no token. Commands need one, and so does reading drafts. The registry's office "
    "decides on tokens; its operator issues one for an organisation in a role:"
)
ISSUING: Final = """export TOKEN=$(registry token issue sponsor example-university --bare)
export REGISTRY={address}"""
SENDING: Final = (
    "Send it with each request as Authorization: Bearer. A registry that was started with --demo prints one for each "
    "role at every start, and it lasts until the next. In the commands below, replace TRIAL, SITE and the like."
)


INVENTED: Final = (
    "<p><strong>Demonstration.</strong> All trials, hospitals and people in this registry are invented; none of them "
    "exists.</p>"
)


def render(document: dict[str, Any], address: str, *, invented: bool = False) -> str:
    """The page. `address`: where the registry is reached; `invented`: whether it is a demo."""
    title, info = escape(document["info"]["title"]), document["info"]
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: API</title>',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<style>{STYLE}</style></head><body>",
        f"<header><h1>{title}: API</h1>{INVENTED if invented else ''}<p>{escape(info['description'])}</p>",
        '<p><a href="/openapi.json">OpenAPI 3.1 document</a></p></header>',
        *_contents(document),
        "<main>",
        f'<h2 id="tokens">Tokens</h2><p>{escape(TOKENS)}</p>{_pre("Getting a token", ISSUING.format(address=address))}',
        f"<p>{escape(SENDING)}</p>",
        *_operations(document),
        *_problems(),
        *_schemas(document["components"]["schemas"]),
        "</main></body></html>",
    ]
    return "\n".join(parts)


def _by_tag(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """Method, path and operation of each operation, under its tag."""
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append((method, path, operation))
    return found


def _contents(document: dict[str, Any]) -> Iterator[str]:
    yield '<nav aria-label="Contents"><ul><li><a href="#tokens">Tokens</a></li>'
    for tag, operations in _by_tag(document).items():
        yield f"<li>{escape(tag)}<ul>"
        for _, _, operation in operations:
            name = escape(operation["operationId"])
            yield f'<li><a href="#{name}">{name}</a>: {escape(operation["summary"])}</li>'
        yield "</ul></li>"
    yield '<li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li></ul></nav>'


def _operations(document: dict[str, Any]) -> Iterator[str]:
    for tag, operations in _by_tag(document).items():
        yield f"<h2>{escape(tag)}</h2>"
        for method, path, operation in operations:
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
        yield f"<p>Body: {_link(body['content']['application/json']['schema'])}, for example</p>"
    yield _pre(f"{operation['operationId']} by curl", curl(method, path, operation))
    yield "<details><summary>Answers</summary><dl>"
    for status, response in operation["responses"].items():
        answer = _resolved(document, response)
        shapes = ", ".join(_link(media["schema"]) for media in answer.get("content", {}).values() if "schema" in media)
        yield f"<dt>{status}</dt><dd>{escape(answer['description'])} {shapes}</dd>"
    yield "</dl></details>"


def curl(method: str, path: str, operation: dict[str, Any]) -> str:
    """The operation as a shell command, with its example."""
    named = re.sub("{([a-z]+)}", lambda found: f"${found[1].upper()}", path)
    if method == "get":
        needs_token = "403" in operation["responses"]
        return f'curl{TOKEN if needs_token else ""} "$REGISTRY{named}"'
    example = json.dumps(
        operation["requestBody"]["content"]["application/json"]["example"], ensure_ascii=False, indent=2
    )
    quoted = example.replace("'", "'\\''")
    lines = (
        f'curl{TOKEN} "$REGISTRY{named}"',
        '-H "Idempotency-Key: $(uuidgen)"',
        '-H "Content-Type: application/json"',
    )
    return " \\\n  ".join((*lines, f"--data '{quoted}'"))


TOKEN: Final = ' -H "Authorization: Bearer $TOKEN"'


def _problems() -> Iterator[str]:
    yield '<h2 id="problems">Problems</h2>'
    yield "<p>Kinds of refusal, by the end of their type. The type is the address of a page that says what to do. "
    yield '<a href="/problems" hreflang="ja" lang="ja">日本語の一覧</a></p><dl>'
    for kind in KINDS:
        yield f'<dt>{kind.status} <a href="/en/problems/{kind.code}">{kind.code}</a></dt><dd>{escape(kind.title)}</dd>'
    yield "</dl>"


def _schemas(schemas: dict[str, Any]) -> Iterator[str]:
    yield '<h2 id="schemas">Schemas</h2>'
    for name, schema in schemas.items():
        shown = escape(name)
        yield f'<details id="{shown}"><summary>{shown}</summary>{_pre(name, _json(schema))}</details>'


def _pre(name: str, text: str) -> str:
    """Preformatted text, which can be scrolled by keyboard."""
    return f'<pre tabindex="0" role="region" aria-label="{escape(name)}">{escape(text)}</pre>'


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    *_, kind, name = part["$ref"].split("/")
    found: dict[str, Any] = document["components"][kind][name]
    return found


def _link(schema: dict[str, Any]) -> str:
    """The component that a schema refers to, or each of several; one that refers to none is an object of any form."""
    if "anyOf" in schema:
        return " or ".join(map(_link, schema["anyOf"]))
    if "$ref" not in schema:
        return escape(schema["type"])
    name = escape(schema["$ref"].rsplit("/", 1)[1])
    return f'<a href="#{name}">{name}</a>'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
