"""The commands by their literal names. A class may be renamed, a name never: retries are recognised by it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from registry.domain.access.decider import IssueToken, RevokeToken
from registry.domain.decider import Command
from registry.domain.exchange.decider import FinishImport, RefuseRecords
from registry.domain.numbers.decider import ReserveNumbers, SetNumbersAside
from registry.domain.person.decider import ForgetPerson
from registry.domain.text.decider import TakeTextBack
from registry.domain.trial import commands as do

REGISTER: Final = "register"

TRIAL_COMMANDS: Final[Mapping[str, type[Command]]] = MappingProxyType(
    {
        "publish": do.PublishTrial,
        "adopt": do.AdoptTrial,
        "amend": do.AmendTrial,
        "correct": do.CorrectTrial,
        "change-owner": do.ChangeOwner,
        "correct-event": do.CorrectEvent,
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
        "amend": do.AmendSite,
        "identify": do.IdentifySite,
        "change-authorisation": do.ChangeSiteAuthorisation,
        "open": do.OpenSite,
        "pause": do.PauseSite,
        "close": do.CloseSite,
        "leave": do.LeaveTrial,
        "verify": do.VerifySiteStatus,
        "report-enrolment": do.ReportEnrolment,
        "correct-event": do.CorrectSiteEvent,
        "ask-take-back": do.AskTakeBack,
        "decline-take-back": do.DeclineTakeBack,
    }
)
"""Posted to /v1/trials/{trial}/sites/{site}/{name}."""

NUMBERED: Final = (do.PublishTrial, do.AdoptTrial)
"""Commands whose event carries a new registration number."""

CONSOLE_COMMANDS: Final[Mapping[str, type[Command]]] = MappingProxyType(
    {
        "trial.import": do.ImportTrial,
        "trial.restore": do.RestoreTrial,
        "trial.identify": do.IdentifyTrial,
        "access.issue-token": IssueToken,
        "access.revoke-token": RevokeToken,
        "person.forget": ForgetPerson,
        "text.take-back": TakeTextBack,
        "numbers.reserve": ReserveNumbers,
        "numbers.set-aside": SetNumbersAside,
        "import.refuse-records": RefuseRecords,
        "import.finish": FinishImport,
    }
)
"""Given by the operator or by the registry itself, never over HTTP."""

COMMANDS: Final[Mapping[str, type[Command]]] = MappingProxyType(
    {
        f"trial.{REGISTER}": do.RegisterTrial,
        **{f"trial.{name}": model for name, model in TRIAL_COMMANDS.items()},
        **{f"site.{name}": model for name, model in SITE_COMMANDS.items()},
        **CONSOLE_COMMANDS,
    }
)
"""Every command."""

_NAMES: Final = MappingProxyType({model: name for name, model in COMMANDS.items()})


def name_of(kind: type[Command]) -> str:
    """The literal name of commands of this class; KeyError where it is in no table."""
    return _NAMES[kind]
