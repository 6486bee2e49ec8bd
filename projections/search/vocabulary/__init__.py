"""The vocabulary: terms that mean the same, in both languages, and where a reader's words have them."""

from projections.search.vocabulary.expanding import Expansion, alternatives
from projections.search.vocabulary.questions import Question, query_words

__all__ = ["Expansion", "Question", "alternatives", "query_words"]
