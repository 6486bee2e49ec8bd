"""Countries of recruitment as ICTRP files name them. TRDS item 11."""

import re
from typing import Final

from adapters import countries
from adapters.ictrp.texts import plain

JAPAN_ALONE: Final = frozenset(["none (japan only)", "none other than japan"])
"""Words of Japanese registries for "no country besides Japan"."""

_CODE = re.compile("[A-Z]{2}")


def country(name: str) -> str | None:
    """ISO 3166-1 code of a country. Two capitals are taken as a code: our upload sends unknown ones so."""
    if plain(name) in JAPAN_ALONE:
        return "JP"
    return countries.code_of(name) or (name if _CODE.fullmatch(name) else None)


def names(text: str, registry: str) -> list[str]:
    """The names in a cell: separated at `;`, and for UMIN, which writes no name with a comma, at commas."""
    found = _at_commas(text) if registry == "umin-ctr" else text.split(";")
    return [name.strip() for name in found if name.strip()]


def _at_commas(text: str) -> list[str]:
    """The parts between commas outside of brackets; of two closing brackets in a row, the last one closes."""
    opened = [part.rpartition(")") for part in text.split("(")]
    # XML has no U+0000.
    return "(".join(inside + end + outside.replace(",", "\0") for inside, end, outside in opened).split("\0")
