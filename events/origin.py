"""The origin of events: a registry's public address and the id of its log, as CloudEvents names them."""

from typing import Final, NamedTuple, Self
from urllib.parse import quote


class Origin(NamedTuple):
    """`base` is an address without a slash at its end, `log` the id that the log was founded with."""

    base: str
    log: str

    def source(self, stream: str) -> str:
        """CloudEvents `source` of a stream's events. An id is unique within it: one key may be used in two streams."""
        return f"{self.base}/log/{self.log}/{quote(stream)}"

    def dataschema(self, kind: str, revision: int) -> str:
        """Address of the JSON Schema of a type's data."""
        return f"{self.base}/schemas/{kind}/{revision}"

    @classmethod
    def read(cls, source: str, stream: str) -> Self:
        """The inverse of `source`; raises ValueError where the source is none of this stream's."""
        log = source.removesuffix("/" + quote(stream))
        base, mark, name = log.rpartition("/log/")
        if log == source or not mark or not name:
            raise ValueError("the source is not a stream of a registry's log")
        return cls(base, name)

    def revision(self, kind: str, dataschema: str) -> int:
        """The revision that a `dataschema` of this registry names; raises ValueError where it is another's."""
        prefix, text = f"{self.base}/schemas/{kind}/", dataschema.rpartition("/")[2]
        if dataschema != prefix + text or not (text.isascii() and text.isdigit()) or text.startswith("0"):
            raise ValueError("the data schema is not one of the type's")
        return int(text)


UNKNOWN: Final = Origin("", "")
"""The origin of a record whose source can't be read."""
