"""`registry documents` at the console: a trial's documents from partners, listed, and written to a file unchanged."""

import hashlib
import json
import stat
from pathlib import Path

import orjson

from registry.settings import Settings
from tests.cli.test_import import study
from tests.support.servers import console


async def test_what_a_partner_sent_is_listed_and_written_as_it_came(settings: Settings, tmp_path: Path) -> None:
    raw = json.dumps(study(1), indent=3).encode()
    (tmp_path / "study.json").write_bytes(raw)
    await console(settings, "import", "ctgov", str(tmp_path / "study.json"))
    [listed] = orjson.loads(await console(settings, "documents", "NCT90000001", "--json"))
    out = tmp_path / "again.json"
    await console(settings, "documents", "NCT90000001", "--out", str(out), "--document", listed["document"])
    refused = await console(settings, "documents", "NCT90000001", "--out", str(out), expect=1, errors=True)
    unknown = await console(settings, "documents", "NCT90000002", expect=1, errors=True)

    entry = {name: listed[name] for name in ("registry", "media_type", "size", "document", "version")}
    assert entry == {
        "registry": "ctgov",
        "media_type": "application/json",
        "size": len(raw),
        "document": hashlib.sha256(raw).hexdigest(),
        "version": 1,
    }
    assert out.read_bytes() == raw
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert b"already exists" in refused
    assert b"no trial NCT90000002" in unknown
