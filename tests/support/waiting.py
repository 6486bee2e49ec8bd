"""How long tests wait for what comes about in another task or process."""

from typing import Final

PATIENCE: Final = 90.0
"""Seconds after which a test gives up. It says that something hangs, never that it is slow: cores may be kept busy."""
