"""`registry documents`: the list of a trial's documents from partners, and the bytes of one as they came."""

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from events.event import Event
from projections.trial.document import stream_of
from registry import wiring
from registry.cli.files import whole
from registry.cli.output import AsJson, JsonRows, fail, print_line
from registry.cli.running import run, settings
from registry.exchange.named import RawDocument, find, named_in
from registry.exchange.raw import Destroyed
from registry.node import Node

OUT_HELP = "A new file for the unchanged bytes of one document. Without it, the documents are listed."
DOCUMENT_HELP = "The SHA-256 of the document to write; by default the latest document."


def add_to(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command()
    def documents(
        trial: Annotated[str, typer.Argument(help="The trial's id here, or any of its registration numbers.")],
        *,
        out: Annotated[Path | None, typer.Option(help=OUT_HELP, dir_okay=False)] = None,
        document: Annotated[str | None, typer.Option(help=DOCUMENT_HELP)] = None,
        json: AsJson = False,
    ) -> None:
        """List the raw documents of a trial, or write one of them to a file."""
        if out is None and document is not None:
            fail("name a file to write the document to: --out FILE", code=2)
        run(_list(trial, JsonRows() if json else _print) if out is None else _write(trial, document, out))


async def _list(trial: str, printed: Callable[[Iterable[dict[str, Any]]], None]) -> None:
    async with wiring.running(settings()) as node:
        async for events in await _events(node, trial):
            if page := [named.to_json() for named in named_in(events)]:
                printed(page)
        printed(())


async def _events(node: Node, trial: str) -> AsyncIterator[list[Event]]:
    """The events of the trial, page by page. Raises LookupError if there is no such trial."""
    await node.until_caught_up(lambda _: None)
    found = await node.views.trial_by_identifier(trial) or trial
    if await node.views.last(stream_of(found)) is None:
        raise LookupError(f"no trial {trial}")
    pages: AsyncIterator[list[Event]] = node.views.pages(stream_of(found))
    return pages


def _print(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        dates = "".join(f", {name} {row[name]}" for name in ("retrieved", "given_out") if name in row)
        record = f" {row['record']}" if "record" in row else ""
        print_line(f"{row['version']:>4}  {row['recorded']}  {row['registry']}{record}{dates}")
        print_line(f"        {row['document']}  {row['media_type']}, {row['size']} bytes")


async def _write(trial: str, digest: str | None, out: Path) -> None:
    async with wiring.running(settings()) as node:
        pages = await _events(node, trial)
        named = await _last(pages) if digest is None else await find(pages, digest)
        if named is None:
            raise LookupError(f"no event of {trial} names {'a document' if digest is None else f'document {digest}'}")
        try:
            raw = await node.documents.fetch(named.digest)
        except Destroyed:
            fail(f"document {named.digest} is erased: a person in it was forgotten, or a text of it taken back")
        with whole(out) as file:
            file.write(raw)


async def _last(pages: AsyncIterator[list[Event]]) -> RawDocument | None:
    last: RawDocument | None = None
    async for events in pages:
        last = [last, *named_in(events)][-1]
    return last
