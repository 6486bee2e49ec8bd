"""The shipped manifests are valid by their own tools, hardened, and agree with the program's settings."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.kafka.cluster import FAILOVER
from events.kafka.topics import REQUIRED
from registry.settings import Settings, variable

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SCRIPTS = Path(sys.executable).parent
KUBERNETES = sorted(file for file in (DEPLOY / "kubernetes").glob("*.yaml") if file.name != "kustomization.yaml")
REBUILD = DEPLOY / "kubernetes" / "rebuild" / "job.yaml"
WORKLOADS = {"Deployment", "StatefulSet"}
SETTING = re.compile(r"\bREGISTRY_[A-Z_]+\b")
TOPIC_DEFAULTS = {
    "cleanup.policy": "log.cleanup.policy",
    "retention.ms": "log.retention.ms",
    "retention.bytes": "log.retention.bytes",
    "message.timestamp.type": "log.message.timestamp.type",
    "unclean.leader.election.enable": "unclean.leader.election.enable",
}


def ran(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def resources() -> Iterator[dict[str, Any]]:
    for file in KUBERNETES:
        yield from yaml.safe_load_all(file.read_text())


def of_kind(*kinds: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in resources() if one["kind"] in kinds}


def pods() -> dict[str, dict[str, Any]]:
    return {name: one["spec"]["template"]["spec"] for name, one in of_kind(*WORKLOADS).items()}


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    return content


def properties(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


def broker_properties() -> dict[str, dict[str, str]]:
    return {
        "compose": properties((DEPLOY / "compose" / "kafka" / "server.properties").read_text()),
        "kubernetes": properties(of_kind("ConfigMap")["kafka"]["data"]["server.properties"]),
    }


@pytest.mark.parametrize(
    "command",
    [
        ("yamllint", "-s", "-c", str(ROOT / ".yamllint.yaml"), str(DEPLOY)),
        ("hadolint", str(DEPLOY / "container" / "Containerfile")),
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose" / "compose.yaml")),
        ("kubernetes-validate", "--strict", "--quiet", *map(str, [*KUBERNETES, REBUILD])),
    ],
    ids=lambda command: command[0],
)
def test_each_file_is_valid_by_its_own_tool(command: tuple[str, ...]) -> None:
    done = ran(SCRIPTS / command[0], *command[1:])

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_that_is_named_exists() -> None:
    files = [file for file in DEPLOY.rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc"}]
    files += (ROOT / "docs" / "operations").glob("*.md")
    named = {name for file in files for name in SETTING.findall(file.read_text())}
    known = {variable(name) for name in Settings.model_fields}

    assert {"REGISTRY_SECRETS", "REGISTRY_KAFKA"} <= named
    assert named - known == set()


def test_every_secret_that_a_node_reads_from_a_file_is_a_setting() -> None:
    files = set(compose()["services"]["registry1"]["secrets"])
    unit = (DEPLOY / "systemd" / "registry.service").read_text()
    files |= set(re.findall(r"^LoadCredential=(\w+):", unit, re.MULTILINE))

    assert files == {"registry_vault_key", "registry_database_url"}
    assert {name.removeprefix("registry_") for name in files} <= Settings.model_fields.keys()


@pytest.mark.parametrize("where", ["compose", "kubernetes"])
def test_brokers_keep_what_the_registry_asks_of_its_topics(where: str) -> None:
    properties = broker_properties()[where]

    assert REQUIRED.keys() == TOPIC_DEFAULTS.keys()
    assert {key: properties[name] for key, name in TOPIC_DEFAULTS.items()} == {
        k: need for k, (need, _) in REQUIRED.items()
    }
    assert (properties["default.replication.factor"], properties["min.insync.replicas"]) == ("3", "2")
    assert {name: properties[name] for name in FAILOVER} == {name: str(value) for name, value in FAILOVER.items()}
    assert properties["auto.create.topics.enable"] == "false"
    assert len(properties["controller.quorum.voters"].split(",")) == 3


def test_brokers_are_of_the_version_that_is_tested() -> None:
    tested = re.search(r"<version>(\d+\.\d+\.\d+)</version>", (DEPLOY / "kafka" / "pom.xml").read_text())
    assert tested is not None
    images = {compose()["services"][f"kafka{number}"]["image"] for number in (1, 2, 3)}
    images.add(pods()["kafka"]["containers"][0]["image"])

    assert images == {f"apache/kafka:{tested[1]}"}


def test_a_rebuild_runs_as_the_nodes_do_and_gets_no_traffic() -> None:
    job = yaml.safe_load(REBUILD.read_text())["spec"]["template"]
    node, rebuild = pods()["registry"], job["spec"]
    container = dict(rebuild["containers"][0])

    assert container.pop("args") == ["rebuild"]
    assert container == {key: value for key, value in node["containers"][0].items() if key in container}
    assert {key: node[key] for key in ("securityContext", "volumes")} == {
        key: rebuild[key] for key in ("securityContext", "volumes")
    }
    assert not of_kind("Service")["registry"]["spec"]["selector"].items() <= job["metadata"]["labels"].items()


@pytest.mark.parametrize("name", pods())
def test_every_pod_may_do_little(name: str) -> None:
    pod = pods()[name]
    secured = pod["securityContext"]

    assert secured["runAsNonRoot"] is True
    assert secured["runAsUser"] > 0
    assert secured["seccompProfile"] == {"type": "RuntimeDefault"}
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        assert {"readinessProbe", "livenessProbe"} <= container.keys()


@pytest.mark.parametrize("name", pods())
def test_what_a_pod_mounts_and_exposes_is_there(name: str) -> None:
    pod = pods()[name]
    claimed = of_kind(*WORKLOADS)[name]["spec"].get("volumeClaimTemplates", [])
    volumes = {one["name"] for one in [*pod["volumes"], *(claim["metadata"] for claim in claimed)]}
    generated = yaml.safe_load((DEPLOY / "nginx" / "kustomization.yaml").read_text())["configMapGenerator"]
    maps = of_kind("ConfigMap").keys() | {one["name"] for one in generated}

    assert volumes == {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
    assert {one["configMap"]["name"] for one in pod["volumes"] if "configMap" in one} <= maps
    ports = {port["name"] for container in pod["containers"] for port in container["ports"]}
    for port in of_kind("Service")[name]["spec"]["ports"]:
        assert port.get("targetPort", port["name"]) in ports


def test_no_secret_is_written_down_and_each_is_named_in_the_guide() -> None:
    guide = (ROOT / "docs" / "operations" / "installing.md").read_text()
    named = {one["secret"]["secretName"] for pod in pods().values() for one in pod["volumes"] if "secret" in one}
    named |= {
        variable["valueFrom"]["secretKeyRef"]["name"]
        for pod in pods().values()
        for variable in pod["containers"][0].get("env", [])
        if "secretKeyRef" in variable.get("valueFrom", {})
    }

    assert of_kind("Secret") == {}
    assert [name for name in named if f"secret generic {name} " not in guide] == []
    for secret in compose()["secrets"].values():
        assert secret["file"].removeprefix("./") in guide


def test_every_pod_has_a_policy_and_what_is_twice_keeps_one() -> None:
    policies = of_kind("NetworkPolicy")
    covered = {one["spec"]["podSelector"].get("matchLabels", {}).get("app") for one in policies.values()}

    assert policies["nothing-else"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert pods().keys() <= covered
    several = {name for name, one in of_kind(*WORKLOADS).items() if one["spec"]["replicas"] > 1}
    assert several == {"kafka", "registry", "proxy"} == of_kind("PodDisruptionBudget").keys()


def test_every_file_of_the_kustomization_is_there_and_none_is_left_out() -> None:
    listed = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]

    assert {*listed} == {"../nginx", *(file.name for file in KUBERNETES)}


def test_every_service_of_compose_may_do_little_and_names_only_what_is_there() -> None:
    whole = compose()
    for name, service in whole["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "mem_limit" in service, name
        assert set(service.get("depends_on", {})) <= whole["services"].keys()
        assert set(service["networks"]) <= whole["networks"].keys()
        assert set(service.get("secrets", [])) <= whole["secrets"].keys()
        for mounted in service.get("volumes", []):
            source = mounted.split(":")[0]
            assert source in whole["volumes"] or "secrets" in source or (DEPLOY / "compose" / source).exists(), source
    assert [name for name, service in whole["services"].items() if "ports" in service] == ["proxy"]


def test_nodes_of_compose_are_where_the_proxy_looks_for_them() -> None:
    addresses = {
        compose()["services"][name]["networks"]["front"]["ipv4_address"] for name in ("registry1", "registry2")
    }

    assert set(re.findall(r"server ([\d.]+):8080", (DEPLOY / "compose" / "upstream.conf").read_text())) == addresses


def test_the_proxy_takes_bodies_as_large_as_the_registry_does() -> None:
    configuration = (DEPLOY / "nginx" / "nginx.conf").read_text()
    limit = re.search(r"client_max_body_size (\d+);", configuration)

    assert limit is not None
    assert int(limit[1]) == Settings.model_fields["body_limit"].default


def test_the_unit_is_valid_and_its_sandbox_is_tight(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "registry.service").read_text()
    unit = tmp_path / "registry.service"
    unit.write_text(text.replace("/opt/registry/bin/registry", str(SCRIPTS / "registry")))
    verified = ran("systemd-analyze", "verify", unit)
    # systemd calls 2.0 of 10 OK; most services that ship with a system are above 9.
    rated = ran("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit)

    assert (verified.returncode, verified.stderr) == (0, "")
    assert rated.returncode == 0, rated.stdout


def test_the_package_holds_every_file_that_the_program_reads(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation")
    done = ran(*pip, "-w", tmp_path, _copy(tmp_path))
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    tracked = ran("git", "ls-files", "adapters", "events", "projections", "registry").stdout.split()

    assert tracked
    assert set(tracked) - inside == set()


def _copy(folder: Path) -> Path:
    """The files that the container's build sees: those that .dockerignore lets in."""
    source = folder / "source"
    source.mkdir()
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name in let_in:
        subprocess.run(("cp", "-r", ROOT / name, source / name), check=True)
    return source
