"""A registry is moved from PostgreSQL to Kafka: the same views to the byte, and the same answers as of any moment."""

from pathlib import Path
from uuid import uuid4

import typer
from typer.testing import CliRunner

from deploy.kafka.cluster import KafkaCluster
from projections.base.moments import Moment
from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from projections.engine.rebuild import rebuild
from registry import wiring
from registry.cli import moving
from registry.domain.permissions import CONSOLE
from registry.domain.trial import commands as do
from registry.node import Node
from tests.support.node import settings_for
from tests.support.servers import console
from tests.support.trials import registration, site


async def lived(node: Node) -> str:
    """The stream of a trial that was published, opened a site and was corrected."""
    stream = f"trial/{uuid4()}"
    for command in (
        do.RegisterTrial(registration=registration()),
        do.AddSite(site=site()),
        do.PublishTrial(),
        do.OpenSite(site="kyoto", on="2026-11-01"),
        do.CorrectSiteEvent(site="kyoto", reason="typing", corrects=4, on="2026-11-02"),
    ):
        assert await node.submit(CONSOLE, uuid4(), stream, command) is not None
    await node.until_visible(30)
    return stream


async def views(url: str) -> list[bytes]:
    return [line async for line in dump(url, program=PROGRAM)]


async def test_a_move_to_kafka_changes_no_byte_of_a_view_and_no_answer_of_the_past(
    database_url: str, empty_kafka1: KafkaCluster, tmp_path: Path
) -> None:
    before, after = settings_for(database_url), settings_for(database_url, empty_kafka1.bootstrap)
    file = tmp_path / "log.ndjson"
    async with wiring.running(before) as node:
        stream = await lived(node)
        trial = stream.removeprefix("trial/")
        moments = [Moment(event.recorded) for event in await node.views.events(stream)]
        answers = [await node.views.document(trial, moment) for moment in moments]
    was = await views(database_url)

    await console(before, "log", "dump", str(file))
    await console(after, "log", "restore", str(file))
    log = await wiring.open_log(after, database_url)
    await rebuild(log, wiring.topics(after)[0], database_url, program=PROGRAM)
    await log.close()
    now = await views(database_url)
    async with wiring.running(after) as node:
        again = [await node.views.document(trial, moment) for moment in moments]
        await node.submit(CONSOLE, uuid4(), stream, do.PauseSite(site="kyoto", on="2026-11-03"))
        await node.until_visible(30)
        later = await node.views.events(stream)

    assert len(was) > 5
    assert now == was
    assert [answer["version"] for answer in answers if answer] == [1, 2, 3, 4, 5]
    assert again == answers
    assert later[-1].recorded > later[-2].recorded, "what is recorded now bears the broker's time"


def test_a_dump_does_not_take_the_place_of_another_file(tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    file.write_bytes(b"the only copy")
    app = typer.Typer()
    moving.add_to(app)
    result = CliRunner().invoke(app, ["log", "dump", str(file)])

    assert result.exit_code == 1
    assert file.read_bytes() == b"the only copy"
