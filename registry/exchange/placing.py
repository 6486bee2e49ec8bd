"""Which trial a partner's record belongs to: by its number, or by a former number from its home registry."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid5

from events.identifiers import in_our_form
from events.schemas.trial import Home
from events.streams import Stream
from projections.trial.identifiers import former_of, normalise
from registry.exchange.received import Study

NAMESPACE: Final = UUID("6f0c8a53-5a0e-5d0c-9c0e-3d1b6a4f2e77")
"""The namespace in which a partner's registration number gives the id of its trial, the same on every node."""


def stream_of(home: Home) -> Stream:
    """The stream of a partner's registration: the same for the same number, from any sender and any import."""
    return Stream.of("trial", uuid5(NAMESPACE, f"{home.registry}:{home.number}"))


def formerly(study: Study, registration: Mapping[str, Any]) -> frozenset[str]:
    """The streams that trials have, or would have, under the trial's former numbers as its home states them."""
    numbers = map(in_our_form, _former_in(study, registration))
    streams = {stream_of(study.home.model_copy(update={"number": number})) for number in numbers}
    return frozenset(streams - {stream_of(study.home)})


def _former_in(study: Study, registration: Mapping[str, Any]) -> Iterator[str]:
    """The former numbers in a registration that the home itself sends; none if another registry sends it."""
    if study.received.registry == study.home.registry:
        yield from former_of({"home": study.home.to_stored(), "registration": registration})


class FormerNumbers:
    """The former numbers that home registries state, each with the trial that it leads to now."""

    def __init__(self, known: Mapping[tuple[str, str], str]) -> None:
        """`known`: registry and normalised number to stream, as the views have them."""
        self._streams: dict[tuple[str, str], str | None] = dict(known)
        """None if two trials claim the number."""

    def place(self, study: Study) -> tuple[str, Study]:
        """The stream that the study belongs to. Notes the former numbers if a home registry states them.

        Under a former number the record is another source of its trial, known by that number.
        """
        own, home = stream_of(study.home), study.home
        self._learn(own, home.registry, _former_in(study, study.content["registration"]))
        stream = self._streams.get((home.registry, normalise(home.number)), own)
        if stream is None or stream == own:
            return own, study
        received = replace(study.received, record=study.received.record or home.number)
        return stream, replace(study, received=received)

    def is_disputed(self, home: Home) -> bool:
        """Whether two trials claim the number."""
        return self._streams.get((home.registry, normalise(home.number)), "") is None

    def _learn(self, own: str, registry: str, numbers: Iterable[str]) -> None:
        for number in numbers:
            key = (registry, normalise(number))
            self._streams[key] = own if self._streams.get(key, own) == own else None
