"""The commands by the names they have on the wire."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from registry.domain.decider import Command
from registry.domain.trial import commands as do

REGISTER: Final = "register"

TRIAL_COMMANDS: Final[Mapping[str, type[Command]]] = MappingProxyType(
    {
        "publish": do.PublishTrial,
        "adopt": do.AdoptTrial,
        "amend": do.AmendTrial,
        "correct": do.CorrectTrial,
        "change-authorisation": do.ChangeAuthorisation,
        "change-recruitment": do.ChangeRecruitment,
        "record-first-participant": do.RecordFirstParticipant,
        "complete": do.CompleteTrial,
        "discontinue": do.DiscontinueTrial,
        "withdraw": do.WithdrawTrial,
        "post-results": do.PostResults,
    }
)
"""Posted to /v1/trials/{trial}/{name}."""

SITE_COMMANDS: Final[Mapping[str, type[Command]]] = MappingProxyType(
    {
        "add": do.AddSite,
        "change-authorisation": do.ChangeSiteAuthorisation,
        "open": do.OpenSite,
        "pause": do.PauseSite,
        "close": do.CloseSite,
        "leave": do.LeaveTrial,
        "verify": do.VerifySiteStatus,
        "report-enrolment": do.ReportEnrolment,
    }
)
"""Posted to /v1/trials/{trial}/sites/{site}/{name}."""

NUMBERED: Final = (do.PublishTrial, do.AdoptTrial)
"""Commands whose event carries a new registration number."""
