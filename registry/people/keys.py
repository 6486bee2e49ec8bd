"""The installation's own key, which wraps all others: from the settings, or from a file of the data folder."""

import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from registry.settings import Settings


def master_key(settings: Settings) -> bytes:
    """The key that wraps all persons' keys: from the settings, or made once in the data folder.

    Raises LookupError with a database of its own and no key set: a key lost with its folder would lose every person.
    """
    if configured := settings.vault_key.get_secret_value():
        return bytes.fromhex(configured)
    if settings.database_url:
        raise LookupError(
            "set REGISTRY_VAULT_KEY (64 hexadecimal digits) beside REGISTRY_DATABASE_URL, and keep it safe"
        )
    return _kept_key(file_of(settings))


def kept_key(settings: Settings) -> bytes | None:
    """The same key if it exists already; None if it would have to be made."""
    if settings.vault_key.get_secret_value() or settings.database_url or file_of(settings).exists():
        return master_key(settings)
    return None


def snapshots_key(settings: Settings) -> bytes:
    """The key that authenticates snapshots: write access to the database alone must not get a token accepted."""
    return hmac.digest(master_key(settings), b"registry snapshots", "sha256")


def file_of(settings: Settings) -> Path:
    """The file in which an embedded registry keeps its key."""
    return settings.data.absolute() / "vault.key"


def _kept_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written to another file, then linked: two processes that start at once get one key, and never half of one.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-") as fresh:
            fresh.write(secrets.token_hex(32))
            fresh.flush()
            os.fsync(fresh.fileno())
            with suppress(FileExistsError):
                os.link(fresh.name, path)
        _sync_folder(path.parent)
    return bytes.fromhex(path.read_text())


def _sync_folder(folder: Path) -> None:
    """Without it, a power cut could leave persons sealed under a key that is in no folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
