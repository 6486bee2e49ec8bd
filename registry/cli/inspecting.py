"""`registry history` and `registry status`: what happened to a trial, and how the registry stands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from events.catalogue import NAMES
from events.event import Event
from events.record import CAUSE, Position
from events.schemas.exchange import ImportFinished
from events.schemas.trial import OlderVersionKept
from events.sealing import owners_in
from events.streams import Stream
from projections.reading import HistoryRow
from projections.trial.document import stream_of, timestamp
from registry import wiring
from registry.cli.output import MOST_ASIDE, AsJson, JsonRows, aside_row, print_facts, print_json, print_line, print_rows
from registry.cli.running import run, settings
from registry.domain.permissions import policy_of
from registry.engine.followers import Behind
from registry.engine.snapshotting import Coverage
from registry.node import Node
from registry.reacting.waiting import NAME as POLICIES

PAGE_BYTES: Final = 4_000_000
LAST_IMPORTS: Final = 5
TABLES: Final = ("followers", "policies", "imports", "set aside")
"""The parts of the status that are printed as tables."""
TOLD_OF_IMPORT: Final = (
    "recorded", "source", "given", "new", "changed", "unchanged", "older", "refused", "adopted", "restored",
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""

    @app.command()
    def history(
        trial: Annotated[str, typer.Argument(help="The trial's id here, or any of its registration numbers.")],
        json: AsJson = False,
    ) -> None:
        """Print a trial's whole history: each event with its organisation, time, reason, and changed fields."""
        run(_history(trial, JsonRows() if json else _print_history))

    @app.command()
    def policies(json: AsJson = False) -> None:
        """Print each policy: its progress, the commands that wait and their next due moment, and refused commands."""
        rows = run(_policies())
        print_json(rows) if json else print_rows("Policies", rows)

    @app.command()
    def status(json: AsJson = False) -> None:
        """Print the size of the log and of each view, the progress of each follower, and the last imports."""
        report = run(_status())
        print_json(report) if json else _print_status(report)


async def _history(trial: str, printed: Callable[[Iterable[dict[str, Any]]], None]) -> None:
    """Prints page by page: a history may be larger than the memory of this machine."""
    async with wiring.running(settings()) as node:
        await node.until_caught_up(lambda _: None)
        found = await node.views.trial_by_identifier(trial) or trial
        version = 0
        while rows := await node.views.history(stream_of(found), None, version, most_bytes=PAGE_BYTES):
            version = rows[-1].event.version
            page = await node.open_for_pages({"events": [_row(row) for row in rows]}, stream_of(found))
            printed(page["events"])
    if not version:
        raise LookupError(f"no trial {trial}")
    printed(())


def _aside(event: Event, named: str) -> list[str]:
    """Ids of persons and texts that are only in the bytes of an older version: no value of the trial shows them."""
    older = event.record.type == NAMES[OlderVersionKept]
    return list(event.record.data.get(named, ())) if older else []


def _row(row: HistoryRow) -> dict[str, Any]:
    event = row.event
    return {
        "version": event.version,
        "position": str(event.position),
        "recorded": timestamp(event.recorded),
        "event": event.record.type,
        "actor": event.record.actor,
        "organisation": event.record.onbehalfof,
        "policy": policy_of(event.record.actor),
        "follows from": event.record.extensions.get(CAUSE),
        "reason": event.record.data.get("reason"),
        "why": event.record.data.get("why"),
        # By these ids the office takes a text back, and forgets a person whom only an older version of a record names.
        "texts": list(
            dict.fromkeys([*owners_in([event.record.data, row.changes], ("text",)), *_aside(event, "texts")])
        ),
        "persons": _aside(event, "persons"),
        "changes": row.changes,
    }


def _print_history(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        reason = row["reason"] if isinstance(row["reason"], str | None) else "(taken back)"
        why = f" because {reason}" if reason else ""
        print_line(f"{row['version']:>4}  {row['recorded']}  {row['event']}  by {row['organisation']}{why}")
        if row["follows from"]:
            print_line(f"        follows from {row['follows from']}, by the policy {row['policy']}")
        for change in row["changes"]:
            print_line(f"        {change['field']}: {_short(change['old'])} → {_short(change['new'])}")
        for text in row["texts"]:
            print_line(f"        text {text}")
        for person in row["persons"]:
            print_line(f"        person {person}")


def _short(value: Any, limit: int = 100) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


async def _status() -> dict[str, Any]:
    configured = settings()
    async with wiring.running(configured, projecting=wiring.Projecting.ELSEWHERE) as node:
        read = node.heads.next_offsets()
        followers = await node.followers.behind()
        return {
            "log": configured.log,
            **({"invented": "yes, it began as a demo"} if node.invented else {}),
            "records": sum(read.values()),
            "last positions": _positions(read),
            **_snapshot(await node.snapshotting.coverage(), read, wiring.now()),
            **wiring.search_index_row(configured, read),
            **{f"rows in {view}": rows for view, rows in (await node.views.status()).items()},
            "followers": [_follower(one) for one in followers],
            "policies": await _policy_rows(node, followers),
            "set aside": [aside_row(one) for one in await node.views.set_aside(limit=MOST_ASIDE)],
            "imports": [
                _receipt(row.event) for row in await node.views.latest(NAMES[ImportFinished], limit=LAST_IMPORTS)
            ],
        }


async def _policies() -> list[dict[str, Any]]:
    async with wiring.running(settings(), projecting=wiring.Projecting.ELSEWHERE) as node:
        return await _policy_rows(node, await node.followers.behind())


async def _policy_rows(node: Node, followers: Sequence[Behind]) -> list[dict[str, Any]]:
    """A row for each policy. One follower runs them all, so they have come equally far."""
    follower = next((_follower(one) for one in followers if one.name == POLICIES), {})
    return [
        {
            "policy": one.name,
            "reacts to": one.reacts_to or None,
            "behind by": follower.get("behind by"),
            "reacted up to": follower.get("handled up to"),
            "waiting": one.waiting,
            "next due": one.next_due and timestamp(one.next_due),
            "refused": one.refused,
            "fails at": follower.get("fails at"),
        }
        for one in await node.policies.standing()
    ]


def _positions(next_offsets: Mapping[int, int]) -> str:
    return ", ".join(str(Position(p, o - 1)) for p, o in sorted(next_offsets.items()) if o) or "none"


def _snapshot(coverage: Coverage, read: Mapping[int, int], now: datetime) -> dict[str, Any]:
    """The snapshot from which the next start begins, and how many records it has to read."""
    if coverage.taken is None:
        return {"snapshot": "none"}
    covered = coverage.next_offsets
    return {
        "snapshot": coverage.taken.isoformat(timespec="seconds"),
        "snapshot's age in seconds": round((now - coverage.taken).total_seconds()),
        "snapshot behind by": sum(offset - covered.get(partition, 0) for partition, offset in read.items()),
        "snapshot's last positions": _positions(covered),
    }


def _follower(one: Behind) -> dict[str, Any]:
    """A row; `behind by` is negative if it has handled more records than the log holds."""
    standing = one.standing
    return {
        "follower": one.name,
        "behind by": one.records - one.beyond,
        "handled up to": standing.recorded and timestamp(standing.recorded),
        "fails at": standing.trouble or None,
        "since": standing.since and timestamp(standing.since),
    }


def _receipt(event: Event) -> dict[str, Any]:
    name = Stream(event.record.subject).id
    return {"import": name, "recorded": event.recorded.isoformat(timespec="seconds"), **event.record.data}


def _print_status(report: dict[str, Any]) -> None:
    print_facts({name: fact for name, fact in report.items() if name not in TABLES})
    print_rows("Followers", report["followers"])
    if report["policies"]:
        print_rows("Policies", report["policies"])
    if report["set aside"]:
        print_rows("Set aside", report["set aside"])
    # Another version of the program may have recorded fewer fields.
    rows = [
        {name: one.get(name, 0 if name == "older" else None) for name in TOLD_OF_IMPORT} for one in report["imports"]
    ]
    if rows:
        print_rows("Last imports", rows)
