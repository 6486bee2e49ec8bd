"""The node's metrics. Labels are routes, commands, codes, followers and partitions; none is personal."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from projections.catalogue import VIEWS
from projections.search.follower import Standing
from registry.engine.followers import Behind
from registry.engine.snapshotting import Coverage
from registry.reacting.standing import PolicyStanding

BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds."""


class Metrics:
    """The metrics of one application; nothing is registered globally, so that several can live in one process.

    The metrics of requests are called with the values of their labels, which are few, and cache the series of each.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        requests = Counter(
            "registry_http_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        commands = Counter(
            "registry_commands", "Commands answered, by what became of them", ["command", "outcome"],
            registry=self._registry,
        )  # fmt: skip
        latency = Histogram(
            "registry_command_seconds", "From a command's body read to its answer", ["command"],
            buckets=BUCKETS, registry=self._registry,
        )  # fmt: skip
        self.requests: Callable[[str, str, int], Counter] = cache(requests.labels)
        self.commands: Callable[[str, str], Counter] = cache(commands.labels)
        self.latency: Callable[[str], Histogram] = cache(latency.labels)
        self._readers = Gauge("registry_feed_readers", "Readers that follow the feed now", registry=self._registry)
        self._entries = Counter("registry_feed_entries", "Entries of the feed sent", registry=self._registry)
        self._log = Gauge(
            "registry_log_next_offset", "Where this node reads the log on", ["partition"], registry=self._registry
        )
        self._lag = Gauge(
            "registry_follower_lag", "Records of the log that a follower has not handled; negative: more than it holds",
            ["follower", "partition"], registry=self._registry,
        )  # fmt: skip
        self._failing = Gauge(
            "registry_follower_failing", "1 where a follower fails at something and tries it again", ["follower"],
            registry=self._registry,
        )  # fmt: skip
        self._waiting = Gauge(
            "registry_policy_waiting", "Commands that follow from events and are not due yet", ["policy"],
            registry=self._registry,
        )  # fmt: skip
        self._refused = Gauge(
            "registry_policy_refused", "Commands that follow from events, were refused, and wait for the office",
            ["policy"], registry=self._registry,
        )  # fmt: skip
        self._set_aside = Gauge(
            "registry_set_aside", "Events that a view can't show, and those that wait behind them", ["view"],
            registry=self._registry,
        )  # fmt: skip
        self._index_ready = Gauge(
            "registry_search_index_ready", "1 where this node has an index that searches ask", registry=self._registry
        )
        self._index_aside = Gauge(
            "registry_search_index_set_aside", "Entries of trials that the index can't take", registry=self._registry
        )
        self._index = Gauge(
            "registry_search_index_next_offset", "Up to where the index of this node holds the log", ["partition"],
            registry=self._registry,
        )  # fmt: skip
        self._snapshots = Gauge(
            "registry_snapshot_next_offset", "Where a node that starts now begins to read", ["partition"],
            registry=self._registry,
        )  # fmt: skip
        self._taken = Gauge(
            "registry_snapshot_taken_timestamp_seconds", "When the newest snapshot was taken; 0 where there is none",
            registry=self._registry,
        )  # fmt: skip
        self._ready = Gauge("registry_ready", "1 where the node takes commands", registry=self._registry)

    def reading(self) -> AbstractContextManager[None]:
        """A reader follows the feed within the context."""
        return self._readers.track_inprogress()

    def sent(self, entries: int) -> None:
        """Counts so many sent entries of the feed."""
        self._entries.inc(entries)

    def render(
        self,
        *,
        ready: bool,
        log: Mapping[int, int],
        aside: Mapping[str, int],
        followers: Sequence[Behind],
        policies: Sequence[PolicyStanding],
        snapshots: Coverage | None,
        index: Standing,
    ) -> bytes:
        """The exposition text; `log` has next offsets by partition.

        `aside`: by view, the number of events that it lacks. `followers`: empty if unavailable.
        `policies`: likewise. `snapshots`: None if unavailable.
        """
        self._show_snapshots(log, snapshots)
        self._index_ready.set(not index.unfit)
        self._index_aside.set(index.aside)
        for partition, offset in index.positions.items():
            self._index.labels(partition).set(offset)
        self._ready.set(ready)
        self._set_aside.clear()
        for view in VIEWS:
            self._set_aside.labels(view.name).set(aside.get(view.name, 0))
        for partition, offset in log.items():
            self._log.labels(partition).set(offset)
        self._show_followers(followers)
        self._show_policies(policies)
        return generate_latest(self._registry)

    def _show_snapshots(self, log: Mapping[int, int], coverage: Coverage | None) -> None:
        self._snapshots.clear()
        if coverage is None:
            return
        self._taken.set(0 if coverage.taken is None else coverage.taken.timestamp())
        for partition in log:
            self._snapshots.labels(partition).set(coverage.next_offsets.get(partition, 0))

    def _show_policies(self, policies: Sequence[PolicyStanding]) -> None:
        self._waiting.clear()
        self._refused.clear()
        for one in policies:
            self._waiting.labels(one.name).set(one.waiting)
            self._refused.labels(one.name).set(one.refused)

    def _show_followers(self, followers: Sequence[Behind]) -> None:
        self._lag.clear()
        self._failing.clear()
        for one in followers:
            self._failing.labels(one.name).set(bool(one.standing.trouble))
            for partition, records in one.lag.items():
                self._lag.labels(one.name, partition).set(records)
