"""The table of settings in docs/operations: `make settings` writes it; a test fails where they differ."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from registry.settings import Settings, variable

FILE: Final = Path(__file__).parents[2] / "docs" / "operations" / "settings.md"
HEAD: Final = "| Setting | Unless set | What it does |\n|---|---|---|\n"


def table() -> str:
    """A row for each setting."""
    return HEAD + "".join(rows())


def rows() -> Iterator[str]:
    """The rows, in the order in which the settings stand in the source."""
    for name, field in Settings.model_fields.items():
        description = " ".join((field.description or "").split()).replace("|", "\\|")
        yield f"| `{variable(name)}` | {_unless_set(field)} | {description} |\n"


def _unless_set(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value in ("", ()):
        return "–"
    return f"`{int(value) if isinstance(value, float | int) else value}`"


def written() -> str:
    """The document with the table as it should be."""
    before, mark, rest = FILE.read_text().partition(HEAD)
    after = rest[rest.index("\n\n") + 1 :] if "\n\n" in rest else ""
    assert mark, "docs/operations/settings.md has no table of settings"
    return before + table() + after


if __name__ == "__main__":
    FILE.write_text(written())
