"""The public content of a programme's page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from projections.trial.courses import Joining
from projections.trial.document import Document
from registry.pages.coordination import gate_name, halt_sentence
from registry.pages.joining import Badge, badge_of_part
from registry.pages.milestones import drawn
from registry.pages.record import title_of
from registry.pages.shown import Passage, bilingual
from registry.pages.telling import trial_name, trial_place
from registry.pages.words import Words
from registry.programmes.board import Board, CanJoin, MilestoneShown, NamedOnly, RegionOnBoard, board_of
from registry.programmes.planning import Contradiction, NoticeShown
from registry.programmes.seeing import Viewer
from registry.programmes.shown import halt_shown
from registry.programmes.steps import StepShown
from registry.programmes.versions import SiteVersion, VersionOn, versions_of_regions, versions_of_sites

SITES_SHOWN: Final = 200
"""Sites whose versions the page has; the answer for machines has them all."""
STATE_TONES: Final[Mapping[str, str]] = {
    "permitted": "waiting",
    "permitted_blocked": "paused",
    "suspended": "paused",
    "planned": "unknown",
    "under_review": "unknown",
}
"""Never the tone of an open status: permitted is not recruiting."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A milestone in a region: the day, and whether it is only planned."""

    name: str
    day: str
    planned: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A region on the board."""

    name: str
    state: Badge
    joining: tuple[tuple[str, Badge], ...]
    cells: tuple[Cell, ...]
    waits: tuple[str, ...]
    steps: tuple[str, ...]
    sites: str
    participants: str


def name_of(words: Words, region: str) -> str:
    """A region's name."""
    return gate_name(words, region)


def programme_page(words: Words, viewer: Viewer, questions: Sequence[Document]) -> dict[str, Any]:
    """The whole page. `questions`: the public ones, with their texts in clear."""
    board, state = board_of(viewer), viewer.whole.state
    return {
        "title": bilingual(words, state.details.title.to_stored()),
        "acronym": state.details.acronym or "",
        "description": bilingual(words, state.details.description.to_stored()) if state.details.description else None,
        "ended": words.say(f"end_kind.{state.ended}") if state.ended else "",
        "halts": [halt_sentence(words, halt_shown(viewer, one.halt).to_stored()) for one in state.halts.values()],
        "registrations": list(registrations(words, viewer)),
        "columns": [words.say(f"region_milestone.{one.milestone}") for one in board.regions[0].milestones]
        if board.regions
        else [],
        "rows": [row(words, viewer, one) for one in board.regions],
        "named": [
            words.say("programme.named_by", country=words.country(one.country), by=one.asserted_by)
            for one in board.named
        ],
        "blocks": list(blocks(words, board)),
        "notices": [notice(words, one) for one in board.notices],
        "contradictions": [contradiction(words, one) for one in board.contradictions],
        "questions": [question(words, one) for one in questions],
        "versions": list(versions(words, viewer)),
        "site_versions": list(islice(site_versions(words, viewer), SITES_SHOWN)),
        "line": drawn(words, board.regions),
        "day": words.date(viewer.whole.day.isoformat()),
    }


def notice(words: Words, one: NoticeShown) -> str:
    """The next thing to be done in a region, in one sentence."""
    due = words.say("programme.due", on=words.date(one.due.date)) if one.due else ""
    sentence = words.say(f"programme.{one.notice}", region=name_of(words, one.region))
    return f"{sentence} ({due})" if due else sentence


def contradiction(words: Words, one: Contradiction) -> str:
    """A property of a document, with the table's requirement for each group of countries."""
    separator = words.say("value.separator")
    demands = (f"{demand.demand} ({separator.join(map(words.country, demand.countries))})" for demand in one.demands)
    return f"{one.document}, {one.property}: {'; '.join(demands)}"


def named_by(words: Words, one: NamedOnly) -> str:
    """A country that was only named, and the organisation that named it."""
    return words.say("programme.named_by", country=words.country(one.country), by=one.asserted_by)


def registrations(words: Words, viewer: Viewer) -> Iterator[tuple[Passage, str]]:
    """The linked registrations that are public, each with the place of its page if it has one here."""
    for link in viewer.whole.state.links.values():
        if link.number is not None:
            yield Passage(f"{words.registry(link.number.registry)} {link.number.number}"), ""
        elif (document := viewer.whole.trials.get(link.trial or "")) is not None:
            yield title_of(words, document["registration"], trial_name(document)), trial_place(document)


def row(words: Words, viewer: Viewer, region: RegionOnBoard) -> Row:
    """A region's row."""
    sites = region.sites
    counts = words.say("programme.sites", open=words.number(sites.open), planned=words.number(sites.planned))
    unstated = (
        words.say("programme.sites_not_stated", number=words.number(sites.not_stated)) if sites.not_stated else ""
    )
    planned = sites.planned_participants
    enrolled = words.say("programme.enrolled", number=words.number(sites.enrolled))
    return Row(
        name=name_of(words, region.region),
        state=state_badge(words, region),
        joining=tuple(_joining(words, viewer, one) for one in region.joining),
        cells=tuple(cell(words, one) for one in region.milestones),
        waits=tuple(_waits(words, region)),
        steps=tuple(_steps(words, region)),
        sites=words.say("value.separator").join(filter(None, (counts, unstated))),
        participants=enrolled
        if planned is None
        else words.say("programme.enrolled_of", number=words.number(sites.enrolled), planned=words.number(planned)),
    )


def state_badge(words: Words, region: RegionOnBoard) -> Badge:
    """The region's state. A state that is not public yet is shown as such."""
    if region.state is None:
        return Badge(words.say("programme.not_public"), "unknown")
    return Badge(words.say(f"region_state.{region.state}"), STATE_TONES.get(region.state, "over"))


def _joining(words: Words, viewer: Viewer, one: CanJoin) -> tuple[str, Badge]:
    document = viewer.whole.trials[one.trial]
    answer = Joining(one.recruitment, one.why_not, one.since, by=one.by)
    return trial_name(document), badge_of_part(words, document["status"], answer)


def cell(words: Words, one: MilestoneShown) -> Cell:
    """The day on which a milestone was reached, or the planned one."""
    moment = one.actual or one.planned
    day = words.date(moment.date) if moment else ""
    return Cell(words.say(f"region_milestone.{one.milestone}"), day, one.actual is None and one.planned is not None)


def _waits(words: Words, region: RegionOnBoard) -> Iterator[str]:
    """The steps that the region waits for, and the reasons why its sites are shut."""
    for wait in region.waits:
        yield words.say(
            "programme.waits",
            step=words.say(f"application_step.{wait.step}"),
            who=words.say(f"acting.{wait.who}"),
            since=words.date(wait.since.date),
        )
    yield from (
        words.say(f"joining.{reason}", since="", by="") for reason in region.shut_by or () if reason != "halted"
    )


def _steps(words: Words, region: RegionOnBoard) -> Iterator[str]:
    """The applications that are public, each with its steps."""
    for one in region.applications:
        kind = words.say(f"application_kind.{one.kind}")
        steps = words.say("value.separator").join(filter(None, (_step(words, step) for step in one.steps)))
        outcome = words.say(f"decision.{one.outcome}") if one.outcome else ""
        yield words.say("programme.application", kind=kind, steps=steps or outcome)


def _step(words: Words, step: StepShown) -> str:
    if step.on is None:
        return ""
    fills = {"step": words.say(f"application_step.{step.step}"), "on": words.date(step.on.date)}
    return words.say("programme.step_tacit" if step.tacit else "programme.step", **fills)


def blocks(words: Words, board: Board) -> Iterator[str]:
    """A sentence for each filing that waits for another region."""
    for one in board.blocks:
        fills = {"next": words.say(f"application_kind.{one.next}"), "target": name_of(words, one.target)}
        if one.region is None:
            yield words.say("programme.missing", **fills)
        else:
            yield words.say("programme.blocked", region=name_of(words, one.region), **fills)


def question(words: Words, one: Document) -> dict[str, Any]:
    """An open question."""
    text = one.get("text")
    gone = text is None or bool(text.keys() & {"erased", "closed", "withheld"})
    return {
        "region": name_of(words, one["region"]),
        "step": words.say(f"application_step.{one['step']}"),
        "text": None if text is None or gone else bilingual(words, text),
        "due": words.date(one["due"]["date"]) if "due" in one else "",
        "by": one["by"],
    }


def versions(words: Words, viewer: Viewer) -> Iterator[tuple[str, list[str], list[str]]]:
    """By region, the versions authorised and in use on the day."""
    for one in versions_of_regions(viewer, viewer.whole.day):
        if one.authorised or one.in_use:
            authorised, used = (
                [_version(words, version) for version in found] for found in (one.authorised, one.in_use)
            )
            yield name_of(words, one.region), authorised, used


def site_versions(words: Words, viewer: Viewer) -> Iterator[tuple[str, str, str]]:
    """By site that named one, the version in use on the day."""
    for one in versions_of_sites(viewer, viewer.whole.day):
        if one.in_use is not None:
            document = viewer.whole.trials[one.trial]
            name, _ = words.text(document["sites"][one.site]["name"])
            yield name, words.country(one.country), _version(words, one.in_use)


def _version(words: Words, one: VersionOn | SiteVersion) -> str:
    since = one.since if isinstance(one, SiteVersion) else one.since.date
    number = one.number or one.version
    if one.sha256 is None:
        return words.say("programme.version", number=number, since=words.date(since))
    return words.say("programme.version_hash", number=number, since=words.date(since), digest=one.sha256[:16])
