"""The names that people and partners give to registries, read from `names.csv`.

A name of several registries, like `JPRN`, names none, but may stand before a number of any of them.
"""

import re
from typing import Final

from events.identifiers.tables import WORD, folded, table

PARENTHESISED: Final = re.compile(r"([^(]+)\(([^()]*)\)\s*")
LABELS: Final = frozenset({
    "clinical", "id", "identification", "identifier", "no", "nr", "number", "reference", "register", "registered",
    "registration", "registry", "study", "the", "trial", "trials", "番号", "登録id", "登録番号", "試験id",
})  # fmt: skip
"""Words that stand before a number of any registry."""


def registry_of(name: str) -> str | None:
    """The code of the registry of the name, with or without something in parentheses; None for none or several."""
    parenthesised = PARENTHESISED.fullmatch(name)
    for part in (name, *(parenthesised.groups() if parenthesised else ())):
        if len(registries := NAMES.get(folded(part), frozenset())) == 1:
            return next(iter(registries))
    return None


def may_label(label: str, registry: str) -> bool:
    """Whether the text says nothing else of what follows than that it is a number, and of this registry."""
    words = WORD.findall(label.casefold())
    if label[-1].isalnum():
        return registry in NAMES.get("".join(words), ())
    fits = bool(words)
    while words:
        ends = (at for at in range(len(words)) if registry in NAMES.get("".join(words[at:]), ()))
        if (name := next(ends, None)) is not None:
            del words[name:]
        elif words.pop() not in LABELS:
            return False
    return fits


def _names() -> dict[str, frozenset[str]]:
    """The registries by what is left of each of their names without case, blanks and marks."""
    names: dict[str, set[str]] = {}
    for row in table("names.csv"):
        names.setdefault(folded(row["name"]), set()).add(row["registry"])
    return {name: frozenset(registries) for name, registries in names.items()}


NAMES: Final = _names()
