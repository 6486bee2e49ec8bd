"""All views, and the program that they make."""

from importlib import import_module
from typing import Final

from projections.base.view import View
from projections.engine.program import Program

REVISION: Final = 14
"""Raised when the same events come to make other rows, so that views made before are refused until rebuilt."""
FOLDERS: Final = ("record", "history", "search", "consequences", "programme", "region")
"""The folders of `projections/views`, each with its `VIEW`.

In the order in which statements touch their tables, so that a swap and a reader never wait for each other.
"""
VIEWS: Final[tuple[View, ...]] = tuple(import_module(f"projections.views.{name}.project").VIEW for name in FOLDERS)
PROGRAM: Final = Program(VIEWS, REVISION)
