"""Which trial a number names, however it is written: one grammar of the numbers that registries give.

Its tables are beside it: the registries in `registries.csv`, their names in `names.csv`, the forms of their numbers in
`forms.csv`.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from events.identifiers import forms, names
from events.identifiers.names import registry_of
from events.normal_form import nfkc
from events.schemas.registration import IdentifierKind

__all__ = ["Identified", "identify", "in_our_form", "issued_by", "registry_of"]

LONGEST: Final = 120
"""Characters of a text that is still taken for one number with a label; the longest name of a registry has 75."""
HYPHENS: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u30fc\u02d7"), "-")
INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
AROUND_MARKS: Final = re.compile(" ?([-/]) ?")
NO_COUNTRY: Final = {"3RD": "3rd", "OUTSIDE-EU/EEA": "Outside-EU/EEA"}
"""Values that WHO's rows of the EU Clinical Trials Register have instead of a country."""


@dataclass(frozen=True, slots=True)
class Identified:
    """A number, and its registry. Equal for all ways of writing the same number."""

    registry: str
    """Its code, e.g. `umin-ctr`; `who` for a universal trial number."""
    number: str
    """The number in the one form in which we write it. Its own letters are never lost: `jRCTs031190227`."""
    kind: IdentifierKind
    """`REGISTRY` or `UTN`."""
    country: str | None = None
    """The suffix of a row of the EU Clinical Trials Register. The trial is the same in all its rows."""
    alike: bool = field(default=False, compare=False)
    """Whether the text, without a label, is of a form that others number in as well."""

    def written(self) -> str:
        """The text that is identified as this."""
        return f"{self.number}-{self.country}" if self.country else self.number

    __str__ = written


def identify(text: str) -> Identified | None:
    """The one number that the text is, with or without a label before it.

    None where it is no registry's number, a placeholder, wrong by its check digits, or more than one number.
    """
    if len(text) > LONGEST:
        return None
    plain = _plain(text)
    match = forms.ALONE(plain) or forms.AT_THE_END(plain)
    if match is None:
        return None
    form = forms.FORMS[match.lastgroup or ""]
    if match.start() and not names.may_label(plain[: match.start()], form.registry):
        return None
    number, country = form.number(match), match["country"]
    if number is None:
        return None
    if country:
        country = NO_COUNTRY.get(country.upper(), country.upper())
    return Identified(form.registry, number, form.kind, country, alike=form.alike and not match.start())


def in_our_form(text: str) -> str:
    """The number that the text is, as we write it; a text that is no registry's number, as it is."""
    known = identify(text)
    return known.number if known else text


def issued_by(text: str, issuer: str | None) -> Identified | None:
    """The registry's number that the text is, where somebody says who issued it.

    None where it is none, and where it only looks like one: its form is one that others number in, and another issuer
    is stated. `issuer` is a name as people write it, or a registry's code.
    """
    known = identify(text)
    if known is None or not known.alike or not issuer or issuer == known.registry:
        return known
    return known if names.may_label(f"{issuer}:", known.registry) else None


def _plain(text: str) -> str:
    """The text in ASCII where it is ASCII to the eye, with single blanks, and none around hyphens and slashes."""
    if not text.isascii():
        # NFKC would make a digit of a footnote mark.
        if any(unicodedata.category(character) == "No" for character in text):
            return ""
        text = nfkc(text.translate(INVISIBLE)).translate(HYPHENS)
    plain = " ".join(text.split())
    return AROUND_MARKS.sub(r"\1", plain) if " " in plain else plain
