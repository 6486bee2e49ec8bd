"""Whether a site may ask the office to take back its own reasons, and whether the office may decline."""

from events.schemas import trial as events
from registry.domain.decider import Fault, Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.state import SiteState, Trial


def decide_take_back(
    trial: Trial, command: do.AskTakeBack | do.DeclineTakeBack
) -> events.TakeBackAsked | events.TakeBackDeclined:
    """The event that follows; raises Rejection. A granted request takes back the text itself (ADR 0048)."""
    site = trial.sites.get(command.site)
    if site is None:
        raise Rejection(Fault("site-unknown", f"the trial has no site {command.site}", "/site"))
    if isinstance(command, do.AskTakeBack):
        return events.TakeBackAsked(site=command.site, of=command.of, texts=_texts(site, command.of))
    if command.of not in site.take_backs:
        raise Rejection(Fault("not-asked", f"nobody has asked to take back the reason in event {command.of}", "/of"))
    return events.TakeBackDeclined(site=command.site, of=command.of, texts=site.texts[command.of])


def _texts(site: SiteState, of: int) -> tuple[str, ...]:
    if of in site.take_backs:
        raise Rejection(Fault("asked-already", f"the office was already asked about the reason in event {of}", "/of"))
    if of not in site.texts:
        message = f"event {of} gives no reason for this site; name the version of the event that does"
        raise Rejection(Fault("nothing-said", message, "/of"))
    return site.texts[of]
