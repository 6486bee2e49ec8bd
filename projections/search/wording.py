"""What is asked in words, as queries of the fields of words in each state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tantivy import Query, Searcher

from projections.search import ranking, shape
from projections.search.queries import Fields, all_of, any_of, best_of, only, scored
from projections.search.shape import of
from projections.search.terms import Phrase, Term
from projections.search.words import stem


@dataclass
class Dictionary:
    """The words of the index that begin with something; of each beginning it is asked once."""

    searcher: Searcher
    known: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def beginning(self, field_name: str, start: str) -> list[str]:
        """All words of the field with the beginning. tantivy's own query for them looks at the first 50 alone."""
        at = (field_name, start)
        if at not in self.known:
            self.known[at] = sorted(word for word, _ in self.searcher.terms_with_prefix(field_name, start))
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
        titled = [self.anywhere(term, (shape.TITLES, shape.CONDITIONS)) for term in terms]
        return all_of(weighed, [scored(all_of(titled), ranking.TITLED)])

    def anywhere(self, term: Term, names: Sequence[str] = shape.BY_STEMS) -> Query:
        """Documents with the term in one of the fields."""
        return any_of([all_of([self._somewhere(phrase, names) for phrase in way]) for way in term.ways])

    def _weighed(self, term: Term, rarity: int) -> Query:
        ways = []
        for way in term.ways:
            phrases = [
                best_of(
                    [
                        scored(self._in(phrase, name), max(weight * rarity // len(way), 1))
                        for name, weight in ranking.WEIGHTS.items()
                    ]
                )
                for phrase in way
            ]
            ways.append(all_of([*phrases, *self._as_written(way)]))
        return best_of(ways)

    def _as_written(self, way: Sequence[Phrase]) -> Iterator[Query]:
        """What is quoted stands somewhere as written; where its stems stand says how well it fits."""
        for phrase in way:
            if phrase.quoted:
                yield only(self.fields.phrase(of(self.state, shape.WRITTEN), phrase.words))

    def _somewhere(self, phrase: Phrase, names: Sequence[str]) -> Query:
        found = any_of([self._in(phrase, name) for name in names])
        return all_of([found, *self._as_written([phrase])])

    def _in(self, phrase: Phrase, name: str) -> Query:
        """Documents in whose field the phrase stands."""
        field_name = of(self.state, name)
        stems = [stem(word) for word in phrase.words]
        whole = self.fields.phrase(field_name, stems)
        if phrase.begins:
            return self._beginning(field_name, stems)
        if phrase.typed and (self.widened or not phrase.whole_first):
            if len(stems) > 1:
                return any_of([whole, self.fields.phrase_beginning(field_name, [*stems[:-1], phrase.words[-1]])])
            begun = self.words.beginning(of(self.state, shape.WRITTEN), phrase.words[0])
            return any_of([whole, self.fields.set_of(field_name, sorted({stem(word) for word in begun}))])
        return whole

    def _beginning(self, field_name: str, words: Sequence[str]) -> Query:
        if len(words) > 1:
            return self.fields.phrase_beginning(field_name, words)
        return self.fields.set_of(field_name, self.words.beginning(field_name, words[0]))
