"""Headers as the JSON text of the column: their order and every byte survive, and an operator can read them."""

import orjson

BYTES_AS_CHARACTERS = "latin-1"
"""Maps each byte to the character of the same number, and back."""


def headers_to_text(headers: tuple[tuple[str, bytes], ...]) -> str:
    """`[[name, value], …]`, each byte of a value as the character of that number."""
    return orjson.dumps([(name, value.decode(BYTES_AS_CHARACTERS)) for name, value in headers]).decode()


def headers_from_text(text: str) -> tuple[tuple[str, bytes], ...]:
    """The inverse of `headers_to_text`."""
    return tuple((name, value.encode(BYTES_AS_CHARACTERS)) for name, value in orjson.loads(text))
