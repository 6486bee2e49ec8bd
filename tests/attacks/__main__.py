"""`make attacks`: attacks a registry of its own, prints the figures, and fails if a limit did not hold."""

import argparse
import asyncio
import logging
import warnings

import structlog

from tests.attacks.attackers import ATTACKS
from tests.attacks.measuring import Plan, measure
from tests.bench.figures import console
from tests.bench.stand import postgres, settings_on


def main() -> None:
    """Runs the attacks that the command line names."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each attack")
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--trials", type=int, default=3_000)
    parser.add_argument("--attacks", type=lambda text: text.split(","), default=list(ATTACKS))
    arguments = parser.parse_args()
    plan = Plan(
        arguments.trials,
        arguments.seconds,
        arguments.connections,
        arguments.attacks,
        report_limit=1_000,
        probe_limit=250,
        memory_limit=2,
    )
    with postgres() as (url, _):
        faults = asyncio.run(measure(settings_on(url), plan))
    for fault in faults:
        console.print(fault)
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
