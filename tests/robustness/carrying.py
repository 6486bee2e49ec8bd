"""Carries examples through a running registry, from the request to every view and page, and measures each stage."""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import aiohttp

from adapters.catalogue import SOURCES
from adapters.losses import Losses
from adapters.reading import Parsed
from events.bodies import MAX_BODY_BYTES
from events.record import encode
from events.schemas.access import Role
from events.schemas.exchange import Refusal
from events.schemas.trial import Home
from projections.base.moments import Moment
from projections.search.query import MOST_TERMS, SearchQuery
from projections.search.terms import terms
from projections.search.words import tokens
from projections.trial.document import Document, evolve, stream_of
from projections.trial.identifiers import normalise
from registry.api.bodies import command_from, parse
from registry.api.problems import Problem
from registry.domain.decider import Command, Rejection
from registry.domain.permissions import Actor
from registry.domain.trial.commands import RegisterTrial
from registry.exchange.intake import Intake
from registry.exchange.partners import records_of, study_of
from registry.exchange.placing import stream_of as partners_stream
from registry.exchange.received import Study
from registry.node import Node
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS
from tests.support.plans import IMPORTS, OURS, Plan, commands, document

OFFICE: Final = Actor("token-1", Role.REGISTRY, "registry-office")
SECONDS: Final = {"door": 2.0, "command": 10.0, "reading": 5.0, "document": 2.0, "search": 5.0, "page": 10.0}
"""The most processor time that one example may take at each stage."""
LONGEST: Final = 120.0
"""The most time by the clock, on a machine that also does other work."""
BYTES: Final = {"event": MAX_BODY_BYTES, "document": 2 * MAX_BODY_BYTES, "page": 12_000_000}
"""The most bytes that one example may have at each stage."""


class NotCarried(AssertionError):
    """A stage failed for an example, or took too long or too much."""


@dataclass
class Tally:
    """The outcomes of the examples: counts, and for each stage the slowest and the largest."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, tuple[float, Plan]] = field(default_factory=dict)
    largest: dict[str, tuple[int, Plan]] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str, plan: Plan) -> Iterator[None]:
        """Measures a stage of an example; raises NotCarried, with the example, if it fails or is too slow."""
        began, worked = time.perf_counter(), time.process_time()
        try:
            yield
        except (Problem, Rejection, NotCarried):
            raise
        except Exception as fault:
            raise NotCarried(f"{stage} of {plan}") from fault
        self._most(self.slowest, SECONDS, stage, time.process_time() - worked, plan)
        if (waited := time.perf_counter() - began) > LONGEST:
            raise NotCarried(f"{stage} of {plan}: {waited} seconds by the clock")

    def sized(self, stage: str, plan: Plan, size: int) -> None:
        """Notes how many bytes an example had at a stage; raises NotCarried if they are too many."""
        self._most(self.largest, BYTES, stage, size, plan)

    def _most(self, most: dict[str, Any], limits: dict[str, Any], stage: str, value: Any, plan: Plan) -> None:
        if stage not in most or value > most[stage][0]:
            most[stage] = (value, plan)
        if value > limits[stage]:
            raise NotCarried(f"{stage} of {plan}: {value}, and it may be {limits[stage]}")

    def add(self, other: "Tally") -> None:
        """Adds the results of another round."""
        self.outcomes += other.outcomes
        for mine, theirs in ((self.slowest, other.slowest), (self.largest, other.largest)):
            for stage, found in theirs.items():
                mine[stage] = max(mine.get(stage, found), found, key=lambda one: one[0])


@dataclass
class Round:
    """Examples that are carried through one registry together."""

    node: Node
    session: aiohttp.ClientSession
    tally: Tally = field(default_factory=Tally)
    trials: dict[Plan, str] = field(default_factory=dict)

    async def take(self, plans: Sequence[Plan]) -> None:
        """Gives all commands and imports of the plans, and waits until the views hold them."""
        for plan in plans:
            if plan.way == OURS:
                await self._command_all(plan)
        for form, source in IMPORTS.items():
            of_form = [plan for plan in plans if plan.way == form]
            await self._import(source, list(enumerate(of_form, 1)))
            again = [(number, plan.changed()) for number, plan in enumerate(of_form, 1) if plan.seed % 3 == 0]
            await self._import(source, again, adopt=True)
        await self.node.until_caught_up(lambda _: None)

    async def _command_all(self, plan: Plan) -> None:
        key = self.node.new_id()
        for name, body in commands(plan):
            try:
                await self._command(plan, key, name, body)
            except Problem as problem:
                self._refused(plan, problem)
            except Rejection as rejection:
                self.tally.outcomes.update({f"refused by rule: {one.rule}" for one in rejection.faults})
            else:
                self.tally.outcomes["recorded"] += 1
                self.trials[plan] = str(key)

    def _refused(self, plan: Plan, problem: Problem) -> None:
        if problem.kind.status != 422 or not all(one.field.startswith("/") and one.message for one in problem.faults):
            raise NotCarried(f"{plan} is refused without a word of what is wrong: {problem.kind}") from problem
        self.tally.outcomes[f"refused at the door: {problem.kind.code}"] += 1

    async def _command(self, plan: Plan, trial: UUID, name: str, body: dict[str, Any]) -> None:
        with self.tally.timed("door", plan):
            command = command_from(_model(name), parse(json.dumps(body).encode()))
        with self.tally.timed("command", plan):
            await self.node.submit(OFFICE, self.node.new_id(), stream_of(str(trial)), command)

    async def _import(self, source: str, numbered: Sequence[tuple[int, Plan]], *, adopt: bool = False) -> None:
        intake = Intake(self.node, adopt=adopt, owner="kyoto-sponsor", import_id=self.node.new_id())
        await intake.take_all(self._read(source, numbered), lambda _: None)
        receipt = await intake.finish(source, [f"{plan.marker}.txt" for _, plan in numbered], Losses())
        assert receipt.given == len(numbered)
        self.tally.outcomes["taken in"] += receipt.new + receipt.changed
        self.tally.outcomes["refused alone"] += receipt.refused

    async def _read(self, source: str, numbered: Iterable[tuple[int, Plan]]) -> AsyncIterator[Study | Refusal]:
        for number, plan in numbered:
            raw = document(plan, number)
            with self.tally.timed("reading", plan):
                (one,) = records_of(SOURCES[source], [raw], f"{plan.marker}.txt")
            if isinstance(one, Parsed):
                self.trials[plan] = partners_stream(Home.from_stored(one.home)).removeprefix("trial/")
                yield study_of(SOURCES[source], one)
            else:
                yield one

    async def check_all(self) -> None:
        """Every view, search and page of every trial that was recorded."""
        for plan, trial in self.trials.items():
            if (document := await self._document(plan, trial)) is not None:
                await self._found(plan, document)
                await self._shown(plan, trial)

    async def _document(self, plan: Plan, trial: str) -> Document | None:
        """The trial's documents in the views, which must follow from its events, now and before."""
        events = await self.node.views.events(stream_of(trial))
        if not events:
            return None
        folded: Document | None = None
        for event in events:
            self.tally.sized("event", plan, encode(event.record).size)
            before, folded = folded, evolve(folded, event)
        with self.tally.timed("document", plan):
            shown = await self.node.views.document(trial)
            earlier = await self.node.views.document(trial, Moment(position=events[0].position))
        self.tally.sized("document", plan, len(json.dumps(shown, ensure_ascii=False).encode()))
        if shown != folded or (len(events) == 2 and earlier != before):
            raise NotCarried(f"the views of {plan} are not what its events say")
        return shown

    async def _found(self, plan: Plan, document: Document) -> None:
        """The trial is found by its number, its claims, and words of its title."""
        title = document["registration"].get("public_title", {})
        claims = [claim["value"] for claim in document["registration"].get("identifiers", ())]
        queries = [document.get("number", document["trial"]), *claims[: plan.seed % 2]]
        queries += [_words_of(text) for text in title.values()][:1]
        for q in (one[:500] for one in queries if normalise(one)):
            if len(terms(q)) > MOST_TERMS:
                self.tally.outcomes["numbers of more words than a search may have"] += 1
                continue
            with self.tally.timed("search", plan):
                page = await self.node.views.search(SearchQuery(q=q, everything=True, limit=100))
            if document["trial"] not in {one.summary["trial"] for one in page.found} and page.total <= 100:
                raise NotCarried(f"{plan} is not found by {q!r}")

    async def _shown(self, plan: Plan, trial: str) -> None:
        """The trial's page or its timeline, in one language or the other, or its document: by turns."""
        language, place = ("", "/en")[plan.seed % 2], ("", "/timeline")[plan.seed // 2 % 2]
        for path in (f"{language}/trials/{trial}{place}", *([f"/v1/trials/{trial}"] if plan.seed % 5 == 0 else [])):
            with self.tally.timed("page", plan):
                async with self.session.get(path) as answer:
                    read = await answer.read()
            if answer.status not in (200, 404):
                raise NotCarried(f"{path} of {plan}: {answer.status} {read[:300]!r}")
            self.tally.outcomes[f"pages {answer.status}"] += 1
            self.tally.sized("page", plan, len(read))


def _model(name: str) -> type[Command]:
    kind, _, command = name.rpartition("/")
    if name == "register":
        return RegisterTrial
    return SITE_COMMANDS[command] if kind else TRIAL_COMMANDS[name]


def _words_of(text: str) -> str:
    """The marker of a title and its longest word."""
    first, *others = [run or word for run, word in tokens(text)]
    return f"{first} {max(others, key=len)[:60]}" if others else first
