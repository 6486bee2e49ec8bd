"""Versions of a source's record: which one stands, and which is older than that."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from events.schemas.registration import Source
from events.schemas.values import first_day, last_day
from registry.domain.trial.state import SourceView


def standing(before: SourceView | None, source: Source, whole: Mapping[str, Any]) -> SourceView:
    """The source once this version stands. A date that it leaves out is the last that it stated."""
    known = before or SourceView(source.registry, source.document, whole)
    return replace(
        known,
        digest=source.document,
        whole=whole,
        dated=source.retrieved or known.dated,
        given_out=source.given_out or known.given_out,
        seen=known.seen | {source.document},
    )


def is_named(source: Source, known: SourceView) -> bool:
    """Whether events name a version already that changes nothing: the one that stands, or an older one."""
    return source.document == known.digest or (source.document in known.seen and older(source, known))


def older(source: Source, known: SourceView) -> bool:
    """Whether a version is surely older than the one that stands, by the sender's own dates (ADR 0050).

    Surely: the latest day that a date can mean is before the first that the other can mean. Where one kind of date says
    so and the other the contrary, it is not sure.
    """
    dates = ((source.retrieved, known.dated), (source.given_out, known.given_out))
    return any(_before(one, other) for one, other in dates) and not any(_before(other, one) for one, other in dates)


def _before(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and last_day(one) < first_day(other)
