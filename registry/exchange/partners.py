"""The partners by the names they have on the command line: whose records come in, and who gets ours."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from adapters.ctgov.parse import parse as parse_ctgov
from adapters.ictrp.exporting import export as export_ictrp
from adapters.ictrp.parse import parse as parse_ictrp
from adapters.ictrp.render import Sender
from adapters.losses import Losses
from adapters.reading import Parsed, Refused
from events.schemas import items
from events.schemas.exchange import Refusal
from events.schemas.values import Person, Sealed
from projections.trial.document import stream_of
from registry.exchange.desk import Outgoing
from registry.exchange.fates import refusal
from registry.exchange.received import Received, Study

LOCAL: Final = "localhost"
"""The name, and the end of the names, of the machine itself (RFC 6761)."""
Parse: TypeAlias = Callable[[Iterable[bytes], str], Iterator[Parsed | Refused]]
Export: TypeAlias = Callable[[Outgoing, Path, Callable[[int], None]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Source:
    """A registry whose records come in: how they are read, what is not carried told, and the media type."""

    parse: Parse
    losses: Callable[[], Losses]
    media_type: str
    signs: tuple[bytes, ...]
    """Of these the beginning of a file of this source holds one, and of no other source."""

    def begins(self, head: bytes) -> bool:
        """Whether a file with this beginning is of this source."""
        return any(sign in head for sign in self.signs)

    def records(self, chunks: Iterable[bytes], place: str) -> Iterator[Parsed | Refusal]:
        """The records of a document, given in chunks, in order."""
        for read in self.parse(chunks, place):
            if isinstance(read, Parsed):
                yield read
            else:
                yield refusal(read.place, read.identifier, read.reason)

    def ready(self, parsed: Parsed) -> Study:
        """A record as an import takes it."""
        record = None if parsed.record == parsed.home.number else parsed.record
        sites = {site.site: site.to_stored() for site in parsed.sites}
        said = items.whole({"registration": parsed.registration.to_stored(), "sites": sites})
        return Study(
            place=parsed.place,
            home=parsed.home,
            received=Received.of(
                parsed.sender, parsed.raw, self.media_type, parsed.retrieved, record, given_out=parsed.given_out
            ),
            said={**said, "sites": [*said["sites"].values()], "status": parsed.status.to_stored()},
        )


def _replaceable(out: Path) -> Path:
    """The file itself where a link leads to it. Raises OSError where a rename would replace a device, as /dev/null."""
    if out.exists() and not out.is_file():
        raise OSError(f"{out} is a device or a pipe, and would be replaced; name a file")
    return out.resolve()


async def _to_ictrp(node: Outgoing, out: Path, progress: Callable[[int], None]) -> dict[str, Any]:
    """Writes a WHO upload beside the wanted file, then renames it: nobody meets half a file.

    Raises OSError where what is there is no file.
    """
    out = _replaceable(out)
    sender = Sender(node.settings.name, f"{node.settings.public_url}/trials/", await node.views.day())

    async def open_persons(trial: str, sealed: Sequence[Sealed]) -> list[Person | None]:
        document = {"persons": [one.to_stored() for one in sealed]}
        opened = await node.open_all(document, stream_of(trial))
        return [_person(one) for one in opened["persons"]]

    documents: AsyncIterator[Mapping[str, Any]] = node.views.documents()
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            report = await export_ictrp(documents, open_persons, file, sender, progress)
        if report.written:
            beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    return report.to_json()


class NotPublic(ValueError):
    """The registry's public address does not lead other people here."""


def check_public(address: str) -> None:
    """Raises NotPublic where a partner who follows the address would come to a machine of its own, or nowhere."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        public = ip_address(host).is_global
    except ValueError:
        public = host != LOCAL and not host.endswith(f".{LOCAL}")
    if parts.scheme not in ("http", "https") or not host or not public:
        raise NotPublic(
            f"each record of an export links to its page here, and {address} does not lead other people here; "
            "set REGISTRY_PUBLIC_URL to the address at which the public finds this registry"
        )


def _person(opened: Mapping[str, Any]) -> Person | None:
    if "erased" in opened or "closed" in opened:
        return None
    return Person.from_stored({name: value for name, value in opened.items() if name != "person"})


SOURCES: Final[Mapping[str, Source]] = MappingProxyType(
    {
        "ctgov": Source(parse_ctgov, Losses, "application/json", (b'"protocolSection"',)),
        "ictrp": Source(
            parse_ictrp,
            Losses,
            "application/xml",
            (b"<Trials_downloaded_from_ICTRP", b"<trials", b"<root"),
        ),
    }
)
TARGETS: Final[Mapping[str, Export]] = MappingProxyType({"ictrp": _to_ictrp})


def other_source(asked: Source, head: bytes) -> str | None:
    """The name of the source that a file with this beginning is of, where that is not the one that was asked for."""
    if asked.begins(head):
        return None
    return next((name for name, source in SOURCES.items() if source.begins(head)), None)


def gaps_by_item(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The gaps of an export, counted by item and by what is missing."""
    counted = Counter((gap["item"], gap["what"]) for gap in report["gaps"])
    return [{"item": item, "what": what, "trials": number} for (item, what), number in sorted(counted.items())]
