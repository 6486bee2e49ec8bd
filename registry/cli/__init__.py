"""The command line: one more node on the same log."""

from registry.cli.app import main

__all__ = ["main"]
