"""Answers of an index as it stands: which entries a query finds, in which order, and how many of each kind.

All of this runs on a thread, and none of it waits.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from tantivy import DocAddress, Index, Query, Searcher, SearchResult

from projections.search import filters, ranking, shape
from projections.search.counting import counted
from projections.search.holding import Latest, When, holding
from projections.search.mark import Mark
from projections.search.queries import NOTHING, Fields, all_of, any_of, best_of, none_of, only, scored
from projections.search.query import FACETS, Counts, Order, SearchQuery
from projections.search.shape import of
from projections.search.terms import Phrase, Term, terms
from projections.search.wording import Dictionary, Wording
from projections.search.words import stem
from projections.trial.identifiers import normalise

ROOM: Final = 200
"""Documents that are read beyond a page, as they may fit as well as its last."""
MOST_COUNTS: Final = 2_000
"""Counts of terms that a state of the index remembers."""
FIRST_LOOK: Final = 1_000
"""How many of the newest are looked through first for those that fit as well as the last of a page."""


@dataclass(frozen=True)
class IndexState:
    """An index as it stood at its mark. It goes on showing that, whatever is committed later."""

    index: Index
    searcher: Searcher
    mark: Mark
    counts: dict[Hashable, int] = field(default_factory=dict)
    """How many entries have a term, for readers of a kind; as long as the state lasts."""


class Hit(NamedTuple):
    """An entry that was found: its trial and version, how well it fits, and whether it only claims the number."""

    trial: str
    version: int
    rank: float
    claims: bool


@dataclass(frozen=True)
class Hits:
    """A page of entries, and how many there are in all."""

    found: list[Hit]
    total: int


@dataclass
class Search:
    """A query, asked of an index for a state of its entries and on a day."""

    index_state: IndexState
    query: SearchQuery
    day: date
    when: When = field(default_factory=Latest)

    def find(self, skip: int) -> Hits:
        """The page after so many entries."""
        if skip >= self.index_state.searcher.num_docs:
            # tantivy reserves memory for all entries before a page, and where there is not enough, the process ends.
            return Hits([], self.total)
        last = skip + self.query.limit
        if self.query.order is Order.NEWEST or not self._asks_words:
            found, total = self._by_age(skip, last)
        else:
            found, total = self._by_fit(last)
            found = found[skip:last]
        return Hits([self._hit(score, place) for score, place in found], total)

    def count(self) -> Counts:
        """How many entries have each value of each facet; a facet that the query narrows by counts as if it did not."""
        narrowed = [facet for facet in FACETS if getattr(self.query, facet)]
        others = [facet for facet in FACETS if facet not in narrowed]
        counts = counted(self.index_state.searcher, self._whole, others, self.day)
        for facet in narrowed:
            # Whether the last word may go on is decided once, for the list and for all that is counted beside it.
            wider = self._matching(self.query.model_copy(update={facet: ()}), widened=self._widened)
            counts |= counted(self.index_state.searcher, wider, [facet], self.day)
        return {facet: counts[facet] for facet in FACETS}

    @cached_property
    def total(self) -> int:
        """How many entries the query finds."""
        return self._total(self._whole)

    def trials_with(self, word: str) -> int:
        """How many trials have the word, or another of its stem, of those that the reader can see."""
        of_stem = [stem(word)]
        if not any(self._dictionary.has(of(shape.NOW, name), of_stem) for name in shape.BY_STEMS):
            # It is asked of many words, few of which stand anywhere.
            return 0
        return self._trials_with(Term(((Phrase((word,)),),)))

    # The query

    @cached_property
    def _fields(self) -> Fields:
        return Fields(self.index_state.index.schema)

    @cached_property
    def _dictionary(self) -> Dictionary:
        return Dictionary(self.index_state.searcher)

    @cached_property
    def _terms(self) -> list[Term]:
        return terms(self.query.q, typing=True)

    @property
    def _asks_words(self) -> bool:
        return bool(self.query.q.strip())

    @cached_property
    def _widened(self) -> bool:
        """Whether a short word at the end may go on: only where nothing has it as a whole word."""
        short = any(phrase.whole_first for term in self._terms for way in term.ways for phrase in way)
        return short and not self._total(self._matching(self.query, widened=False))

    @cached_property
    def _whole(self) -> Query:
        return self._matching(self.query, widened=self._widened)

    def _matching(self, query: SearchQuery, *, widened: bool) -> Query:
        """The documents that match, with scores: of the words, and of whether somebody can join.

        `query`: this one, or one that differs from it in filters alone.
        """
        states = []
        for state, conditions in holding(self._fields, self.when, self.index_state.mark.positions):
            wording = Wording(self._fields, self._dictionary, state, widened)
            # Fields of words have their state in their name.
            wanted = self._words(wording) if self._asks_words else [only(self._fields.term(shape.STATE, state))]
            for field_name, text in ((shape.CONDITIONS, self.query.condition), (shape.SPONSORS, self.query.sponsor)):
                if text:
                    words = [wording.anywhere(term, [field_name]) for term in terms(text)]
                    wanted.append(only(all_of(words)) if words else NOTHING)
            states.append(all_of([*wanted, *conditions]))
        narrowing = [only(one) for one in filters.filters(self._fields, query, self.day)]
        joinable = scored(filters.joinable(self._fields, self.day), ranking.JOINABLE)
        return all_of([any_of(states), *self._visible, *narrowing], [joinable] if self._asks_words else [])

    @cached_property
    def _visible(self) -> list[Query]:
        return [only(one) for one in filters.visible(self._fields, self.query)]

    def _words(self, wording: Wording) -> list[Query]:
        """All terms, or the number that the query may be."""
        number = normalise(self.query.q)
        ways = [wording.all_of(self._terms, self._rarities)] if self._terms else []
        if number:
            bearing = ((shape.OURS, ranking.OURS), (shape.BORNE, ranking.BORNE), (shape.CLAIMED, ranking.CLAIMED))
            ways.append(
                best_of([scored(self._fields.term(of(wording.state, name), number), score) for name, score in bearing])
            )
        return [any_of(ways)]

    @cached_property
    def _rarities(self) -> list[int]:
        """Of each term; the weight of a single term is the same for all."""
        if len(self._terms) < 2:
            return [1 for _ in self._terms]
        return [ranking.rarity(self._trials_with(term)) for term in self._terms]

    def _trials_with(self, term: Term) -> int:
        """How many trials have the term, of those that the reader can see; the same for all who see as much."""
        if not isinstance(self.when, Latest):
            return self._count_with(term)
        at, counts = (term, self.query.everything, self.query.owner), self.index_state.counts
        # Other threads add to the counts and clear them meanwhile, so they are asked once.
        count = counts.get(at)
        if count is None:
            count = self._count_with(term)
            if len(counts) >= MOST_COUNTS:
                counts.clear()
            counts[at] = count
        return count

    def _count_with(self, term: Term) -> int:
        states = []
        for state, conditions in holding(self._fields, self.when, self.index_state.mark.positions):
            wording = Wording(self._fields, self._dictionary, state, widened=True)
            states.append(all_of([only(wording.anywhere(term)), *conditions]))
        return self._total(all_of([any_of(states), *self._visible]))

    @property
    def _most(self) -> int:
        return sum(ranking.MOST * rarity for rarity in self._rarities)

    # The order

    def _total(self, query: Query) -> int:
        return _count(self.index_state.searcher.search(query, 1, True))

    def _by_age(self, skip: int, last: int) -> tuple[list[tuple[float, DocAddress]], int]:
        """The newest first; unless asked otherwise, those that somebody can join before all others."""
        joinable = filters.joinable(self._fields, self.day)
        parts = [self._whole]
        if self.query.order is Order.BEST:
            others = none_of([joinable])
            parts = [all_of([self._whole, only(joinable)]), all_of([self._whole, only(others)])]
        found: list[tuple[float, DocAddress]] = []
        total = 0
        for part in parts:
            low, high = max(skip - total, 0), max(last - total, 0)
            page, count = self._newest(part, low, high)
            found += [(0.0, place) for place in page]
            total += count
        return found, total

    def _newest(self, query: Query, low: int, high: int) -> tuple[list[DocAddress], int]:
        """From one place to another of the newest first, and how many there are."""
        if high <= low:
            return [], self._total(query)
        # With those around, as several may be equally new.
        start = max(low - ROOM, 0)
        result = self.index_state.searcher.search(
            query, high + ROOM - start, True, order_by_field="newest", offset=start
        )
        ordered = self._in_order([(0.0, age, place) for age, place in result.hits])
        return [place for _, place in ordered][low - start : high - start], _count(result)

    def _by_fit(self, last: int) -> tuple[list[tuple[float, DocAddress]], int]:
        """At least so many, best first; of those that fit as well, the newest first."""
        result = self.index_state.searcher.search(self._whole, last + ROOM, True)
        hits, total = result.hits, _count(result)
        if total > len(hits) and hits[last - 1][0] == hits[-1][0]:
            # More fit as well as the last of the page than were read, and which of them is chance.
            boundary = hits[-1][0]
            hits = [hit for hit in hits if hit[0] > boundary]
            hits += self._newest_with(boundary, last - len(hits), total)
        ages = self.index_state.searcher.fast_field_values("newest", [place for _, place in hits])
        aged = [(score, int(age or 0), place) for (score, place), age in zip(hits, ages, strict=True)]
        return self._in_order(aged), total

    def _newest_with(self, score: float, wanted: int, total: int) -> list[tuple[float, DocAddress]]:
        """The newest entries with a score, at least as many as are wanted."""
        look = max(FIRST_LOOK, 4 * wanted)
        while look < total:
            [*_, (oldest, _)] = self.index_state.searcher.search(self._whole, look, False, order_by_field="newest").hits
            newest = all_of([self._whole, only(self._fields.between("newest", oldest, None))])
            same = self._with(score, newest, look + ROOM)
            if len(same) >= wanted:
                return same
            look *= 8
        return self._with(score, self._whole, total)

    def _with(self, score: float, query: Query, most: int) -> list[tuple[float, DocAddress]]:
        return [hit for hit in self.index_state.searcher.search(query, most, False).hits if hit[0] == score]

    def _in_order(self, hits: Sequence[tuple[float, int, DocAddress]]) -> list[tuple[float, DocAddress]]:
        """Best first, then newest, then by id, which is read only of those that are alike otherwise."""
        alike: dict[tuple[float, int], list[DocAddress]] = {}
        for score, age, place in hits:
            alike.setdefault((score, age), []).append(place)
        return [
            (score, place)
            for (score, _), places in sorted(alike.items(), key=lambda item: (-item[0][0], -item[0][1]))
            for place in (sorted(places, key=self._name) if len(places) > 1 else places)
        ]

    def _name(self, place: DocAddress) -> str:
        return str(self.index_state.searcher.doc(place)[shape.ID][0])

    def _hit(self, score: float, place: DocAddress) -> Hit:
        trial, version = self._name(place).rsplit("/", 1)
        known = ranking.goes_by_number(score)
        fit = 0.0 if known or not self._asks_words else ranking.fit(score, self._most)
        return Hit(trial, int(version), fit, ranking.claims(score))


def _count(result: SearchResult) -> int:
    """How many documents a search found in all; the package's own types don't know of it."""
    return int(getattr(result, "count", None) or 0)
