"""The first line of a request in the form that clients may send: with unescaped characters in its address.

HTTP requires them as %XX (RFC 9112, 3.2; RFC 3986, 2.1), as browsers send them; curl and many programs send UTF-8.
"""

import re
from codecs import getincrementaldecoder
from typing import Final
from urllib.parse import quote

_OTHER: Final = re.compile("[^\x00-\x7f\udc80-\udcff]+")
"""Characters beyond ASCII; not the surrogates that stand for bytes that are no UTF-8."""


class RequestLine:
    """Escapes the line's other characters as it arrives, in whatever pieces.

    Bytes that are not UTF-8 are left for the parser to refuse, and the bytes after the line stay as they are.
    """

    __slots__ = ("_begun", "_decoder", "_ended")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Notes that the next bytes are the line of another request."""
        self._begun = self._ended = False
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")

    def escaped(self, data: bytes) -> bytes:
        """The next piece, with the line's other characters as %XX. A character waits for its last byte."""
        if self._ended:
            return data
        blank = b"" if self._begun else data[: len(data) - len(data.lstrip(b"\r\n"))]
        line, end, rest = data[len(blank) :].partition(b"\n")
        self._begun, self._ended = self._begun or bool(line), bool(end)
        text = self._decoder.decode(line, final=bool(end))
        written = _OTHER.sub(lambda found: quote(found[0]), text).encode("utf-8", "surrogateescape")
        return b"".join((blank, written, end, rest))
