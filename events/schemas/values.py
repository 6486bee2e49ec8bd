"""Value types shared by all payloads: bilingual text, dates of stated precision, ages, codes, sealed persons."""

import calendar
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationInfo,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from events.schemas import bounds, languages, wording
from events.schemas.bounds import at_the_door

STORED: Final = {"stored": True}
"""The context of validation in which a log is read."""


class Value(BaseModel):
    """Base of everything stored or received: frozen, closed, and without the floats that JSON can't say."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    REVISION: ClassVar[int] = 1
    """Of an event's payload: counts its forms. A later form may add fields, never narrow what the others say."""

    def to_stored(self) -> dict[str, Any]:
        """JSON-ready form as stored in events: an absent key means unknown, an empty list means none."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def from_stored(cls, data: Any) -> Self:
        """Reads stored data. Raises pydantic.ValidationError where it has another shape.

        The rules for characters, dates and sizes are for incoming data: data that was accepted under fewer rules stays
        readable.
        """
        return bounds.unbounded(cls).validate_python(data, context=STORED)  # type: ignore[no-any-return]


def is_stored(info: ValidationInfo) -> bool:
    """Whether stored data is being read, and not incoming data."""
    return info.context is STORED


@at_the_door
def _line(text: str) -> str:
    if (fault := wording.wrong_in_line(text) or wording.blank(text)) is not None:
        raise ValueError(fault)
    return text


@at_the_door
def _prose(text: str) -> str:
    if (fault := wording.wrong_in_prose(text) or wording.blank(text)) is not None:
        raise ValueError(fault)
    return text


ON_ONE_LINE: Final = AfterValidator(_line)
Line: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000), ON_ONE_LINE]
"""A text of one line, without control characters and without direction marks left open."""
IdNumber: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ON_ONE_LINE
]
"""A number that names a trial. Views keep it in an index, which takes no value of any length."""
Prose: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_prose)]
"""A text that may have line breaks and tabs, but no other control characters."""
Identifier: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""Names an organisation or a site, as the registry's operator assigns it."""
ITEM: Final = re.compile("[a-z][a-z0-9-]{0,31}")
ItemId: TypeAlias = Annotated[str, StringConstraints(pattern=rf"^{ITEM.pattern}$")]
"""Names a member of a list. It begins with a letter, so that no index of a list is taken for one."""
CountryCode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
Digest: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in lower-case hexadecimal."""


class Member(Value):
    """A member of a list. Where the sender gives no `item`, it gets one when it is taken in, and keeps it."""

    KNOWN_BY: ClassVar[tuple[str, ...]] = ()
    """Fields by which a member that comes without its item is found among those that are there, the surest first."""

    item: ItemId | None = None
    """Names the member within its list, for ever: amendments and other members refer to it by this."""


_BY_TAG: Final[JsonDict] = {
    "minProperties": 1,
    "maxProperties": bounds.LANGUAGES,
    "propertyNames": {"pattern": languages.PATTERN},
}


class Text(Value):
    """What people read, by language: Japanese and English side by side, and any other by its BCP 47 tag."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_BY_TAG)
    __pydantic_extra__: dict[str, Prose]

    ja: Prose | None = None
    en: Prose | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.ja is None and self.en is None and not self.__pydantic_extra__:
            raise ValueError("give the text in Japanese (ja), in English (en), or both")
        return self

    @model_validator(mode="after")
    @at_the_door
    def _in_languages(self) -> Self:
        if not self.__pydantic_extra__:
            return self
        if len(self.by_language()) > bounds.LANGUAGES:
            raise ValueError(f"a text may be given in {bounds.LANGUAGES} languages")
        if wrong := [tag for tag in self.__pydantic_extra__ if not languages.is_tag(tag)]:
            raise ValueError(f"{wrong[0]!r} is no language; write a BCP 47 tag in its usual case, as `ja` or `zh-Hant`")
        return self

    def by_language(self) -> dict[str, str]:
        """The text in each language, by its tag."""
        both = {"ja": self.ja, "en": self.en}
        return {language: text for language, text in both.items() if text is not None} | self.__pydantic_extra__


@at_the_door
def _short(text: Text) -> Text:
    if not text.__pydantic_extra__ and max(len(text.ja or ""), len(text.en or "")) <= bounds.SHORT_TEXT:
        return text
    for language, words in text.by_language().items():
        if len(words) > bounds.SHORT_TEXT:
            message = "{language} may have {most} characters, and has {length}"
            context = {"language": language, "most": bounds.SHORT_TEXT, "length": len(words)}
            raise PydanticCustomError("string_too_long", message, context)
    return text


ShortText: TypeAlias = Annotated[
    Text,
    AfterValidator(_short),
    Field(
        json_schema_extra={
            "properties": {language: {"maxLength": bounds.SHORT_TEXT} for language in languages.ASKED_FOR},
            "additionalProperties": {"maxLength": bounds.SHORT_TEXT},
        }
    ),
]
"""A title, a name, or why: what lists show of a trial, and what stands beside others on a page."""

_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)

_WRITTEN = r"^(?!0000)[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
"""The same for readers of a schema: no day that no month has."""


def _is_partial_date(text: str, info: ValidationInfo) -> str:
    # Dates with a line break at their end were taken before; what they mean is clear.
    text = text.removesuffix("\n") if is_stored(info) else text
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        raise ValueError("write a date as YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    date(int(year), int(month or 1), int(day or 1))
    return text


PartialDate: TypeAlias = Annotated[
    str,
    AfterValidator(_is_partial_date),
    Field(json_schema_extra={"pattern": _WRITTEN, "examples": ["2026", "2026-11", "2026-11-22"]}),
]
"""A calendar date of the precision it was stated with: year, month or day. Never filled up to a day."""


def first_day(partial: str) -> date:
    """The earliest day a partial date can mean."""
    year, month, day = ([int(part) for part in partial.split("-")] + [1, 1])[:3]
    return date(year, month, day)


def last_day(partial: str) -> date:
    """The latest day a partial date can mean."""
    parts = [int(part) for part in partial.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])


class DateKind(StrEnum):
    """Whether a date is planned or has come."""

    ANTICIPATED = "anticipated"
    ACTUAL = "actual"


class StatedDate(Value):
    """A date as stated, and whether it is anticipated or actual; `kind` is absent where the source did not say."""

    date: PartialDate
    kind: DateKind | None = None


class Code(Value):
    """A term of a coding system, e.g. system `MeSH`, code `D008175`. Some partners send codes without their system."""

    system: Line | None = None
    code: Line
    term: ShortText | None = None


SealedBytes: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[A-Za-z0-9_-]{1,}$")]
"""The version of the form, a full stop, and base64url: in version 1, of nonce and AES-GCM ciphertext."""


class Sealed(Value):
    """Personal data under its person's key. Without the key it says only that something was here."""

    person: Line | None = None
    """Opaque id of the person, to be named in a request for erasure."""
    audience: Line | None = None
    """The readers that may open it, where that is no person's key."""
    key: Line | None = None
    """Which key of its owner's it is under, where that is not the first."""
    sealed: SealedBytes


class SealedText(Value):
    """A text under a key of its own: public until that key is destroyed."""

    text: Line
    """Opaque id of the text, to be named where it is taken back."""
    key: Line | None = None
    """Which key of the text it is under, where that is not the first."""
    sealed: SealedBytes


SEALED, CLEAR = "sealed", "clear"
FORMS: Final = frozenset({SEALED, CLEAR})
"""Names of the two forms of a text that can be taken back, as pydantic tells them in places of faults."""


def _form(value: Any) -> str:
    is_sealed = isinstance(value, SealedText) or (isinstance(value, Mapping) and "sealed" in value)
    return SEALED if is_sealed else CLEAR


SaidLine: TypeAlias = Annotated[Annotated[SealedText, Tag(SEALED)] | Annotated[Line, Tag(CLEAR)], Discriminator(_form)]
"""A reason. It comes in clear and is sealed before it reaches the log, so that it can be taken back."""


@at_the_door
def _of_few_bytes(text: Text) -> Text:
    size = sum(len(words.encode()) for words in text.by_language().values())
    if size > bounds.SAID_BYTES:
        message = "in all its languages it may have {most} bytes in UTF-8, and has {size}"
        raise PydanticCustomError("string_too_long", message, {"most": bounds.SAID_BYTES, "size": size})
    return text


SaidText: TypeAlias = Annotated[
    Annotated[SealedText, Tag(SEALED)] | Annotated[ShortText, AfterValidator(_of_few_bytes), Tag(CLEAR)],
    Discriminator(_form),
]
"""The same, by language. A site shows its why for as long as it stands, beside those of all other sites."""


class Payload(Value):
    """Base of what an event says."""

    reason: SealedText | None = None
    """Why, where the sender gave a reason."""
