"""`python -m tests.mutants [--seed N] [--sample N] [--minutes N] [PACKAGE …]`: what share of planted faults is noticed.

Prints it for each package, with each survivor and the reason why it may live; ends with 1 if a package is below the
share.
"""

import argparse
import os
import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.mutants.packages import PACKAGES
from tests.mutants.tool import ROOT, Copy, Mutant
from tests.support.postgres import own_server

SHARE: Final = 0.85
AT_ONCE: Final = 60
"""Mutants between two checks of the clock, each of which costs a run of the tests without a mutant."""
NOTICED: Final = frozenset({"killed", "timeout", "segfault", "suspicious"})
ACCEPTED: Final = Path(__file__).parent / "accepted.toml"
console = Console(width=160, highlight=False)


@dataclass(slots=True)
class Outcome:
    """The outcome of a package's sample."""

    made: int
    statuses: Mapping[str, str]
    survivors: list[tuple[Mutant, str]] = field(default_factory=list)
    """Survivors, each with the reason why it may live; empty if there is none."""
    seconds: float = 0.0

    @property
    def tried(self) -> int:
        return len(self.statuses)

    @property
    def noticed(self) -> int:
        return sum(status in NOTICED for status in self.statuses.values())

    @property
    def share(self) -> float:
        return self.noticed / self.tried if self.tried else 0.0


def reason_of(mutant: Mutant, accepted: Sequence[Mapping[str, str]]) -> str:
    """The reason why it may live, from the first entry that is about it."""
    for one in accepted:
        if fnmatchcase(mutant.function, one["function"]) and one["was"] in mutant.was and one["now"] in mutant.now:
            return one["reason"]
    return ""


def try_package(name: str, seed: int, sample: int, seconds: float) -> Outcome:
    """Plants a sample by seed, in the seed's order, as far as the time goes."""
    began = time.monotonic()
    copy = Copy(ROOT / "build" / "mutants" / name.replace("/", "-").replace(" ", "-"), PACKAGES[name])
    copy.make()
    made = sorted(copy.statuses())
    chosen = random.Random(seed).sample(made, min(sample, len(made)))
    for start in range(0, len(chosen), AT_ONCE):
        if (remaining := seconds - (time.monotonic() - began)) <= 0:
            break
        copy.run(chosen[start : start + AT_ONCE], remaining)
        console.print(f"{name}: {min(start + AT_ONCE, len(chosen))} of {len(chosen)} planted", style="dim")
    known = copy.statuses()
    tried = {one: known[one] for one in chosen if known[one] != "not checked"}
    accepted = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("accepted", [])
    survivors = [copy.shown(one) for one, status in tried.items() if status not in NOTICED]
    explained = [(one, reason_of(one, accepted)) for one in survivors]
    return Outcome(len(made), tried, explained, time.monotonic() - began)


def tell(outcomes: Mapping[str, Outcome]) -> None:
    """Prints the shares, then the survivors."""
    table = Table("package", "mutants", "tried", "noticed", "share", "minutes", "how")
    for name, one in outcomes.items():
        how = ", ".join(f"{status} {count}" for status, count in Counter(one.statuses.values()).most_common())
        table.add_row(
            name, str(one.made), str(one.tried), str(one.noticed), f"{one.share:.1%}", f"{one.seconds / 60:.0f}", how
        )
    console.print(table)
    for one in outcomes.values():
        for mutant, reason in sorted(one.survivors, key=lambda pair: (pair[1] != "", pair[0].name)):
            console.print(f"{mutant.name}\n  - {mutant.was}\n  + {mutant.now}", markup=False, soft_wrap=True)
            console.print(f"  {'lives, as ' + reason if reason else 'NO REASON GIVEN'}", markup=False, soft_wrap=True)


def main(seed: int, sample: int, minutes: float, names: Sequence[str]) -> int:
    """The exit status."""
    began = time.monotonic()
    outcomes: dict[str, Outcome] = {}
    # One for all mutants: starting one for each takes longer than most tests.
    with own_server() as url:
        os.environ["TESTS_POSTGRES"] = url
        try:
            for index, name in enumerate(names):
                remaining = minutes * 60 - (time.monotonic() - began)
                outcomes[name] = try_package(name, seed, sample, remaining / (len(names) - index))
        finally:
            # If a package's tests fail without a mutant, the results of the earlier packages must not be lost.
            tell(outcomes)
    took = (time.monotonic() - began) / 60
    console.print(f"seed {seed}, {took:.0f} minutes; {SHARE:.0%} of each package must be noticed")
    return int(any(one.share < SHARE for one in outcomes.values()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=120, help="mutants of each package")
    parser.add_argument("--minutes", type=float, default=60, help="for all packages together")
    parser.add_argument("packages", nargs="*", default=list(PACKAGES), metavar="PACKAGE")
    arguments = parser.parse_args()
    sys.exit(main(arguments.seed, arguments.sample, arguments.minutes, arguments.packages))
