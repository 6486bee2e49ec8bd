"""The lives of the invented trials, from registration to the end of each, as commands."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import Any, Final

from events.schemas.access import Role
from events.schemas.registration import Registration
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.trial import Site
from registry.demo.outcomes import results
from registry.demo.outline import Outline
from registry.demo.registrations import completion, registration
from registry.demo.telling import Intention, Step, Telling, step
from registry.demo.world import LifeName, World
from registry.domain.trial import commands as do


def steps(outline: Outline, world: World) -> tuple[Step, ...]:
    """All commands of the trial's life, in order; every one of them yields one event."""
    telling = Telling(outline, world)
    intentions = sorted(chain(_beginning(telling), LIVES[outline.life](telling)), key=lambda one: one.percent)
    return tuple(step(outline, number, one) for number, one in enumerate(intentions))


def _beginning(telling: Telling) -> Iterator[Intention]:
    outline = telling.outline
    yield telling.sponsor(0, do.RegisterTrial, registration=registration(outline, telling.world))
    for site in _first_sites(outline):
        yield telling.sponsor(1, do.AddSite, site=site)
    if outline.life != "draft":
        yield telling.office(2, Role.REGISTRY, do.PublishTrial)


def _waiting(_: Telling) -> Iterator[Intention]:
    """No further commands: nothing more has happened yet."""
    yield from ()


def _late_site(outline: Outline) -> Site | None:
    """A site that joins the running trial."""
    joins = len(outline.sites) > 2 and outline.draw.chance("late site", 40)
    return outline.sites[-1] if joins else None


def _first_sites(outline: Outline) -> tuple[Site, ...]:
    return outline.sites[:-1] if _late_site(outline) else outline.sites


def _leaving(outline: Outline) -> Site | None:
    """A site that leaves the running trial."""
    return outline.sites[1] if len(outline.sites) > 2 and outline.draw.chance("leaving", 20) else None


def _staying(outline: Outline) -> list[Site]:
    return [site for site in outline.sites if site != _leaving(outline)]


def _running(telling: Telling, until: float) -> Iterator[Intention]:
    """Sites open, join, pause and leave; participants come; the registration is amended; all before `until`."""
    outline, reasons = telling.outline, telling.world.wording.reasons
    for number, site in enumerate(_first_sites(outline)):
        yield telling.site(4 + number / 2, site, do.OpenSite)
    yield telling.sponsor(12, do.RecordFirstParticipant)
    if outline.draw.chance("amended", 60):
        yield _amendment(telling, until / 2)
    if outline.draw.chance("paused", 25):
        yield telling.site(20, outline.sites[0], do.PauseSite, why=telling.why("pause", reasons.pause))
        yield telling.site(27, outline.sites[0], do.OpenSite)
    if (late := _late_site(outline)) is not None:
        published, why = AuthorisationStatus.PUBLISHED, telling.because("late", reasons.late_site)
        yield telling.sponsor(30, do.AddSite, site=late)
        yield telling.office(32, Role.REGULATOR, do.ChangeSiteAuthorisation, site=late.site, to=published, reason=why)
        yield telling.site(34, late, do.OpenSite)
    if (leaving := _leaving(outline)) is not None:
        yield telling.site(38, leaving, do.LeaveTrial, why=telling.why("leave", reasons.leave))
    for site, enrolled in zip(_staying(outline), _shares(outline, until), strict=True):
        yield telling.site(until, site, do.ReportEnrolment, enrolled=enrolled)


def _shares(outline: Outline, until: float) -> list[int]:
    """The number that each site has enrolled; a trial that still recruits has not reached its target."""
    there = outline.enrolled if outline.life in ("closed", "completed", "results") else outline.enrolled * until / 150
    count = len(_staying(outline))
    return [int(there) // count + (number < int(there) % count) for number in range(count)]


def _amendment(telling: Telling, percent: float) -> Intention:
    outline, wording = telling.outline, telling.world.wording
    fields: dict[str, Any]
    match outline.draw.pick("amendment", ("longer", "larger", "further", "corrected")):
        case "longer":
            later = f"{completion(outline) + timedelta(days=180):%Y-%m}"
            fields = {"completion": {"date": later, "kind": "anticipated"}}
            why = telling.because("why", wording.reasons.longer)
        case "larger":
            fields, why = (
                {"planned_size": outline.planned_size * 6 // 5},
                telling.because("why", wording.reasons.larger),
            )
        case "further":
            further = {"rank": "secondary", "measure": wording.texts.secondary[-1]._asdict()}
            before = registration(outline, telling.world).to_stored()["outcomes"]
            fields, why = {"outcomes": [*before, further]}, telling.because("why", wording.reasons.further)
        case _:
            right = Registration(scientific_acronym=outline.acronym)
            why = telling.because("why", wording.reasons.corrected)
            return telling.sponsor(percent, do.CorrectTrial, reason=why, corrects=1, registration=right)
    return telling.sponsor(percent, do.AmendTrial, reason=why, registration=Registration.model_validate(fields))


def _recruiting(telling: Telling) -> Iterator[Intention]:
    outline, reasons, status = telling.outline, telling.world.wording.reasons, AuthorisationStatus
    yield from _running(telling, until=80)
    if outline.draw.chance("suspended", 8):
        why, lifted = telling.because("suspended", reasons.suspend), telling.because("lifted", reasons.lift)
        suspended = status.SUSPENDED_BY_AUTHORITY
        yield telling.office(60, Role.REGULATOR, do.ChangeAuthorisation, to=suspended, reason=why)
        yield telling.office(66, Role.REGULATOR, do.ChangeAuthorisation, to=status.PUBLISHED, reason=lifted)
    for number, site in enumerate(_staying(outline)):
        if outline.draw.chance(f"verified {number}", 75):
            percent = outline.draw.number(f"when verified {number}", 92, 100)
            yield telling.site(percent, site, do.VerifySiteStatus, status=RecruitmentStatus.RECRUITING)


def _paused(telling: Telling) -> Iterator[Intention]:
    yield from _running(telling, until=80)
    yield from _sites_pause(telling)
    yield telling.sponsor(91, do.ChangeRecruitment, to=RecruitmentStatus.PAUSED)


def _suspended(telling: Telling) -> Iterator[Intention]:
    to, why = AuthorisationStatus.SUSPENDED_BY_AUTHORITY, telling.world.wording.reasons.suspend
    yield from _running(telling, until=80)
    yield telling.office(88, Role.REGULATOR, do.ChangeAuthorisation, to=to, reason=telling.because("suspended", why))
    yield from _sites_pause(telling)


def _sites_pause(telling: Telling) -> Iterator[Intention]:
    why = telling.why("all pause", telling.world.wording.reasons.pause)
    for site in _staying(telling.outline):
        yield telling.site(90, site, do.PauseSite, why=why)


def _closed(telling: Telling) -> Iterator[Intention]:
    yield from _running(telling, until=60)
    for site in _staying(telling.outline):
        yield telling.site(62, site, do.CloseSite)
    yield telling.sponsor(64, do.ChangeRecruitment, to=RecruitmentStatus.CLOSED)


def _completed(telling: Telling) -> Iterator[Intention]:
    yield from _closed(telling)
    yield telling.sponsor(75, do.CompleteTrial, enrolled=telling.outline.enrolled)


def _with_results(telling: Telling) -> Iterator[Intention]:
    yield from _completed(telling)
    yield telling.sponsor(92, do.PostResults, results=results(telling.outline, telling.world, telling.outline.day(92)))


def _discontinued(telling: Telling) -> Iterator[Intention]:
    yield from _running(telling, until=50)
    yield telling.sponsor(
        60, do.DiscontinueTrial, why=telling.why("discontinued", telling.world.wording.reasons.discontinue)
    )


def _withdrawn(telling: Telling) -> Iterator[Intention]:
    yield telling.sponsor(80, do.WithdrawTrial, why=telling.why("withdrawn", telling.world.wording.reasons.withdraw))


LIVES: Final[Mapping[LifeName, Callable[[Telling], Iterator[Intention]]]] = {
    "draft": _waiting,
    "not_yet": _waiting,
    "recruiting": _recruiting,
    "paused": _paused,
    "suspended": _suspended,
    "closed": _closed,
    "completed": _completed,
    "results": _with_results,
    "discontinued": _discontinued,
    "withdrawn": _withdrawn,
}
