"""How much a trial may hold, so that every event on it fits into one record of the log and every view can show it."""

from collections.abc import Iterator
from typing import Final

from events.canonical import to_json
from registry.domain.decider import Fault
from registry.domain.trial.rules import Stored
from registry.domain.trial.state import Trial

REGISTRATION_BYTES: Final = 400_000
"""Of a registration as it is stored. An amendment says all that it changes twice, as it was and as it is, in one record
of 900,000 bytes. The largest of 635 real records has 87,149 bytes, with its results and sites."""
SITE_BYTES: Final = 20_000
"""Of a site as it is stored. The largest of the same records has 1,086."""
SITES_BYTES: Final = 6_000_000
"""Of all sites of a trial together. Those of the largest of the same records have 76,818."""
MOST_SITES: Final = 3_000
"""Sites that a trial may be given here, one by one. The most of the same records are 315."""


def registration_fits(registration: Stored) -> Iterator[Fault]:
    """A registration may have REGISTRATION_BYTES."""
    size = len(to_json(registration))
    if size > REGISTRATION_BYTES:
        message = (
            f"the registration would have {size} bytes as JSON in UTF-8, persons sealed, and may have"
            f" {REGISTRATION_BYTES}; shorten its texts, or refer to a document"
        )
        yield Fault("too-large", message, "/registration")


def site_fits(trial: Trial, site: Stored) -> Iterator[Fault]:
    """A site may have SITE_BYTES, and a trial MOST_SITES of SITES_BYTES together."""
    yield from site_grows(trial, 0, site)
    if len(trial.sites) >= MOST_SITES:
        yield Fault("too-many-sites", f"a trial may have {MOST_SITES} sites", "/site")


def site_grows(trial: Trial, before: int, site: Stored) -> Iterator[Fault]:
    """A site of so many bytes may become this one, if it and all sites together stay within their bounds."""
    size = len(to_json(site))
    if size > SITE_BYTES:
        yield Fault("too-large", f"the site would have {size} bytes as JSON, and may have {SITE_BYTES}", "/site")
    if trial.sites_bytes + size - before > SITES_BYTES:
        yield Fault("too-large", f"the sites would have more than {SITES_BYTES} bytes as JSON together", "/site")
