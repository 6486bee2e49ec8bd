"""SQL files that are put together of parts."""

from importlib.resources import files


def script(package: str, name: str, *parts: str) -> bytes:
    """A file of a package, with each part in the place that a comment of its name has; a part may name later ones."""
    folder = files(package)
    text = folder.joinpath(name).read_bytes()
    for part in parts:
        text = text.replace(f"-- {part}\n".encode(), folder.joinpath(part).read_bytes())
    return text
