"""The lists that put the server together: each middleware and each module with routes is in its list, in order."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from registry.pages.refusals import OTHERS
from registry.pages.routes import routes as pages
from registry.server import MIDDLEWARES, MODULES

ROOT = Path(__file__).parents[2]
AROUND = [
    ("recorded", "refused", "a refusal has its line in the log and its count"),
    ("zipped", "shown", "a page of a refusal is compressed as others are"),
    ("shown", "refused", "a page shows the problem that was refused"),
    ("refused", "storable", "what can't be stored is refused by a problem"),
    ("storable", "identified", "two Authorization headers are refused before one is believed"),
    ("tidied", "identified", "an address with empty parameters leads on without a look at the token"),
    ("refused", "identified", "an unknown token is refused by a problem"),
    ("identified", "within_memory", "a body's place is its sender's"),
    ("identified", "admitted", "a reader's place is that of the token's bearer"),
    ("admitted", "in_time", "a reader without a place waits for nothing"),
    ("in_time", "settled", "a wait for the views is within the read's time"),
    ("settled", "in_turn", "a wait for the views holds no connection to the database"),
]
"""Pairs of middlewares, the outer one first, and the reason."""


def functions(folder: str, wanted: Callable[[ast.FunctionDef | ast.AsyncFunctionDef], bool]) -> Iterator[str]:
    """`module.name` of each function of a folder's modules that fulfils the condition."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and wanted(node):
                yield f"{module}.{node.name}"


def test_each_middleware_is_in_the_list_once() -> None:
    defined = [*functions("registry", lambda one: "web.middleware" in map(ast.unparse, one.decorator_list))]
    listed = [f"{one.__module__}.{one.__name__}" for one in MIDDLEWARES]

    assert defined
    assert sorted(listed) == sorted(defined)


@pytest.mark.parametrize(("outer", "inner", "why"), AROUND)
def test_a_middleware_stands_around_those_that_need_it(outer: str, inner: str, why: str) -> None:
    names = [one.__name__ for one in MIDDLEWARES]

    assert names.index(outer) < names.index(inner), why


def test_each_middleware_has_a_place_in_the_order() -> None:
    assert {name for outer, inner, _ in AROUND for name in (outer, inner)} == {one.__name__ for one in MIDDLEWARES}


def test_each_module_of_the_api_with_routes_is_in_the_list() -> None:
    with_routes = {one.rpartition(".")[0] for one in functions("registry/api", lambda one: one.name == "routes")}

    assert sorted(one.__name__ for one in MODULES) == sorted(with_routes)


def test_addresses_for_machines_are_those_of_the_api_and_of_assets() -> None:
    """Refusals there are problem documents, and pages everywhere else."""
    of_api = {route.path for module in MODULES for route in module.routes()}
    of_pages = {route.path for route in pages() if isinstance(route, web.RouteDef)}

    assert {path for path in of_api if not path.startswith(OTHERS)} == set()
    assert {path for path in of_pages if path.startswith(OTHERS)} == {path for path in of_pages if "/assets/" in path}
