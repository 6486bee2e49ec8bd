"""When what is said about recruitment was last confirmed, and how long that is relied on.

The rules are data, each with its source and its days in force.

An answer that has come to its end by a rule does not come back by itself, though another rule follows: only a new
confirmation brings it back. So each statement has one day from which it no longer counts.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from events.schemas.values import first_day, last_day
from events.schemas.zones import day_in

Stored: TypeAlias = Mapping[str, Any]

MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Freshness:
    """A statement counts for so many months after it was last confirmed. `effective_to` is the last day of the rule."""

    rule: str
    months: int
    effective_from: date
    effective_to: date | None
    source: str
    verified_by: str


FRESHNESS: Final = (
    Freshness(
        rule="two-years",
        months=24,
        effective_from=date(2014, 12, 9),
        effective_to=None,
        source=(
            "ClinicalTrials.gov, Glossary, 'Last verified date' and 'Unknown' (clinicaltrials.gov/ct2/help/glossary/"
            "last-verified-date): recruiting, not yet recruiting, or active, and not confirmed within the past 2 years"
            " is shown as Unknown. The day is that of the oldest copy read (BMJ 2014;349:g6870, table 1). 42 CFR"
            " 11.64(a)(1)(i) asks for a verification every 12 months"
        ),
        verified_by="read by a developer on 2026-11-29; no lawyer has",
    ),
)


def day_after(day: date) -> date:
    """The next day; the last that there is stays."""
    return day if day == date.max else day + timedelta(days=1)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, MONTHS)
    year, month = day.year + years, month + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@lru_cache(maxsize=4096)
def stale_from(confirmed: date, rules: tuple[Freshness, ...] = FRESHNESS) -> date | None:
    """The first day on which what was confirmed on a day no longer counts; None where no rule ever says so."""
    first = (
        (max(day_after(months_later(confirmed, rule.months)), rule.effective_from), rule.effective_to) for rule in rules
    )
    return min((day for day, last in first if last is None or day <= last), default=None)


class Confirmation(NamedTuple):
    """When something was last confirmed, as days that the date can mean; not `certain` where it merely came then."""

    stated: str
    first: date
    last: date
    certain: bool = True


def confirmed_at(site: Stored) -> Confirmation | None:
    """When the site itself last reported its status or confirmed it; None where it never did.

    What was decided about it is no word of its own.
    """
    told = (site.get("reported", site.get("changed")), site.get("verified"))
    stated = [_reported(one["on"], one.get("recorded")) for one in told if one]
    return _latest(stated) if stated else None


@lru_cache(maxsize=16384)
def _reported(on: str, recorded: str | None) -> Confirmation:
    """A report speaks of no day after it was recorded: `2026`, said in May, means no day after May."""
    return _confirmation(on, None if recorded is None else _day_of(recorded))


def confirmed_of(document: Stored) -> Confirmation | None:
    """When the trial's own status was last confirmed: here, or by its home.

    Where its home does not say, the day of the source's version stands for that, and else the day on which it came.
    Once the trial is registered here, what its partner sends confirms nothing any more.
    """
    if "confirmed_before" in document:
        return _confirmed_here(document, _confirmation(document["confirmed_before"]))
    sources = [one for one in _of_home(document) if _speaks(document, one)]
    came = max((_day_of(source["recorded"]) for source in sources), default=None)
    stated = [
        *([_confirmation(document["confirmed"])] if "confirmed" in document else ()),
        *([_confirmation(document["status"]["verified"], came)] if "verified" in document["status"] else ()),
    ]
    if stated:
        return _latest(stated)
    dated = [_confirmation(source["retrieved"], came) for source in sources if "retrieved" in source]
    if came is None:
        return None
    return _latest(dated or [Confirmation(came.isoformat(), came, came)])._replace(certain=False)


def _confirmed_here(document: Stored, before: Confirmation) -> Confirmation:
    """A partner's day of verification stands for as long as the status that it verified."""
    stated = [
        *([_confirmation(document["confirmed"])] if "confirmed" in document else ()),
        *([before] if "verified" in document["status"] else ()),
    ]
    return _latest(stated) if stated else before._replace(certain=False)


def counted_until_here(document: Stored) -> str | None:
    """The day from which a partner's status counts once its trial is registered here, as precisely as it is known."""
    known = confirmed_of(document)
    if known is None:
        return None
    return known.stated if last_day(known.stated) == known.last else known.last.isoformat()


def _of_home(document: Stored) -> list[Stored]:
    """The home registry's own sources; where there are none, those that render its record."""
    sources = list(document.get("sources", {}).values())
    home = document.get("home", {}).get("registry")
    return [one for one in sources if home is not None and one["registry"] == home] or sources


def _speaks(document: Stored, source: Stored) -> bool:
    """Of a register's rows by country, those confirm the trial's status that say it themselves."""
    said = source.get("status")
    return said is None or all(said[axis] == document["status"][axis] for axis in ("authorisation", "recruitment"))


def _latest(confirmations: list[Confirmation]) -> Confirmation:
    """The last of them was no earlier than any of them can have been."""
    if len(confirmations) == 1:
        return confirmations[0]
    latest = max(confirmations, key=lambda one: (one.last, one.first, one.stated))
    return latest._replace(first=max(one.first for one in confirmations))


def _confirmation(stated: str, came: date | None = None) -> Confirmation:
    """A partner can't have confirmed anything after its record came: a slip in the year would hold for ever."""
    first, last = _days(stated)
    return Confirmation(stated, min(first, came or first), min(last, came or last))


@lru_cache(maxsize=4096)
def _days(stated: str) -> tuple[date, date]:
    return first_day(stated), last_day(stated)


@lru_cache(maxsize=4096)
def _day_of(recorded: str) -> date:
    """The day in Japan of a time in RFC 3339."""
    return day_in(None, datetime.fromisoformat(recorded))
