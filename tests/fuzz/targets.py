"""The readers of documents from outside, each with documents to begin from, and the checks on every result."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from lxml import etree

from adapters.catalogue import SOURCES
from adapters.ctgov.parse import parse as parse_ctgov
from adapters.ictrp.parse import parse as parse_ictrp
from adapters.losses import Losses
from adapters.reading import Parsed
from events import canonical
from events.identifiers import identify
from events.schemas.exchange import Refusal
from events.schemas.registration import Registration
from registry.api.bodies import command_from, parse
from registry.api.problems import Problem
from registry.domain.decider import Command
from registry.domain.trial import examples
from registry.domain.trial.commands import RegisterTrial
from registry.exchange.partners import records_of
from tests.fuzz.mutations import damaged
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS
from tests.support.ctgov import FULL, SAMPLES, encode, small
from tests.support.ctgov_whole import whole
from tests.support.ictrp import EXPORT, UPLOAD, export_file, upload_file
from tests.support.ictrp_whole import EXPORTED, UPLOADED
from tests.support.identifiers import spellings

LARGEST_SEED: Final = 12_000
"""Bytes of a real record to begin from; larger ones add nothing and take longer."""
NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
READ: Final = "read"
COMMANDS: Final[Sequence[type[Command]]] = (RegisterTrial, *TRIAL_COMMANDS.values(), *SITE_COMMANDS.values())

Outcomes = Iterator[str]
Target = Callable[[Random, bytes], Outcomes]


def _records(source: str, random: Random, document: bytes) -> Outcomes:
    """Reads a document in pieces. Each record read is in the document, and can be stored and read again."""
    size = random.choice((1, 7, 1_000, len(document) + 1)) if len(document) < 3_000 else 1 << 20
    pieces = (document[at : at + size] for at in range(0, len(document), size))
    losses = Losses()
    for one in records_of(SOURCES[source], pieces, "file"):
        match one:
            case Refusal():
                _stored(one.to_stored())
                yield f"refused, {_kind(one.reason)}"
            case Parsed():
                stored = one.registration.to_stored()
                _stored([stored, one.home.to_stored(), one.status.to_stored()])
                assert Registration.model_validate(stored) == one.registration
                assert one.raw in document
                losses.add(one)
                yield READ
    _stored([one.to_stored() for one in losses.not_carried_by_path()])


def _kind(reason: str) -> str:
    """The first words of a refusal; for a fault of a value, which begins with its path, the first name of that."""
    begins = re.match(r"[A-Za-z ]+", reason)
    return begins[0].strip() if begins else "otherwise"


def _stored(value: Any) -> None:
    """Raises if the log has no encoding for it; PostgreSQL takes no U+0000 in its views."""
    assert not NUL.search(canonical.to_json(value))


def _body(_: Random, document: bytes) -> Outcomes:
    """Each command, or a problem. An accepted command has an encoding, from which its digest is made."""
    for model in COMMANDS:
        try:
            command = command_from(model, parse(document))
        except Problem as problem:
            yield f"refused {problem.kind.status}"
        else:
            _stored(command.to_content())
            yield READ


def _number(_: Random, document: bytes) -> Outcomes:
    """A known number is written in its registry's own form, and is recognised in that form."""
    known = identify(document.decode(errors="replace"))
    if known is None:
        yield "unknown"
    else:
        again = identify(known.number)
        assert (again is None) or again.number == known.number, (known, again)
        yield READ


def _ctgov() -> list[bytes]:
    real = [one.raw for file in SAMPLES for one in parse_ctgov([file.read_bytes()], "") if isinstance(one, Parsed)]
    synthetic = [encode(FULL), encode(whole()), encode(small()), encode([small(), small("NCT90000002")])]
    return [*synthetic, *(raw for raw in real if len(raw) <= LARGEST_SEED)]


def _ictrp(file: Path, root: bytes, synthetic: bytes) -> list[bytes]:
    """Each record in a file of its own."""
    read = parse_ictrp([file.read_bytes()], "") if file.exists() else ()
    real = [one.raw for one in read if isinstance(one, Parsed) and len(one.raw) <= LARGEST_SEED]
    whole_files = [b"<?xml version='1.0' encoding='UTF-8'?><%b>%b</%b>" % (root, raw, root) for raw in real]
    return [synthetic, *whole_files]


def whole_upload() -> bytes:
    """A file of one trial that has every element."""
    trial = etree.Element("trial")
    for path, text in UPLOADED.items():
        here = trial
        for step in path.split("/"):
            found = here.find(step)
            here = etree.SubElement(here, step) if found is None else found
        here.text = text
    return upload_file(trial)


def _bodies() -> list[bytes]:
    bodies = [examples.TRIAL["register"], *examples.TRIAL.values(), *examples.SITES.values()]
    return [json.dumps(one, default=dict, ensure_ascii=False).encode() for one in bodies] + [
        canonical.to_json({**one, "site": "kyoto"}) for one in examples.SITES.values() if "site" not in one
    ]


def _numbers() -> list[bytes]:
    return [one[0].encode() for one in spellings()]


TARGETS: Final[Mapping[str, tuple[Callable[[], list[bytes]], Target]]] = {
    "ClinicalTrials.gov": (_ctgov, partial(_records, "ctgov")),
    "ICTRP export": (
        partial(_ictrp, EXPORT, b"Trials_downloaded_from_ICTRP", export_file(EXPORTED)),
        partial(_records, "ictrp"),
    ),
    "ICTRP upload": (partial(_ictrp, UPLOAD, b"trials", whole_upload()), partial(_records, "ictrp")),
    "bodies of commands": (_bodies, _body),
    "numbers": (_numbers, _number),
}


@dataclass
class Tally:
    """The outcomes of the records of many documents, and the document that took longest."""

    documents: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds of this process's own time, and the document's number."""


def fuzz(name: str, count: int, seed: int = 0) -> Tally:
    """Reads so many damaged documents; a document's number and the seed give it again. Raises what a reader raises."""
    make, target = TARGETS[name]
    corpus, tally = make(), Tally()
    for number in range(count):
        random = Random(f"{seed} {name} {number}")
        document = damaged(random, corpus)
        began = time.process_time()
        try:
            tally.outcomes.update(target(random, document))
        except Exception as fault:
            fault.add_note(f"{name}, document {number} of seed {seed}: {document[:2_000]!r}")
            raise
        tally.documents += 1
        tally.slowest = max(tally.slowest, (time.process_time() - began, number))
    return tally
