"""The tables beside this, and how what people write is compared with the words in them."""

import csv
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final

from events.normal_form import nfkc

WORD: Final = re.compile(r"[^\W_]+")


def table(name: str) -> Iterator[Mapping[str, str]]:
    """The rows of a table, by the names in its first line."""
    return csv.DictReader(files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines())


def folded(text: str) -> str:
    """A text without case, blanks and marks, and with letters of the usual width."""
    return "".join(WORD.findall(nfkc(text).casefold()))
