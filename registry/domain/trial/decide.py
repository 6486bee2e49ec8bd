"""Which event follows a command on a trial, or which rules stand against it."""

from collections.abc import Iterable
from itertools import chain
from typing import Any, TypeAlias

from events import changes
from events.schemas import items
from events.schemas import trial as events
from events.schemas.registration import Registration, Results
from events.schemas.status import AuthorisationStatus
from events.schemas.trial import RegistrationChange, Status
from events.schemas.values import StatedDate
from registry.domain.decider import Command, Context, Fault, Rejection, reject_if
from registry.domain.trial import commands as do
from registry.domain.trial import days, order, rules, shut, sizes, vocabularies
from registry.domain.trial.coordinating import RemoveGate, SetGate
from registry.domain.trial.decide_coordination import OnSiteBeside, decide_beside, decide_gate
from registry.domain.trial.decide_correction import decide_correction
from registry.domain.trial.decide_import import decide_import
from registry.domain.trial.decide_import import identify as identify_trial
from registry.domain.trial.decide_site import decide_site
from registry.domain.trial.decide_site_change import identify
from registry.domain.trial.decide_take_back import decide_take_back
from registry.domain.trial.edits import edited, fields_of, touched
from registry.domain.trial.occurrences import Dated
from registry.domain.trial.state import State, Trial


def decide(state: State, command: Command, context: Context) -> events.TrialEvent | None:
    """The event that follows, or None where a partner sent the same bytes again.

    Raises Rejection with every fault; TypeError for a command that is no trial's.
    """
    if isinstance(command, do.ImportTrial):
        return decide_import(state, command)
    if isinstance(command, do.RegisterTrial):
        return _register(state, command, context)
    if state is None:
        raise Rejection(Fault("trial-unknown", "no trial is registered under this id"))
    if isinstance(command, _WhereverKept):
        return _wherever_kept(state, command, context)
    reject_if(list(rules.ours(state)))
    if isinstance(command, do.Correction):
        return decide_correction(state, command, context)
    if isinstance(command, do.AskTakeBack | do.DeclineTakeBack):
        return decide_take_back(state, command)
    if isinstance(command, OnSiteBeside):
        return decide_beside(state, command, context)
    if isinstance(command, do.AddSite | do.OnSite):
        return decide_site(state, command, context)
    return _on_trial(state, command, context)


_WhereverKept: TypeAlias = do.AdoptTrial | do.RestoreTrial | do.IdentifySite | do.IdentifyTrial | SetGate | RemoveGate
"""Commands on a trial, whichever registry keeps it."""


def _wherever_kept(trial: Trial, command: _WhereverKept, context: Context) -> events.TrialEvent | None:
    match command:
        case do.AdoptTrial():
            return _adopt(trial, command, context)
        case do.RestoreTrial():
            return _restore(trial, command, context)
        case do.IdentifySite():
            return identify(trial, command)
        case do.IdentifyTrial():
            return identify_trial(trial, command)
        case SetGate() | RemoveGate():
            return decide_gate(trial, command, context)


def _on_trial(trial: Trial, command: Command, context: Context) -> events.TrialEvent:
    match command:
        case do.PublishTrial():
            return _publish(trial, context)
        case do.AmendTrial():
            _reject(rules.not_over(trial))
            return events.TrialAmended(changes=_amended(trial, command, context))
        case do.CorrectTrial():
            return _correct(trial, command, context)
        case do.PostResults():
            return _post_results(trial, command, context)
        case do.RecordFirstParticipant():
            return _first_participant(trial, command, context)
        case do.ChangeOwner():
            return _change_owner(trial, command)
        case do.ChangeAuthorisation():
            return _change_authorisation(trial, command, context)
        case do.ChangeRecruitment():
            return _change_recruitment(trial, command, context)
        case _:
            return _end(trial, command, context)


def _change_authorisation(
    trial: Trial, command: do.ChangeAuthorisation, context: Context
) -> events.TrialAuthorisationChanged:
    _reject(
        rules.decidable(trial.authorisation, command.to),
        _publication(trial, command),
        _on(events.TrialAuthorisationChanged, trial, command, context),
    )
    return events.TrialAuthorisationChanged(was=trial.authorisation, now=command.to, on=command.on)


def _change_recruitment(
    trial: Trial, command: do.ChangeRecruitment, context: Context
) -> events.TrialRecruitmentChanged:
    enrolls = command.to in rules.ENROLLING
    again = enrolls and command.to is trial.recruitment and shut.trial_waits_for_reopening(trial)
    _reject(
        rules.authorised(trial),
        () if again else rules.movable(trial.recruitment, command.to, "/to"),
        _on(events.TrialRecruitmentChanged, trial, command, context),
        order.begins_when_allowed(command.on, trial.occurrences) if enrolls else (),
        shut.trial_shut(trial, command.on, context.today) if enrolls else (),
    )
    return events.TrialRecruitmentChanged(was=trial.recruitment, now=command.to, on=command.on)


def _end(trial: Trial, command: Command, context: Context) -> events.EndOfTrial:
    was = Status(authorisation=trial.authorisation, recruitment=trial.recruitment)
    match command:
        case do.CompleteTrial():
            return _complete(trial, was, command, context)
        case do.DiscontinueTrial():
            _reject(
                rules.not_over(trial), _was_public(trial), _end_on(events.TrialDiscontinued, trial, command, context)
            )
            return events.TrialDiscontinued(was=was, on=command.on, why=command.why)
        case do.WithdrawTrial():
            _reject(
                rules.not_over(trial),
                rules.enrolled_nobody(trial),
                _end_on(events.TrialWithdrawn, trial, command, context),
            )
            return events.TrialWithdrawn(was=was, on=command.on, why=command.why)
        case _:
            raise TypeError(f"{type(command).__name__} is no command on a trial")


def _complete(trial: Trial, was: Status, command: do.CompleteTrial, context: Context) -> events.TrialCompleted:
    planned = trial.registration.get("completion")
    _reject(
        rules.authorised(trial),
        rules.all_sites_closed(trial),
        rules.ends_after_start(trial, command.on),
        _end_on(events.TrialCompleted, trial, command, context),
    )
    return events.TrialCompleted(
        was=was,
        planned=None if planned is None else StatedDate.from_stored(planned),
        enrolled_before=trial.registration.get("actual_size"),
        on=command.on,
        enrolled=command.enrolled,
    )


def _reject(*faults: Iterable[Fault]) -> None:
    reject_if(list(chain(*faults)))


def _on(kind: type[Dated], trial: Trial, command: Any, context: Context) -> Iterable[Fault]:
    yield from days.not_in_future(command.on, context.today, "/on")
    yield from order.in_order(kind, command.on, trial.occurrences)


def _end_on(kind: type[Dated], trial: Trial, command: Any, context: Context) -> Iterable[Fault]:
    return chain(_on(kind, trial, command, context), order.ends_after_sites(trial, command.on))


def _register(state: State, command: do.RegisterTrial, context: Context) -> events.TrialRegistered:
    if state is not None:
        raise Rejection(Fault("already-registered", "this trial exists; amend it"))
    stored = items.registered(command.registration.to_stored())
    _reject(
        sizes.registration_fits(stored),
        rules.consistent(stored),
        vocabularies.coded(stored),
        days.stated_dates(command.registration, context.today),
    )
    owner = command.owner or context.organisation
    return events.TrialRegistered(owner=owner, registration=Registration.from_stored(stored))


def _publish(trial: Trial, context: Context) -> events.TrialPublished:
    if trial.number is not None or trial.authorisation not in rules.UNPUBLISHED:
        raise Rejection(Fault("not-publishable", f"the trial is {trial.authorisation}"))
    _reject(rules.complete(trial.registration))
    return events.TrialPublished(number=context.number, registered=context.today.isoformat())


def _adopt(trial: Trial, command: do.AdoptTrial, context: Context) -> events.TrialAdopted:
    if trial.home is None:
        raise Rejection(Fault("already-ours", "this trial is registered here already"))
    if trial.same_as is not None:
        raise Rejection(Fault("trial-same", f"this record is of the trial {trial.same_as}; adopt that one"))
    return events.TrialAdopted(
        owner=command.owner or context.organisation,
        number=context.number,
        registered=_registered_before(trial.home, context),
        was=trial.home,
    )


def _restore(trial: Trial, command: do.RestoreTrial, context: Context) -> events.TrialRestored:
    if trial.home is None:
        raise Rejection(Fault("already-ours", "this trial is registered here already"))
    owner = command.owner or context.organisation
    return events.TrialRestored(
        owner=owner, number=trial.home.number, registered=_registered_before(trial.home, context)
    )


def _registered_before(home: events.Home, context: Context) -> str:
    """A trial keeps the date that its home registry states. TRDS item 2."""
    return home.registered or context.today.isoformat()


def _amended(trial: Trial, command: do.Amending, context: Context) -> tuple[RegistrationChange, ...]:
    before = trial.registration
    amendment, after = command.registration, items.registered(rules.merged(before, command.registration), before)
    if command.edits:
        after = items.registered(edited(after, command.edits), before)
        amendment = touched(after, fields_of(amendment, command.edits))
    differing = tuple(RegistrationChange.between(field, old, new) for field, old, new in changes.diff(before, after))
    _reject(
        () if differing else (Fault("no-change", "every field given has this value already", "/registration"),),
        rules.newly(sizes.registration_fits(before), sizes.registration_fits(after)),
        rules.newly(rules.consistent(before), rules.consistent(after)),
        vocabularies.coded(after, before),
        days.stated_dates(amendment, context.today),
        rules.actual_stays(trial, after),
        () if trial.number is None else rules.newly(rules.complete(before), rules.complete(after)),
    )
    return differing


def _correct(trial: Trial, command: do.CorrectTrial, context: Context) -> events.TrialCorrected:
    if command.corrects > trial.version:
        raise Rejection(Fault("event-unknown", f"the trial has {trial.version} events", "/corrects"))
    _reject(_says_other_things(trial, command))
    return events.TrialCorrected(corrects=command.corrects, changes=_amended(trial, command, context))


def _change_owner(trial: Trial, command: do.ChangeOwner) -> events.TrialOwnerChanged:
    if command.owner == trial.owner:
        raise Rejection(Fault("no-change", f"{trial.owner} is the owner already", "/owner"))
    assert trial.owner is not None, "a trial that is registered here has an owner"
    return events.TrialOwnerChanged(was=trial.owner, now=command.owner)


def _says_other_things(trial: Trial, command: do.CorrectTrial) -> Iterable[Fault]:
    """A correction names the event that was wrong. An event without the field can't have been."""
    fields = dict(trial.touched).get(command.corrects, frozenset())
    if fields is not None and (others := fields_of(command.registration, command.edits) - fields):
        message = f"event {command.corrects} says nothing of {', '.join(sorted(others))}; name the one that does"
        yield Fault("corrects-other", message, "/corrects")


def _post_results(trial: Trial, command: do.PostResults, context: Context) -> events.ResultsPosted:
    was, after = trial.registration.get("results"), {**trial.registration, "results": command.results.to_stored()}
    _reject(
        _was_public(trial),
        rules.newly(sizes.registration_fits(trial.registration), sizes.registration_fits(after)),
        days.dates_of_results(command.results, context.today, "/results"),
        rules.newly(rules.consistent(trial.registration), rules.consistent(after)),
        (Fault("no-change", "these results are posted already", "/results"),) if was == after["results"] else (),
    )
    digest = events.digest_of_long(was)
    previous = None if was is None or digest else Results.from_stored(was)
    return events.ResultsPosted(was=previous, was_digest=digest, results=command.results)


def _first_participant(
    trial: Trial, command: do.RecordFirstParticipant, context: Context
) -> events.FirstParticipantRecorded:
    was = trial.registration.get("first_enrolment")
    _reject(
        rules.authorised(trial),
        _on(events.FirstParticipantRecorded, trial, command, context),
        order.participants_after_opening(trial, command.on),
        (Fault("already-recorded", f"the first participant is recorded on {was['date']}; correct it instead"),)
        if was is not None and was.get("kind") == "actual"
        else (),
    )
    return events.FirstParticipantRecorded(was=None if was is None else StatedDate.from_stored(was), on=command.on)


def _was_public(trial: Trial) -> Iterable[Fault]:
    if trial.number is None:
        yield Fault("not-published", "the trial was never published; withdraw it instead")


def _publication(trial: Trial, command: do.ChangeAuthorisation) -> Iterable[Fault]:
    if command.to is AuthorisationStatus.PUBLISHED and trial.number is None:
        yield Fault("authorisation-move", "a first publication allocates a number; use publish", "/to")
    if command.to in rules.UNPUBLISHED and trial.number is not None:
        yield Fault("authorisation-move", f"what is public does not become {command.to} again", "/to")
