"""How much a trial may hold, so that every event on it fits into one record of the log and every view can show it."""

from collections.abc import Iterator
from typing import Final

from events.canonical import to_json
from events.schemas.trial import TrialImported
from registry.domain.decider import Fault
from registry.domain.trial.rules import Stored
from registry.domain.trial.state import Trial

REGISTRATION_BYTES: Final = 700_000
"""Of a registration as it is stored, in what a request may have. The largest of 635 real records has 87,149 bytes, with
its results and sites."""
PARTNERS_BYTES: Final = 900_000
"""Of a partner's registration: nobody can ask the partner for a shorter one."""
SURELY_FITS: Final = 100_000
"""Bytes of a partner's record of which nothing that is too large can be made, with all persons sealed."""
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


def partners_fit(received: TrialImported) -> Iterator[Fault]:
    """A partner's registration may have PARTNERS_BYTES, and its sites SITES_BYTES together."""
    if received.source.size <= SURELY_FITS:
        return
    size = len(to_json(received.registration.to_stored()))
    if size > PARTNERS_BYTES:
        message = f"the registration would have {size} bytes as JSON, and an import may have {PARTNERS_BYTES}"
        yield Fault("too-large", message, "/registration")
    size = sum(len(to_json(site.to_stored())) for site in received.sites)
    if size > SITES_BYTES:
        message = f"the sites would have {size} bytes as JSON together, and an import may have {SITES_BYTES}"
        yield Fault("too-large", message, "/sites")


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
