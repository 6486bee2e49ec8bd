"""Each partner is a folder with one descriptor, and every list of partners is derived from the catalogue."""

import ast
import pkgutil
from importlib import import_module, util
from itertools import permutations
from pathlib import Path

import pytest

import adapters
from adapters.catalogue import PARTNERS, SOURCES, TARGETS, by_name, source_of
from adapters.partner import Partner
from events.identifiers.registries import REGISTRIES
from events.schemas.registration import Registration
from registry.cli.exchange import SOURCE_HELP, TARGET_HELP

ROOT = Path(__file__).parents[2]


def test_the_catalogue_has_the_partner_of_every_folder() -> None:
    folders = [f"adapters.{module.name}.partner" for module in pkgutil.iter_modules(adapters.__path__) if module.ispkg]
    described = [import_module(name).PARTNER for name in folders if util.find_spec(name) is not None]

    assert {partner.name for partner in described} == set(PARTNERS)
    assert all(PARTNERS[partner.name] is partner for partner in described)


@pytest.mark.parametrize("partner", PARTNERS.values(), ids=PARTNERS.keys())
def test_a_partner_sends_or_receives_and_is_called_by_its_name_in_both_languages(partner: Partner) -> None:
    assert partner.source or partner.target
    assert partner.registry in REGISTRIES
    assert all(partner.called(language) for language in ("ja", "en"))


@pytest.mark.parametrize("partner", PARTNERS.values(), ids=PARTNERS.keys())
def test_a_partner_is_documented(partner: Partner) -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()

    assert (ROOT / "docs" / "divergences" / f"{partner.name}.md").is_file()
    assert f"`adapters/{partner.name}`" in glossary
    assert partner.called("en") in (ROOT / "README.md").read_text()


@pytest.mark.parametrize(("one", "other"), [*permutations(SOURCES, 2)])
def test_a_file_of_one_source_is_not_taken_for_one_of_another(one: str, other: str) -> None:
    for sign in SOURCES[one].signs:
        assert source_of(b"\n " + sign) == one
        assert not SOURCES[other].begins(sign)


def test_a_file_of_no_partner_is_of_none() -> None:
    assert source_of(b"{}") is None


def test_two_partners_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        by_name([*PARTNERS.values(), *PARTNERS.values()])


def test_the_help_names_each_partner() -> None:
    assert all(f"{name} ({PARTNERS[name].called('en')})" in SOURCE_HELP for name in SOURCES)
    assert all(f"{name} ({PARTNERS[name].called('en')})" in TARGET_HELP for name in TARGETS)


CORE = ("events", "projections", "registry/domain")
FROZEN = {"ctgov"}
"""Its part of a registration was stored before there were extensions; that form is read for ever (ADR 0069)."""


def test_no_module_or_field_of_the_core_is_a_partners() -> None:
    modules = {path.stem for folder in CORE for path in (ROOT / folder).rglob("*.py")}

    assert modules & set(PARTNERS) == FROZEN
    assert set(Registration.model_fields) & set(PARTNERS) == FROZEN


def test_the_core_imports_no_partner() -> None:
    imported = {
        name.split(".")[0]
        for folder in CORE
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
    }

    assert "pydantic" in imported
    assert "adapters" not in imported


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
