"""Draws a tree by its imports: the rooms of each package on their floors, the arrows between them, circles, arrows up.

A room is a module or a folder directly below a package. An arrow leads from a room to a room that it imports from,
anywhere in a file, also inside a function. A floor is a layer that the tree's own pyproject.toml declares for the
package. An arrow leads up where it ends on a floor above its own, even if a contract ignores it. A circle is a set of
modules, or of rooms of one folder, that reach each other by arrows.

    python -m tests.architecture.drawing [TREE …]      prints each tree; this one unless told
"""

import ast
import sys
import tomllib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGES: Final = ("registry", "projections", "adapters", "events")
Arrows = Mapping[str, frozenset[str]]
"""By name, the names that it imports from."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One package of a tree."""

    package: str
    arrows: Arrows
    """Between rooms."""
    floors: Sequence[frozenset[str]]
    """The declared layers, the highest first."""
    circles: Sequence[str]
    """Circles of modules, and of the rooms of each folder: full names, in order, with spaces between."""

    @property
    def up(self) -> list[str]:
        """The arrows that lead up."""
        floor = {room: number for number, rooms in enumerate(self.floors) for room in rooms}
        every = [(start, end) for start, ends in self.arrows.items() for end in ends]
        return sorted(f"{start} → {end}" for start, end in every if floor.get(end, 0) < floor.get(start, 0))


def draw(tree: Path, package: str) -> Drawing:
    """Reads a package of a tree; imports nothing of it."""
    modules = imports(tree, package)
    folders = {module.rpartition(".")[0] for module in modules}
    levels = [modules, *(between_rooms(modules, folder) for folder in sorted(folders))]
    found = dict.fromkeys(" ".join(sorted(circle)) for arrows in levels for circle in circles(arrows))
    rooms = {
        start.rpartition(".")[2]: frozenset(end.rpartition(".")[2] for end in ends)
        for start, ends in between_rooms(modules, package).items()
    }
    return Drawing(package, rooms, floors(tree, package), [*found])


def between_rooms(modules: Arrows, folder: str) -> dict[str, frozenset[str]]:
    """The arrows between the rooms of a folder, by full names."""
    depth = folder.count(".") + 2

    def room(module: str) -> str:
        return ".".join(module.split(".")[:depth])

    inside = {module for module in modules if module.startswith(f"{folder}.")}
    found: dict[str, set[str]] = {room(module): set() for module in sorted(inside)}
    for module in inside:
        found[room(module)] |= {room(end) for end in modules[module] & inside} - {room(module)}
    return {name: frozenset(ends) for name, ends in found.items()}


def imports(tree: Path, package: str) -> dict[str, frozenset[str]]:
    """By module of a package, its imports from the same package."""
    files = {dotted(tree, file): file for file in sorted((tree / package).rglob("*.py"))}
    return {module: frozenset(imported(file, files)) - {module, package} for module, file in files.items()}


def dotted(tree: Path, file: Path) -> str:
    """The name of a file's module."""
    return ".".join(file.relative_to(tree).with_suffix("").parts).removesuffix(".__init__")


def imported(file: Path, modules: Container[str]) -> Iterator[str]:
    """Those of these modules that a file imports; a name imported from a package may be a module or a name in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                found = [one.name for one in names]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                full = [f"{module}.{one.name}" for one in names]
                found = [one if one in modules else module for one in full]
            case ast.ImportFrom():
                raise ValueError(f"{file}: imports are absolute here, so that they can be drawn")
            case _:
                continue
        yield from (one for one in found if one in modules)


def floors(tree: Path, package: str) -> list[frozenset[str]]:
    """The layers that a tree declares for a package, the highest first."""
    contracts = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one.get("containers") == [package])
    return [frozenset(layer.translate({ord(sign): " " for sign in "|:()"}).split()) for layer in layers]


def circles(arrows: Arrows) -> list[frozenset[str]]:
    """The sets of names that reach each other."""
    reached = {start: reachable(start, arrows) for start in arrows}
    return sorted(
        {frozenset(end for end in ends if start in reached[end]) for start, ends in reached.items() if start in ends},
        key=sorted,
    )


def reachable(start: str, arrows: Arrows) -> set[str]:
    """The names reached from a name by one arrow or more."""
    found: set[str] = set()
    waiting = [*arrows[start]]
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting += arrows[one]
    return found


def lines(drawing: Drawing) -> Iterator[str]:
    """A drawing as text."""
    arrows = sum(map(len, drawing.arrows.values()))
    yield (
        f"{drawing.package}/: {len(drawing.arrows)} rooms, {arrows} arrows, {len(drawing.floors)} floors, "
        f"{len(drawing.circles)} circles, {len(drawing.up)} arrows up"
    )
    for floor in drawing.floors:
        yield ""
        yield from (f"  {room:<12} → {' '.join(sorted(drawing.arrows.get(room, ()))) or '–'}" for room in sorted(floor))
    yield ""
    yield from (f"  circle: {circle}" for circle in drawing.circles)
    yield from (f"  up: {arrow}" for arrow in drawing.up)


if __name__ == "__main__":
    for tree in map(Path, sys.argv[1:] or ["."]):
        drawn = ("\n".join(lines(draw(tree, package))) for package in PACKAGES)
        sys.stdout.write("\n\n".join([str(tree.resolve()), *drawn]) + "\n\n")
