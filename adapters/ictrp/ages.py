"""Limits of age as the registries write them in ICTRP files. TRDS item 14."""

import re
from typing import Final, Literal, TypeAlias

from adapters.ictrp.texts import plain
from events.schemas.eligibility import Age, AgeLimit, AgeUnit

Side: TypeAlias = Literal["minimum", "maximum"]

_UNITS: Final = {
    "y": AgeUnit.YEARS, "yr": AgeUnit.YEARS, "year": AgeUnit.YEARS, "age": AgeUnit.YEARS,
    "m": AgeUnit.MONTHS, "month": AgeUnit.MONTHS, "w": AgeUnit.WEEKS, "week": AgeUnit.WEEKS,
    "d": AgeUnit.DAYS, "day": AgeUnit.DAYS, "h": AgeUnit.HOURS, "hour": AgeUnit.HOURS,
    "min": AgeUnit.MINUTES, "minute": AgeUnit.MINUTES,
}  # fmt: skip
_NO_LIMIT: Final = frozenset(
    ["n/a", "no limit", "no limits", "none", "not applicable", "no maximum age", "no minimum age", "no age limit",
     "0 n/a no limit"]
)  # fmt: skip
_LIMIT = re.compile(r"(?P<sign>[<>]=?|[≤≥≦≧])? ?(?P<value>\d{1,5}) ?(?P<unit>[a-z]+?)?s?(?: old)?")
_SIGNS: Final[dict[Side, dict[str | None, bool]]] = {
    "minimum": {None: True, ">=": True, "≥": True, "≧": True, ">": False},
    "maximum": {None: True, "<=": True, "≤": True, "≦": True, "<": False},
}
"""For either limit, the words that may precede the number, and whether they include it."""
_BARE_YEARS: Final = frozenset(["chictr", "rebec", "japic-cti"])
"""Registers whose forms ask for years and send the bare number."""


def limit(text: str, side: Side, registry: str) -> AgeLimit | None:
    """The limit; None if it is ambiguous, such as a number without a unit from a register that has several."""
    words = plain(re.sub(r"[()\-]+", " ", text.replace("(s)", "s")))
    if words in _NO_LIMIT:
        return "unlimited"
    match = _LIMIT.fullmatch(words)
    if match is None or match["sign"] not in _SIGNS[side]:
        return None
    unit = _UNITS.get(match["unit"]) if match["unit"] else AgeUnit.YEARS if registry in _BARE_YEARS else None
    if unit is None:
        return None
    value = int(match["value"])
    if value == 0 and side == "maximum" and registry == "rebec":
        # ReBEC's form writes 0 if no maximum is given. formats 16.3.
        return "unlimited"
    return Age(value=value, unit=unit, inclusive=_SIGNS[side][match["sign"]])
