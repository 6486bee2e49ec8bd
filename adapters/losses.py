"""Values that an import could not carry, by path, over all studies."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from adapters.reading import Parsed
from events.schemas.exchange import NotCarried
from events.schemas.wording import as_line

MOST_PATHS: Final = 500
LONGEST_PATH: Final = 200
"""Limits of a receipt, which is one record of the log: the samples have 36 paths, of 129 characters at most.

A file can have any number of keys of its own, of any length.
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """Values of one path that were not carried: how many, in how many studies."""

    path: str
    values: int
    studies: int


@dataclass(frozen=True, slots=True)
class Losses:
    """Adds studies up as they are read, so that one table reports an import of any size."""

    _values: Counter[str] = field(default_factory=Counter)
    _studies: Counter[str] = field(default_factory=Counter)
    _carried: Counter[str] = field(default_factory=Counter)
    _cleaned: Counter[str] = field(default_factory=Counter)

    def add(self, parsed: Parsed) -> None:
        self._values.update(parsed.not_carried)
        self._studies.update(parsed.not_carried.keys())
        self._carried["values"] += parsed.carried
        self._cleaned.update(parsed.cleaned)

    @property
    def carried(self) -> int:
        return self._carried["values"]

    @property
    def cleaned(self) -> int:
        """Texts that were carried without their control characters and direction marks."""
        return self._cleaned.total()

    @property
    def not_carried(self) -> int:
        return self._values.total()

    def table(self) -> tuple[Loss, ...]:
        """One row for each path, by path."""
        return tuple(Loss(path, self._values[path], self._studies[path]) for path in sorted(self._values))

    def not_carried_by_path(self) -> tuple[NotCarried, ...]:
        """The table for the receipt of an import; if there are too many paths, those with most values."""
        most = {path for path, _ in self._values.most_common(MOST_PATHS)}
        return tuple(
            NotCarried(path=as_line(loss.path, LONGEST_PATH) or "(blank)", values=loss.values, records=loss.studies)
            for loss in self.table()
            if loss.path in most
        )

    def lines(self) -> Iterator[str]:
        """The table as text: values, studies, path."""
        yield f"{'values':>9} {'studies':>8}  not carried"
        for loss in self.table():
            yield f"{loss.values:>9} {loss.studies:>8}  {loss.path}"
        yield f"{self.not_carried:>9}           values not carried; {self.carried} carried"

    def to_json(self) -> dict[str, Any]:
        return {
            "carried": self.carried,
            "not_carried": self.not_carried,
            "cleaned": self.cleaned,
            "losses": [asdict(loss) for loss in self.table()],
        }
