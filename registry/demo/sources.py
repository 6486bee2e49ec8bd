"""Reads the invented world from the data files beside this module."""

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from registry.demo.world import World


@cache
def read() -> World:
    """The world; raises pydantic's ValidationError if a data file is invalid."""
    return World.model_validate(
        {
            "prefectures": _rows("prefectures"),
            "organisations": _table("organisations"),
            "diseases": _rows("conditions"),
            "treatments": _rows("treatments"),
            "kinds": _table("kinds"),
            "wording": _table("wording"),
        }
    )


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(f"{name}.csv").splitlines()))


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(f"{name}.toml"))
