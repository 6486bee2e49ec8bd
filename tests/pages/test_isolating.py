"""All that a template writes passes one place, which keeps the texts of others from changing the text beside them."""

import ast
import inspect
from pathlib import Path

import pytest
from jinja2 import nodes
from markupsafe import Markup

from registry.pages import rendering
from registry.pages.isolating import as_given, bdi, isolated
from registry.pages.rendering import TEMPLATES
from registry.pages.shown import link_of

PAGES = Path(inspect.getfile(rendering)).parent
SOURCES = {name: (PAGES / "templates" / name).read_text("utf-8") for name in TEMPLATES.list_templates()}
FILTERS = {"bdi", "as_given", "length", "string", "urlencode"}
"""Those that templates use. None makes markup of a text that is not escaped, as `safe` does."""


def test_what_a_template_writes_is_escaped_and_isolated_in_one_place() -> None:
    assert TEMPLATES.autoescape is True
    assert TEMPLATES.finalize is isolated
    assert (TEMPLATES.filters["bdi"], TEMPLATES.filters["as_given"]) == (bdi, as_given)


@pytest.mark.parametrize("name", SOURCES)
def test_no_template_goes_round_that_place(name: str) -> None:
    tree = TEMPLATES.parse(SOURCES[name])

    assert {one.name for one in tree.find_all(nodes.Filter)} <= FILTERS
    assert not [*tree.find_all((nodes.FilterBlock, nodes.ScopedEvalContextModifier, nodes.EvalContextModifier))]
    assert not [*tree.find_all((nodes.MarkSafe, nodes.MarkSafeIfAutoescape))]


@pytest.mark.parametrize("name", SOURCES)
def test_a_text_stands_as_it_was_sent_in_fields_and_addresses_alone(name: str) -> None:
    before = [part.rsplit("{{", 1)[0] for part in SOURCES[name].split("|as_given")[:-1]]

    assert all(text.endswith(('value="', 'href="')) or text.endswith('aria-describedby="why-hint">') for text in before)


def test_no_other_code_of_the_pages_writes_markup() -> None:
    called = {
        path.name
        for path in PAGES.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in ("Markup", "escape")
    }

    assert called == {"isolating.py"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("癌", "癌"),
        ("אב", "\u2068אב\u2069"),
        ("a\u202eb", "\u2068ab\u2069"),
        ("a\u2067b", "\u2068ab\u2069"),
        ("a\u2067b\u2069", "\u2068a\u2067b\u2069\u2069"),
        ("א\nb", "\u2068א\u2069\n\u2068b\u2069"),
        ("א\u2029", "\u2068א\u2069\u2029"),
        (Markup("<b>א</b>"), Markup("<b>א</b>")),
    ],
)
def test_each_paragraph_of_a_text_is_isolated(text: str, shown: str) -> None:
    assert isolated(text) == shown


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("https://example.org/a?b=c", True),
        ("http://例え.jp/א", True),
        ("https://example.org/\u202egpj.exe", False),
        ("https://example.org/\u200e", False),
        ("https://example.org/a b", False),
        ("https://example.org/\u3000", False),
        ("https://example.org/\n", False),
        ("javascript:alert(1)", False),
    ],
)
def test_what_is_linked_to_is_what_is_shown(text: str, links: bool) -> None:
    assert link_of(text) == (text if links else "")


def test_a_link_leads_where_the_text_says() -> None:
    draw = TEMPLATES.get_template("draw.html").module
    drawn = str(draw.passage({"link": "https://example.org/א", "text": "https://example.org/א"}))

    assert 'href="https://example.org/א"' in drawn
    assert "<bdi>https://example.org/א</bdi>" in drawn
