"""A broker spoken to over TLS, that asks who speaks: what is right is served, what is wrong refused with the reason."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.kafka.cluster import USER, KafkaCluster
from events.kafka.clients import Security
from events.kafka.log import KafkaEventLog
from events.port import LogMisconfigured, LogUnavailable, Topic
from registry import wiring
from registry.settings import Settings
from tests.support.certificates import Authority, Signed
from tests.support.logs import addressed, read_to, values
from tests.support.node import settings_for

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Secured:
    """The broker, what opens it, and what does not."""

    cluster: KafkaCluster
    right: Security
    node: Signed
    stranger: Path
    signed_by_stranger: Signed


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    with tempfile.TemporaryDirectory(prefix="registry-kafka-secured-") as name:
        folder = Path(name)
        authority, stranger = Authority.made(folder, "own"), Authority.made(folder, "strange")
        broker = authority.sign("broker", "127.0.0.1")
        (folder / "broker.pem").write_bytes(broker.key.read_bytes() + broker.certificate.read_bytes())
        (folder / "ca.pem").write_bytes(authority.certificate.read_bytes())
        (folder / "password").write_text(PASSWORD)
        cluster = KafkaCluster(folder / "cluster", 1, secrets=folder)
        right = Security("SASL_SSL", ca=authority.certificate, user=USER, password=PASSWORD)
        try:
            cluster.start()
            yield Secured(cluster, right, authority.sign("node"), stranger.certificate, stranger.sign("stranger"))
        finally:
            cluster.stop(grace=0)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_the_log_is_written_and_read_over_tls_by_a_user_with_a_password(secured: Secured, mechanism: Any) -> None:
    topic = Topic(f"secured-{uuid4()}", 2)
    own = secured.node
    security = replace(secured.right, mechanism=mechanism, certificate=own.certificate, key=own.key)
    log = await KafkaEventLog.open(secured.cluster.bootstrap, [topic], security=security)
    try:
        await log.append(topic, [addressed(1, b"secured")])

        assert await log.end(topic, 1) == 1
        assert values(await read_to(log, topic, await log.ends(topic))) == [b"secured"]
    finally:
        await log.close()


async def test_a_node_runs_on_it_as_the_settings_say(secured: Secured, database_url: str) -> None:
    named = {"kafka_security": "SASL_SSL", "kafka_ca": secured.right.ca, "kafka_user": USER, "kafka_password": PASSWORD}
    settings = Settings.model_validate(settings_for(database_url, secured.cluster.bootstrap).model_dump() | named)

    async with wiring.running(settings) as node:
        assert node.heads.ready
    assert PASSWORD not in repr(settings)
    assert PASSWORD not in repr(secured.right)


CLOSED = "does it ask for TLS, or for another certificate?"
WRONG = {
    "password": ({"password": "wrong"}, "SaslAuthenticationFailed"),
    "user": ({"user": "nobody"}, "SaslAuthenticationFailed"),
    "mechanism": ({"mechanism": "SCRAM-SHA-256"}, "UnsupportedSaslMechanism"),
    "authority": ({"ca": "stranger"}, "CERTIFICATE_VERIFY_FAILED"),
    "system's authorities": ({"ca": None}, "CERTIFICATE_VERIFY_FAILED"),
    "certificate of one's own": (
        {"certificate": "stranger", "key": "stranger"},
        "ALERT",
    ),
    "file": ({"ca": Path("/nowhere/ca.pem")}, "/nowhere/ca.pem"),
    "no TLS": ({"protocol": "SASL_PLAINTEXT"}, CLOSED),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_between_broker_and_node_is_refused_with_the_reason(secured: Secured, wrong: str) -> None:
    changes, reason = WRONG[wrong]
    strange = secured.signed_by_stranger
    files = {"ca": secured.stranger, "certificate": strange.certificate, "key": strange.key}
    replaced = {name: files[name] if value == "stranger" else value for name, value in changes.items()}

    with pytest.raises(LogUnavailable if reason == CLOSED else LogMisconfigured) as refusal:
        await KafkaEventLog.open(
            secured.cluster.bootstrap,
            [Topic("any", 1)],
            patience=8.0,
            security=replace(secured.right, **replaced),  # type: ignore[arg-type]
        )

    assert reason in str(refusal.value)
    assert PASSWORD not in str(refusal.value)
