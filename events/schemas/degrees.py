"""Coordinates as decimal text: stored JSON has no fractions, which encoders spell differently (RFC 8785 3.2.2.3)."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, StringConstraints


def degrees(number: float) -> str:
    """The shortest decimal text of a coordinate that a source writes as a JSON number, without an exponent."""
    text = format(Decimal(repr(number)).normalize(), "f")
    return "0" if text == "-0" else text


def _within(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        if text == "-0" or abs(Decimal(text)) > limit:
            raise ValueError(f"write degrees between -{limit} and {limit}")
        return text

    return AfterValidator(check)


_Decimal: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^-?(0|[1-9][0-9]{0,2})(\.[0-9]{0,18}[1-9])?$", max_length=24)
]
Latitude: TypeAlias = Annotated[_Decimal, _within(90)]
"""WGS 84 degrees north, as `35.6895`; one spelling for each number."""
Longitude: TypeAlias = Annotated[_Decimal, _within(180)]
"""WGS 84 degrees east, as `139.6917`; one spelling for each number."""
