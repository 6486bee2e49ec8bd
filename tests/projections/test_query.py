"""What a search may ask for at most."""

from typing import Any

import pytest
from pydantic import ValidationError

from projections.views.search.query import MOST_TERMS, MOST_VALUES, Found, SearchPage, SearchQuery
from projections.views.search.terms import terms

MANY = [f"{first}{second}" for first in "bcdfghjk" for second in "aeiou"]


@pytest.mark.parametrize("field", ["q", "condition", "sponsor"])
@pytest.mark.parametrize("form", ["{}", '"{} x"', "{}癌"])
def test_a_search_has_a_budget_of_words(field: str, form: str) -> None:
    words = [form.format(word) for word in MANY][: MOST_TERMS + 1]
    query = {field: " ".join(words[:MOST_TERMS])[:200]} if field != "q" else {field: " ".join(words[:MOST_TERMS])}
    assert SearchQuery.model_validate(query)
    if len(" ".join(words)) <= (500 if field == "q" else 200):
        with pytest.raises(ValidationError, match=f"{MOST_TERMS} different words"):
            SearchQuery.model_validate({field: " ".join(words)})


def test_a_word_that_comes_again_is_one() -> None:
    assert len(terms("肺癌 cancer " * 40)) == 2
    assert SearchQuery(q="a b c " * 80).q


@pytest.mark.parametrize(("field", "value"), [("country", "JP"), ("phase", "2"), ("recruitment", "recruiting")])
def test_a_filter_has_a_budget_of_values(field: str, value: Any) -> None:
    assert SearchQuery.model_validate({field: [value] * MOST_VALUES})
    with pytest.raises(ValidationError, match="at most 30 items"):
        SearchQuery.model_validate({field: [value] * (MOST_VALUES + 1)})


@pytest.mark.parametrize(
    ("offset", "found", "total", "following"),
    [
        (0, 20, 20, None),
        (0, 20, 21, 20),
        (0, 3, 100, 3),
        (980, 20, 1_001, 1_000),
        (981, 20, 1_002, None),
        (1_000, 1, 1_001, None),
        (40, 0, 30, None),
        (0, 0, 0, None),
    ],
)
def test_a_page_says_where_the_next_begins(offset: int, found: int, total: int, following: int | None) -> None:
    page = SearchPage([Found({}, 0.0)] * found, total)

    assert page.following(SearchQuery(offset=offset, limit=20)) == following
