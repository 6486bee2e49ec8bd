"""Eligibility: the criteria for taking part in a trial, and limits of age. TRDS item 14."""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from events.schemas.values import Line, ShortText, Text, Value


class AgeUnit(StrEnum):
    """The unit an age limit is stated in."""

    YEARS = "years"
    MONTHS = "months"
    WEEKS = "weeks"
    DAYS = "days"
    HOURS = "hours"
    MINUTES = "minutes"


class Age(Value):
    """An age limit: 20 years inclusive is "20 or older" as a minimum. TRDS item 14."""

    value: Annotated[int, Field(ge=0, le=100_000)]
    unit: AgeUnit
    inclusive: bool = True


AgeLimit: TypeAlias = Age | Literal["unlimited"]
"""A limit, or the statement that there is none. Unknown is the absence of both."""


class Sex(StrEnum):
    """Who may take part. TRDS item 14."""

    ALL = "all"
    FEMALE = "female"
    MALE = "male"


class Eligibility(Value):
    """Key inclusion and exclusion criteria. TRDS item 14."""

    inclusion: Text | None = None
    exclusion: Text | None = None
    criteria: Text | None = None
    """The whole text, where the source does not separate inclusion from exclusion."""
    minimum_age: AgeLimit | None = None
    maximum_age: AgeLimit | None = None
    sex: Sex | None = None
    gender_description: ShortText | None = None
    healthy_volunteers: bool | None = None
    population: Text | None = None
    sampling: Line | None = None
