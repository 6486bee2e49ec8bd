"""Ids of parametrized tests."""


def code_points(text: str) -> str:
    """The characters by number (`U+00AD U+0301`): an id with an escaped backslash can't be asked for again."""
    return " ".join(f"U+{ord(character):04X}" for character in text)
