"""A real Kafka of one or more brokers on 127.0.0.1 for development and tests; standard library only."""

import argparse
import base64
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

JARS = Path(__file__).resolve().parents[2] / "build" / "kafka" / "jars"
HOST = "127.0.0.1"
START_DEADLINE = 90.0  # seconds; a start on a loaded machine of two cores is slow, a broken one exits at once
STOP_DEADLINE = 15.0
# Below the kernel's range for outgoing connections, so that no client gets the port of a killed broker.
PORTS = range(20_000, 32_000)
USER = "registry"
# The delays that a dead broker causes, in sequence. If it was the controller, another is elected. Its partitions get
# new leaders once its session has ended, which the new controller counts from its own start. Kafka's defaults of 2 s,
# 1 s and 9 s add up to more than 10 s. Shorter values than these would take a busy machine's pauses for deaths. The
# last value is the time after which a live broker that does not follow is no longer in sync (Kafka's default: 30 s).
FAILOVER = {
    "controller.quorum.fetch.timeout.ms": 1500,
    "controller.quorum.election.timeout.ms": 750,
    "controller.quorum.election.backoff.max.ms": 500,
    "broker.session.timeout.ms": 3500,
    "broker.heartbeat.interval.ms": 500,
    "replica.lag.time.max.ms": 6000,
}
ZOMBIE = -1
# Metadata (key 3) version 4, correlation 0, client id "dev", an empty list of topics, none to be created.
METADATA_OF_NO_TOPIC = struct.pack(">hhih3si?", 3, 4, 0, 3, b"dev", 0, False)


class ClusterError(Exception):
    """The cluster can't do what was requested; the message says what to do."""


class KafkaCluster:
    """Brokers 1..n in KRaft combined mode, kept in `folder`: configuration, data, logs and process ids.

    A second object on the same folder, in any process, is the same cluster. Methods block and raise ClusterError.
    """

    def __init__(
        self, folder: Path, brokers: int, ports: Sequence[int] | None = None, secrets: Path | None = None
    ) -> None:
        """`ports`: for each broker its own, its controller's and, with `secrets`, its clients'; else free ones.

        `secrets`: a folder with `broker.pem` (its key in PKCS 8, then its certificate), `ca.pem`, which also signs the
        certificates of clients, and `password`, that of USER. Clients then connect over TLS and authenticate with
        SCRAM-SHA-512 or PLAIN. Brokers connect to each other in clear, on this machine.
        """
        self.folder = folder.resolve()
        self.brokers = range(1, brokers + 1)
        layout = self.folder / "cluster.json"
        if not layout.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh = list(ports or _free_ports((3 if secrets else 2) * brokers))
            named = str(secrets.resolve()) if secrets else None
            layout.write_text(json.dumps({"id": _cluster_id(), "ports": fresh, "secrets": named}))
        stored = json.loads(layout.read_text())
        self._id: str = stored["id"]
        self._ports: list[int] = stored["ports"]
        self._secrets = Path(named) if (named := stored.get("secrets")) else None
        self._each = 3 if self._secrets else 2
        there = len(self._ports) // self._each
        if there != brokers or (ports is not None and list(ports) != self._ports):
            raise ClusterError(f"{self.folder} holds a cluster of {there} on ports {self._ports}")

    @property
    def bootstrap(self) -> str:
        """All brokers' addresses, separated by commas."""
        port = self._port_secured if self._secrets else self._port
        return ",".join(f"{HOST}:{port(broker)}" for broker in self.brokers)

    @property
    def running(self) -> list[int]:
        """The brokers whose process lives, paused ones too."""
        return [broker for broker in self.brokers if self.pid(broker)]

    def start(self) -> None:
        """Make every broker run and wait until each of them knows all the others: after this, writes succeed."""
        self._format()
        for broker in self.brokers:
            if self.pid(broker):
                self._signal(broker, signal.SIGCONT)
            else:
                self._launch(broker)
        _wait("the brokers know each other", START_DEADLINE, lambda: self._know_each_other(self.brokers))

    def stop(self, grace: float = STOP_DEADLINE) -> None:
        """End every broker, by force if it still lives after `grace` seconds. The data stays in the folder."""
        if grace > 0:
            for broker in self.running:
                self._signal(broker, signal.SIGCONT)
                self._signal(broker, signal.SIGTERM)
            with contextlib.suppress(ClusterError):
                _wait("the brokers end", grace, lambda: not self.running)
        for broker in self.running:
            self.kill(broker)

    def kill(self, broker: int) -> None:
        """End one broker without warning (SIGKILL)."""
        self._signal(broker, signal.SIGKILL)
        _wait(f"broker {broker} dies", STOP_DEADLINE, lambda: not self.pid(broker))

    def restart(self, broker: int) -> None:
        """Run a killed broker again and wait until all that run know it."""
        if not self.pid(broker):
            self._launch(broker)
        _wait(f"broker {broker} is back", START_DEADLINE, lambda: self._know_each_other(self.running))

    def pause(self, broker: int) -> None:
        """Freeze one broker (SIGSTOP): its connections stay open and nothing answers."""
        self._signal(broker, signal.SIGSTOP)

    def resume(self, broker: int) -> None:
        """Resume a paused broker (SIGCONT)."""
        self._signal(broker, signal.SIGCONT)

    def _port(self, broker: int) -> int:
        return self._ports[self._each * (broker - 1)]

    def _home(self, broker: int) -> Path:
        return self.folder / f"broker-{broker}"

    def pid(self, broker: int) -> int | None:
        """The broker's process id while it lives; never that of a later process with the same number."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pid, started = map(int, (self._home(broker) / "pid").read_text().split())
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            return pid if _start_of(pid) == started != ZOMBIE else None
        return None

    def _signal(self, broker: int, number: signal.Signals) -> None:
        if pid := self.pid(broker):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _properties(self, broker: int) -> Path:
        return self._home(broker) / "server.properties"

    def _format(self) -> None:
        """Write each broker's configuration, and the cluster's id into each data folder that has none."""
        for broker in self.brokers:
            self._home(broker).mkdir(exist_ok=True)
            self._properties(broker).write_text("".join(f"{key}={value}\n" for key, value in self._settings(broker)))
        new = [broker for broker in self.brokers if not (self._home(broker) / "data" / "meta.properties").exists()]
        formats = []
        for broker in new:
            command = _java("kafka.tools.StorageTool", "format", f"--cluster-id={self._id}")
            command += ["--config", str(self._properties(broker))]
            if self._secrets:
                command += ["--add-scram", f"SCRAM-SHA-512=[name={USER},password={self._password}]"]
            formats.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        outputs = [process.communicate()[0] for process in formats]
        for process, output in zip(formats, outputs, strict=True):
            if process.returncode:
                raise ClusterError(f"a data folder cannot be made:\n{output}")

    def _settings(self, broker: int) -> Iterator[tuple[str, object]]:
        port = self._port(broker)
        copies = min(3, len(self.brokers))
        yield "process.roles", "broker,controller"
        yield "node.id", broker
        yield "controller.quorum.voters", ",".join(f"{b}@{HOST}:{self._port_of_controller(b)}" for b in self.brokers)
        listeners = [f"PLAINTEXT://{HOST}:{port}"]
        if self._secrets:
            listeners.append(f"SASL_SSL://{HOST}:{self._port_secured(broker)}")
            yield from self._security(self._secrets)
        yield "listeners", ",".join([*listeners, f"CONTROLLER://{HOST}:{self._port_of_controller(broker)}"])
        yield "advertised.listeners", ",".join(listeners)
        yield "listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL"
        yield "controller.listener.names", "CONTROLLER"
        yield "inter.broker.listener.name", "PLAINTEXT"
        yield "log.dirs", self._home(broker) / "data"
        yield "auto.create.topics.enable", "false"
        yield "unclean.leader.election.enable", "false"
        yield "default.replication.factor", copies
        yield "min.insync.replicas", max(1, copies - 1)
        yield "offsets.topic.replication.factor", copies
        yield "offsets.topic.num.partitions", 1
        yield "transaction.state.log.replication.factor", copies
        yield "transaction.state.log.min.isr", max(1, copies - 1)
        yield "transaction.state.log.num.partitions", 1
        yield from FAILOVER.items()

    @property
    def _password(self) -> str:
        return (self._secrets / "password").read_text().strip() if self._secrets else ""

    def _security(self, secrets: Path) -> Iterator[tuple[str, object]]:
        yield "ssl.keystore.type", "PEM"
        yield "ssl.keystore.location", secrets / "broker.pem"
        yield "ssl.truststore.type", "PEM"
        yield "ssl.truststore.location", secrets / "ca.pem"
        yield "listener.name.sasl_ssl.ssl.client.auth", "requested"  # a certificate is optional but must be valid
        yield "sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN"
        login = "org.apache.kafka.common.security"
        yield "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config", f"{login}.scram.ScramLoginModule required;"
        plain = f'{login}.plain.PlainLoginModule required user_{USER}="{self._password}";'
        yield "listener.name.sasl_ssl.plain.sasl.jaas.config", plain

    def _port_of_controller(self, broker: int) -> int:
        return self._ports[self._each * (broker - 1) + 1]

    def _port_secured(self, broker: int) -> int:
        return self._ports[self._each * (broker - 1) + 2]

    def _launch(self, broker: int) -> None:
        """Start the process, detached from this one, and note its id at once."""
        command = _java("kafka.Kafka", str(self._properties(broker)))
        with (self._home(broker) / "log").open("ab") as log, Path(os.devnull).open("rb") as nothing:
            wiring = [(os.POSIX_SPAWN_DUP2, source.fileno(), fd) for fd, source in enumerate((nothing, log, log))]
            pid = os.posix_spawn(command[0], command, os.environ, file_actions=wiring, setsid=True)
        (self._home(broker) / "pid").write_text(f"{pid} {_start_of(pid)}")

    def _know_each_other(self, brokers: Sequence[int]) -> bool:
        """Whether each of these brokers by itself lists all of them as live."""
        if dead := [broker for broker in brokers if not self.pid(broker)]:
            raise ClusterError(f"broker {dead[0]} ended; its last words are in {self._home(dead[0]) / 'log'}")
        return all(set(brokers) <= _brokers_known_to(self._port(broker)) for broker in brokers)


def _start_of(pid: int) -> int:
    """The process's start in the kernel's ticks, which no later process of that id shares; or ZOMBIE."""
    state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return ZOMBIE if state == "Z" else int(fields[18])


def _brokers_known_to(port: int) -> set[int]:
    """The live brokers in one broker's answer to a Metadata request (version 4); none while it does not answer."""
    known: set[int] = set()
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=2) as connection:
        connection.sendall(struct.pack(">i", len(METADATA_OF_NO_TOPIC)) + METADATA_OF_NO_TOPIC)
        with connection.makefile("rb") as answer, contextlib.suppress(struct.error):
            _length, _correlation, _throttle, count = struct.unpack(">4i", answer.read(16))
            for _ in range(count):
                node, host_length = struct.unpack(">ih", answer.read(6))
                _host, _port, rack_length = struct.unpack(f">{host_length}sih", answer.read(host_length + 6))
                answer.read(max(0, rack_length))
                known.add(node)
    return known


def _java(*arguments: str) -> list[str]:
    """The command line of a main class among Kafka's jars."""
    java = shutil.which("java")
    if java is None:
        raise ClusterError("no java found: run `deploy/prerequisites java`")
    if not any(JARS.glob("kafka_*.jar")):
        raise ClusterError(f"no Kafka in {JARS}: run `make kafka-jars`")
    # A short-lived broker on few cores starts and answers faster with less compilation.
    memory = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    logging = ["-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=info"]
    return [java, *memory, *logging, "-cp", f"{JARS}/*", *arguments]


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _free_ports(count: int) -> list[int]:
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            found.append(port)
        if len(found) == count:
            return found
    raise ClusterError(f"no {count} free ports between {PORTS.start} and {PORTS.stop}")


def _wait(what: str, seconds: float, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ClusterError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.1)


def _up(folder: Path, brokers: int, secrets: Path | None) -> str:
    cluster = KafkaCluster(folder, brokers, secrets=secrets)
    if cluster.running == list(cluster.brokers):
        print(f"already running in {folder}", file=sys.stderr)
    cluster.start()
    return cluster.bootstrap


def cluster_in(folder: Path) -> KafkaCluster | None:
    layout = folder / "cluster.json"
    if not layout.exists():
        return None
    stored = json.loads(layout.read_text())
    return KafkaCluster(folder, len(stored["ports"]) // (3 if stored.get("secrets") else 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["up", "down", "status"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--brokers", type=int, choices=[1, 3], default=1)
    parser.add_argument("--secrets", type=Path, help="folder with broker.pem, ca.pem and password: TLS and SASL")
    arguments = parser.parse_args()
    try:
        match arguments.action, cluster_in(arguments.folder):
            case "up", _:
                print(_up(arguments.folder, arguments.brokers, arguments.secrets))
            case _, None:
                print(f"no cluster in {arguments.folder}")
            case "down", KafkaCluster() as cluster:
                cluster.stop()
            case _, KafkaCluster() as cluster:
                print(f"{cluster.bootstrap}: running {cluster.running} of {list(cluster.brokers)}")
    except ClusterError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
