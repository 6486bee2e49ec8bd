"""The composition root: the only place that names a concrete log, vault, store, clock or adapter."""

from registry.wiring.nodes import Projecting, now, open_node, running
from registry.wiring.projecting import project, search_index_row
from registry.wiring.stores import (
    DEMO,
    DOCUMENTS_TOPIC,
    EVENTS_TOPIC,
    database_url,
    log_and_vault,
    log_of_past,
    new_id,
    open_log,
    topics,
)

__all__ = [
    "DEMO",
    "DOCUMENTS_TOPIC",
    "EVENTS_TOPIC",
    "Projecting",
    "database_url",
    "log_and_vault",
    "log_of_past",
    "new_id",
    "now",
    "open_log",
    "open_node",
    "project",
    "running",
    "search_index_row",
    "topics",
]
