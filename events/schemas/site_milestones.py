"""Milestones of a site on its way into a trial, as stored: what is planned, what has happened, and who says so."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field

from events.schemas.values import Identifier, Line, PartialDate, Payload, Value


class SiteMilestone(StrEnum):
    """A step of a site. Each has one published definition, in `docs/milestones.md`."""

    IDENTIFIED = "identified"
    CONFIDENTIALITY_SIGNED = "confidentiality_signed"
    FEASIBILITY_ANSWERED = "feasibility_answered"
    SELECTED = "selected"
    NOT_SELECTED = "not_selected"
    DOSSIER_COMPLETE = "dossier_complete"
    ETHICS_SUBMITTED = "ethics_submitted"
    ETHICS_APPROVED = "ethics_approved"
    ETHICS_REFUSED = "ethics_refused"
    RELIANCE_SIGNED = "reliance_signed"
    INSTITUTION_PERMITTED = "institution_permitted"
    INSTITUTION_REFUSED = "institution_refused"
    ADDED_TO_AUTHORISATION = "added_to_authorisation"
    CONTRACT_SENT = "contract_sent"
    CONTRACT_SIGNED = "contract_signed"
    INITIATED = "initiated"
    SUPPLIED = "supplied"
    GREEN_LIGHT = "green_light"
    FIRST_CONSENT = "first_consent"
    FIRST_ENROLLED = "first_enrolled"
    VERSION_READY = "version_ready"
    VERSION_IN_USE = "version_in_use"
    LAST_ENROLLED = "last_enrolled"
    LAST_VISIT = "last_visit"
    OTHER = "other"
    """A step of the source that is none of these. Measures leave it out."""


OF_A_VERSION: Final = frozenset({SiteMilestone.VERSION_READY, SiteMilestone.VERSION_IN_USE})
"""Milestones that say nothing without the version of the protocol that they are about."""


class MilestoneDays(Value):
    """The days of a milestone: the one planned, and the one on which it came."""

    planned: PartialDate | None = None
    actual: PartialDate | None = None


class MilestoneStated(MilestoneDays):
    """A statement on one milestone of a site."""

    milestone: SiteMilestone
    written: Line | None = None
    """What the source itself calls it. Needed for `other`, which nothing else describes."""
    protocol_version: Line | None = None
    """The version of the protocol that it is about."""
    body: Identifier | None = None
    """The organisation of the ethics body or of the institution whose act it is."""
    asserted_by: Line | None = None
    """Who says so, where that is not the organisation that sent it."""
    stated_in: Line | None = None
    """Where it is stated, as the title of a letter or the number of a record."""


class SiteMilestoneRecorded(MilestoneStated, Payload):
    """A milestone of the site is planned for a day, or came on one."""

    site: Identifier


class SiteMilestoneCorrected(Payload):
    """What an earlier event says of a milestone was wrong. Nothing is deleted: that event stays as it was."""

    site: Identifier
    corrects: Annotated[int, Field(ge=1)]
    """Version of the event corrected."""
    was: MilestoneDays
    now: MilestoneDays
    void: Literal[True] | None = None
    """What the event states did not come about, and is not planned."""


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "trial.site-milestone-recorded.v1": SiteMilestoneRecorded,
        "trial.site-milestone-corrected.v1": SiteMilestoneCorrected,
    }
)
"""By literal name. A class may be renamed, a name never."""
