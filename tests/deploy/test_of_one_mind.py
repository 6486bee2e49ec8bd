"""Shipped files and guides name only commands, options, ports, addresses and limits that the program has."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import yaml
from typer.main import get_command

from registry.api import openapi
from registry.api.problems import KINDS
from registry.cli.app import with_commands
from registry.settings import Settings
from tests.deploy.test_manifests import DEPLOY, REBUILD, ROOT, compose, of_kind, pods

CONTAINERFILE = (DEPLOY / "container" / "Containerfile").read_text()
UNIT = (DEPLOY / "systemd" / "registry.service").read_text()
NGINX = (DEPLOY / "nginx" / "nginx.conf").read_text()
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PORT = Settings.model_fields["port"].default
IN_A_LINE = re.compile(r"(?:^|[$;] |-- |registry1 |/bin/)registry ([a-z][^|>&;#]*)")
IN_A_SENTENCE = re.compile(r"`registry ([a-z][^`…]*)`")


PROGRAM: Any = get_command(with_commands(typer.Typer()))


def parse(words: list[str]) -> str:
    """The name of the command that the words give; raises LookupError if the program takes no such words."""
    command, name = PROGRAM, "registry"
    while hasattr(command, "commands"):
        name, command, words = f"{name} {words[0]}", command.commands[words[0]], words[1:]
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    if unknown := {word.partition("=")[0] for word in words if word.startswith("--")} - options:
        raise LookupError(f"{name} has no {unknown}")
    return name


def in_guides() -> Iterator[str]:
    for file in GUIDES:
        fenced = False
        for line in file.read_text().splitlines():
            fenced ^= line.startswith("```")
            yield from (IN_A_LINE if fenced else IN_A_SENTENCE).findall(line)


def test_every_command_in_the_guides_is_one_of_the_program() -> None:
    lines = {words.strip() for words in in_guides()}
    named = {parse(shlex.split(words)) for words in lines}

    assert {"registry run", "registry rebuild", "registry token issue", "registry history"} <= named
    with pytest.raises(LookupError):
        parse(["tokens", "issue"])
    with pytest.raises(LookupError):
        parse(["run", "--demonstrate"])


def test_what_ships_starts_the_program_by_commands_that_it_has() -> None:
    [entry], [words] = (
        re.findall(rf"^{name} (\[.*\])$", CONTAINERFILE, re.MULTILINE) for name in ("ENTRYPOINT", "CMD")
    )
    [started] = re.findall(r"^ExecStart=/opt/registry/bin/registry (.*)$", UNIT, re.MULTILINE)
    [job] = yaml.safe_load(REBUILD.read_text())["spec"]["template"]["spec"]["containers"]

    assert json.loads(entry) == ["registry"]
    assert parse(json.loads(words)) == parse(started.split()) == "registry run"
    assert parse(job["args"]) == "registry rebuild"
    nodes = [pods()["registry"]["containers"][0], *(compose()["services"][name] for name in ("registry1", "registry2"))]
    assert all({"args", "command", "entrypoint"}.isdisjoint(node) for node in nodes)


def settings_of(where: str) -> dict[str, Any]:
    """A node's settings from its environment in a shipped file."""
    match where:
        case "compose":
            return dict(compose()["services"]["registry1"]["environment"])
        case "kubernetes":
            return {one["name"]: one["value"] for one in pods()["registry"]["containers"][0]["env"]}
        case "container":
            return dict(re.findall(r"\b(REGISTRY_\w+)=(\S+)", CONTAINERFILE))
        case _:
            lines = (DEPLOY / "systemd" / "registry.env").read_text() + UNIT.replace("Environment=", "")
            return dict(re.findall(r"^(REGISTRY_\w+)=(\S+)$", lines, re.MULTILINE))


@pytest.mark.parametrize("where", ["compose", "kubernetes", "container", "systemd"])
def test_a_node_takes_what_its_environment_tells_it(where: str) -> None:
    settings = {name.removeprefix("REGISTRY_").lower(): value for name, value in settings_of(where).items()}
    assert settings
    # The folder of secrets exists only where the node runs.
    taken = Settings.model_validate({name: value for name, value in settings.items() if name != "secrets"})

    assert {str(getattr(taken, name)) for name in ("host", "port") if name in settings} <= {
        *map(str, settings.values())
    }
    assert taken.port == PORT
    assert taken.log == ("kafka" if "kafka" in settings else "postgres")


def probes() -> Iterator[tuple[str, int]]:
    """Every address, with its port, at which a shipped file probes whether a node lives or is ready."""
    container = pods()["registry"]["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        request = container[kind]["httpGet"]
        yield request["path"], ports[request["port"]]
    for port, path in re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", CONTAINERFILE):
        yield path, int(port)


def test_probes_ask_what_the_program_answers() -> None:
    answered = openapi.document("a registry")["paths"]

    assert {path for path, _ in probes()} == {"/healthz", "/readyz"} <= answered.keys()
    assert {port for _, port in probes()} == {PORT}


def test_whoever_leads_to_a_node_leads_to_its_port() -> None:
    upstreams = [(DEPLOY / name / "upstream.conf").read_text() for name in ("compose", "nginx")]
    upstreams.append(of_kind("ConfigMap")["proxy-upstream"]["data"]["upstream.conf"])
    allowed = of_kind("NetworkPolicy")["registry"]["spec"]["ingress"][0]["ports"]

    assert {int(port) for text in upstreams for port in re.findall(r"server [\w.]+:(\d+)", text)} == {PORT}
    assert re.findall(r"^EXPOSE (\d+)$", CONTAINERFILE, re.MULTILINE) == [str(PORT)]
    assert [one["port"] for one in allowed] == [PORT]


def test_a_node_that_is_told_to_end_has_time_for_the_commands_under_way() -> None:
    deadline = Settings.model_fields["command_deadline"].default
    pod, service = pods()["registry"], compose()["services"]["registry1"]
    [unit] = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    [proxy] = re.findall(r"proxy_read_timeout (\d+)s;", NGINX)
    before = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert int(unit) > deadline
    assert int(service["stop_grace_period"].removesuffix("s")) > deadline
    assert pod["terminationGracePeriodSeconds"] - before > deadline
    assert int(proxy) > deadline


def test_the_proxy_refuses_in_the_registrys_own_words() -> None:
    known = {kind.code: (kind.status, kind.title) for kind in KINDS}
    problems = [json.loads(body) for body in re.findall(r"return \d+ '(\{.*\})\\n';", NGINX)]

    assert len(problems) == 4
    for problem in problems:
        assert known[problem["type"].removeprefix("/problems/")] == (problem["status"], problem["title"])


def test_the_database_has_connections_for_all_nodes() -> None:
    limits = (ROOT / "docs" / "operations" / "limits.md").read_text()
    settings = {name: Settings.model_fields[name].default for name in ("searches_at_once", "reads_at_once")}
    each = 2 * settings["searches_at_once"] + 4 * settings["reads_at_once"] + 28
    allowed = re.findall(r"max_connections ?= ?(\d+)", (DEPLOY / "kubernetes" / "postgres.yaml").read_text())
    allowed += re.findall(r"max_connections=(\d+)", " ".join(compose()["services"]["postgres"]["command"]))

    assert f"{each} with the defaults" in limits
    assert len(allowed) == 2
    # Two nodes, one more while each is replaced, and a rebuild with a process for each core.
    assert all(int(most) >= 3 * each + 32 for most in allowed)
