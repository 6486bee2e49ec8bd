"""The demo at the start of `registry run --demo`: a past for an empty registry, and tokens to try it with."""

from collections.abc import Mapping

from events import moving
from events.port import EventLog, Topic
from events.postgres import vault_copy
from events.schemas.access import Role
from events.schemas.zones import JAPAN
from events.vault import Vault
from registry import wiring
from registry.cli.output import print_line, progress
from registry.demo import sources, tokens
from registry.demo.past import Seed, lived
from registry.demo.plan import in_order, plans
from registry.demo.programmes import programme_plans
from registry.node import Node
from registry.settings import Settings

PATIENCE = 120.0
"""Seconds for the views to show what was entered."""


async def enter_past(configured: Settings) -> None:
    """Gives an empty registry the demo's past, or goes on where that was cut off; leaves any other as it is."""
    url, topics = wiring.database_url(configured), wiring.topics(configured)
    async with vault_copy.alone(url), wiring.log_and_vault(configured, restoring=True) as (log, vault):
        if (seed := await _seed(url, await moving.ends_of(log, topics))) is None:
            return
        known = await vault.belonging()
        await _enter(configured, topics, log, seed, vault=vault, vault_id=known.vault)
        await vault_copy.finish(url)


async def _seed(url: str, ends: list[Mapping[int, int]]) -> Seed | None:
    """The seed of a new demo, or of one that was begun; None if the registry is no demo."""
    begun = await vault_copy.underway(url)
    if begun is not None:
        return Seed.read(begun.removeprefix(wiring.DEMO)) if begun.startswith(wiring.DEMO) else None
    if any(any(end.values()) for end in ends):
        return None
    seed = Seed(wiring.now().astimezone(JAPAN).date(), wiring.new_id())
    try:
        await vault_copy.begin(url, f"{wiring.DEMO}{seed}")
    except vault_copy.NotEmpty:
        return None
    return seed


async def _enter(
    configured: Settings, topics: tuple[Topic, Topic], log: EventLog, seed: Seed, *, vault: Vault, vault_id: str
) -> None:
    world = sources.read()
    steps = in_order([*plans(world, seed.today), *programme_plans(world, seed.today)])
    with progress("Entering invented trials", len(steps)) as bar:
        lines = await lived(
            configured,
            topics,
            vault,
            seed,
            steps,
            vault_id=vault_id,
            log_by=wiring.log_of_past,
            done=lambda: bar.advance(bar.task_ids[0]),
        )
    async for _ in moving.restore(log, topics, lines):
        pass


async def open_demo(node: Node) -> None:
    """Prints fresh tokens for a registry that began as a demo, once its pages show what it holds."""
    if not node.invented:
        print_line("This registry did not begin as a demo: it has no invented trials and gets no demo tokens.")
        return
    await node.until_settled(PATIENCE)
    await node.views.searches.until_indexed(await node.views.positions(), PATIENCE)
    organisations = sources.read().organisations.demo
    _print(organisations, await tokens.renew(node, organisations))


def _print(organisations: Mapping[Role, str], made: Mapping[Role, str]) -> None:
    # To the terminal alone: a token in a log would serve anyone who reads the log.
    print_line("All trials here are invented. Reading needs no token. These tokens are valid until the next start:")
    for role, token in made.items():
        print_line(f"  {role.value:<14}  {organisations[role]:<21}  {token}")
