"""The demo at the start of `registry run --demo`: trials where the registry is empty, and tokens to try it with."""

from collections.abc import Mapping

from events.schemas.access import Role
from events.schemas.zones import JAPAN
from registry import wiring
from registry.cli.output import print_line, progress
from registry.demo import seeding, sources, tokens
from registry.demo.plan import plans
from registry.node import Node

PATIENCE = 120.0
"""Seconds for the views to show what was entered."""


async def open_demo(node: Node) -> None:
    """Fills an empty registry, or goes on where that was cut off; leaves one that is somebody's own as it is."""
    world = sources.read()
    planned = tuple(plans(world, wiring.now().astimezone(JAPAN).date()))
    if not seeding.belongs(node, planned):
        print_line("This registry holds what is not the demo's: no trials are invented here, no demo tokens made.")
        return
    if missing := seeding.missing(node, planned):
        with progress("Entering invented trials", len(missing)) as bar:
            await seeding.seed(node, missing, lambda: bar.advance(bar.task_ids[0]))
            await node.until_settled(PATIENCE)
    organisations = world.organisations.demo
    _print(organisations, await tokens.renew(node, organisations))


def _print(organisations: Mapping[Role, str], made: Mapping[Role, str]) -> None:
    # To the terminal alone: a token in a log would be a token for whoever reads the log.
    print_line("All trials here are invented. Reading needs no token; these last until the next start:")
    for role, token in made.items():
        print_line(f"  {role.value:<9}  {organisations[role]:<21}  {token}")
