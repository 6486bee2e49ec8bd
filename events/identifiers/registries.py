"""The registries by their codes, read from `registries.csv`: what each is called, and where its records stand.

Events and views say the code, which never changes. A registry that is not in the table is stored by the name that its
sender gave. `address` is where a number is shown, where the registry has such an address; it changes as its pages do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from events.identifiers.tables import table

WHO: Final = "who"
"""Issues universal trial numbers."""
WHO_ICTRP: Final = "who-ictrp"
"""Renders the records of others."""


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry, or one that renders others' records. `address` has `{number}` in it, or is empty.

    `hosts`: where its pages are, or were, with all hosts below; none where that is not known.
    """

    code: str
    en: str
    ja: str
    address: str
    hosts: tuple[str, ...]


def _registries() -> dict[str, Registry]:
    return {
        row["code"]: Registry(row["code"], row["en"], row["ja"], row["address"], tuple(row["hosts"].split()))
        for row in table("registries.csv")
    }


REGISTRIES: Final[Mapping[str, Registry]] = _registries()
_BY_NAME: Final = {registry.en: registry.code for registry in REGISTRIES.values()}


def named(registry: str, language: str = "en") -> str:
    """The name of a registry, in Japanese (`ja`) or in English; without a code, the name as it is stored."""
    known = REGISTRIES.get(registry)
    if known is None:
        return registry
    return known.ja if language == "ja" else known.en


def coded(name: str) -> str:
    """The code of the registry that is called exactly so in English; the name itself where there is none."""
    return _BY_NAME.get(name, name)


def address_of(registry: str, number: str) -> str | None:
    """The address at which the registry shows the number; None if it has none, or is not known here."""
    known = REGISTRIES.get(registry)
    return known.address.format(number=quote(number, safe="")) if known and known.address else None
