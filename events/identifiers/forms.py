"""The forms of the numbers that registries give, read from `forms.csv`.

In its `form`, a regular expression, `#` is a digit that a blank may follow, and `~` stands where people write a hyphen,
a blank or nothing. Its groups, in `case`, fill `written`, unless together they are what is `never` given or the `check`
digits are wrong. `alike` marks a form that does not say whose it is: a sponsor or a committee may number so as well.
`source` says where the rule is from.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from events.identifiers.tables import table
from events.schemas.registration import IdentifierKind

ZEROS: Final = "[^1-9]*"
"""No registry counts from zero: a number of zeros only is a placeholder."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form: `groups` are its groups among those of all forms together."""

    registry: str
    kind: IdentifierKind
    written: str
    case: Callable[[str], str]
    check: Callable[[str], bool]
    never: re.Pattern[str]
    alike: bool
    groups: slice

    def number(self, match: re.Match[str]) -> str | None:
        """The number as we write it; None for a placeholder or wrong check digits."""
        parts = [self.case(part.replace(" ", "")) for part in match.groups()[self.groups] if part]
        text = "".join(parts)
        if self.never.fullmatch(text) or not self.check(text):
            return None
        return self.written.format(*parts)


def _anzctr(digits: str) -> bool:
    """Of 14 digits the last three check the first five, the next six, and one another."""
    year, sequence = (-sum(map(int, part)) % 10 for part in (digits[:5], digits[5:11]))
    return digits[11:] == f"{year}{sequence}{(year + sequence) % 10}"


def _unchecked(number: str) -> bool:
    return True


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {"": _unchecked, "anzctr": _anzctr}
_CASES: Final[dict[str, Callable[[str], str]]] = {"": str, "lower": str.lower, "upper": str.upper}


def _grammar() -> tuple[str, dict[str, Form]]:
    """The expression of all forms, and each by the name of its group there."""
    expressions: list[str] = []
    forms: dict[str, Form] = {}
    groups = 0
    for row in table("forms.csv"):
        expression = row["form"].replace("#", r"(?:\d ?)").replace("~", "[ -]?")
        first, groups = groups + 1, groups + 1 + re.compile(expression).groups
        name = f"form{len(forms)}"
        expressions.append(f"(?P<{name}>{expression})")
        forms[name] = Form(
            registry=row["registry"],
            kind=IdentifierKind(row["kind"]),
            written=row["written"],
            case=_CASES[row["case"]],
            check=_CHECKS[row["check"]],
            never=re.compile("|".join(filter(None, (row["never"], ZEROS)))),
            alike=bool(row["alike"]),
            groups=slice(first, groups),
        )
    return "|".join(expressions), forms


_EXPRESSION, FORMS = _grammar()
ALONE: Final = re.compile(_EXPRESSION, re.ASCII | re.IGNORECASE).fullmatch
AT_THE_END: Final = re.compile(rf"(?:{_EXPRESSION})\Z", re.ASCII | re.IGNORECASE).search
"""Either match's `lastgroup` names the form."""
