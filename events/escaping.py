"""Texts of others where they could act on what shows them: written so that they are seen instead."""

import re
from typing import Final

_ACTING: Final = r"\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
_IN_LINE: Final = re.compile(rf"[\x00-\x1f{_ACTING}\ud800-\udfff]")
_IN_JSON: Final = re.compile(f"[{_ACTING}]")
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def on_a_line(text: str) -> str:
    """The text on one line of a terminal: control characters, line ends and direction marks as their escapes."""
    return text if text.isprintable() else _IN_LINE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _SHORT.get(found[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def in_json(document: str) -> str:
    """The same JSON, where characters that act on terminals, or end lines for some readers, are escaped.

    JSON has them only within strings (RFC 8259, 7), so every reader reads the same.
    """
    return document if document.isascii() and "\x7f" not in document else _IN_JSON.sub(_in_json, document)


def _in_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
