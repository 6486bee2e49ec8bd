"""The bench's commands: each part alone, or all of them; figures are printed and kept in build/bench.json."""

import argparse
import logging
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable

import structlog

from tests.bench.commands import LOGS, Load, commands
from tests.bench.exchange import exchange
from tests.bench.markdown import tables
from tests.bench.profiling import profile_rebuild, profile_write
from tests.bench.starting import starting
from tests.bench.versions import versions
from tests.bench.views import PARTS, views


def numbers(text: str) -> list[int]:
    """Whole numbers with commas between them."""
    return [int(number) for number in text.split(",")]


def words(text: str) -> list[str]:
    """Words with commas between them."""
    return text.split(",")


def _commands(arguments: argparse.Namespace) -> None:
    commands(arguments.logs, arguments.processes, Load(arguments.clients, arguments.rounds, arguments.seconds))


def _exchange(arguments: argparse.Namespace) -> None:
    exchange(arguments.studies, arguments.rounds)


def _views(arguments: argparse.Namespace) -> None:
    views(arguments.parts, arguments.trials, arguments.rounds, arguments.seconds)


def _start(arguments: argparse.Namespace) -> None:
    starting(arguments.logs, arguments.events, arguments.rounds)


def _profile(arguments: argparse.Namespace) -> None:
    if "write" in arguments.what:
        profile_write(arguments.seconds)
    if "rebuild" in arguments.what:
        profile_rebuild(arguments.trials)


def _versions(arguments: argparse.Namespace) -> None:
    versions(arguments.before, arguments.after, arguments.rounds)


EVERYTHING = (
    ["http"],
    ["views"],
    ["exchange", "--studies", "4000"],
    ["views", "--parts", "search", "--trials", "100000", "--rounds", "1"],
)
"""The parts of `make bench`: each with its defaults, but with fewer studies, and searches also on more trials."""


def _everything(_: argparse.Namespace) -> None:
    """Each part in a process of its own: else the peak memory of one would be reported for the next."""
    for part in EVERYTHING:
        with subprocess.Popen([sys.executable, "-m", "tests.bench", *part]) as process:
            try:
                if process.wait():
                    raise SystemExit(process.returncode)
            except KeyboardInterrupt:
                process.terminate()
                raise


def parser() -> argparse.ArgumentParser:
    """The command line; each part's defaults are those of `make bench`."""
    whole = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parts = whole.add_subparsers(dest="part", required=True)

    def part(name: str, does: Callable[[argparse.Namespace], None], help_: str) -> argparse.ArgumentParser:
        added = parts.add_parser(name, help=help_, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        added.set_defaults(does=does)
        return added

    http = part("http", _commands, "commands acknowledged over HTTP, beside what one would use instead")
    http.add_argument("--logs", type=words, default=list(LOGS))
    http.add_argument("--processes", type=numbers, default=[1, 2])
    http.add_argument("--clients", type=numbers, default=[1, 16, 64, 256])
    http.add_argument("--rounds", type=int, default=2)
    http.add_argument("--seconds", type=float, default=2.0)
    reading = part("views", _views, "views rebuilt beside COPY, searches beside tantivy, how soon a change is found")
    reading.add_argument("--parts", type=words, default=list(PARTS))
    reading.add_argument("--trials", type=int, default=20_000)
    reading.add_argument("--rounds", type=int, default=3)
    reading.add_argument("--seconds", type=float, default=10.0)
    taking = part("exchange", _exchange, "studies taken in, and the upload to WHO written beside lxml alone")
    taking.add_argument("--studies", type=int, default=20_000)
    taking.add_argument("--rounds", type=int, default=3)
    start = part("start", _start, "how soon a node is ready on a long log, with a snapshot and without, and its memory")
    start.add_argument("--logs", type=words, default=["postgres", "kafka"])
    start.add_argument("--events", type=int, default=500_000)
    start.add_argument("--rounds", type=int, default=1)
    profile = part("profile", _profile, "where the time goes, sampled: the write path and the rebuild")
    profile.add_argument("--what", type=words, default=["write", "rebuild"])
    profile.add_argument("--trials", type=int, default=3_000)
    profile.add_argument("--seconds", type=float, default=10.0)
    compared = part("versions", _versions, "two versions of the program, by turns, each by its own bench")
    compared.add_argument("before", help="a commit")
    compared.add_argument("after", nargs="?", default="HEAD", help="another one")
    compared.add_argument("--rounds", type=int, default=3)
    part("tables", lambda _: tables(), "the kept figures as Markdown, for docs/performance.md")
    part("all", _everything, "http, views and exchange, one after the other")
    return whole


def main() -> None:
    """Runs the parts that the command line names."""
    # The embedded PostgreSQL's wheel requires a folder that no server has.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    # A terminated run unwinds like an interrupted one; by default it would leave servers and brokers behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = parser().parse_args()
    arguments.does(arguments)


if __name__ == "__main__":
    main()
