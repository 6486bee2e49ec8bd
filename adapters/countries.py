"""Countries: ISO 3166-1 alpha-2 codes and their English names, as Unicode's CLDR has them."""

from functools import cache

from babel import Locale

# CLDR has names for these too, but they are groups, test regions or parts of countries and no ISO 3166-1 code.
_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


@cache
def names() -> dict[str, str]:
    """Code to English name."""
    regions = Locale("en").territories.items()
    return {code: name for code, name in regions if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY}


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("&", "and").replace("’", "'").split())


@cache
def codes() -> dict[str, str]:
    """English name, in lower case and with `and` spelt out, to code."""
    return {_plain(name): code for code, name in names().items()}


def code_of(name: str) -> str | None:
    return codes().get(_plain(name))
