"""The tours, command by command, each on a registry of its own: what they print is what the documents say."""

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from registry.settings import Settings
from tests.support.servers import ROOT, Server, environment

MARK = "-- next --"
VARYING = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|\+00:00)"), "TIME"),
    (re.compile(r'"position":"\d+:\d+"'), "POSITION"),
    (re.compile(r"JTR\d{4}\d{6}\w"), "NUMBER"),
    (re.compile(r"(/registered: nothing → )\d{4}-\d\d-\d\d"), r"\1DAY"),
)
"""Patterns of values that differ at every run."""


def steps(document: str) -> list[tuple[str, str]]:
    """The commands of a tour and what each prints."""
    blocks = re.findall(r"^```console\n(.*?)^```", (ROOT / document).read_text(), re.DOTALL | re.MULTILINE)
    parts = re.split(r"^\$ ", "".join(blocks), flags=re.MULTILINE)[1:]
    return [(command, printed) for command, _, printed in (part.partition("\n") for part in parts)]


def settled(text: str) -> str:
    for pattern, word in VARYING:
        text = pattern.sub(word, text)
    return text


@pytest.mark.parametrize("document", ["README.md", "docs/tour/programme.md"])
async def test_a_tour_prints_what_its_document_says(document: str, tmp_path: Path) -> None:
    expected = [(command, settled(output)) for command, output in steps(document)]
    commands = [command for command, _ in expected]
    with tempfile.TemporaryDirectory(prefix="registry-tour-") as folder:
        settings = Settings(data=Path(folder) / "data", public_url="https://registry.example")
        async with Server(settings, tmp_path) as server:
            printed = await asyncio.to_thread(walk, commands, server, tmp_path)

    assert len(expected) > 20
    assert expected == [(command, settled(output)) for command, output in zip(commands, printed, strict=True)]


def walk(commands: list[str], server: Server, folder: Path) -> list[str]:
    """Runs the commands in one shell, in a folder of its own, and returns what each prints."""
    (folder / "docs").symlink_to(ROOT / "docs")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    script = "".join(f"{command}\necho '{MARK}'\n" for command in commands)
    finished = subprocess.run(
        ["bash"],
        input=script.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}"),
        env=environment(server.settings),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=400,
        check=True,
    )

    assert finished.stderr == ""
    return finished.stdout.split(f"{MARK}\n")[:-1]
