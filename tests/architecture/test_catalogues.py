"""Lists that name modules are whole: each module that declares something is in its list."""

import ast
from collections.abc import Iterator
from pathlib import Path

from events.catalogue import EVENTS, SCHEMAS
from registry.domain.catalogue import AGGREGATES, FOLDERS
from registry.policies.catalogue import MODULES

ROOT = Path(__file__).parents[2]


def declaring(name: str, files: Iterator[Path]) -> Iterator[Path]:
    """The files that give this name a value."""
    for file in files:
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.AnnAssign | ast.Assign):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    yield file


def test_each_module_that_declares_events_is_in_the_catalogue() -> None:
    assert {file.stem for file in declaring("EVENTS", ROOT.glob("events/schemas/*.py"))} == set(SCHEMAS)


def test_each_folder_that_declares_an_aggregate_is_in_the_catalogue() -> None:
    assert {file.parent.name for file in declaring("AGGREGATE", ROOT.glob("registry/domain/*/*.py"))} == set(FOLDERS)


def test_each_module_that_declares_a_policy_is_in_the_catalogue() -> None:
    assert {file.stem for file in declaring("POLICY", ROOT.glob("registry/policies/*.py"))} == set(MODULES)


def test_each_event_but_the_founding_is_of_an_aggregate() -> None:
    categories = {name.partition(".")[0] for name in EVENTS}

    assert categories - {"log"} == {one.category for one in AGGREGATES}
