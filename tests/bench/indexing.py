"""tantivy over the texts of the search view: the same words of the same texts, and the same answer of a page."""

from collections.abc import Iterator, Mapping
from typing import Final

import orjson
import tantivy

from projections.reading import Views
from projections.search.terms import counting_terms
from projections.search.texts import texts
from projections.search.words import Japanese, pairs, pieces, runs, stem
from projections.trial.document import Document
from projections.views.search.project import summary

HEAP: Final = 200_000_000


class Tantivy:
    """An index in a folder. Japanese runs are pairs of characters in phrases, English words are stems, as in ours."""

    def __init__(self, folder: str, page: int) -> None:
        fields = tantivy.SchemaBuilder()
        fields.add_text_field("words", tokenizer_name="whitespace", index_option="position")
        fields.add_text_field("recruitment", tokenizer_name="raw", index_option="basic")
        fields.add_bytes_field("summary", stored=True)
        self._schema = fields.build()
        self._index = tantivy.Index(self._schema, path=folder)
        self._page = page

    async def fill(self, views: Views) -> int:
        """Indexes every document of the views and returns their number."""
        writer, count = self._index.writer(HEAP), 0
        day = await views.day()
        async for document in views.documents():
            shown = summary(document, day)
            writer.add_document(
                tantivy.Document(
                    words=" ".join(_words(document)),
                    recruitment=shown["joining"]["recruitment"],
                    summary=orjson.dumps(shown),
                )
            )
            count += 1
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        return count

    async def search(self, query: Mapping[str, str]) -> int:
        """Reads the page of summaries, and returns their number."""
        searcher = self._index.searcher()
        musts = [*self._terms(query["q"])]
        if "recruitment" in query:
            musts.append(tantivy.Query.term_query(self._schema, "recruitment", query["recruitment"]))
        found = searcher.search(
            tantivy.Query.boolean_query([(tantivy.Occur.Must, one) for one in musts]), self._page, count=True
        )
        return len([orjson.loads(bytes(searcher.doc(place)["summary"][0])) for _, place in found.hits])

    def _terms(self, text: str) -> Iterator[tantivy.Query]:
        for term, _ in counting_terms(text):
            words = [word for run in runs(term) for word in _of_run(run)]
            if len(words) == 1:
                yield tantivy.Query.term_query(self._schema, "words", words[0])
            elif words:
                yield tantivy.Query.phrase_query(self._schema, "words", words)


def _words(document: Document) -> Iterator[str]:
    for text in texts(document):
        for run in runs(text):
            if isinstance(run, Japanese):
                for piece in pieces(run.text):
                    yield from (*pairs(piece), piece[-1])
            else:
                yield stem(run.text)


def _of_run(run: object) -> list[str]:
    """The words of one run of a query."""
    if isinstance(run, Japanese):
        return pairs(run.text) or [run.text]
    return [stem(getattr(run, "text", ""))]
