"""Trials for tests: valid payloads, histories made by hypothesis, and a writer that puts them into a log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st

from events.admission import Head, advance
from events.catalogue import name_of
from events.event import Event
from events.memory import MemoryEventLog
from events.origin import Origin
from events.partitions import partition_of
from events.port import Addressed, EventLog, Topic
from events.record import Message, Position, Record, encode
from events.schemas import trial as happened
from events.schemas.registration import Registration, Source
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import Value
from projections.trial.document import Document, evolve, stream_of

TOPIC = Topic("registry", 2)
NAMESPACE = UUID("6f2f5c0e-33a6-4a3c-9d2e-0d6f0f1f7c11")
ORIGIN = Origin("https://registry.example", "6f2f5c0e-33a6-4a3c-9d2e-0d6f0f1f7c12")
BEGINNING = datetime(2026, 4, 1, tzinfo=UTC)


def now() -> datetime:
    """When the views of tests are read: some weeks after their events."""
    return BEGINNING + timedelta(days=60)


class Clock:
    """Moves by a step at each look; a step of nothing puts events into one millisecond."""

    def __init__(self, step: timedelta = timedelta(seconds=1)) -> None:
        self.now = BEGINNING
        self.step = step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def trial_id(number: int) -> str:
    return str(uuid5(NAMESPACE, str(number)))


class Writer:
    """Appends payloads as the events of their streams, each built on the one before."""

    def __init__(self, log: EventLog, topic: Topic = TOPIC) -> None:
        self.log = log
        self.topic = topic
        self.heads: dict[str, Head] = {}
        self.written = 0

    async def append(self, stream: str, payload: Value, **attributes: Any) -> Position:
        head = self.heads.get(stream, Head())
        self.written += 1
        event = attributes.pop("id", uuid5(NAMESPACE, f"event {self.written}"))
        return await self._append(stream, encode(record(stream, payload, head=head, id=event, **attributes)), event)

    async def append_raw(self, stream: str, body: bytes) -> Position:
        """Appends an event of a body that no program of ours would write."""
        head = self.heads.get(stream, Head())
        self.written += 1
        event = uuid5(NAMESPACE, f"event {self.written}")
        message = replace(encode(record(stream, registered(), head=head, id=event, type="x.y.v1")), value=body)
        return await self._append(stream, message, event)

    async def _append(self, stream: str, message: Message, event: UUID) -> Position:
        head = self.heads.get(stream, Head())
        self.heads[stream] = advance(head, event, message.digest, head.offset + 1)
        partition = partition_of(stream, self.topic.partitions)
        (position,) = await self.log.append(self.topic, [Addressed(partition, message)])
        return position

    async def append_all(self, history: Sequence[tuple[str, Value]]) -> list[Position]:
        return [await self.append(stream, payload) for stream, payload in history]


def record(stream: str, payload: Value, head: Head, **attributes: Any) -> Record:
    return Record(
        **{
            "id": uuid5(NAMESPACE, f"{stream} {head.version}"),
            "type": name_of(payload),
            "subject": stream,
            "expectedversion": head.version,
            "previoushash": head.digest,
            "commandhash": b"c" * 32,
            "actor": "token-1",
            "onbehalfof": "sponsor-1",
            "time": BEGINNING,
            "data": payload.to_stored(),
            "origin": ORIGIN,
        }
        | attributes
    )


def event_of(trial: str, version: int, payload: Value, recorded: datetime | None = None) -> Event:
    stream = stream_of(trial)
    made = record(stream, payload, head=Head(version - 1))
    return Event(Position(0, version - 1), recorded or BEGINNING + timedelta(hours=version), version, bytes(32), made)


def folded(*payloads: Value) -> Document:
    """The document that these events make of trial_id(1)."""
    document: Document | None = None
    for version, payload in enumerate(payloads, start=1):
        document = evolve(document, event_of(trial_id(1), version, payload))
    assert document is not None
    return document


def memory_log(step: timedelta = timedelta(seconds=1)) -> MemoryEventLog:
    return MemoryEventLog(Clock(step))


def registered(owner: str = "sponsor-1", **registration: Any) -> happened.TrialRegistered:
    return happened.TrialRegistered(owner=owner, registration=Registration.model_validate(registration))


def source(registry: str = "ctgov", digest: str = "a", record: str | None = None, dated: str | None = None) -> Source:
    return Source(
        registry=registry,
        record=record,
        document=digest * 64,
        media_type="application/json",
        size=10,
        retrieved=dated,
    )


def imported(
    number: str = "NCT00000001", recruitment: str = "recruiting", dated: str | None = None, **registration: Any
) -> happened.TrialImported:
    return happened.TrialImported(
        home=happened.Home(registry="ctgov", number=number, registered="2020-05"),
        registration=Registration.model_validate(registration),
        status=happened.Status(authorisation="published", recruitment=recruitment, verified="2026-03"),
        sites=(happened.SiteAsImported(site="s1", name={"en": "Imported Clinic"}, recruitment="recruiting"),),
        source=source(dated=dated),
    )


def site(name: str = "site-1", /, **fields: Any) -> happened.Site:
    return happened.Site.model_validate({"site": name, "name": {"ja": "東京病院"}, "organisation": "tokyo"} | fields)


def site_added(name: str = "site-1", /, **fields: Any) -> happened.SiteAdded:
    return happened.SiteAdded(
        site=site(name, **fields), authorisation=AuthorisationStatus.FILED, recruitment=RecruitmentStatus.NOT_YET
    )


def amended(*changes: tuple[str, Any, Any]) -> happened.TrialAmended:
    return happened.TrialAmended(
        changes=tuple(happened.RegistrationChange(field=field, old=old, new=new) for field, old, new in changes)
    )


SENTENCES = st.sampled_from(
    [
        "非小細胞肺癌の第III相試験",
        "EGFR変異陽性",
        "Trials of lung cancers",
        "Quality of life, 質",
        "々ー",
        "COVID-19",
        "p <0.05 & α",
    ]
)
TEXTS = st.fixed_dictionaries({}, optional={"ja": SENTENCES, "en": SENTENCES}).filter(bool)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "public_title": TEXTS,
        "countries": st.lists(st.sampled_from(["JP", "US", "KR"]), max_size=2),
        "conditions": st.lists(st.fixed_dictionaries({"name": TEXTS}), max_size=2),
        "first_enrolment": st.sampled_from([{"date": "2026"}, {"date": "2026-11", "kind": "anticipated"}]),
        "eligibility": st.sampled_from(
            [{}, {"minimum_age": {"value": 20, "unit": "years"}, "maximum_age": "unlimited", "sex": "female"}]
        ),
        "primary_sponsor": st.fixed_dictionaries({"name": TEXTS}),
        "phase": st.sampled_from(["2", "3"]),
    },
)
STEP = st.tuples(st.integers(0, 2), st.integers(0, 999), FIELDS)


def next_payload(document: Document | None, number: int, choice: int, fields: dict[str, Any]) -> Value:
    """Some event that can follow, whatever the choice is."""
    if document is None:
        return registered(**fields) if choice % 2 else imported(f"NCT{number:08}", **fields)
    options = _by_partner(document, fields)
    if "home" in document:
        home = happened.Home(**document["home"])
        options.append(
            happened.TrialAdopted(owner="sponsor-2", number=f"JTR{number:06}", registered="2020-05", was=home)
        )
        options.append(happened.TrialRestored(owner="sponsor-2", number=f"JTR{number:06}", registered="2019-04"))
    else:
        options += [*_on_trial(document, number, fields), *_on_sites(document)]
    return options[choice % len(options)]


def _on_trial(document: Document, number: int, fields: dict[str, Any]) -> list[Value]:
    sites = len(document["sites"])
    registration, status = document["registration"], happened.Status.model_validate(document["status"])
    title = ("/public_title", registration.get("public_title"), fields.get("public_title"))
    made: list[Value] = [
        amended(title, ("/phase", registration.get("phase"), fields.get("phase"))),
        happened.TrialCorrected(corrects=1, changes=amended(title).changes),
        happened.EventCorrected(
            corrects=document["version"],
            event="trial.recruitment-changed.v1",
            effects=[
                happened.SeenChange(field="/status/recruitment", old=status.recruitment, new="not_yet"),
                happened.SeenChange(field="/registration/actual_size", old=registration.get("actual_size"), new=11),
            ],
        ),
        happened.TrialRecruitmentChanged(was=status.recruitment, now=RecruitmentStatus.PAUSED, on="2026-05"),
        happened.TrialAuthorisationChanged(
            was=status.authorisation, now=AuthorisationStatus.SUSPENDED_BY_AUTHORITY, on="2026-05-01"
        ),
        happened.FirstParticipantRecorded(on="2026-05-02"),
        happened.TrialCompleted(was=status, on="2026-12", enrolled=12),
        happened.TrialDiscontinued(was=status, on="2026-12", why={"en": "Futility"}),
        happened.TrialWithdrawn(was=status, on="2026-12", why={"ja": "資金"}),
        happened.ResultsPosted(results={"summary": {"en": "It works"}}),
        # Ids that fall while names rise: an order that only the ids' own sorting restores.
        *[site_added(f"site-{99 - sites}", name={"en": f"Clinic {sites}"})] * 4,
    ]
    if "number" not in document:
        made.append(happened.TrialPublished(number=f"JTR{number:06}", registered="2026-04-01"))
    return made


def _by_partner(document: Document, fields: dict[str, Any]) -> list[Value]:
    if not document["sources"]:
        return []
    changes = [
        happened.WholeChange(field=f"/registration/{name}", old=document["registration"].get(name), new=value)
        for name, value in Registration.from_stored(fields).to_stored().items()
    ]
    changes.append(happened.WholeChange(field="/status/recruitment", old="recruiting", new="completed"))
    effects = None if "home" in document else ()
    other = source(digest="c", registry="who-ictrp", record="NCT")
    rendered = {name: document[name] for name in ("registration", "status")}
    return [
        happened.TrialImportChanged(source=source(digest="b"), changes=changes, effects=effects),
        happened.OlderVersionKept(source=source(digest="d")),
        happened.TrialSourceAdded(
            home={"registry": "ctgov", "number": "NCT"},
            **rendered,
            sites=(),
            source=other,
            effects=changes if effects is None else (),
        ),
    ]


def _on_sites(document: Document) -> list[Value]:
    made: list[Value] = []
    for name, known in document["sites"].items():
        was, on = known["recruitment"], "2026-06-01"
        made += [
            happened.SiteOpened(site=name, was=was, on=on),
            happened.SitePaused(site=name, was=was, on=on, why={"en": "Holiday"}),
            happened.SiteClosed(site=name, was=was, on=on),
            happened.SiteLeft(site=name, was=was, was_authorised=known["authorisation"], on=on),
            happened.SiteVerified(site=name, status=was, on=on),
            happened.EnrolmentReported(site=name, enrolled=3, on=on),
            happened.EventCorrected(
                corrects=document["version"],
                event="trial.site-left.v1",
                site=name,
                changes=[happened.ReportChange(field="/on", old=on, new="2026-06-02")],
                effects=[
                    happened.SeenChange(field=f"/sites/{name}/recruitment", old=was, new="paused"),
                    happened.SeenChange(field=f"/sites/{name}/authorisation", new="published"),
                    happened.SeenChange(field=f"/sites/{name}/changed/on", old=on, new="2026-06-02"),
                ],
            ),
            happened.SiteAuthorisationChanged(
                site=name, was=known["authorisation"], now=AuthorisationStatus.REVOKED, on=on
            ),
        ]
    return made


def history_of(steps: Sequence[tuple[int, int, dict[str, Any]]]) -> list[tuple[str, Value]]:
    """Events of a few trials, mixed, from what hypothesis drew."""
    documents: dict[str, Document] = {}
    history: list[tuple[str, Value]] = []
    for number, choice, fields in steps:
        trial = trial_id(number)
        known = documents.get(trial)
        payload = next_payload(known, number, choice, fields)
        documents[trial] = evolve(known, event_of(trial, known["version"] + 1 if known else 1, payload))
        history.append((stream_of(trial), payload))
    return history


# Drawn with their length first: hypothesis makes lists of heavy steps short where it may choose.
HISTORIES = (
    st.sampled_from([0, 1, 2, 5, 10, 15, 20, 25])
    .flatmap(lambda steps: st.lists(STEP, min_size=steps, max_size=steps))
    .map(history_of)
)
