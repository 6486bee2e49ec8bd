"""A client generated from the API's document by a third-party program supports all of it: answers and refusals."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final
from uuid import uuid4

from events.schemas.access import Role
from registry.api.openapi import document
from tests.api.conftest import Api, api
from tests.support.servers import ROOT

__all__ = ["api"]

USING: Final = Path(__file__).parent / "using.py"
LIBRARIES: Final = ROOT / "build" / "clients" / "python"
CONFIGURATION: Final = """
package_name_override: registry_client
content_type_overrides:
  "*/*": application/octet-stream
"""
"""A partner's document may be of any type: to the generator it is bytes."""


async def run(*arguments: str | Path, path: str) -> str:
    """The output of a third-party program; asserts that it succeeds."""
    # The generator formats what it writes with ruff, if that is on the path.
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": path}
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *map(str, arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await program.communicate()
    assert program.returncode == 0, printed.decode()
    return printed.decode()


async def test_a_generated_client_has_every_answer_and_every_refusal(api: Api, tmp_path: Path) -> None:
    assert (LIBRARIES / ".complete").exists(), "run `make apart`"
    (tmp_path / "openapi.json").write_bytes((await api.get("/openapi.json")).raw)
    (tmp_path / "config.yml").write_text(CONFIGURATION)
    generate = (
        "-m",
        "openapi_python_client",
        "generate",
        "--output-path",
        tmp_path / "client",
        "--config",
        tmp_path / "config.yml",
    )
    printed = await run(*generate, "--path", tmp_path / "openapi.json", path=str(LIBRARIES))
    assert "warning" not in printed.lower(), printed

    trial, draft = await api.published(), str((await api.done("/v1/trials", {"registration": {}}))["trial"])
    await api.settled()
    using = (USING, f"http://127.0.0.1:{api.port}", api.tokens[Role.REGISTRY], trial, draft, str(uuid4()))
    results = json.loads(await run(*using, path=f"{tmp_path / 'client'}:{LIBRARIES}"))

    served = (await api.get(f"/v1/trials/{trial}")).body
    assert (results["number"], results["title"]) == (served["number"], served["registration"]["public_title"])
    assert results["total"] == 1
    assert results["unknown"] == ["/problems/trial-unknown", 404]
    assert results["refused"] == ["/problems/rejected", 422]
    refused = (await api.post(f"/v1/trials/{draft}/publish", {}, role=Role.REGISTRY)).body["faults"]
    assert results["faults"] == [[fault["rule"], fault["field"]] for fault in refused]
    assert len(refused) > 10


def test_each_schema_bears_its_own_name_as_its_title_and_no_module_s() -> None:
    schemas = document("A registry")["components"]["schemas"]

    assert {name: schema["title"] for name, schema in schemas.items()} == {name: name for name in schemas}
    assert [name for name in schemas if "__" in name] == []
