"""Stories of streams with a text planted wherever an event has one, in the order in which they happen.

They follow one another as the folds of every view and of every decision take them; their texts are arbitrary.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from events.catalogue import EVENTS
from events.schemas.access import Role
from tests.support.nasty import filled
from tests.support.node import ORGANISATIONS

ON: Final = "2026-11-16\n"
"""A date as older versions took it."""
FIELDS: Final = ("/acronym", "/public_title/ja", "/plain_summary/en", "/scientific_acronym", "/description/ja")
SITE: Final = {"site": "kyoto", "organisation": ORGANISATIONS[Role.SITE]}
OWNER: Final = ORGANISATIONS[Role.SPONSOR]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event before it is recorded: the content of a record without its place in the stream."""

    stream: str
    type: str
    data: dict[str, Any]
    actor: str
    onbehalfof: str
    extensions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells events, each text of them taken from `text` in turn. Ids follow from `name`."""

    text: Callable[[], str]
    name: str

    def id(self, of: str) -> str:
        """A UUID that follows from the story's name."""
        return str(uuid5(NAMESPACE_URL, f"{self.name} {of}"))

    def event(self, stream: str, name: str, **fields: Any) -> Happened:
        """An event with every field given, and some of them as stated here."""
        return Happened(
            stream,
            name,
            {**filled(EVENTS[name], self.text), **fields},
            actor=self.text(),
            onbehalfof=self.text(),
            extensions={"traceparent": self.text()},
        )

    def changes(self, under: str = "") -> list[dict[str, Any]]:
        """Changes of some texts of a registration."""
        return [{"field": f"{under}{field}", "old": self.text(), "new": self.text()} for field in FIELDS]


def ours(teller: Teller, number: str | None = None, ends: Sequence[str] = ()) -> Iterator[Happened]:
    """A trial of the sponsor's, through all that can happen to one. Its number is a text, too, where none is given."""
    trial, until_paused = f"trial/{teller.id('ours')}", list(_until_paused(teller, number))
    yield from until_paused
    yield from _corrected(teller, trial, paused=len(until_paused))
    for end in ends:
        yield teller.event(trial, end, on=ON)


def _until_paused(teller: Teller, number: str | None) -> Iterator[Happened]:
    trial = f"trial/{teller.id('ours')}"
    numbered = {"number": number} if number else {}
    yield teller.event(trial, "trial.registered.v1", owner=OWNER)
    yield from _site_added(teller, trial)
    yield teller.event(trial, "trial.published.v1", **numbered)
    yield teller.event(trial, "trial.amended.v1", changes=teller.changes())
    yield teller.event(trial, "trial.corrected.v1", corrects=2, changes=teller.changes())
    yield teller.event(trial, "trial.owner-changed.v1", was=OWNER, now=OWNER)
    yield teller.event(trial, "trial.authorisation-changed.v1", was="published", now="published", on=ON)
    yield teller.event(trial, "trial.recruitment-changed.v1", was="recruiting", now="recruiting", on=ON)
    yield teller.event(trial, "trial.first-participant-recorded.v1", on=ON)
    yield teller.event(trial, "trial.results-posted.v1")
    yield from _at_the_site(teller, trial)


def _site_added(teller: Teller, trial: str) -> Iterator[Happened]:
    for named in (SITE, SITE | {"site": "osaka"}):
        site = teller.event(trial, "trial.site-added.v1").data["site"] | named
        yield teller.event(trial, "trial.site-added.v1", site=site, authorisation="published", recruitment="not_yet")


def _at_the_site(teller: Teller, trial: str) -> Iterator[Happened]:
    here = {"site": "kyoto", "on": ON}
    named = [{"field": f"/{field}", "old": teller.text(), "new": teller.text()} for field in ("name/en", "place/city")]
    yield teller.event(trial, "trial.site-amended.v1", site="kyoto", changes=named)
    yield teller.event(trial, "trial.site-identified.v1", site="osaka", now="kyoto")
    again = teller.event(trial, "trial.site-identified.v1", site="osaka", was="kyoto")
    del again.data["now"]
    yield again
    yield teller.event(trial, "trial.site-authorisation-changed.v1", was="filed", now="published", **here)
    yield teller.event(trial, "trial.site-opened.v1", was="not_yet", **here)
    yield teller.event(trial, "trial.site-verified.v1", status="recruiting", **here)
    yield teller.event(trial, "trial.enrolment-reported.v1", **here)
    yield teller.event(trial, "trial.site-left.v1", **here | {"site": "osaka"})
    yield teller.event(trial, "trial.site-closed.v1", was="recruiting", **here | {"site": "osaka"})
    yield teller.event(trial, "trial.site-paused.v1", was="recruiting", **here)


def gated(teller: Teller) -> Iterator[Happened]:
    """A trial behind a gate that is set, halted and taken away, whose site starts, is halted and opens again."""
    trial = f"trial/{teller.id('gated')}"
    yield teller.event(trial, "trial.registered.v1", owner=OWNER)
    yield from _site_added(teller, trial)
    yield teller.event(trial, "trial.published.v1")
    yield from _starts(teller, trial)
    opened = {"site": "kyoto", "on": ON}
    yield teller.event(trial, "trial.site-opened.v1", was="not_yet", **opened)
    programme = {"programme": str(teller.id("programme")), "region": "JP"}
    for version in (1, 2):
        gate = teller.event(trial, "trial.gate-set.v1").data["gate"] | programme | {"country": "JP", "version": version}
        halts = gate["halts"] if version == 1 else []
        yield teller.event(trial, "trial.gate-set.v1", gate=gate | {"state": "permitted", "halts": halts}, on=ON)
    halted = teller.event(trial, "trial.site-halted.v1", site="kyoto")
    yield halted
    yield teller.event(trial, "trial.site-halt-lifted.v1", site="kyoto", item=halted.data["halt"]["item"])
    yield teller.event(trial, "trial.site-opened.v1", was="recruiting", **opened)
    yield teller.event(trial, "trial.gate-removed.v1", **programme, version=3, on=ON)


def _starts(teller: Teller, trial: str) -> Iterator[Happened]:
    stated = teller.event(trial, "trial.site-milestone-recorded.v1", site="kyoto", planned=ON, actual=ON)
    yield stated
    days = {"planned": ON, "actual": ON}
    yield teller.event(
        trial, "trial.site-milestone-corrected.v1", site="kyoto", corrects=5, was=days, now=days, void=None
    )


def _corrected(teller: Teller, trial: str, paused: int) -> Iterator[Happened]:
    """The last report of the site: another reason, then that it did not happen."""
    why, day = "/sites/kyoto/why", "/sites/kyoto/changed/on"
    correction = {"site": "kyoto", "event": "trial.site-paused.v1", "corrects": paused}
    changed = [{"field": "/why", "old": {"ja": teller.text()}, "new": {"ja": teller.text()}}]
    effects = [{"field": why, "old": changed[0]["old"], "new": changed[0]["new"]}]
    yield teller.event(trial, "trial.event-corrected.v1", **correction, void=None, changes=changed, effects=effects)
    effects = [{"field": why, "old": changed[0]["new"], "new": None}, {"field": day, "old": ON, "new": ON}]
    yield teller.event(trial, "trial.event-corrected.v1", **correction, void=True, changes=[], effects=effects)


def asked_back(teller: Teller) -> Iterator[Happened]:
    """A trial in which a site asked to take back a reason that it gave, and the office declined."""
    trial, until_paused = f"trial/{teller.id('ours')}", list(_until_paused(teller, None))
    yield from until_paused
    for kind in ("trial.take-back-asked.v1", "trial.take-back-declined.v1"):
        yield teller.event(trial, kind, site="kyoto", of=len(until_paused))


def partners(teller: Teller) -> Iterator[Happened]:
    """A partner's trial with two sources, each received again with other bytes."""
    trial = f"trial/{teller.id('partner')}"
    for begins, fields in (("trial.imported.v1", {}), ("trial.source-added.v1", {"effects": _effects(teller)})):
        first = teller.event(trial, begins, **fields)
        yield first
        same = {name: first.data["source"][name] for name in ("registry", "record")}
        source = teller.event(trial, "trial.import-changed.v1").data["source"] | same
        yield teller.event(
            trial,
            "trial.import-changed.v1",
            source=source,
            changes=_effects(teller),
            effects=_effects(teller),
            kept=["/registration/acronym"],
        )


def older(teller: Teller) -> Iterator[Happened]:
    """A partner's trial of which an older version arrives."""
    trial = f"trial/{teller.id('partner')}"
    first = teller.event(trial, "trial.imported.v1")
    yield first
    same = {name: first.data["source"][name] for name in ("registry", "record")}
    source = teller.event(trial, "trial.older-version-kept.v1").data["source"] | same
    yield teller.event(trial, "trial.older-version-kept.v1", source=source)


def renumbered(teller: Teller) -> Iterator[Happened]:
    """A partner's trial that its home identifies with another, and then no more."""
    trial, other = f"trial/{teller.id('partner')}", str(teller.id("ours"))
    yield teller.event(trial, "trial.imported.v1")
    identified = teller.event(trial, "trial.identified.v1", now=other)
    taken_back = teller.event(trial, "trial.identified.v1", was=other)
    del identified.data["was"], taken_back.data["now"]
    yield from (identified, taken_back)


def _effects(teller: Teller) -> list[dict[str, Any]]:
    return teller.changes("/registration")


def adopted(teller: Teller, how: str = "trial.adopted.v1") -> Iterator[Happened]:
    """What follows where a partner's trial is registered here: sites of our own, which open and leave."""
    trial = f"trial/{teller.id('partner')}"
    yield teller.event(trial, how, owner=OWNER)
    yield from _site_added(teller, trial)
    yield from _at_the_site(teller, trial)


def beside(teller: Teller) -> Iterator[Happened]:
    """Events of other streams, whose names may be any text, too: imports, tokens, persons and numbers."""
    for stream in (f"import/{teller.id('import')}", f"import/{teller.text()}"):
        yield teller.event(stream, "import.records-refused.v1")
        yield teller.event(stream, "import.finished.v1")
    for stream in (f"access/{teller.id('token')}", f"access/{teller.text()}"):
        issued = {"digest": uuid5(NAMESPACE_URL, stream).hex * 2, "organisation": "kyoto-hp", "role": "site"}
        yield teller.event(stream, "access.token-issued.v1", **issued, expires="2027-01-01T00:00:00Z")
        yield teller.event(stream, "access.token-revoked.v1")
    yield teller.event(f"person/{teller.text()}", "person.forgotten.v1")
    yield teller.event(f"text/{teller.text()}", "text.taken-back.v1")
    series = f"numbers/{teller.text()}"
    yield teller.event(series, "numbers.reserved.v1", first=1, count=3)
    yield teller.event(series, "numbers.set-aside.v1", first=4, last=9)


def consequences(teller: Teller) -> Iterator[Happened]:
    """Refused commands: one is tried again twice and settled, another closed."""
    refused = {"policy": "gates", "command": "trial.publish", "content": {"colour": teller.text()}}
    for last in ("consequence.settled.v1", "consequence.closed.v1"):
        stream = f"consequence/{teller.id(last)}"
        for _ in range(2):
            yield teller.event(stream, "consequence.refused.v1", **refused)
            yield teller.event(stream, "consequence.retry-asked.v1")
        yield teller.event(stream, last)


def programme(teller: Teller) -> Iterator[Happened]:
    """A programme through all that can happen to one. Every item of this story is the same word."""
    stream = f"programme/{teller.id('programme')}"
    kinds = [name for name in EVENTS if name.startswith("programme.")]
    ended = kinds.index("programme.ended.v1") + 1
    for kind in kinds:
        yield teller.event(stream, kind, **({"corrects": ended} if "corrected" in kind else {}))


def region(teller: Teller) -> Iterator[Happened]:
    """A region through all that can happen to one: an application with all its steps, a halt, a measure, its end."""
    stream = f"region/{teller.id('region')}"
    kinds = [name for name in EVENTS if name.startswith("region.")]
    leaving = kinds.index("region.left.v1") + 1
    beside = {
        "region.due-set.v1": {"application": None},
        "region.event-corrected.v1": {"corrects": leaving, "void": None},
    }
    for kind in kinds:
        yield teller.event(stream, kind, **beside.get(kind, {}))


ENDS: Final = ("trial.completed.v1", "trial.discontinued.v1", "trial.withdrawn.v1")


def every(teller: Teller) -> list[list[Happened]]:
    """Stories in which every event of the catalogue happens but the founding of a log, by their kinds."""
    restored = Teller(teller.text, f"{teller.name} restored")
    return [
        [*ours(teller, ends=ENDS)],
        [*partners(teller), *adopted(teller)],
        [*partners(restored), *adopted(restored, "trial.restored.v1")],
        [*beside(teller)],
        [*asked_back(Teller(teller.text, f"{teller.name} asked back"))],
        [*older(Teller(teller.text, f"{teller.name} older"))],
        [*renumbered(Teller(teller.text, f"{teller.name} renumbered"))],
        [*gated(Teller(teller.text, f"{teller.name} gated"))],
        [*consequences(Teller(teller.text, f"{teller.name} consequences"))],
        [*programme(Teller(teller.text, f"{teller.name} programme"))],
        [*region(Teller(teller.text, f"{teller.name} region"))],
    ]
