"""The grammar of registration numbers: a pattern with a running number and a check character (ISO 7064 MOD 37,36)."""

import re
from dataclasses import dataclass

from stdnum.iso7064 import mod_37_36

_PLACEHOLDERS = re.compile(r"\{(year|number)(?::0?(\d+))?\}")
_PLAIN = re.compile(r"[A-Za-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Grammar:
    """A pattern like `JTR{year}{number:06}`; the check character is appended to it.

    `{year}` is the year of publication in Japan, `{number:0N}` counts within the series: all that comes before it.
    """

    pattern: str

    def __post_init__(self) -> None:
        """Refuses a pattern under which two trials could share a number, or that the check can't read."""
        names = [match.group(1) for match in _PLACEHOLDERS.finditer(self.pattern)]
        plain = _PLACEHOLDERS.sub("", self.pattern)
        if names.count("number") != 1 or names[-1] != "number" or not self.pattern.endswith("}"):
            raise ValueError(f"{self.pattern!r} must end in {{number}}, and contain it once")
        if not _PLAIN.fullmatch(plain):
            raise ValueError(f"{self.pattern!r} may contain letters, digits and hyphens besides its placeholders")

    def series(self, year: int) -> str:
        """The name of the series that numbers of this year are counted in."""
        return self.pattern[: self.pattern.index("{number")].replace("{year}", str(year))

    def render(self, series: str, number: int) -> str:
        """The registration number, e.g. `JTR2026000001P`; raises OverflowError where the series is full."""
        match = re.search(r"\{number(?::0?(\d+))?\}\Z", self.pattern)
        width = int(match.group(1) or 0) if match else 0
        digits = str(number).zfill(width)
        if width and len(digits) > width:
            raise OverflowError(f"series {series} is full: {number} has more than {width} digits")
        return series + digits + mod_37_36.calc_check_digit(_checked(series + digits))

    def read(self, text: str) -> tuple[str, int] | None:
        """(series, running number) of a number of this grammar; None where it is none, or its check is wrong."""
        form = _PLACEHOLDERS.sub(_as_regex, re.sub(r"-", r"\\-", self.pattern)) + "[0-9A-Z]"
        match = re.fullmatch(form, text)
        if match is None or not mod_37_36.is_valid(_checked(text)):
            return None
        return text[: match.start("number")], int(match["number"])

    def valid(self, text: str) -> bool:
        """Whether the text is a number of this grammar with the right check character."""
        return self.read(text) is not None


def _checked(text: str) -> str:
    return text.replace("-", "").upper()


def _as_regex(match: re.Match[str]) -> str:
    name, width = match.groups()
    if name == "year":
        return "[0-9]{4}"
    return f"(?P<number>[0-9]{{{width}}})" if width else "(?P<number>[0-9]+)"
