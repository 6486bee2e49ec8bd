"""The words of the page in each language, from one catalogue file each, and its forms of dates and countries."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from events.identifiers.registries import named
from events.schemas.languages import first
from events.schemas.values import first_day
from events.schemas.zones import JAPAN
from registry.pages.isolating import isolated

CATALOGUES: Final = files(__package__) / "words"


class Language(StrEnum):
    """The languages of the page."""

    JAPANESE = "ja"
    ENGLISH = "en"

    @property
    def other(self) -> "Language":
        """The language to switch to."""
        return Language.ENGLISH if self is Language.JAPANESE else Language.JAPANESE


LOCALES: Final = {Language.JAPANESE: Locale("ja"), Language.ENGLISH: Locale("en", "GB")}

COUNTRIES: Final[Mapping[str, str]] = {name: code for code, name in Locale("en").territories.items()}
"""Codes of countries by their English names."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language. A key is `section.name`, as in the catalogue."""

    language: Language
    catalogue: Mapping[str, str]
    places: Mapping[str, int]
    """The order in which fields are shown: that of their labels in the catalogue."""

    def say(self, key: str, **fills: object) -> str:
        """The words under a key, filled in; raises KeyError if the catalogue lacks them."""
        return self.catalogue[key].format_map({name: isolated(fill) for name, fill in fills.items()})

    def known(self, key: str) -> str | None:
        """The words under a key that the catalogue may lack."""
        return self.catalogue.get(key)

    def date(self, partial: str) -> str:
        """A date in its stated precision; a text that is no date, as in older logs, stays as it is."""
        try:
            return self._date(partial.strip())
        except ValueError:
            return partial

    def _date(self, partial: str) -> str:
        locale = LOCALES[self.language]
        match partial.count("-"):
            case 0:
                return str(format_skeleton("y", first_day(partial), locale=locale))
            case 1:
                return str(format_skeleton("yMMMM", first_day(partial), locale=locale))
            case _:
                return str(format_date(date.fromisoformat(partial), "long", locale=locale))

    def moment(self, moment: datetime | str) -> str:
        """A moment, or a timestamp in RFC 3339, in Japan's time."""
        when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        there = when.astimezone(JAPAN)
        day = format_date(there.date(), "long", locale=LOCALES[self.language])
        return self.say("value.japan_time", moment=f"{day} {there:%H:%M}")

    def number(self, number: float) -> str:
        """A number with the language's separators."""
        return str(format_decimal(number, locale=LOCALES[self.language]))

    def country(self, code: str) -> str:
        """A country's name by its ISO 3166-1 code, or its English one; any other text stays as it is."""
        name: str = LOCALES[self.language].territories.get(COUNTRIES.get(code, code), code)
        return name

    def registry(self, code: str) -> str:
        """A registry's name by its code; a text that is already a name stays as it is."""
        return named(code, self.language)

    def text(self, text: Mapping[str, str]) -> tuple[str, str]:
        """A text in this language, or else in the page's other one, or in any; and the tag of its language."""
        language = first(text, self.language, self.language.other)
        return text[language], language


@cache
def words_in(language: Language) -> Words:
    """The words of a language; read once."""
    sections = tomllib.loads((CATALOGUES / f"{language}.toml").read_text("utf-8"))
    catalogue = {f"{section}.{name}": text for section, words in sections.items() for name, text in words.items()}
    return Words(language, catalogue, {name: place for place, name in enumerate(sections["label"])})
