"""The code to mutate, and the tests near it: fast ones of the same folder, with no broker and no browser."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Package:
    """Files by glob, and tests by path. `selection` goes to pytest's `-k`."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    probe: str
    """Mutants by glob of one small function: everything is prepared with them."""
    selection: str = ""
    databases: bool = True
    """Whether some of the tests need a database."""


def _under(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in names)


PACKAGES: Final = {
    "events": Package(
        files=(
            *_under("events", "admission.py", "canonical.py", "catalogue.py", "changes.py", "event.py", "memory.py"),
            # The tables beside it are read once, when they are imported, before a fault is planted.
            *_under(
                "events", "identifiers/__init__.py", "partitions.py", "port.py", "record.py", "schemas/*", "sealing.py"
            ),
            *_under("events", "stopping.py", "vault.py"),
        ),
        # Items of lists are given by the domain, and tried there.
        tests=("tests/events", "tests/registry/domain/test_items.py"),
        probe="events.stopping*",
        selection="not kafka and not failovers and not postgres and not echo and not vault",
    ),
    "registry/domain": Package(
        ("registry/domain/*",), ("tests/registry/domain",), "registry.domain.person*", "not real_records"
    ),
    "projections": Package(
        files=(
            *_under("projections", "trial/document.py", "trial/identifiers.py", "base/moments.py", "base/sharing.py"),
            *_under("projections", "engine/gathering.py", "engine/stumbling.py", "views/*/project.py"),
            *_under("projections/search", "facets.py", "highlights.py", "terms.py", "texts.py", "words.py"),
            *_under("projections/search", "cursor.py", "ranking.py", "shape.py"),
        ),
        tests=("tests/projections",),
        probe="projections.base.moments*",
        # Timed with long texts: these tests only check the time.
        selection="not linear",
        databases=False,
    ),
    # Last, because it is the slowest: it gets the time that the others leave.
    "command loop": Package(
        files=(
            *_under("registry/engine", "appending.py", "commanding.py", "heads.py", "numbering.py", "order.py"),
            *_under("registry/engine", "shared.py", "states.py", "turns.py"),
            *_under("registry/exchange", "fates.py", "intake.py"),
            *_under("registry/people", "persons.py", "sealable.py"),
            "registry/office/erasing.py",
        ),
        tests=_under(
            "tests/registry",
            *(
                "test_cache.py",
                "test_commanding.py",
                "test_commanding_in_memory.py",
                "test_guards.py",
                "test_heads_in_memory.py",
                "test_intake.py",
                "test_intake_in_memory.py",
            ),
            *(
                "test_numbering.py",
                "test_order.py",
                "test_persons.py",
                "test_sealing_in_memory.py",
                "test_shared.py",
                "test_sponsors.py",
                "test_states.py",
                "test_texts.py",
            ),
        ),
        probe="registry.engine.numbering*",
    ),
}
