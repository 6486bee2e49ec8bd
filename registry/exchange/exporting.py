"""Exports of our registrations to a partner: their content, and a file that is complete or absent."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from adapters.exporting import ExportReport, Outgoing, Sender
from adapters.partner import Target
from events.schemas.parties import Person
from events.schemas.values import Sealed
from projections.trial.document import stream_of
from registry.settings import Settings

LOCAL: Final = "localhost"
"""The name of the machine itself, and the ending of its other names (RFC 6761)."""
Open: TypeAlias = Callable[[dict[str, Any], str], Awaitable[dict[str, Any]]]
"""From a document and its stream to the document with persons in clear."""


class NotPublic(ValueError):
    """The registry's public address does not lead other people here."""


def outgoing(settings: Settings, day: date, documents: AsyncIterator[Mapping[str, Any]], open_all: Open) -> Outgoing:
    """The content of an export: this registry's name and address, its trials, and the persons in them."""

    async def open_persons(trial: str, sealed: Sequence[Sealed]) -> list[Person | None]:
        document = {"persons": [one.to_stored() for one in sealed]}
        opened = await open_all(document, stream_of(trial))
        return [_person(one) for one in opened["persons"]]

    return Outgoing(Sender(settings.name, f"{settings.public_url}/trials/", day), documents, open_persons)


def _person(opened: Mapping[str, Any]) -> Person | None:
    if "erased" in opened or "closed" in opened:
        return None
    return Person.from_stored({name: value for name, value in opened.items() if name != "person"})


async def export(
    target: Target, outgoing: Outgoing, out: Path, progress: Callable[[int], None] = lambda _: None
) -> ExportReport:
    """Writes an export to a temporary file, then renames it: nobody finds half a file.

    Raises OSError if the path exists and is no regular file.
    """
    out = _replaceable(out)
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            report = await target.write(outgoing, file, progress)
        if report.written:
            beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    return report


def _replaceable(out: Path) -> Path:
    """The file itself if the path is a link. Raises OSError if a rename would replace a device, such as /dev/null."""
    if out.exists() and not out.is_file():
        raise OSError(f"{out} is a device or a pipe, and would be replaced; name a file")
    return out.resolve()


def check_public(address: str) -> None:
    """Raises NotPublic if the address would lead a partner to its own machine, or nowhere."""
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
