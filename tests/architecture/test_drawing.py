"""The tree has no circle and no arrow up, at any depth, and no package or room escapes the contracts."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.drawing import PACKAGES, Drawing, draw, lines

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LINTER = PROJECT["tool"]["importlinter"]


@cache
def ours(package: str) -> Drawing:
    return draw(ROOT, package)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package of two floors, `low` below `high`, without a fault."""
    layers = 'layers = ["high", "(low) | other"]'
    (tmp_path / "pyproject.toml").write_text(f'[[tool.importlinter.contracts]]\ncontainers = ["toy"]\n{layers}\n')
    for name in ("", "low/", "other/"):
        (tmp_path / "toy" / name).mkdir(exist_ok=True)
        (tmp_path / "toy" / name / "__init__.py").touch()
    write(tmp_path, "toy/high.py", "from toy import low\nfrom toy.other import name\n")
    write(tmp_path, "toy/low/first.py", "import toy.low.second\n")
    write(tmp_path, "toy/low/second.py", "")
    return tmp_path


def write(tree: Path, file: str, source: str) -> None:
    (tree / file).write_text(source)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle_and_no_arrow_up(package: str) -> None:
    assert ours(package).arrows
    assert [*ours(package).circles, *ours(package).up] == []


def test_rooms_and_arrows_are_counted(tree: Path) -> None:
    drawing = draw(tree, "toy")

    assert drawing.arrows == {"high": {"low", "other"}, "low": frozenset(), "other": frozenset()}
    assert next(lines(drawing)) == "toy/: 3 rooms, 2 arrows, 2 floors, 0 circles, 0 arrows up"


def test_an_arrow_up_is_seen(tree: Path) -> None:
    write(tree, "toy/other/__init__.py", "def f():\n    from toy.high import name\n")

    assert draw(tree, "toy").up == ["other → high"]


def test_a_circle_of_modules_in_one_room_is_seen(tree: Path) -> None:
    write(tree, "toy/low/second.py", "from toy.low import first\n")

    assert draw(tree, "toy").circles == ["toy.low.first toy.low.second"]


def test_a_circle_of_rooms_is_seen_where_no_module_is_in_one(tree: Path) -> None:
    write(tree, "toy/low/first.py", "from toy.other import one\n")
    write(tree, "toy/other/one.py", "")
    write(tree, "toy/other/two.py", "from toy.low.second import name\n")

    assert draw(tree, "toy").circles == ["toy.low toy.other"]


def test_a_relative_import_is_refused(tree: Path) -> None:
    write(tree, "toy/low/second.py", "from . import first\n")

    with pytest.raises(ValueError, match="absolute"):
        draw(tree, "toy")


def test_every_package_is_built_checked_and_drawn() -> None:
    folders = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "deploy"}
    built = {name.removesuffix(".*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}

    assert folders == set(PACKAGES) == built == set(LINTER["root_packages"])
    assert folders <= set(PROJECT["tool"]["mypy"]["files"])


@pytest.mark.parametrize("package", PACKAGES)
def test_a_new_room_fails_until_its_floor_is_written(package: str) -> None:
    layers: list[dict[str, Any]] = [one for one in LINTER["contracts"] if one.get("containers") == [package]]

    assert [one["exhaustive"] for one in layers] == [True]
    assert {room for floor in ours(package).floors for room in floor} == set(ours(package).arrows)
