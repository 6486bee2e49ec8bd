"""The words of a search, as queries of the fields of words in each state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tantivy import Query, Searcher

from projections.search import ranking, shape
from projections.search.queries import NOTHING, Fields, all_of, any_of, best_of, only, scored
from projections.search.shape import of
from projections.search.terms import Phrase, Term
from projections.search.words import stem


@dataclass
class Dictionary:
    """The words of an index. It is asked once for each."""

    searcher: Searcher
    beginnings: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    known: dict[tuple[str, str], bool] = field(default_factory=dict)

    def beginning(self, field_name: str, start: str) -> list[str]:
        """All words of the field with the beginning. tantivy's own query for them looks at the first 50 alone."""
        at = (field_name, start)
        if at not in self.beginnings:
            self.beginnings[at] = sorted(word for word, _ in self.searcher.terms_with_prefix(field_name, start))
        return self.beginnings[at]

    def has(self, field_name: str, words: Sequence[str]) -> bool:
        """Whether the field may have them all: asked before a query, as most other names of a thing stand nowhere."""
        return all(self._has(field_name, word) for word in words)

    def _has(self, field_name: str, word: str) -> bool:
        at = (field_name, word)
        if at not in self.known:
            self.known[at] = self.searcher.doc_freq(field_name, word) > 0
        return self.known[at]


@dataclass(frozen=True)
class Wording:
    """Terms in a state. `widened`: a short word at the end may go on, too."""

    fields: Fields
    words: Dictionary
    state: str
    widened: bool

    def all_of(self, terms: Sequence[Term], rarities: Sequence[int]) -> Query:
        """Documents with all terms, scored by fields and rarity; the more so where all are in titles or conditions."""
        weighed = [self._weighed(term, rarity) for term, rarity in zip(terms, rarities, strict=True)]
        if len(terms) == 1:
            # The weights of the fields say it.
            return weighed[0]
        titled = [self.anywhere(term, (shape.TITLES, shape.CONDITIONS)) for term in terms]
        return all_of(weighed, [scored(all_of(titled), ranking.TITLED)])

    def anywhere(self, term: Term, names: Sequence[str] = shape.BY_STEMS) -> Query:
        """Documents with the term in one of the fields."""
        return any_of([query for way in term.ways if (query := self._way(way, names)) is not None])

    def _way(self, way: Sequence[Phrase], names: Sequence[str]) -> Query | None:
        """Documents with all of the phrases, each in one of the fields; None where there can be none."""
        found = [any_of([query for name in names if (query := self._in(phrase, name))]) for phrase in way]
        return None if NOTHING in found else all_of([*found, *self._as_written(way)])

    def _weighed(self, term: Term, rarity: int) -> Query:
        ways = []
        for way in term.ways:
            phrases = [self._best(phrase, rarity / len(way)) for phrase in way]
            if NOTHING not in phrases:
                ways.append(all_of([*phrases, *self._as_written(way)]))
        return best_of(ways)

    def _best(self, phrase: Phrase, rarity: float) -> Query:
        """Documents with the phrase, scored by the weightiest of the fields in which it stands."""
        return best_of(
            [
                scored(query, max(int(weight * rarity), 1))
                for name, weight in ranking.WEIGHTS.items()
                if (query := self._in(phrase, name)) is not None
            ]
        )

    def _as_written(self, way: Sequence[Phrase]) -> Iterator[Query]:
        """Quoted words occur somewhere as written; the places of their stems determine how well they fit."""
        for phrase in way:
            if phrase.quoted:
                yield only(self.fields.phrase(of(self.state, shape.WRITTEN), phrase.words))

    def _in(self, phrase: Phrase, name: str) -> Query | None:
        """Documents in whose field the phrase stands; None where there can be none."""
        field_name = of(self.state, name)
        stems = [stem(word) for word in phrase.words]
        if phrase.begins:
            return self._beginning(field_name, stems)
        whole = self.fields.phrase(field_name, stems) if self.words.has(field_name, stems) else None
        if not phrase.typed or (phrase.whole_first and not self.widened):
            return whole
        if len(stems) > 1:
            begun = self._beginning(field_name, [*stems[:-1], phrase.words[-1]])
        else:
            written = self.words.beginning(of(self.state, shape.WRITTEN), phrase.words[0])
            begun = self.fields.set_of(field_name, sorted({stem(word) for word in written})) if written else None
        return any_of([one for one in (whole, begun) if one is not None]) if whole or begun else None

    def _beginning(self, field_name: str, words: Sequence[str]) -> Query | None:
        """Documents with the words, of which the last may go on."""
        if not self.words.has(field_name, words[:-1]):
            return None
        if len(words) > 1:
            return self.fields.phrase_beginning(field_name, words)
        return self.fields.set_of(field_name, self.words.beginning(field_name, words[0]))
