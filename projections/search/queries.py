"""Queries of tantivy, put together. A score is 0 unless a query says otherwise."""

from collections.abc import Iterable, Sequence
from typing import Final

from tantivy import FieldType, Occur, Query, Schema

from projections.search import shape

NOTHING: Final = Query.empty_query()
EVERYTHING: Final = Query.const_score_query(Query.all_query(), 0.0)


class Fields:
    """Queries of single fields of a schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def term(self, field: str, value: str) -> Query:
        """Documents whose field has the value."""
        return Query.term_query(self._schema, field, value, "basic")

    def one_of(self, field: str, values: Iterable[str]) -> Query:
        """Documents whose field has one of the values."""
        return any_of([self.term(field, value) for value in values])

    def set_of(self, field: str, values: Sequence[str]) -> Query:
        """The same of any number of values."""
        return Query.term_set_query(self._schema, field, values) if values else NOTHING

    def phrase(self, field: str, words: Sequence[str]) -> Query:
        """Documents in whose field the words stand next to each other."""
        if len(words) == 1:
            # tantivy panics at a phrase of one word.
            return self.term(field, words[0])
        return Query.phrase_query(self._schema, field, list(words))

    def phrase_beginning(self, field: str, words: Sequence[str]) -> Query:
        """The same, where the last of two or more words may go on."""
        # Words consist of letters, digits, kanji and kana: none of them means anything in a regular expression.
        return Query.regex_phrase_query(self._schema, field, [*words[:-1], f"{words[-1]}.*"])

    def between(self, field: str, low: int | None, high: int | None) -> Query:
        """Documents whose number is in the range, both ends included."""
        if low is not None and high is not None and low > high:
            return NOTHING
        return Query.range_query(self._schema, field, FieldType.Integer, low, high)

    def after(self, field: str, number: int) -> Query:
        """Documents whose number is larger."""
        return self.between(field, number + 1, None)

    def of_partition(self, field: str, partition: int, low: int = 0) -> Query:
        """Documents whose position is in the partition, at this offset or later."""
        return self.between(field, shape.key(partition, low), shape.key(partition + 1, 0) - 1)


def scored(query: Query, score: int) -> Query:
    """The query, with this score for each document."""
    return Query.const_score_query(query, float(score))


def all_of(queries: Sequence[Query], bonus: Sequence[Query] = ()) -> Query:
    """Documents that match all of the queries; scores add up, those of each `bonus` that matches, too."""
    if not queries:
        return EVERYTHING
    if len(queries) == 1 and not bonus:
        return queries[0]
    return Query.boolean_query([*((Occur.Must, one) for one in queries), *((Occur.Should, one) for one in bonus)])


def any_of(queries: Sequence[Query]) -> Query:
    """Documents that match at least one of the queries; scores add up."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, one) for one in queries]) if queries else NOTHING


def best_of(queries: Sequence[Query]) -> Query:
    """Documents that match at least one of the queries; the highest score counts."""
    if len(queries) == 1:
        return queries[0]
    return Query.disjunction_max_query(queries) if queries else NOTHING


def none_of(queries: Sequence[Query]) -> Query:
    """Documents that match none of the queries."""
    if not queries:
        return EVERYTHING
    return Query.boolean_query([(Occur.Must, EVERYTHING), *((Occur.MustNot, one) for one in queries)])


def only(query: Query) -> Query:
    """The query as a condition: without a score."""
    return scored(query, 0)
