"""The state of a region after somebody was silent, by the row of the table on that silence."""

from dataclasses import replace

from events.schemas.applications import DecisionOutcome, EndedBy, How, Silence, ValidationOutcome
from events.schemas.region import SilenceNoted
from events.schemas.region_parts import EndKind
from registry.domain.region.evolve_application import attempt_of, decided, with_attempt, with_authorised
from registry.domain.region.state import Region


def after_silence(region: Region, event: SilenceNoted) -> Region:
    """The region after the event."""
    if event.application is None or event.attempt is None:
        return _of_region(region, event)
    attempt = attempt_of(region, event.application, event.attempt)
    noted = with_attempt(region, event.application, event.attempt, silent=attempt.silent | {event.step})
    match event.result:
        case Silence.VALID:
            changes = {"validated": ValidationOutcome.VALID, "tacitly_valid": True}
            return with_attempt(noted, event.application, event.attempt, **changes)
        case Silence.AUTHORISED:
            changes = {"outcome": DecisionOutcome.AUTHORISED, "how": How.TACIT}
            return decided(with_attempt(noted, event.application, event.attempt, **changes), event, event.due)
        case Silence.NOT_AUTHORISED:
            return with_attempt(noted, event.application, event.attempt, outcome=DecisionOutcome.REFUSED, how=How.TACIT)
        case Silence.LAPSED:
            return _lapsed(noted, event)
        case Silence.PERMITTED:
            return _permitted(noted, event)
        case Silence.NOTHING | Silence.EXPIRED | Silence.ENDED:
            return noted


def _of_region(region: Region, event: SilenceNoted) -> Region:
    noted = replace(region, silent=region.silent | {(event.step, event.halt)})
    if event.result is Silence.EXPIRED:
        return replace(noted, expired=True)
    return replace(noted, ended=EndKind.LAPSE_OF_HALT) if event.result is Silence.ENDED else noted


def _lapsed(region: Region, event: SilenceNoted) -> Region:
    assert event.application is not None and event.attempt is not None, "an application lapses"  # noqa: PT018
    attempt = attempt_of(region, event.application, event.attempt)
    questions = attempt.questions
    if event.question is not None and event.question in questions:
        questions = {**questions, event.question: replace(questions[event.question], lapsed=True)}
    return with_attempt(region, event.application, event.attempt, ended=EndedBy.LAPSED, questions=questions)


def _permitted(region: Region, event: SilenceNoted) -> Region:
    assert event.application is not None and event.attempt is not None, "an application waits"  # noqa: PT018
    attempt = attempt_of(region, event.application, event.attempt)
    waited = with_attempt(region, event.application, event.attempt, how=How.WAITING_PERIOD)
    waited = with_authorised(waited, attempt.versions, event.due)
    return replace(waited, permissions=(*waited.permissions, How.WAITING_PERIOD))
