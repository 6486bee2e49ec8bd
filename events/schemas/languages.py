"""Languages of texts, by their BCP 47 tags in canonical case (RFC 5646 2.1.1): `ja`, `en`, `zh-Hant`, `pt-BR`."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

ASKED_FOR: Final = ("ja", "en")
"""The languages that people are asked for; texts in others come from partners."""
_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*")
"""Language, script, region, variants. Extensions and private use are left out: no registry sends them."""
PATTERN: Final = f"^{_TAG.pattern}$"
"""The same for readers of a schema."""


def is_tag(text: str) -> bool:
    """Whether the text is a language tag of language, script, region and variants, in canonical case."""
    return _TAG.fullmatch(text) is not None


def in_order(languages: Iterable[str]) -> list[str]:
    """Japanese, English, then the others by their tags."""
    return sorted(languages, key=lambda tag: (ASKED_FOR.index(tag) if tag in ASKED_FOR else len(ASKED_FOR), tag))


def first(text: Mapping[str, str], *preferred: str) -> str:
    """The language of a text to show: the first preferred one that it has, or else its first in order."""
    return next((language for language in preferred if language in text), in_order(text)[0])
