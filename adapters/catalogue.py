"""The partners: the one place that names their folders."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.ctgov.partner import PARTNER as CTGOV
from adapters.ictrp.partner import PARTNER as ICTRP
from adapters.partner import Partner, Source, Target


def by_name(partners: Iterable[Partner]) -> Mapping[str, Partner]:
    """The partners by their names. Raises ValueError if two have the same name: receipts could not distinguish them."""
    listed = list(partners)
    named = {partner.name: partner for partner in listed}
    if len(named) < len(listed):
        raise ValueError("two partners have the same name")
    return MappingProxyType(named)


PARTNERS: Final = by_name((CTGOV, ICTRP))
SOURCES: Final[Mapping[str, Source]] = MappingProxyType(
    {name: partner.source for name, partner in PARTNERS.items() if partner.source is not None}
)
"""The partners whose records come in."""
TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {name: partner.target for name, partner in PARTNERS.items() if partner.target is not None}
)
"""The partners that receive our trials."""


def source_of(head: bytes) -> str | None:
    """The name of the source of a file with this beginning; None if it is of no source."""
    return next((name for name, source in SOURCES.items() if source.begins(head)), None)
