"""How long tests wait for another task or process."""

from typing import Final

PATIENCE: Final = 90.0
"""Seconds after which a test gives up. Only something that hangs reaches it, however busy the cores are."""
