"""Writing an index: new forms of entries and the mark, in one commit that is read back.

tantivy 0.27 reports a document that it can't take only when it commits, loses all that was to be committed with it,
and from then on indexes nothing and says nothing. So after any failure the writer is dropped and another opened, and a
commit counts once its mark was read back. Some of its failures are panics, which are no Exception in Python.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

import structlog
from tantivy import Document, Index, IndexWriter, Query

from events.errors import kind_of
from projections.search import shape
from projections.search.mark import Mark
from projections.search.shape import Entry

log = structlog.get_logger()

HEAP: Final = 15_000_000
"""Bytes; the least that tantivy takes for a thread."""
HEAP_TO_FILL: Final = 100_000_000
"""Bytes where an index is filled from nothing: fewer and larger segments."""
MARK_NAME: Final = "mark"
REFUSED: Final = "refused by the index"
Result = TypeVar("Result")


class IndexUnfit(Exception):
    """The folder has no index that can be used: it is missing, damaged, of another shape or another program."""


class NoIndexYet(IndexUnfit):
    """Nothing was ever indexed here."""


class IndexFailed(Exception):
    """A write failed, for a reason that may pass. Earlier commits are still there."""


def mark_in(index: Index) -> Mark:
    """The mark of the last commit; raises IndexUnfit if there is none."""
    searcher = index.searcher()
    try:
        [(_, place)] = searcher.search(Query.term_query(index.schema, shape.ID, MARK_NAME), 2).hits
        return Mark.read(bytes(searcher.doc(place)[shape.MARK][0]))
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        raise IndexUnfit("the search index has no mark that can be read") from fault


class Writer:
    """The one writer of an index, in a folder or, without one, in memory. Not for several threads at once."""

    def __init__(
        self,
        open_index: Callable[[], Index],
        heap: int = HEAP,
        document: Callable[[Entry], Document] = shape.document,
    ) -> None:
        """`open_index` gives the index as it was last committed. `document` makes the indexed document of an entry."""
        self._open_index, self._heap, self._document = open_index, heap, document
        self._writer: IndexWriter | None = None
        self.index = guarded(open_index)

    def begin(self, mark: Mark) -> Mark:
        """Commits the first mark of a new index; raises IndexFailed."""
        return self._commit([], mark, ())

    def write(self, entries: Sequence[Entry], mark: Mark, gone: Iterable[str] = ()) -> Mark:
        """Commits the entries and the mark, and returns it with what had to be set aside.

        `gone`: trials of which all entries are left out before. Raises IndexFailed, with nothing committed.
        """
        leaving = [*gone]
        try:
            return self._commit(entries, mark, leaving)
        except IndexFailed:
            refused = self._refused(entries)
            if not refused:
                raise
        log.critical("search_entry_set_aside", entries=refused)
        taken = [entry for entry in entries if entry.name not in refused]
        return self._commit(taken, replace(mark, aside={**mark.aside, **dict.fromkeys(refused, REFUSED)}), leaving)

    def _refused(self, entries: Sequence[Entry]) -> list[str]:
        """Those that no index takes, not even one in memory, where neither disk nor what is there can be the reason."""
        if not entries or self._is_taken(entries):
            return []
        if len(entries) == 1:
            return [entries[0].name]
        middle = len(entries) // 2
        return [*self._refused(entries[:middle]), *self._refused(entries[middle:])]

    def _is_taken(self, entries: Sequence[Entry]) -> bool:
        index = Index(shape.schema())

        def commit() -> None:
            writer = index.writer(HEAP, 1)
            self._add(writer, entries)
            writer.commit()
            writer.wait_merging_threads()

        try:
            guarded(commit)
        except IndexFailed:
            return False
        return True

    def _commit(self, entries: Sequence[Entry], mark: Mark, gone: Iterable[str]) -> Mark:
        def commit() -> Mark:
            writer = self._opened()
            for trial in gone:
                writer.delete_documents_by_term(shape.TRIAL, trial)
            refused = self._add(writer, entries)
            marked = replace(mark, aside={**mark.aside, **refused}) if refused else mark
            writer.delete_documents_by_term(shape.ID, MARK_NAME)
            writer.add_document(_marking(marked))
            writer.commit()
            self.index.reload()
            if mark_in(self.index) != marked:
                raise IndexFailed("what was committed to the search index is not in it")
            return marked

        try:
            return guarded(commit)
        except Exception:
            self.drop()
            raise

    def _add(self, writer: IndexWriter, entries: Sequence[Entry]) -> dict[str, str]:
        refused = {}
        for entry in entries:
            writer.delete_documents_by_term(shape.ID, entry.name)
            try:
                writer.add_document(self._document(entry))
            except (OverflowError, TypeError, UnicodeError) as fault:
                refused[entry.name] = kind_of(fault)
        if refused:
            log.critical("search_entry_set_aside", entries=list(refused), kinds=sorted({*refused.values()}))
        return refused

    def _opened(self) -> IndexWriter:
        if self._writer is None:
            # Opened again: another writer may have written since, and an index that stays open does not know that.
            self.index = self._open_index()
            self._writer = self.index.writer(self._heap, 1)
        return self._writer

    def drop(self) -> None:
        """Lets the writer go, and its lock with it, which the frames of an exception would hold on to otherwise."""
        with suppress(Exception):
            self.close()

    def settle(self, heap: int) -> None:
        """From here on it writes with so many bytes; returns when merges that are under way have ended."""
        self.close()
        self._heap = heap

    def close(self) -> None:
        """Waits for merges that are under way."""
        writer, self._writer = self._writer, None
        if writer is not None:
            guarded(writer.wait_merging_threads)


def _marking(mark: Mark) -> Document:
    made = Document()
    made.add_text(shape.ID, MARK_NAME)
    made.add_bytes(shape.MARK, mark.to_bytes())
    return made


def guarded(work: Callable[[], Result]) -> Result:
    """Calls a function of tantivy; raises IndexFailed for its errors, including panics."""
    try:
        return work()
    except (IndexFailed, IndexUnfit, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:
        # Its messages name files and fields, never their content.
        raise IndexFailed(f"{type(fault).__name__}: {fault}") from fault
