"""A document as it arrives, chunk by chunk: for readers of files of any size, in bounded memory."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LARGEST_RECORD = 16 * 1024 * 1024
"""Bytes of one record. The largest sample has 0.15 MB; a parser may take some thirty times the bytes it is given."""
HEAD = 64 * 1024
"""Bytes kept of a record that is too large, so that it can still be named."""
LONGEST_TOKEN = 64
"""Bytes that a pattern of `seek` may match or examine: they are searched again if a chunk ends inside a token."""

_PACKED = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\x00": "an xz file",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
}
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes of a document, with their beginning and number. Of a too large stretch only the head is kept."""

    at: int
    data: bytes
    size: int

    @property
    def too_large(self) -> str | None:
        """The reason if it is too large for a record; otherwise None."""
        if self.size <= LARGEST_RECORD:
            return None
        return f"{self.size} bytes, and a record may have {LARGEST_RECORD}"


class Stream:
    """Reads a document once from front to back. Each byte is examined a fixed number of times, however it is cut."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._data, self._at, self._before = b"", 0, 0
        self._bytes: bytearray | None = None
        self._begins_at = self._mark = 0

    def look(self, count: int) -> bytes:
        """The next `count` bytes, fewer at the end of the document. Nothing is consumed."""
        while len(self._data) - self._at < count and self._fill():
            pass
        return self._data[self._at : self._at + count]

    def skip(self, count: int) -> None:
        """Reads over bytes that `look` or `seek` has shown."""
        self._at += count

    def seek(self, pattern: re.Pattern[bytes]) -> bytes:
        """Reads up to the next match, and not over it. The match, or nothing if the document ends without one."""
        while True:
            found = pattern.search(self._data, self._at)
            if found:
                self._at = found.start()
                return found.group()
            # A match may have begun in the last bytes, and end in the next chunk.
            self._at = max(self._at, len(self._data) - LONGEST_TOKEN)
            if not self._fill():
                self._at = len(self._data)
                return b""

    def each(self, pattern: re.Pattern[bytes]) -> Iterator[bytes]:
        """Reads over each match in this chunk, and yields its first group. Only for a pattern that leaves no gaps."""
        for found in pattern.finditer(self._data, self._at):
            self._at = found.end()
            yield found[1]

    def passes(self, pattern: re.Pattern[bytes]) -> bool:
        """Reads over a match that begins here and ends in this chunk; whether there is one."""
        found = pattern.match(self._data, self._at)
        if found:
            self._at = found.end()
        return found is not None

    def keep(self) -> None:
        """Begins a stretch: bytes read from here on are kept."""
        self._bytes, self._mark, self._begins_at = bytearray(), self._at, self._before + self._at

    def stretch(self) -> Stretch:
        """The bytes since `keep`; ends the stretch."""
        self._put_by()
        data = bytes(self._bytes or b"")
        self._bytes = None
        return Stretch(self._begins_at, data, self._before + self._at - self._begins_at)

    def _put_by(self) -> None:
        if self._bytes is not None:
            if self._before + self._at - self._begins_at <= LARGEST_RECORD:
                self._bytes += self._data[self._mark : self._at]
            else:
                self._bytes += self._data[self._mark : min(self._at, self._mark + HEAD)]
                del self._bytes[HEAD:]
            self._mark = self._at

    def _fill(self) -> bool:
        chunk = next((chunk for chunk in self._chunks if chunk), None)
        if chunk is None:
            return False
        self._put_by()
        self._before += self._at
        self._data = self._data[self._at :] + chunk
        self._at = self._mark = 0
        return True


def unreadable(stream: Stream) -> str | None:
    """The reason why, by its first bytes, the document is not in an encoding with ASCII as single bytes; or None."""
    head = stream.look(6)
    for magic, what in _PACKED.items():
        if head.startswith(magic):
            return f"{what}; unpack it first"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:4]:
        return "UTF-16, UTF-32 or no text; save it as UTF-8"
    return None


def pass_mark(stream: Stream) -> bool:
    """Reads over a byte order mark of UTF-8; whether there was one."""
    marked = stream.look(len(_MARK)) == _MARK
    stream.skip(len(_MARK) if marked else 0)
    return marked
